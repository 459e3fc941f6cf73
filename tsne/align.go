package tsne

import (
	"context"
	"fmt"
	"slices"
)

// Alignment is how well a map kept to the start it got from another.
type Alignment struct {
	Disparity       float64 // of the map from its start, after the best superposition with scale
	NeighborOverlap float64 // share of the 10 nearest in the start that are among the 10 nearest in the map
}

const alignNeighbors = 10

// Align embeds x as a map that looks like reference's (the paper, "Methods"):
// each row is placed on reference as t says; those places, scaled so that the
// first axis has standard deviation 1e-4, and with the jitter of Initialize,
// are the start of an ordinary fit as o says. Dims is that of reference, Init
// and InitY are of no account.
//
// With PlaceGiven the places are t.InitY, and reference needs no data: so rows
// are placed by other columns than the map is made from, by Transform before.
// When the fit is cancelled while optimising, the embedding so far comes beside
// the error.
func Align(ctx context.Context, reference *Embedding, x Matrix, t TransformOptions, o Options) (*Embedding, *Alignment, error) {
	dims := reference.Dims()
	if o.Dims != 0 && o.Dims != dims {
		return nil, nil, badOption("Dims", o.Dims, fmt.Sprintf("%d, those of the reference", dims))
	}
	if err := x.checkShape(); err != nil {
		return nil, nil, err
	}
	o.Dims = dims
	if _, err := o.withoutStart().resolve(x.Rows); err != nil {
		return nil, nil, err
	}
	y := slices.Clone(t.InitY)
	if t.Placement == PlaceGiven {
		n, err := checkMap("InitY", y, dims)
		if err == nil && n != x.Rows {
			err = badOption("InitY", fmt.Sprintf("%d values", len(y)), fmt.Sprintf("%d rows x %d columns", x.Rows, dims))
		}
		if err != nil {
			return nil, nil, err
		}
	} else {
		p, err := reference.Transform(ctx, x, t)
		if err != nil {
			return nil, nil, err
		}
		y = p.Y()
	}
	asStart(y, dims, o.Seed)
	e, err := Fit(ctx, x, o.startingAt(y))
	if err != nil {
		return e, nil, err
	}
	a, err := e.alignment(ctx, y)
	return e, a, err
}

// asStart makes a placement the start of a fit.
func asStart(y []float32, dims int, seed uint64) {
	mean, _ := spread(y, dims)
	for i, v := range y {
		y[i] = float32(float64(v) - mean[i%dims])
	}
	settle(y, dims, seed)
}

func (e *Embedding) alignment(ctx context.Context, start []float32) (*Alignment, error) {
	y, dims := e.Y(), e.Dims()
	s, err := Procrustes(start, y, dims, ProcrustesOptions{Scale: true})
	if err != nil {
		return nil, err
	}
	k := min(alignNeighbors, e.N()-1)
	overlap, err := SharedNeighbors(ctx, start, y, dims, k, e.o.Threads)
	if err != nil {
		return nil, err
	}
	return &Alignment{Disparity: s.Disparity, NeighborOverlap: overlap}, nil
}
