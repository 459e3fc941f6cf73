//go:build !amd64 || purego

package vec

// Never reached: cpu.Use stays at Portable here.

func sumPLog1AVX512(s *[8]float64, y *float32, ptr *int64, col *int32, val *float32, lo, hi int) {
	panic("vec: no AVX-512")
}

func sumPLog2AVX512(s *[8]float64, y *float32, ptr *int64, col *int32, val *float32, lo, hi int) {
	panic("vec: no AVX-512")
}

func sumPLog3AVX512(s *[8]float64, y *float32, ptr *int64, col *int32, val *float32, lo, hi int) {
	panic("vec: no AVX-512")
}

func gaussAVX512(w, d *float64, n int, beta float64, l *[3][8]float64) {
	panic("vec: no AVX-512")
}
