// Package knn finds the k nearest Euclidean neighbours of every row of a
// row-major float32 matrix.
//
// The squared distance of two rows has one definition, dist2 in dist.go,
// and rows are ordered by (distance, index), a total order. A result is
// therefore the k smallest of a set of pairs, whatever the order in which the
// pairs were looked at: the same bits on every CPU path and on any number of
// workers. Everything faster than the definition is only a filter with a
// proven margin (filter.go).
package knn

import (
	"context"
	"fmt"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// Graph holds the K nearest neighbours of each of N rows: those of row i are
// Index[i*K:(i+1)*K], by ascending squared distance Dist2, ties by the lower
// index. A row never lists itself; rows equal to it are neighbours at
// distance 0.
type Graph struct {
	N, K  int
	Index []int32
	Dist2 []float32

	// Exponent is 0 for ordinary data. Others are searched, and their distances
	// given, after multiplying them by 2^Exponent (dist.go).
	Exponent int

	far []int // rows multiplied by 2^farScale besides (query.go)
}

// Exact finds the k nearest rows of each of the n rows of x (n x d,
// row-major, finite; borrowed for the call and not written).
//
// progress, if not nil, is called from the calling goroutine with the share of
// the work that is done. A cancelled ctx returns its error within
// milliseconds.
func Exact(ctx context.Context, pool *par.Pool, x []float32, n, d, k int, progress func(done float64)) (*Graph, error) {
	return ExactOf(ctx, pool, x, n, d, k, nil, progress)
}

// finished searches data that are scaled as dist.go says and completes the graph.
func finished(ctx context.Context, pool *par.Pool, x []float32, search func(x []float32) (*Graph, error)) (*Graph, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e := scaleOf(x)
	if e != 0 {
		x = scaled(x, e)
	}
	g, err := search(x)
	if err != nil {
		return nil, err
	}
	g.finish(pool)
	g.Exponent = e
	return g, nil
}

func check(x []float32, n, d, k int) error {
	switch {
	case n < 2 || n > math.MaxInt32 || d < 1 || n > math.MaxInt/d:
		return fmt.Errorf("knn: %d rows of %d columns: need 2 to 2^31-1 rows of at least 1 column", n, d)
	case len(x) != n*d:
		return fmt.Errorf("knn: %d values for %d rows of %d columns", len(x), n, d)
	case k < 1 || k >= n || n > math.MaxInt/k:
		return fmt.Errorf("knn: %d neighbours of %d rows: need 1 to %d", k, n, n-1)
	}
	return nil
}

// ApproxOptions steers Approx. Its zero value is the default.
type ApproxOptions struct {
	// Effort sets the share of neighbours that a sample of rows may miss,
	// 0.0075/Effort; 0 is the default of 1.
	Effort float64
	Seed   uint64 // of the sample that the lists are made from

	Scratch *Scratch // nil: none
}

// Scratch is where a search that keeps no copy of the rows may have one on disk while it runs.
type Scratch struct {
	Dir    string
	Failed func(error) // told when it cannot be written; the search goes on without
}

// Approx is Exact for large n: it looks at a part of the pairs only, chosen so
// that most of the true neighbours are found (mean recall about 0.99 by default).
// Distances are exact.
func Approx(ctx context.Context, pool *par.Pool, x []float32, n, d, k int, o ApproxOptions, progress func(done float64)) (*Graph, error) {
	return ApproxOf(ctx, pool, x, n, d, k, o, nil, progress)
}

// PreferExact says whether Exact is as quick a way to good neighbours, which
// it is while rows are not too many and in few dimensions, where boxes exclude
// nearly all pairs. What Approx misses it misses at the borders of clusters:
// on MNIST (70,000 x 50) a recall of 0.976 cost a t-SNE map 0.003 of its label
// accuracy and one of 0.995 cost 0.0003, at three quarters of Exact's time.
func PreferExact(n, d, k int) bool {
	return n <= 100_000 || d <= 3
}

// Bytes is about the peak of the memory that a search takes, its result
// included and x not. Data that must be scaled (below 1e-6 or above 1e12 in all
// values or some) take as much again as x.
func Bytes(n, d, k int, exact bool) int64 {
	rows, q, copied := int64(d), headDims, 4*int64(n)*int64(d+7)
	if d > fullDims {
		rows = fullDims + 1
	}
	filter := 4 * (rows + 3)
	if lean(n, d, k) {
		filter = rows + 2*4 + 2
		const rooms = 64 * 2 * 4 * mostRows // rows of those of that many workers, of lists larger than most
		copied = 4 * min(int64(n)/4, rooms) * (int64(d+7) + rows + 3)
	}
	search := int64(n)*(8*int64(k)+filter+24) + copied
	if exact {
		return search + int64(n)*4*int64(min(q, d))
	}
	lead := 4 * int64(min(leadDims, d))
	const met, pair = 512, 2 * 12 // lists that are near one, more than was seen; a pair of them, twice
	pairs := pair * int64(listCount(n)) * int64(min(listCount(n), met))
	if !lean(n, d, k) {
		return search + int64(n)*lead + pairs
	}
	return max(int64(n)*(lead+40)+pairs, search+pairs/4)
}
