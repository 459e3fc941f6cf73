package tsne

import (
	"context"
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/affinity"
	"github.com/libtsne/libtsne/tsne/internal/par"
	"github.com/libtsne/libtsne/tsne/internal/vec"
)

var nan = math.NaN()

// Embedding is a map being optimised: its points, the optimiser's state and
// the affinities. Methods may be called from several goroutines; an
// optimising call makes the others wait. So they may be from the call's own
// Progress and Log: those that read see the map between two iterations, and
// Optimize and Configure, then from any goroutine, fail with ErrBusy.
type Embedding struct {
	mu guard
	o  Options // resolved

	// The points move in memory as the map takes shape: place i holds the
	// original row order[i], in y, velocity, gains and p alike. A nil order is
	// the original one.
	order              []int32
	y, velocity, gains []float32
	p                  *affinity.CSR
	room               room
	pShared            bool // p is a caller's or another embedding's too

	radius []float32 // log of the local radii in the data, in the original order; nil: not known
	held   *held     // nil: it began without a pull

	plogp        float64 // sum of p log p
	iterations   int
	planned      int
	exaggeration float64 // of the last iteration; 0 before the first
	kl           float64

	x        Matrix    // the data, borrowed; no Data without
	names    []string  // of its columns; nil: none
	rowNames []byte    // of the points, each ended by a NUL; nil: none
	asked    []float64 // perplexities before they were lowered; nil: they were not
	frozen   *frozen   // what the last Transform made of the map

	warnings []Message // of the fit that made it
}

// NewEmbedding starts an embedding at y0 (p.N x Dims, copied), to be
// optimised against p, which it never modifies. Of o it reads Dims,
// Repulsion, Theta, DOF, MaxStepNorm, MaxGradNorm, Density*, Pull*, Threads and
// the hooks.
func NewEmbedding(p *Affinities, y0 []float32, o Options) (e *Embedding, err error) {
	o, err = o.resolve(p.N)
	if err != nil {
		return nil, err
	}
	if len(y0) != p.N*o.Dims {
		return nil, fail(ErrShape, "y0", "got %d values, want %d rows x %d columns", len(y0), p.N, o.Dims)
	}
	if o.DensityLambda > 0 && p.radius == nil {
		return nil, errNoRadii()
	}
	j := begin(context.Background(), &o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "y0", y0, o.Dims); err != nil {
		return nil, err
	}
	if err := checkFinite(j.ctx, j.pool, "PullY", o.PullY, o.Dims); err != nil {
		return nil, err
	}
	e = newEmbedding(j.pool, p, slices.Clone(y0), o)
	e.pShared = true
	return e, nil
}

// newEmbedding owns y and, unless pShared is set after, p.
func newEmbedding(pool *par.Pool, p *Affinities, y []float32, o Options) *Embedding {
	e := &Embedding{o: o, y: y, p: p.csr(), radius: p.radius, kl: nan}
	e.hold(&o)
	e.o.InitY, e.o.PullY, e.o.PullWeights = nil, nil, nil
	e.velocity = make([]float32, len(y))
	e.gains = make([]float32, len(y))
	for i := range e.gains {
		e.gains[i] = 1
	}
	e.plogp = sumPLogP(pool, e.p)
	return e
}

func sumPLogP(pool *par.Pool, p *affinity.CSR) float64 {
	const grain = 1 << 16
	term := func(v float32) float64 {
		if v > 0 {
			return float64(float64(v) * vec.Log(float64(v)))
		}
		return 0
	}
	parts := make([]float64, par.Chunks(p.NNZ(), grain))
	if p.Levels != nil {
		terms := [2]float64{term(p.Levels[0]), term(p.Levels[1])}
		pool.For(p.NNZ(), grain, func(_, lo, hi int) {
			sum := 0.0
			for _, c := range p.Col[lo:hi] {
				sum += terms[uint32(c)>>31]
			}
			parts[lo/grain] = sum
		})
		return total(parts)
	}
	rooms := make([]affinity.Room, pool.Workers())
	pool.For(p.NNZ(), grain, func(w, lo, hi int) {
		sum := 0.0
		for _, v := range p.Values(int64(lo), int64(hi), &rooms[w]) {
			sum += term(v)
		}
		parts[lo/grain] = sum
	})
	return total(parts)
}

func total(parts []float64) float64 {
	sum := 0.0
	for _, v := range parts {
		sum += v
	}
	return sum
}

// N is the number of points.
func (e *Embedding) N() int { return len(e.gains) / e.o.Dims }

