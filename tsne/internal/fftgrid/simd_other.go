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
