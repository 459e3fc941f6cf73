package tsne

import (
	"context"
	"fmt"
	"slices"
)

// SetData gives the embedding the rows that its points stand for, which
// Transform searches and Save writes. x.Data is borrowed for as long as the
// embedding has it, and must not change. Fit sets the data itself.
func (e *Embedding) SetData(x Matrix) (err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := x.checkShape(); err != nil {
		return err
	}
	if x.Rows != e.N() {
		return fail(ErrShape, "X", "got %d rows, want %d, one for each point of the embedding", x.Rows, e.N())
	}
	j := begin(context.Background(), &e.o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "X", x.Data, x.Cols); err != nil {
		return err
	}
	e.x, e.names = x, nil
	return nil
}

// Data is the data of SetData or Fit, borrowed; ok is false without any.
func (e *Embedding) Data() (x Matrix, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.x, e.x.Data != nil
}

// papersK is how many reference points place a new one where nobody says it
// (Kobak & Berens 2019, "Methods").
const papersK = 10

// resolve fills the defaults in and refuses what is out of range, for m new
// points on a map of n in dims columns.
func (o *TransformOptions) resolve(n, m, dims int) error {
	zero(&o.K, min(papersK, n))
	if len(o.Perplexities) == 0 {
		o.Perplexities = []float64{defaultTransformPerplexity}
	}
	o.fill()
	if err := o.check(); err != nil {
		return err
	}
	switch {
	case o.K > n:
		return badOption("K", o.K, fmt.Sprintf("1 to %d, the reference's rows", n))
	case o.AffinityK > n:
		return badOption("AffinityK", o.AffinityK, fmt.Sprintf("1 to %d, the reference's rows, or 0 for three a unit of perplexity", n))
	case o.Placement == PlaceGiven && len(o.InitY) != m*dims:
		return badOption("InitY", fmt.Sprintf("%d values", len(o.InitY)), fmt.Sprintf("%d rows x %d columns", m, dims))
	}
	return nil
}

// options are those that a job, the search and the field read, resolved for a
// map of n points.
func (o *TransformOptions) options(n int, of Options) (Options, error) {
	metric := of.Metric
	if o.Metric != MetricDefault {
		metric = o.Metric
	}
	return Options{
		Dims: of.Dims, DOF: of.DOF, Metric: metric, Affinity: o.Affinity, Sigma: o.Sigma,
		Repulsion: o.Repulsion, Theta: o.Theta, Neighbors: o.Neighbors, NeighborsEffort: o.NeighborsEffort,
		Seed: o.Seed, Threads: o.Threads, MaxMemory: o.MaxMemory,
		Progress: o.Progress, ProgressEvery: o.ProgressEvery, Log: o.Log,
	}.resolve(n)
}

// phases are the two of Transform.
func (o *TransformOptions) phases() []Phase {
	return []Phase{
		{Iterations: o.EarlyIterations, Exaggeration: o.EarlyExaggeration, LearningRate: o.LearningRate, Momentum: o.EarlyMomentum},
		{Iterations: o.Iterations, Exaggeration: o.Exaggeration, LearningRate: o.LearningRate, Momentum: o.Momentum},
	}
}

// transform is a call under way that places new points.
type transform struct {
	*job
	x      Matrix           // the new rows, from where the search looks at them
	o      TransformOptions // resolved
	m      *frozenMap
	search *rowSearch
}

