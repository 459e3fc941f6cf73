//go:build !(amd64 || arm64) || purego

package fftgrid

func forward(buf, tw []float32, radix, stride, blocks int) {
	forwardStage(buf, tw, radix, stride, blocks)
}

func inverse(buf, tw []float32, radix, stride, blocks int) {
	inverseStage(buf, tw, radix, stride, blocks)
}

func spread(grid []float32, pitch int, u []float32) { spread2(grid, pitch, u) }

func gather(force, phi []float32, to []uint32, grid []float32, pitch int, u []float32, scale, pull float32) {
	gather2(force, phi, to, grid, pitch, u, scale, pull)
}

func middle(buf, tw, k []float32, blocks int) { middlePortable(buf, tw, k, blocks) }

func transpose(dst []float32, dstStride int, src []float32, srcStride, n int) {
	transposePortable(dst, dstStride, src, srcStride, n)
}

func combine(out, base, src []float32, stride int, w []float32) {
	combinePortable(out, base, src, stride, w)
}
