//go:build amd64 && !purego

package fftgrid

import "github.com/libtsne/libtsne/tsne/internal/cpu"

//go:generate sh -c "cd ../asm/fftgrid && go run . -out ../../fftgrid/fftgrid_amd64.s -stubs ../../fftgrid/fftgrid_amd64.go -pkg fftgrid"

func forward(buf, tw []float32, radix, stride, blocks int) {
	if cpu.Use < cpu.AVX2 {
		forwardStage(buf, tw, radix, stride, blocks)
		return
	}
	switch radix {
	case 2:
		forward2AVX2(&buf[0], &tw[0], stride, blocks)
	case 3:
		forward3AVX2(&buf[0], &tw[0], stride, blocks)
	case 4:
		forward4AVX2(&buf[0], &tw[0], stride, blocks)
	case 5:
		forward5AVX2(&buf[0], &tw[0], stride, blocks)
	}
}

func inverse(buf, tw []float32, radix, stride, blocks int) {
	if cpu.Use < cpu.AVX2 {
		inverseStage(buf, tw, radix, stride, blocks)
		return
	}
	switch radix {
	case 2:
		inverse2AVX2(&buf[0], &tw[0], stride, blocks)
	case 3:
		inverse3AVX2(&buf[0], &tw[0], stride, blocks)
	case 4:
		inverse4AVX2(&buf[0], &tw[0], stride, blocks)
	case 5:
		inverse5AVX2(&buf[0], &tw[0], stride, blocks)
	}
}

func middle(buf, tw, k []float32, blocks int) {
	if cpu.Use < cpu.AVX2 {
		middlePortable(buf, tw, k, blocks)
		return
	}
	middleAVX2(&buf[0], &tw[0], &k[0], blocks)
}

func copyRows(dst []float32, dstStride int, src []float32, srcStride, n int) {
	switch {
	case n <= 0:
	case cpu.Use < cpu.AVX2:
		copyRowsPortable(dst, dstStride, src, srcStride, n)
	default:
		copyRowsAVX2(&dst[0], dstStride, &src[0], srcStride, n)
	}
}

func transpose(dst []float32, dstStride int, src []float32, srcStride, n int) {
	if cpu.Use < cpu.AVX2 {
		transposePortable(dst, dstStride, src, srcStride, n)
		return
	}
	transposeAVX2(&dst[0], dstStride, &src[0], srcStride, n)
}

func toCells2(u, y []float32, lo, top *[2]float32, inv float32) {
	n := 0
	if cpu.Use >= cpu.AVX2 {
		if n = len(y) &^ 7; n > 0 {
			cellsAVX2(&u[0], &y[0], n, lo, top, inv)
		}
	}
	toCells(u[n:], y[n:], lo, top, inv, 2)
}

// narrow8 takes the least and greatest of every eighth float of y, whose length
// is a multiple of 8, into lo and hi.
func narrow8(lo, hi *[8]float32, y []float32) {
	if cpu.Use < cpu.AVX2 || len(y) == 0 {
		narrowPortable(lo, hi, y)
		return
	}
	boxAVX2(lo, hi, &y[0], len(y))
}

func spread(grid []float32, pitch int, u []float32) {
	if cpu.Use < cpu.AVX2 || len(u) == 0 {
		spread2(grid, pitch, u)
		return
	}
	spreadAVX2(&grid[0], pitch, &u[0], len(u)/2)
}

func gather(force, phi []float32, to []uint32, grid []float32, pitch int, u []float32, scale, pull float32) {
	if cpu.Use < cpu.AVX2 || len(u) == 0 {
		gather2(force, phi, to, grid, pitch, u, scale, pull)
		return
	}
	var t *uint32
	if to != nil {
		t = &to[0]
	}
	gatherAVX2(&force[0], &phi[0], t, &grid[0], pitch, &u[0], len(u)/2, scale, pull)
}

func combine(out, base, src []float32, stride int, w []float32) {
	if cpu.Use < cpu.AVX2 || len(w) == 0 {
		combinePortable(out, base, src, stride, w)
		return
	}
	combineAVX2(&out[0], &base[0], &src[0], stride, &w[0], len(w), len(out))
}

func split4(dst []float32, stride int, src []float32) {
	if cpu.Use < cpu.AVX2 {
		split4Portable(dst, stride, src)
		return
	}
	split4AVX2(&dst[0], stride, &src[0], len(src))
}

func merge4(dst, src []float32, stride int) {
	if cpu.Use < cpu.AVX2 {
		merge4Portable(dst, src, stride)
		return
	}
	merge4AVX2(&dst[0], &src[0], stride, len(dst))
}
