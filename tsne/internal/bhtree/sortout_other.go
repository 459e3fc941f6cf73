//go:build !(amd64 || arm64) || purego

package bhtree

func sortOutSIMD(blocks, s *float32, queue, near, far *int32, n *int) {
	panic("bhtree: no vectors")
}
