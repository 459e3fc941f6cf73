//go:build !amd64 || purego

package direct

func add1AVX2(t, src *float32, stride, m int, s *float64)      { panic("direct: no AVX2") }
func add2AVX2(t, src *float32, stride, m int, s *float64)      { panic("direct: no AVX2") }
func add3AVX2(t, src *float32, stride, m int, s *float64)      { panic("direct: no AVX2") }
func weighted1AVX2(t, src *float32, stride, m int, s *float64) { panic("direct: no AVX2") }
func weighted2AVX2(t, src *float32, stride, m int, s *float64) { panic("direct: no AVX2") }
func weighted3AVX2(t, src *float32, stride, m int, s *float64) { panic("direct: no AVX2") }
func z1AVX2(t, src *float32, stride, m int, s *float64)        { panic("direct: no AVX2") }
func z2AVX2(t, src *float32, stride, m int, s *float64)        { panic("direct: no AVX2") }
func z3AVX2(t, src *float32, stride, m int, s *float64)        { panic("direct: no AVX2") }

func self1AVX2(t, src *float32, stride, m int, s *float64, keep *uint32) {
	panic("direct: no AVX2")
}

func self2AVX2(t, src *float32, stride, m int, s *float64, keep *uint32) {
	panic("direct: no AVX2")
}

func self3AVX2(t, src *float32, stride, m int, s *float64, keep *uint32) {
	panic("direct: no AVX2")
}

func dofAdd1AVX2(t, src *float32, stride, m int, s *float64, k *float32) {
	panic("direct: no AVX2")
}

func dofAdd2AVX2(t, src *float32, stride, m int, s *float64, k *float32) {
	panic("direct: no AVX2")
}

func dofAdd3AVX2(t, src *float32, stride, m int, s *float64, k *float32) {
	panic("direct: no AVX2")
}

func dofWeighted1AVX2(t, src *float32, stride, m int, s *float64, k *float32) {
	panic("direct: no AVX2")
}

func dofWeighted2AVX2(t, src *float32, stride, m int, s *float64, k *float32) {
	panic("direct: no AVX2")
}

func dofWeighted3AVX2(t, src *float32, stride, m int, s *float64, k *float32) {
	panic("direct: no AVX2")
}

func dofSelf1AVX2(t, src *float32, stride, m int, s *float64, k *float32, keep *uint32) {
	panic("direct: no AVX2")
}

func dofSelf2AVX2(t, src *float32, stride, m int, s *float64, k *float32, keep *uint32) {
	panic("direct: no AVX2")
}

func dofSelf3AVX2(t, src *float32, stride, m int, s *float64, k *float32, keep *uint32) {
	panic("direct: no AVX2")
}
