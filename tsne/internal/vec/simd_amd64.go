//go:build amd64 && !purego

package vec

import (
	"unsafe"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

func sumPLogSIMD(s *[8]float64, dims int, y []float32, ptr []int64, col []int32, val []float32, lo, hi int) bool {
	if cpu.Use < cpu.AVX2 || len(col) == 0 {
		return false
	}
	_ = ptr[hi]
	wide := cpu.Use >= cpu.AVX512
	switch {
	case dims == 1 && wide:
		sumPLog1AVX512(s, &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	case dims == 1:
		sumPLog1AVX2(s, &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	case dims == 2 && wide:
		sumPLog2AVX512(s, &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	case dims == 2:
		sumPLog2AVX2(s, &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	case dims == 3 && wide:
		sumPLog3AVX512(s, &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	case dims == 3:
		sumPLog3AVX2(s, &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	}
	return true
}

func gaussSIMD(w, d []float64, beta float64, l *[3][8]float64) (done int) {
	w = w[:len(d)]
	switch n := len(d); {
	case cpu.Use < cpu.AVX2 || n == 0:
	case cpu.Use >= cpu.AVX512:
		done = n
		gaussAVX512(&w[0], &d[0], done, beta, l)
	case n >= 8:
		done = n &^ 7
		gaussAVX2(&w[0], &d[0], done, beta, l)
	}
	return done
}

func partSIMD(col []int32, val []float32, packed []int32, levels *[2]float32) (done int) {
	if done = len(packed) &^ 7; cpu.Use < cpu.AVX2 || done == 0 {
		return 0
	}
	_, _ = col[done-1], val[done-1]
	partAVX2(&col[0], &val[0], &packed[0], done, levels)
	return done
}

func attractShortSIMD(dims int, force, y []float32, ptr []int64, col []int32, short []uint16, form Short, lo, hi int) int {
	if dims != 2 || cpu.Use < cpu.AVX2 || lo >= hi {
		return lo
	}
	_, _ = force[2*hi-1], ptr[hi]
	attractShort2AVX2(&force[0], &y[0], &ptr[0], &col[0], &short[0], lo, hi, uint32(form))
	return hi
}

func attractPackedSIMD(dims int, force, y []float32, ptr []int64, packed []int32, levels *[2]float32, lo, hi int) int {
	if dims != 2 || cpu.Use < cpu.AVX2 || lo >= hi {
		return lo
	}
	_, _ = force[2*hi-1], ptr[hi]
	attractPacked2AVX2(&force[0], &y[0], &ptr[0], &packed[0], levels, lo, hi)
	return hi
}

// Fetch asks for s to be in cache by the time it is read. What is read in order within pages the processor fetches by itself.
func Fetch[T any](s []T) {
	if len(s) > 0 {
		fetchLines((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0])))
	}
}

func widenSIMD(val []float32, short []uint16, base uint32) (done int) {
	if done = len(short) &^ 7; cpu.Use < cpu.AVX2 || done == 0 {
		return 0
	}
	_ = val[done-1]
	widenAVX2(&val[0], &short[0], done, base)
	return done
}