// Transform places the rows of x on the finished map and refines their
// positions if o asks for iterations. New points do not see each other: one
// by one, in batches or all at once they get the same bits, and the time grows
// with their number. The embedding is not changed.
//
// Refining is quick where the field is a grid's: maps of 1 and 2 columns. A walk
// of the tree for one point at a time, which 3-D takes and the grid does not
// serve, costs 40 to 80 times as much, and 4 times that again with DOF other
// than 1 (BenchmarkRefine).
//
// What does not depend on the new points, the search of the embedding's data
// and the field of its map, is made on the first call and kept.
//
// It fails with ErrNoData without data, ErrShape if the columns are not the
// reference's, ErrNotFinite, ErrOption, ErrMemory or ErrCancelled.
func (e *Embedding) Transform(ctx context.Context, x Matrix, o TransformOptions) (p *Partial, err error) {
	err = e.transforming(ctx, x, o, func(t *transform) error {
		if p, err = t.place(t.x); err != nil || t.o.EarlyIterations+t.o.Iterations == 0 {
			return err
		}
		return p.run(t.job, t.o.phases()...)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// transforming runs do as one call, with x and o checked.
func (e *Embedding) transforming(ctx context.Context, x Matrix, o TransformOptions, do func(t *transform) error) (err error) {
	jo, err := o.options(e.N(), e.Settings())
	if err != nil {
		return err
	}
	j := begin(ctx, &jo)
	defer j.end(&err)
	t, err := e.open(j, x, o)
	if err != nil {
		return err
	}
	return do(t)
}

func errNoData() error {
	return fail(ErrNoData, "", "transform: the embedding has no data to find neighbours in; %v gives it some", named("SetData"))
}

// open checks x and o and makes or finds what placing needs of the embedding.
func (e *Embedding) open(j *job, x Matrix, o TransformOptions) (*transform, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	progress, log := j.o.Progress, j.o.Log
	aside := e.mu.around(*j.o)
	j.o.Progress, j.o.Log = aside.Progress, aside.Log
	defer func() { j.o.Progress, j.o.Log = progress, log }()
	if e.x.Data == nil {
		return nil, errNoData()
	}
	n, dims := e.N(), e.o.Dims
	if err := checkColumns(o.Columns, e.x.Cols); err != nil {
		return nil, err
	}
	cols := e.x.Cols
	if o.Columns != nil {
		cols = len(o.Columns)
	}
	if err := x.checkNew("X", cols); err != nil {
		return nil, err
	}
	if err := o.resolve(n, x.Rows, dims); err != nil {
		return nil, err
	}
	most := float64(n) / neighborsPerPerplexity
	j.o.Perplexities, j.o.K = o.Perplexities, o.AffinityK
	err := j.o.lowerPerplexities(most, j.o.Affinity.byPerplexity() || j.o.K == 0, func(name string, p float64) {
		if p == defaultTransformPerplexity && o.EarlyIterations+o.Iterations == 0 {
			return // the default, and nothing is drawn by it yet
		}
		j.o.warn(name, "%g is too large for %d reference points, using %.4g = n / 3", p, n, most)
	})
	if err != nil {
		return nil, err
	}
	o.Perplexities = j.o.Perplexities
	metric := j.o.Metric
	cached := e.frozen != nil && e.frozen.search.serves(e.x, metric, o.Columns, j.o.referenceOptions(e.x, o.Columns))
	frame := metric.frame(e.x.Center, o.Columns)
	need := o.memory(e.x, x.Rows, dims, cached, j.o)
	if !slices.Equal(x.Center, frame) {
		need += 4 * uint64(x.Rows) * uint64(cols)
	}
	if err := j.o.checkMemory(x, need); err != nil {
		return nil, err
	}
	if x, err = j.in(frame, x); err != nil {
		return nil, err
	}
	if err := checkFinite(j.ctx, j.pool, "X", x.Data, cols); err != nil {
		return nil, err
	}
	if err := j.checkComparable("X", x, metric); err != nil {
		return nil, err
	}
	if o.Placement == PlaceGiven {
		if err := checkFinite(j.ctx, j.pool, "InitY", o.InitY, dims); err != nil {
			return nil, err
		}
	}
	f := e.reference()
	if !cached {
		if f.search, err = j.newRowSearch("the reference", e.x, metric, o.Columns); err != nil {
			return nil, err
		}
	}
	e.frozen = &f
	return &transform{job: j, x: x, o: o, m: f.reference, search: f.search}, nil
}

// reference is what transforms may use again, with the map as it is now. The
// caller has e for itself.
func (e *Embedding) reference() frozen {
	f := frozen{iterations: e.iterations}
	if e.frozen != nil {
		f.search = e.frozen.search
		if e.frozen.iterations == e.iterations {
			f.reference = e.frozen.reference
		}
	}
	if f.reference == nil {
		n, dims := e.N(), e.o.Dims
		f.reference = &frozenMap{n: n, dims: dims, dof: e.o.DOF, y: make([]float32, n*dims)}
		e.copyY(f.reference.y)
	}
	return f
}

// neighbors is the number of reference points that a new point is drawn to.
func (o *TransformOptions) neighbors(n int) int {
	if o.AffinityK > 0 {
		return o.AffinityK
	}
	return neighborsFor(o.Perplexities, n)
}

// memory is what m new points take beyond themselves and the reference.
func (o *TransformOptions) memory(x Matrix, m, dims int, cached bool, jo *Options) uint64 {
	n, k := x.Rows, o.neighbors(x.Rows)
	batch := min(m, transformBatch)
	need := partialBytes(m, dims, product(m, k)) + graphBytes(batch, max(k, o.K)) + product(4, batch, k)
	if cached {
		return need
	}
	return need + jo.searchMemory(x, o.Columns, batch) + uint64(n)*uint64(28*dims) + jo.repulsionMemory(n)
}

// place finds the neighbours of the rows of x and puts them where o says.
func (t *transform) place(x Matrix) (*Partial, error) {
	n, dims := t.m.n, t.m.dims
	k := t.o.neighbors(n)
	p := newPartial(t.m, t.o, *t.job.o, make([]float32, x.Rows*dims))
	p.ptr, p.col, p.val = make([]int64, x.Rows+1), make([]int32, x.Rows*k), make([]float32, x.Rows*k)
	for i := range p.ptr {
		p.ptr[i] = int64(i) * int64(k)
	}
	err := t.search.batches(t.job, x, max(k, t.o.K), func(lo, hi int, nb *Neighbors) error {
		near := nb.first(k)
		val := p.val[lo*k : hi*k]
		copy(p.col[lo*k:], near.Index)
		if err := t.kind(near).Conditional(t.ctx, t.pool, near.N, k, near.Dist2, val, nil); err != nil {
			return err
		}
		y := p.y[lo*dims : hi*dims]
		switch t.o.Placement {
		case PlaceMedian:
			t.m.median(t.job, y, nb, t.o.K)
		case PlaceWeighted:
			t.m.weighted(t.job, y, near.Index, val, k, min(k, t.o.K))
		default:
			copy(y, t.o.InitY[lo*dims:hi*dims])
		}
		return nil
	})
	return p, err
}
