package tsne

import (
	"context"
	"slices"
)

// Settings is what the embedding goes on with: Options in the form the stages
// work with, every default filled in, without InitY, PullY, PullWeights and the
// hooks.
func (e *Embedding) Settings() Options {
	e.mu.Lock()
	defer e.mu.Unlock()
	o := e.o
	o.InitY, o.Progress, o.Log = nil, nil, nil
	return o
}

// Perplexities are those of the embedding's affinities, as they were asked for
// and as they were lowered to what the number of points can carry.
func (e *Embedding) Perplexities() (asked, lowered []float64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	lowered = e.o.askedPerplexities()
	if e.asked == nil {
		return slices.Clone(lowered), lowered
	}
	return slices.Clone(e.asked), lowered
}

// DropData forgets the data of SetData or Fit, and their names.
func (e *Embedding) DropData() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.x, e.names, e.frozen = Matrix{}, nil, nil
}

// AffinitiesFromMatrix gives the affinities of n points from all their
// distances, n x n as NeighborsFromMatrix takes them. Of o it reads what
// NewAffinities reads, and K.
func AffinitiesFromMatrix(ctx context.Context, dist []float32, n int, o Options) (*Affinities, error) {
	if n < minRows {
		return nil, fail(ErrShape, "n", "got %d points, want at least %d", n, minRows)
	}
	r, err := o.resolveForData(n)
	if err != nil {
		return nil, err
	}
	nb, err := NeighborsFromMatrix(ctx, dist, n, r.neighborCount(n), o)
	if err != nil {
		return nil, err
	}
	return NewAffinities(ctx, nb, r)
}
