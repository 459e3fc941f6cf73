//go:build (amd64 || arm64) && !purego

package knn

import "github.com/libtsne/libtsne/tsne/internal/cpu"

func tile(a, b []float32, head, rows int, hits *[width]uint32) uint32 {
	if cpu.Use < cpu.SIMD {
		return tilePortable(a, b, head, rows, hits)
	}
	_, _ = a[(rows+3)*width-1], b[(rows+3)*width-1]
	return tileSIMD(&a[0], &b[0], head, rows, hits)
}

// stretch has at least one line.
func stretch(lines []int8, scale, out []float32) {
	if cpu.Use < cpu.SIMD {
		stretchPortable(lines, scale, out)
		return
	}
	rows := len(scale) / 2
	_, _ = lines[rows*width-1], out[rows*width-1]
	stretchSIMD(&lines[0], &scale[0], rows, &out[0])
}

func gaps(a, b, out []float32) {
	if cpu.Use < cpu.SIMD || len(out) == 0 {
		gapsPortable(a, b, out)
		return
	}
	_, _ = a[2*boxDims-1], b[len(out)*2*boxDims-1]
	gapsSIMD(&a[0], &b[0], len(out), &out[0])
}

// distances has len(at) a multiple of four.
func distances(a, base []float32, at []int32, out []float32) {
	if cpu.Use < cpu.SIMD || len(at) == 0 {
		distancesPortable(a, base, at, out)
		return
	}
	_ = out[len(at)-1]
	distancesSIMD(&a[0], &base[0], len(a)/8, &at[0], len(at)/4, &out[0])
}

func project(x []float32, center, basis []float64, out *[span]float64) {
	if cpu.Use < cpu.SIMD {
		projectPortable(x, center, basis, out)
		return
	}
	_, _ = center[len(x)-1], basis[len(x)*span-1]
	projectSIMD(&x[0], &center[0], &basis[0], len(x), &out[0])
}

func centers(y, c []float32, out *[centerSpan]float32) {
	if cpu.Use < cpu.SIMD {
		centersPortable(y, c, out)
		return
	}
	_ = c[len(y)*centerSpan-1]
	centersSIMD(&y[0], &c[0], len(y), &out[0])
}

func outside(y, boxes []float32, out *[centerSpan]float32) {
	if cpu.Use < cpu.SIMD {
		outsidePortable(y, boxes, out)
		return
	}
	_ = boxes[len(y)*2*centerSpan-1]
	outsideSIMD(&y[0], &boxes[0], len(y), &out[0])
}

// ranks has len(v) and len(rank) a multiple of 32. It does nothing and says so on a
// path where counting is the slower way to sort.
func ranks(v []float32, n int, rank []int32) bool {
	if cpu.Use < cpu.SIMD || len(v) == 0 {
		return false
	}
	_ = rank[len(v)-1]
	ranksSIMD(&v[0], n, len(v)/32, &rank[0])
	return true
}
