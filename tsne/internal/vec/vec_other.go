//go:build !amd64 || purego

package vec

// Never reached: cpu.Use stays at Portable here.

func attract1AVX2(force, y *float32, ptr *int64, col *int32, val *float32, lo, hi int) {
	panic("vec: no AVX2")
}

func attract2AVX2(force, y *float32, ptr *int64, col *int32, val *float32, lo, hi int) {
	panic("vec: no AVX2")
}

func attract3AVX2(force, y *float32, ptr *int64, col *int32, val *float32, lo, hi int) {
	panic("vec: no AVX2")
}

func sumPLog1AVX2(s *[8]float64, y *float32, ptr *int64, col *int32, val *float32, lo, hi int) {
	panic("vec: no AVX2")
}

func sumPLog2AVX2(s *[8]float64, y *float32, ptr *int64, col *int32, val *float32, lo, hi int) {
	panic("vec: no AVX2")
}

func sumPLog3AVX2(s *[8]float64, y *float32, ptr *int64, col *int32, val *float32, lo, hi int) {
	panic("vec: no AVX2")
}

func update2AVX2(s *float32, max2 float32, y, velocity, gains, attract, repulse *float32, n int, t *float64) {
	panic("vec: no AVX2")
}

func gaussAVX2(w, d *float64, n int, beta float64, l *[3][8]float64) {
	panic("vec: no AVX2")
}

func attractDOF1AVX2(force, y *float32, ptr *int64, col *int32, val *float32, lo, hi int, inv float32) {
	panic("vec: no AVX2")
}

func attractDOF2AVX2(force, y *float32, ptr *int64, col *int32, val *float32, lo, hi int, inv float32) {
	panic("vec: no AVX2")
}

func attractDOF3AVX2(force, y *float32, ptr *int64, col *int32, val *float32, lo, hi int, inv float32) {
	panic("vec: no AVX2")
}
