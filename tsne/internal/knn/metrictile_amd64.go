//go:build amd64 && !purego

package knn

import "github.com/libtsne/libtsne/tsne/internal/cpu"

func metricTile(kind Kind, q, ref []float32, cols int, out *metricSums) {
	if cpu.Use < cpu.AVX2 || cols == 0 {
		metricPortable(kind, q, ref, cols, out)
		return
	}
	_, _ = q[cols*metricQueries-1], ref[cols*metricRefs-1]
	switch kind {
	case Manhattan:
		manhattanAVX2(&q[0], &ref[0], cols, &out[0][0])
	case Chebyshev:
		chebyshevAVX2(&q[0], &ref[0], cols, &out[0][0])
	default:
		hammingAVX2(&q[0], &ref[0], cols, &out[0][0])
	}
}
