//go:build !amd64 || purego

package sparse

// Never reached: cpu.Use stays at Portable here.

func gatherAVX2(col *int32, val *float32, n int, q, out *float64) { panic("sparse: no AVX2") }

func scatterAVX2(col *int32, val *float32, n int, q, t *float64) { panic("sparse: no AVX2") }
