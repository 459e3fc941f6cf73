package tsne

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Update embeds the rows of the embedding's data and those of x, new ones, in one
// map: the rows there are lie first, and begin where they are, the new ones where
// Transform places them (median of 10). hold says what becomes of the former:
// infinity pins them, to the bit; another value above 0 is the weight of a pull
// to where they are, by o.Pull, or 0.0005 if that is 0; 0 frees them. New rows
// are free. The fit is as o says, but for its start, and has no early phase. What
// goes on from the map holds them still.
//
// Dims is the embedding's; Init, InitY, PullY, PullWeights and PullFrame are of no
// account, and without o.Metric it is the embedding's. A Checkpoint is of the fit.
// The embedding is not changed; the new one has data of its own, a copy of both. ErrNoData, ErrShape,
// ErrNotFinite, ErrOption (with hold), ErrMemory. When the fit is cancelled while
// optimising, the embedding so far comes beside the error.
func (e *Embedding) Update(ctx context.Context, x Matrix, hold float64, o Options) (*Embedding, error) {
	if !(hold >= 0) {
		return nil, badOption("hold", hold, "0 or more; infinity pins")
	}
	if x.Rows < 1 {
		return nil, fail(ErrShape, "X", "got %d rows, want at least 1", x.Rows)
	}
	o, err := e.ownOptions(o)
	if err != nil {
		return nil, err
	}
	n, m := e.N(), x.Rows
	if _, err := o.resolve(n + m); err != nil {
		return nil, err
	}
	y := slices.Grow(e.Y(), m*o.Dims)
	p, err := e.Transform(ctx, x, o.placing())
	if err != nil {
		return nil, err
	}
	fresh := p.Y()
	addNoise(fresh, initSD, o.Seed) // parts those of one place
	y = append(y, fresh...)
	if hold > 0 {
		o.PullY, o.PullFrame = slices.Clone(y), PullFixed
		o.PullWeights = make([]float32, n+m)
		for i := range n {
			o.PullWeights[i] = float32(hold)
		}
		zero(&o.Pull, heldPull)
	} else {
		o.Pull = 0
	}
	o.EarlyIterations = -1
	data, _ := e.Data()
	joined, err := join(ctx, data, x, o)
	if err != nil {
		return nil, err
	}
	return e.named(Fit(ctx, joined, o.startingAt(y)))
}

// Zoom embeds some of the embedding's rows anew, by affinities among themselves
// alone. The fit is as o says and begins where they lie, scaled down as Align
// does; its map is laid where they lay: moved, turned, mirrored and, all axes
// alike, scaled, so that half the points are as near to the mean as they were.
// KL is that of the map before. PutBack gives the whole map with it.
//
// Dims is the embedding's; Init, InitY and Pull* are of no account, and without
// o.Metric it is the embedding's. A Checkpoint is of the fit. The embedding is not
// changed; the new one has data of its own, a copy. ErrNoData, ErrShape, ErrOption (with rows), ErrMemory.
// When the fit is cancelled while optimising, the embedding so far comes beside
// the error.
func (e *Embedding) Zoom(ctx context.Context, rows []int32, o Options) (*Embedding, error) {
	o, err := e.ownOptions(o)
	if err != nil {
		return nil, err
	}
	x, ok := e.Data()
	if !ok {
		return nil, fail(ErrNoData, "", "zoom: the embedding has no data to fit anew; %v gives it some", named("SetData"))
	}
	if err := checkRows(rows, e.N()); err != nil {
		return nil, err
	}
	if len(rows) < minRows {
		return nil, badOption("rows", fmt.Sprintf("%d rows", len(rows)), fmt.Sprintf("at least %d", minRows))
	}
	if err := o.checkMemory(x, 4*uint64(len(rows))*uint64(x.Cols)); err != nil {
		return nil, err
	}
	o.Pull = 0
	lay := pickRows(e.Y(), rows, o.Dims)
	start := slices.Clone(lay)
	asStart(start, o.Dims, o.Seed)
	part, err := e.named(Fit(ctx, x.rows(rows), o.startingAt(start)))
	if part == nil {
		return nil, err
	}
	part.moveBy(layOver(lay, part.Y(), o.Dims))
	if names := e.RowNames(); names != nil {
		_ = part.SetRowNames(pickRows(names, rows, 1)) // which are as many, and have been looked at
	}
	return part, err
}

