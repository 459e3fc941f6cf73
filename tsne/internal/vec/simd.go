//go:build (amd64 || arm64) && !purego

package vec

import "github.com/libtsne/libtsne/tsne/internal/cpu"

// Each of these does what its namesake does by the widest kernel of the path in
// use, and says whether, or how far, it did.

func attractSIMD(dims int, force, y []float32, ptr []int64, col []int32, val []float32, lo, hi int) bool {
	if cpu.Use < cpu.SIMD || len(col) == 0 {
		return false
	}
	_, _ = force[dims*hi-1], ptr[hi]
	switch dims {
	case 1:
		attract1SIMD(&force[0], &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	case 2:
		attract2SIMD(&force[0], &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	case 3:
		attract3SIMD(&force[0], &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	}
	return true
}

func attractDOFSIMD(dims int, inv float32, force, y []float32, ptr []int64, col []int32, val []float32, lo, hi int) bool {
	if cpu.Use < cpu.SIMD || len(col) == 0 {
		return false
	}
	_, _ = force[dims*hi-1], ptr[hi]
	switch dims {
	case 1:
		attractDOF1SIMD(&force[0], &y[0], &ptr[0], &col[0], &val[0], lo, hi, inv)
	case 2:
		attractDOF2SIMD(&force[0], &y[0], &ptr[0], &col[0], &val[0], lo, hi, inv)
	case 3:
		attractDOF3SIMD(&force[0], &y[0], &ptr[0], &col[0], &val[0], lo, hi, inv)
	}
	return true
}

func updateSIMD(s *Step, max2 float32, y, velocity, gains, attract, repulse []float32, t *totals) (done int) {
	if done = len(y) &^ 7; cpu.Use < cpu.SIMD || done == 0 {
		return 0
	}
	update2SIMD(&s.Rate, max2, &y[0], &velocity[0], &gains[0], &attract[0], &repulse[0], done, &t.y[0])
	return done / 2
}
