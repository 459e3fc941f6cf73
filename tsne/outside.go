package tsne

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Outside says of new points how far outside of a reference's data they lie.
type Outside struct {
	N, K     int
	Distance []float32 // to the K-th nearest row of the reference
	// Quantile is the share of the reference's rows that are nearer than that to
	// the K-th nearest other.
	Quantile []float32
	// Ratio is Distance over the mean of the same distance of the K nearest: 1 where
	// a row lies among others of its kind, however dense these are.
	Ratio []float32
}

// Outside says how far outside of the embedding's data the rows of x lie, by their
// k nearest there; 0: 15, or as many as the reference allows. A row that the
// reference has nothing like is placed on the map all the same, on top of what is
// least unlike it: this tells it from one that has.
//
// Of o it reads Columns, Metric, Neighbors, NeighborsEffort, Seed, Threads,
// MaxMemory and the hooks. It fails as Transform does.
func (e *Embedding) Outside(ctx context.Context, x Matrix, k int, o TransformOptions) (out *Outside, err error) {
	n := e.N()
	zero(&k, min(diagnoseNeighbors, n-1))
	if k < 1 || k >= n {
		return nil, badOption("k", k, fmt.Sprintf("1 to %d, one less than the reference's rows", n-1))
	}
	o.Placement, o.InitY, o.K, o.AffinityK = PlaceMedian, nil, 0, 0
	err = e.transforming(ctx, x, o, func(t *transform) error {
		out, err = t.outside(k)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (t *transform) outside(k int) (*Outside, error) {
	ref, err := t.reference()
	if err != nil {
		return nil, err
	}
	if err := t.job.o.checkMemory(ref, t.job.o.neighborsMemory(ref.Rows, ref.Cols, k)); err != nil {
		return nil, err
	}
	nb, err := t.quiet().neighbors(ref, k)
	if err != nil {
		return nil, err
	}
	own := make([]float32, nb.N)
	for i := range own {
		own[i] = nb.distance(i, k-1)
	}
	ranked := slices.Clone(own)
	slices.Sort(ranked)
	m := t.x.Rows
	out := &Outside{N: m, K: k, Distance: make([]float32, m), Quantile: make([]float32, m), Ratio: make([]float32, m)}
	err = t.search.batches(t.job, t.x, k, func(lo, _ int, nb *Neighbors) error {
		for i := range nb.N {
			d := nb.distance(i, k-1)
			nearer, _ := slices.BinarySearch(ranked, d)
			mean := 0.0
			for _, to := range nb.Index[i*k:][:k] {
				mean += float64(own[to]) / float64(k)
			}
			out.Distance[lo+i] = d
			out.Quantile[lo+i] = float32(float64(nearer) / float64(len(ranked)))
			switch {
			case mean > 0:
				out.Ratio[lo+i] = float32(float64(d) / mean)
			case d > 0: // of a reference of equal rows
				out.Ratio[lo+i] = float32(math.Inf(1))
			default:
				out.Ratio[lo+i] = 1
			}
		}
		return nil
	})
	return out, err
}

// reference is the data that are searched, from where the search looks at them.
func (t *transform) reference() (Matrix, error) {
	x := t.search.x
	if t.search.columns != nil {
		var err error
		if x, err = t.pick(x, t.search.columns); err != nil {
			return x, err
		}
	}
	return t.in(t.search.frame, x)
}
