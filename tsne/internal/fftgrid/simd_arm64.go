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
