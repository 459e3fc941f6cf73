//go:build !(amd64 || arm64) || purego

package pca

func product4SIMD(a, b *float64, k int, c *float64) { panic("pca: no vectors") }
