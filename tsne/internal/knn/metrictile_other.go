//go:build !amd64 || purego

package knn

func metricTile(kind Kind, q, ref []float32, cols int, out *metricSums) {
	metricPortable(kind, q, ref, cols, out)
}
