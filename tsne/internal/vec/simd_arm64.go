//go:build arm64 && !purego

package vec

import "github.com/libtsne/libtsne/tsne/internal/cpu"

func sumPLogSIMD(s *[8]float64, dims int, y []float32, ptr []int64, col []int32, val []float32, lo, hi int) bool {
	if cpu.Use < cpu.SIMD || len(col) == 0 {
		return false
	}
	_ = ptr[hi]
	switch dims {
	case 1:
		sumPLog1NEON(s, &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	case 2:
		sumPLog2NEON(s, &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	case 3:
		sumPLog3NEON(s, &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	}
	return true
}

func gaussSIMD(w, d []float64, beta float64, l *[3][8]float64) (done int) {
	w = w[:len(d)]
	if done = len(d) &^ 7; cpu.Use < cpu.SIMD || done == 0 {
		return 0
	}
	gaussNEON(&w[0], &d[0], done, beta, l)
	return done
}

func partSIMD([]int32, []float32, []int32, *[2]float32) int { return 0 }

func widenSIMD([]float32, []uint16, uint32) int { return 0 }

func attractShortSIMD(_ int, _, _ []float32, _ []int64, _ []int32, _ []uint16, _ Short, lo, _ int) int {
	return lo
}

func attractPackedSIMD(_ int, _, _ []float32, _ []int64, _ []int32, _ *[2]float32, lo, _ int) int {
	return lo
}

// Fetch does nothing here.
func Fetch[T any]([]T) {}
