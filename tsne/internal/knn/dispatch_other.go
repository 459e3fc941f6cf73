//go:build !(amd64 || arm64) || purego

package knn

func tile(a, b []float32, head, rows int, hits *[width]uint32) uint32 {
	return tilePortable(a, b, head, rows, hits)
}

func stretch(lines []int8, scale, out []float32) { stretchPortable(lines, scale, out) }

func gaps(a, b, out []float32) { gapsPortable(a, b, out) }

func distances(a, base []float32, at []int32, out []float32) {
	distancesPortable(a, base, at, out)
}

func project(x []float32, center, basis []float64, out *[span]float64) {
	projectPortable(x, center, basis, out)
}

func centers(y, c []float32, out *[centerSpan]float32) { centersPortable(y, c, out) }

func outside(y, boxes []float32, out *[centerSpan]float32) { outsidePortable(y, boxes, out) }

func ranks([]float32, int, []int32) bool { return false }
