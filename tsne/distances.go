package tsne

import "context"

// NeighborsFromMatrix takes the k nearest of each of n points from all their
// distances: row i of dist, n x n, holds those from point i, of any metric, and
// is 0 at i. It need not be symmetric. Ties go to the lower index. Of o it reads
// Threads and the hooks.
func NeighborsFromMatrix(ctx context.Context, dist []float32, n, k int, o Options) (*Neighbors, error) {
	return nil, fail(ErrInternal, "not there yet")
}
