//go:build !(amd64 || arm64) || purego

package sparse

// Never reached: cpu.Use stays at Portable here.

func gather8SIMD(col *int32, val *float32, n int, q, out *float64) { panic("sparse: no vectors") }

func gather12SIMD(col *int32, val *float32, n int, q, out *float64) { panic("sparse: no vectors") }

func scatter12SIMD(col *int32, val *float32, n int, q, t *float64) { panic("sparse: no vectors") }

func gather32SIMD(col *int32, val *float32, n int, q, out *float32) { panic("sparse: no vectors") }
