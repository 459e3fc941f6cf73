//go:build !amd64 || purego

package sparse

// Never reached: cpu.Use stays at Portable here.

func gather8AVX2(col *int32, val *float32, n int, q, out *float64) { panic("sparse: no AVX2") }

func gather12AVX2(col *int32, val *float32, n int, q, out *float64) { panic("sparse: no AVX2") }

func scatter12AVX2(col *int32, val *float32, n int, q, t *float64) { panic("sparse: no AVX2") }
