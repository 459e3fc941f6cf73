//go:build amd64 && !purego

package vec

import "github.com/libtsne/libtsne/tsne/internal/cpu"

//go:generate go run -C ../asm ./vec -out ../vec/vec_amd64.s -stubs ../vec/vec_amd64.go -pkg vec
//go:generate go run -C ../asm ./vec -avx512 -out ../vec/vec_avx512_amd64.s -stubs ../vec/vec_avx512_amd64.go -pkg vec

// Each of these does what its namesake does by the widest kernel of the path in
// use, and says whether, or how far, it did.

func attractSIMD(dims int, force, y []float32, ptr []int64, col []int32, val []float32, lo, hi int) bool {
	if cpu.Use < cpu.AVX2 || len(col) == 0 {
		return false
	}
	_, _ = force[dims*hi-1], ptr[hi]
	switch dims {
	case 1:
		attract1AVX2(&force[0], &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	case 2:
		attract2AVX2(&force[0], &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	case 3:
		attract3AVX2(&force[0], &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	}
	return true
}

func attractDOFSIMD(dims int, inv float32, force, y []float32, ptr []int64, col []int32, val []float32, lo, hi int) bool {
	if cpu.Use < cpu.AVX2 || len(col) == 0 {
		return false
	}
	_, _ = force[dims*hi-1], ptr[hi]
	switch dims {
	case 1:
		attractDOF1AVX2(&force[0], &y[0], &ptr[0], &col[0], &val[0], lo, hi, inv)
	case 2:
		attractDOF2AVX2(&force[0], &y[0], &ptr[0], &col[0], &val[0], lo, hi, inv)
	case 3:
		attractDOF3AVX2(&force[0], &y[0], &ptr[0], &col[0], &val[0], lo, hi, inv)
	}
	return true
}

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

func update2SIMD(s *Step, max2 float32, y, velocity, gains, attract, repulse []float32, t *totals) (done int) {
	if done = len(y) &^ 7; cpu.Use < cpu.AVX2 || done == 0 {
		return 0
	}
	update2AVX2(&s.Rate, max2, &y[0], &velocity[0], &gains[0], &attract[0], &repulse[0], done, &t.y[0])
	return done / 2
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
