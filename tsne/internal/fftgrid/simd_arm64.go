//go:build arm64 && !purego

package fftgrid

import "github.com/libtsne/libtsne/tsne/internal/cpu"

// Stages of other radices than 4 come once a transform at most, or twice.

func forward(buf, tw []float32, radix, stride, blocks int) {
	if cpu.Use < cpu.SIMD || radix != 4 {
		forwardStage(buf, tw, radix, stride, blocks)
		return
	}
	forward4SIMD(&buf[0], &tw[0], stride, blocks)
}

func inverse(buf, tw []float32, radix, stride, blocks int) {
	if cpu.Use < cpu.SIMD || radix != 4 {
		inverseStage(buf, tw, radix, stride, blocks)
		return
	}
	inverse4SIMD(&buf[0], &tw[0], stride, blocks)
}

func spread(grid []float32, pitch int, u []float32) {
	if cpu.Use < cpu.SIMD || len(u) == 0 {
		spread2(grid, pitch, u)
		return
	}
	spreadSIMD(&grid[0], pitch, &u[0], len(u)/2)
}

func gather(force, phi []float32, to []uint32, grid []float32, pitch int, u []float32, scale, pull float32) {
	if cpu.Use < cpu.SIMD || len(u) == 0 {
		gather2(force, phi, to, grid, pitch, u, scale, pull)
		return
	}
	var t *uint32
	if to != nil {
		t = &to[0]
	}
	gatherSIMD(&force[0], &phi[0], t, &grid[0], pitch, &u[0], len(u)/2, scale, pull)
}

func middle(buf, tw, k []float32, blocks int) {
	if cpu.Use < cpu.SIMD {
		middlePortable(buf, tw, k, blocks)
		return
	}
	forward4SIMD(&buf[0], &tw[0], 1, blocks)
	timesSIMD(&buf[0], &k[0], 4*blocks)
	inverse4SIMD(&buf[0], &tw[0], 1, blocks)
}

func transpose(dst []float32, dstStride int, src []float32, srcStride, n int) {
	if cpu.Use < cpu.SIMD {
		transposePortable(dst, dstStride, src, srcStride, n)
		return
	}
	transposeSIMD(&dst[0], dstStride, &src[0], srcStride, n)
}

// combine has len(out) a multiple of eight.
func combine(out, base, src []float32, stride int, w []float32) {
	if cpu.Use < cpu.SIMD || len(w) == 0 {
		combinePortable(out, base, src, stride, w)
		return
	}
	combineSIMD(&out[0], &base[0], &src[0], stride, &w[0], len(w), len(out))
}
