//go:build !amd64 || purego

package bhtree

func sortOutAVX2(blocks, s *float32, queue, near, far *int32, n *int, squeeze *uint64) {
	panic("bhtree: no AVX2")
}
