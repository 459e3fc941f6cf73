package tsne

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/affinity"
	"github.com/libtsne/libtsne/tsne/internal/knn"
)

// NeighborsPart is the neighbours of some of the rows of a data set among all of them.
type NeighborsPart struct {
	Rows        []int32    // which rows: row i of the others is of row Rows[i] of the data
	Neighbors   *Neighbors // N is len(Rows)
	Conditional []float32  // N x K, p_j|i of each neighbour, as NewAffinities makes them of all; nil if not asked for
}

// FindNeighborsPart is FindNeighbors for a part of the rows: those at places first to last - 1 of the
// order in which the search goes through them, near ones together. Parts of the places 0 to x.Rows - 1,
// made one after the other or on as many machines of the same version, have each row once, with the bits of
// FindNeighbors. Each part takes the whole of x and what prepares a search of it; the rest is shared.
//
// With conditional it makes the p_j|i too. Of o it reads what FindNeighbors and, for those, Conditional do.
func FindNeighborsPart(ctx context.Context, x Matrix, k, first, last int, conditional bool, o Options) (part *NeighborsPart, err error) {
	if err := x.checkShape(); err != nil {
		return nil, err
	}
	n := x.Rows
	if o, err = o.withoutStart().resolveForData(n); err != nil {
		return nil, err
	}
	if k < 1 || k >= n {
		return nil, badOption("k", k, "1 to n - 1")
	}
	if first < 0 || first > n {
		return nil, badOption("first", first, fmt.Sprintf("0 to %d, the rows of X", n))
	}
	if last < first || last > n {
		return nil, badOption("last", last, fmt.Sprintf("%d to %d, the rows of X", first, n))
	}
	if err := o.checkMemory(x, o.neighborsMemory(n, x.Cols, k)); err != nil {
		return nil, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "X", x.Data, x.Cols); err != nil {
		return nil, err
	}
	of := &knn.Part{First: first, Last: last}
	nb, err := j.neighborsOf(x, k, of)
	if err != nil {
		return nil, err
	}
	part = &NeighborsPart{Rows: of.Rows, Neighbors: nb}
	if conditional {
		part.Conditional = make([]float32, nb.N*k)
		err = j.kind(nb).Conditional(j.ctx, j.pool, nb.N, k, nb.Dist2, part.Conditional, j.stage(StageAffinities))
	}
	if err != nil {
		return nil, err
	}
	return part, nil
}

// AffinitiesFromConditional is the affinities P = (P + P') / 2n of n rows of k neighbours, index, and of the p_j|i
// of each, as FindNeighborsPart gives them: the bits of AffinitiesOf the data. Each row of p sums to 1. What
// density preservation needs is not in them. Of o it reads Affinity, Threads, MaxMemory and the hooks.
func AffinitiesFromConditional(ctx context.Context, n, k int, index []int32, p []float32, o Options) (a *Affinities, err error) {
	if n < minRows || k < 1 || k >= n {
		return nil, fail(ErrShape, "neighbours", "got n = %d, k = %d, want n of at least %d and k from 1 to n - 1", n, k, minRows)
	}
	if k > math.MaxInt/4/n || len(index) != n*k || len(p) != n*k {
		return nil, fail(ErrShape, "neighbours", "got %d indices and %d affinities, want %d x %d of each", len(index), len(p), n, k)
	}
	if o.Affinity == AffinityFixedSigma || o.Affinity == AffinityMultiscale {
		o.Affinity = AffinityPerplexity // what has made p is no matter, but for AffinityUniformMax
	}
	if o, err = o.withoutStart().resolveForData(n); err != nil {
		return nil, err
	}
	if err := o.checkMemory(Matrix{Rows: n, Cols: k}, graphBytes(n, k)+uint64(affinity.Bytes(n, k))); err != nil {
		return nil, err
	}
	if err := checkIndex(index, n, k); err != nil {
		return nil, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "p", p, k); err != nil {
		return nil, err
	}
	const tolerance = 1e-3 // of a row's sum: the rounding of its values
	for i := range n {
		sum := 0.0
		for c, v := range p[i*k:][:k] {
			if v < 0 {
				return nil, fail(ErrGraph, "p", "row %v, column %v is %v, want 0 or more", atRow(i), atColumn(c), value(v))
			}
			sum += float64(v)
		}
		if math.Abs(sum-1) > tolerance {
			return nil, fail(ErrGraph, "p", "row %v sums to %.4g, want 1", atRow(i), sum)
		}
	}
	c, err := affinity.Joint(j.ctx, j.pool, n, k, slices.Clone(index), slices.Clone(p))
	if err != nil {
		return nil, err
	}
	j.level(c)
	return wrap(c), nil
}
