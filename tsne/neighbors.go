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
	Dist2 []float32 // N x K, squared distances
}

// FindNeighbors finds the k nearest rows of each row of x, by the method that
// o names, in the distance that it names. A metric that is neither Euclidean,
// cosine nor correlation looks at all pairs, whatever Neighbors says. Of o it
// reads Metric, Neighbors, NeighborsEffort, Seed, Threads and the hooks. A row
// that the metric cannot compare, all zeros for cosine or constant for
// correlation, is ErrOption.
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

// neighbors gives distances in j's metric; Euclidean ones may be scaled by a
// power of two, for which affinities by perplexity do not care.
func (j *job) neighbors(x Matrix, k int) (*knn.Graph, error) {
	m := j.o.Metric
	if kind, other := m.kind(); other {
		return j.otherNeighbors(x, kind, k)
	}
	x, err := j.searchRows("X", x, m)
	if err != nil {
		return nil, err
	}
	g, err := j.euclideanNeighbors(x, k)
	if err == nil && m.angular() {
		g.Unscale()
		m.square(g.Dist2)
	}
	return g, err
}

func (j *job) otherNeighbors(x Matrix, kind knn.Kind, k int) (*knn.Graph, error) {
	j.o.info("neighbours: exact, k = %d", k)
	g := &knn.Graph{N: x.Rows, K: k, Index: make([]int32, x.Rows*k), Dist2: make([]float32, x.Rows*k)}
	err := knn.Other(j.ctx, j.pool, kind, x.Data, x.Rows, x.Data, x.Rows, x.Cols, k, true, g.Index, g.Dist2, j.stage(StageNeighbors))
	if err != nil {
		return nil, err
	}
	for e, v := range g.Dist2 {
		g.Dist2[e] = v * v
	}
	return g, nil
}

func (j *job) euclideanNeighbors(x Matrix, k int) (*knn.Graph, error) {
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

// first is the graph of the k nearest only.
func (nb *Neighbors) first(k int) *Neighbors {
	if k == nb.K {
		return nb
	}
	cut := &Neighbors{N: nb.N, K: k, Index: make([]int32, 0, nb.N*k), Dist2: make([]float32, 0, nb.N*k)}
	for i := range nb.N {
		cut.Index = append(cut.Index, nb.Index[i*nb.K:][:k]...)
		cut.Dist2 = append(cut.Dist2, nb.Dist2[i*nb.K:][:k]...)
	}
	return cut
}

// Distances are the distances of the graph, N x K.
func (nb *Neighbors) Distances() []float32 {
	out := make([]float32, len(nb.Dist2))
	for i, d2 := range nb.Dist2 {
		out[i] = float32(math.Sqrt(float64(d2)))
	}
	return out
}

// NeighborsFromDistances is a graph from elsewhere: index and
// distance, of any metric, each n x k. Index is borrowed.
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