// PutBack is the embedding's map, N x Dims, with the points of part at rows, as
// Zoom gives it. ErrShape, ErrOption (rows).
func (e *Embedding) PutBack(rows []int32, part *Embedding) ([]float32, error) {
	dims := e.Dims()
	if part.Dims() != dims {
		return nil, badOption("part", fmt.Sprintf("%d columns", part.Dims()), fmt.Sprintf("%d, those of the map", dims))
	}
	if len(rows) != part.N() {
		return nil, badOption("rows", fmt.Sprintf("%d rows", len(rows)), fmt.Sprintf("%d, one for each point of the part", part.N()))
	}
	if err := checkRows(rows, e.N()); err != nil {
		return nil, err
	}
	y, with := e.Y(), part.Y()
	for i, to := range rows {
		copy(y[int(to)*dims:][:dims], with[i*dims:])
	}
	return y, nil
}

// ownOptions is o for a fit of the embedding's own data.
func (e *Embedding) ownOptions(o Options) (Options, error) {
	of := e.Settings()
	if o.Dims != 0 && o.Dims != of.Dims {
		return o, badOption("Dims", o.Dims, fmt.Sprintf("%d, those of the map", of.Dims))
	}
	o = o.withoutStart()
	o.Dims = of.Dims
	zero(&o.Metric, of.Metric)
	return o, nil
}

// named gives a fit of the embedding's columns their names.
func (e *Embedding) named(made *Embedding, err error) (*Embedding, error) {
	if made != nil {
		made.names = e.Names()
	}
	return made, err
}

// placing is how a fit's new rows are placed: as TransformOptions' defaults.
func (o *Options) placing() TransformOptions {
	return TransformOptions{
		Neighbors: o.Neighbors, NeighborsEffort: o.NeighborsEffort, Seed: o.Seed, Threads: o.Threads, MaxMemory: o.MaxMemory,
		Progress: o.Progress, ProgressEvery: o.ProgressEvery, Log: o.Log,
	}
}

// checkRows refuses rows that are not among n, and those given twice.
func checkRows(rows []int32, n int) error {
	seen := make([]bool, n)
	for i, r := range rows {
		if r < 0 || int(r) >= n {
			return fail(ErrOption, "rows", "entry %v is %d, want 0 to %d", atRow(i), r, n-1)
		}
		if seen[r] {
			return fail(ErrOption, "rows", "entry %v is row %d, which is there already", atRow(i), r)
		}
		seen[r] = true
	}
	return nil
}

func pickRows[T any](x []T, rows []int32, cols int) []T {
	out := make([]T, 0, len(rows)*cols)
	for _, r := range rows {
		out = append(out, x[int(r)*cols:][:cols]...)
	}
	return out
}

// join is the rows of a and then those of b, in a's frame.
func join(ctx context.Context, a, b Matrix, o Options) (x Matrix, err error) {
	need := 4 * uint64(len(a.Data)+2*len(b.Data))
	j := begin(ctx, &o)
	defer j.end(&err)
	if err := o.checkMemory(b, need); err != nil {
		return x, err
	}
	if b, err = j.in(a.Center, b); err != nil {
		return x, err
	}
	x = a
	x.Rows += b.Rows
	x.Data = append(append(make([]float32, 0, len(a.Data)+len(b.Data)), a.Data...), b.Data...)
	return x, nil
}

// layOver is the superposition of source on target that makes the median
// distances from the mean alike, so that a few strays do not decide the size.
func layOver(target, source []float32, dims int) *Superposition {
	s := superpose(target, source, dims, ProcrustesOptions{})
	if to, from := reach(target, s.To, dims), reach(source, s.From, dims); to > 0 && from > 0 {
		s.Scale = to / from
	}
	return s
}

// reach is the median distance of points from a centre.
func reach(y []float32, centre [3]float64, dims int) float64 {
	d := make([]float64, len(y)/dims)
	for i := range d {
		for c, v := range y[i*dims:][:dims] {
			at := float64(v) - centre[c]
			d[i] += float64(at * at)
		}
	}
	return math.Sqrt(median(d))
}

// moveBy moves the map, and what moves it.
func (e *Embedding) moveBy(s *Superposition) {
	s.Apply(e.y)
	turn := *s
	turn.From, turn.To = [3]float64{}, [3]float64{}
	turn.Apply(e.velocity)
	e.frozen = nil
}
