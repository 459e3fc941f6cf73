//go:build !amd64 || purego

package pca

// Never reached: cpu.Use stays at Portable here.

func product12AVX512(a, b *float64, k int, c *float64) { panic("pca: no AVX-512") }
