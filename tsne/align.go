package tsne

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// Alignment is how well a map kept to the places it got on another.
type Alignment struct {
	Disparity       float64 // of the map from its places, after the best superposition with scale
	NeighborOverlap float64 // share of the 10 nearest in the start that are among the 10 nearest in the map
	Scale           float64 // how many times as large the map was before it was laid onto the reference; 1 or more
}

const alignNeighbors = 10

// Align embeds x as a map that lies on reference's: each row is placed on
// reference as t says; those places, scaled so that the first axis has standard
// deviation 1e-4, and with the jitter of Initialize, are the start of a fit as o
// says (the paper, "Methods"). Neighbourhoods are pulled to their places, as
// PullGrown does, by 0.002 if o.Pull is 0; for the last fifth of Iterations they
// are let go, and points settle among their neighbours. The fit is at a size of
// its own and is laid onto the reference at the end; KL is that of the map
// before, and what goes on from it is free. Dims is that of reference; Init,
// InitY, PullY and PullFrame are of no account. A weight of infinity pins a row
// to its place; then the others are held one by one, PullFixed, and to the end.
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
	o.PullY, o.PullFrame = slices.Clone(y), PullGrown
	if slices.ContainsFunc(o.PullWeights, func(w float32) bool { return math.IsInf(float64(w), 1) }) {
		o.PullFrame = PullFixed
	}
	free := alignFree
	if o.PullFrame == PullFixed {
		free = 0
	}
	zero(&o.Pull, alignPull)
	asStart(y, dims, o.Seed)
	e, err := fit(ctx, x, o.startingAt(y), free)
	if e == nil {
		return nil, nil, err
	}
	scale, lays := e.lay()
	e.held, e.o.Pull, e.o.PullFrame = nil, 0, PullScaled
	if err = cmp.Or(err, lays); err != nil {
		return e, nil, err
	}
	a, err := e.alignment(ctx, y)
	if err != nil {
		return nil, nil, err
	}
	a.Scale = scale
	return e, a, nil
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
