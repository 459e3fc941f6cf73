//go:build !amd64 || purego

package direct

// Never reached: cpu.Use stays at Portable here.

func add1AVX512(t, src *float32, stride, m int, s *float64) { panic("direct: no AVX-512") }
func add2AVX512(t, src *float32, stride, m int, s *float64) { panic("direct: no AVX-512") }
func add3AVX512(t, src *float32, stride, m int, s *float64) { panic("direct: no AVX-512") }
func self1AVX512(t, src *float32, stride, m int, s *float64, keep *uint32) {
	panic("direct: no AVX-512")
}
func self2AVX512(t, src *float32, stride, m int, s *float64, keep *uint32) {
	panic("direct: no AVX-512")
}
func self3AVX512(t, src *float32, stride, m int, s *float64, keep *uint32) {
	panic("direct: no AVX-512")
}
func weighted1AVX512(t, src *float32, stride, m int, s *float64) { panic("direct: no AVX-512") }
func weighted2AVX512(t, src *float32, stride, m int, s *float64) { panic("direct: no AVX-512") }
func weighted3AVX512(t, src *float32, stride, m int, s *float64) { panic("direct: no AVX-512") }
func z1AVX512(t, src *float32, stride, m int, s *float64)        { panic("direct: no AVX-512") }
func z2AVX512(t, src *float32, stride, m int, s *float64)        { panic("direct: no AVX-512") }
func z3AVX512(t, src *float32, stride, m int, s *float64)        { panic("direct: no AVX-512") }
