package tsne

import (
	"context"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/knn"
)

// Neighbors is a neighbour graph: for each of N points its K nearest others,
// nearest first, ties by lower index.
type Neighbors struct {
	N, K  int
	Index []int32   // N x K
	Dist2 []float32 // N x K, squared Euclidean distances
}

// FindNeighbors finds the k nearest rows of each row of x, by the method that
// o names. Of o it reads Neighbors, NeighborsEffort, Seed, Threads and the
// hooks.
func FindNeighbors(ctx context.Context, x Matrix, k int, o Options) (nb *Neighbors, err error) {
	if err := x.checkShape(); err != nil {
		return nil, err
	}
	o, err = o.resolve(x.Rows)
	if err != nil {
		return nil, err
	}
	if k < 1 || k >= x.Rows {
		return nil, badOption("k", k, "1 to n - 1")
	}
	if err := o.checkMemory(x, o.neighborsMemory(x.Rows, x.Cols, k)); err != nil {
		return nil, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "X", x.Data, x.Cols); err != nil {
		return nil, err
	}
	g, err := j.neighbors(x, k)
	if err != nil {
		return nil, err
	}
	g.Unscale()
	return graph(g), nil
}

func graph(g *knn.Graph) *Neighbors {
	return &Neighbors{N: g.N, K: g.K, Index: g.Index, Dist2: g.Dist2}
}

// neighbors gives distances that may be scaled by a power of two, for which
// affinities do not care.
func (j *job) neighbors(x Matrix, k int) (*knn.Graph, error) {
	progress := j.stage(StageNeighbors)
	if j.o.exactNeighbors(x.Rows, x.Cols, k) {
		j.o.info("neighbours: exact, k = %d", k)
		return knn.Exact(j.ctx, j.pool, x.Data, x.Rows, x.Cols, k, progress)
	}
	j.o.info("neighbours: approximate, k = %d", k)
	return knn.Approx(j.ctx, j.pool, x.Data, x.Rows, x.Cols, k,
		knn.ApproxOptions{Effort: j.o.NeighborsEffort, Seed: j.o.Seed}, progress)
}

func (o *Options) exactNeighbors(n, d, k int) bool {
	return o.Neighbors == NeighborsExact || o.Neighbors == NeighborsAuto && knn.PreferExact(n, d, k)
}

// Distances are the Euclidean distances of the graph, N x K.
func (nb *Neighbors) Distances() []float32 {
	out := make([]float32, len(nb.Dist2))
	for i, d2 := range nb.Dist2 {
		out[i] = float32(math.Sqrt(float64(d2)))
	}
	return out
}

// NeighborsFromDistances is a graph from elsewhere: index and Euclidean
// distance, each n x k. Index is borrowed.
func NeighborsFromDistances(n, k int, index []int32, distance []float32) (*Neighbors, error) {
	if n < minRows || k < 1 || k >= n {
		return nil, fail(ErrShape, "neighbours: got n = %d, k = %d, want n of at least %d and k from 1 to n - 1", n, k, minRows)
	}
	if k > math.MaxInt/4/n || len(index) != n*k || len(distance) != n*k {
		return nil, fail(ErrShape, "neighbours: got %d indices and %d distances, want %d x %d of each", len(index), len(distance), n, k)
	}
	nb := &Neighbors{N: n, K: k, Index: index, Dist2: make([]float32, n*k)}
	for at, dist := range distance {
		i, j := at/k, index[at]
		switch {
		case j < 0 || int(j) >= n:
			return nil, fail(ErrGraph, "neighbours: row %d, column %d: index %d is outside 0 to %d", i, at%k, j, n-1)
		case int(j) == i:
			return nil, fail(ErrGraph, "neighbours: row %d, column %d: the row itself is not its neighbour", i, at%k)
		case !(dist >= 0) || math.IsInf(float64(dist), 1):
			return nil, fail(ErrNotFinite, "neighbours: row %d, column %d: distance %v, want 0 or more and finite", i, at%k, dist)
		}
		nb.Dist2[at] = dist * dist
	}
	return nb, nil
}