// Dims is the number of columns of the map.
func (e *Embedding) Dims() int { return e.o.Dims }

// Iterations is how many iterations the embedding has had.
func (e *Embedding) Iterations() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.iterations
}

// KL is the Kullback-Leibler divergence of the map from the affinities,
// without exaggeration, after the last Optimize; NaN before the first.
func (e *Embedding) KL() float64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.kl
}

// Y is a copy of the map, N x Dims, in the order of the input rows.
func (e *Embedding) Y() []float32 {
	y := make([]float32, len(e.gains))
	e.CopyY(y)
	return y
}

// CopyY copies the map into dst, N x Dims.
func (e *Embedding) CopyY(dst []float32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.copyY(dst)
}

func (e *Embedding) copyY(dst []float32) {
	if e.order == nil {
		copy(dst, e.y)
		return
	}
	d := e.o.Dims
	for i, to := range e.order {
		copy(dst[int(to)*d:(int(to)+1)*d], e.y[i*d:])
	}
}

// Affinities are the affinities the map is optimised against, in the order of
// the input rows.
func (e *Embedding) Affinities() *Affinities {
	e.mu.Lock()
	defer e.mu.Unlock()
	pool := par.New(e.o.Threads)
	defer pool.Close()
	own := e.p
	if e.order != nil {
		own = e.p.Permute(pool, inverted(e.order), e.order)
	} else {
		e.pShared = true
	}
	p := wrap(own.Plain(pool))
	p.radius = e.radius
	return p
}

// Clone is an independent copy, optimiser state included.
func (e *Embedding) Clone() *Embedding {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pShared = true // from now on by two embeddings
	return &Embedding{
		o: e.o, order: e.order, // never changed in place
		y: slices.Clone(e.y), velocity: slices.Clone(e.velocity), gains: slices.Clone(e.gains),
		p: e.p, pShared: true, radius: e.radius, held: e.held, // never changed in place
		plogp: e.plogp, iterations: e.iterations, planned: e.planned, exaggeration: e.exaggeration, kl: e.kl,
		x: e.x, names: e.names, rowNames: e.rowNames, asked: e.asked, // never changed in place
	}
}

// Configure replaces, for the calls to come, Repulsion, Theta, MaxStepNorm,
// MaxGradNorm, Density*, Pull, PullFrame, Threads, ProgressEvery, Progress and Log
// by those of o. A Pull above 0 needs the reference positions of a beginning with
// one; PullY and PullWeights are not read.
func (e *Embedding) Configure(o Options) error {
	if err := e.mu.change("configure"); err != nil {
		return err
	}
	defer e.mu.Unlock()
	o.Dims = e.o.Dims // settled, as the start is, when the embedding began
	o, err := o.withoutStart().resolve(e.N())
	if err != nil {
		return err
	}
	if o.DensityLambda > 0 && e.radius == nil {
		return errNoRadii()
	}
	if o.Pull > 0 && e.held == nil {
		return errNothingHeld()
	}
	if err := o.checkPins(e.held.pins()); err != nil {
		return err
	}
	e.o.takeForces(&o)
	e.o.Threads, e.o.ProgressEvery, e.o.Progress, e.o.Log = o.Threads, o.ProgressEvery, o.Progress, o.Log
	return nil
}

// Gradient is the gradient of the KL divergence at y (p.N x Dims), without
// exaggeration and with the factor 4 of van der Maaten & Hinton 2008, eq. 5,
// and the divergence itself. Of o it reads Dims, Repulsion, Theta, DOF, Threads.
func Gradient(ctx context.Context, p *Affinities, y []float32, o Options) (grad []float32, kl float64, err error) {
	o, err = o.resolve(p.N)
	if err != nil {
		return nil, 0, err
	}
	if len(y) != p.N*o.Dims {
		return nil, 0, fail(ErrShape, "y", "got %d values, want %d rows x %d columns", len(y), p.N, o.Dims)
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "y", y, o.Dims); err != nil {
		return nil, 0, err
	}
	o.DensityLambda, o.Pull = 0, 0
	e := newEmbedding(j.pool, p, y, o)
	d, err := newDescent(j, e)
	if err != nil {
		return nil, 0, err
	}
	if err := d.forces(true); err != nil {
		return nil, 0, err
	}
	grad = d.attract
	for i := range grad {
		grad[i] = float32(4 * (float64(grad[i]) - float64(d.repulse[i])/d.z))
	}
	return grad, d.kl, nil
}
