package knn

import (
	"context"
	"fmt"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// Kind is a distance for which there is no Euclidean search.
type Kind int

const (
	Manhattan Kind = iota // sum of absolute differences
	Chebyshev             // largest absolute difference
	Hamming               // share of columns that differ
)

// Other finds, by looking at all pairs, the k rows of ref (n x d) nearest to
// each of the m rows of q (m x d), in the distance of that kind: row i of index
// and dist, m x k, by ascending distance, ties by the lower index. With self q is
// ref, and a row is not its own neighbour.
//
// Data are finite and only read. A distance beyond float32 is +Inf, and a place
// for which no row is nearer than that is filled with the lowest indices.
// progress, if not nil, is called from the calling goroutine with the share of
// the work that is done. It fails if sizes are inconsistent or with the error
// of ctx.
func Other(ctx context.Context, pool *par.Pool, kind Kind, ref []float32, n int, q []float32, m, d, k int, self bool, index []int32, dist []float32, progress func(done float64)) error {
	most := n
	if self {
		most--
	}
	switch {
	case n < 1 || n > math.MaxInt32 || m < 0 || d < 1 || len(ref)/d < n || len(q)/d < m || self && n != m:
		return fmt.Errorf("knn: %d and %d values for %d and %d rows of %d columns", len(ref), len(q), n, m, d)
	case k < 1 || k > most:
		return fmt.Errorf("knn: %d neighbours of %d rows: need 1 to %d", k, n, most)
	case len(index)/k < m || len(dist)/k < m:
		return fmt.Errorf("knn: room for %d indices and %d distances, want %d x %d of each", len(index), len(dist), m, k)
	}
	return other(ctx, pool, kind, ref, n, q, m, d, k, self, index[:m*k], dist[:m*k], progress)
}

func other(ctx context.Context, pool *par.Pool, kind Kind, ref []float32, n int, q []float32, m, d, k int, self bool, index []int32, dist []float32, progress func(done float64)) error {
	return fmt.Errorf("knn: kind %d is not there yet", kind)
}

// OtherBytes is about the memory that Other takes beyond its arguments.
func OtherBytes(n, d int) int64 { return 4 * int64(n+16) * int64(d) }
