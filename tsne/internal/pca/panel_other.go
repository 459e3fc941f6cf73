//go:build !amd64 || purego

package pca

func product4AVX2(a, b *float64, k int, c *float64) { panic("pca: no AVX2") }
