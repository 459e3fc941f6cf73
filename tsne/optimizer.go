package tsne

import (
	"context"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/affinity"
	"github.com/libtsne/libtsne/tsne/internal/par"
	"github.com/libtsne/libtsne/tsne/internal/vec"
)

// Phase is a number of iterations under one setting.
type Phase struct {
	Iterations   int
	Exaggeration float64 // 0: 1
	LearningRate float64 // 0: n / Exaggeration
	Momentum     float64 // 0: 0.8; NoMomentum: none
}

func (ph *Phase) resolve(n int) error {
	zero(&ph.Exaggeration, defaultExaggeration)
	zero(&ph.Momentum, defaultMomentum)
	switch {
	case ph.Iterations < 0:
		return badOption("iterations", ph.Iterations, "0 or more")
	case !positive(ph.Exaggeration):
		return badOption("exaggeration", ph.Exaggeration, "above 0")
	case ph.LearningRate != 0 && !positive(ph.LearningRate):
		return badOption("learning_rate", ph.LearningRate, "above 0, or 0 for n / exaggeration")
	case !momentumOK(&ph.Momentum):
		return badOption("momentum", ph.Momentum, "0 to below 1")
	}
	// n / exaggeration: Linderman & Steinerberger 2019, Belkina et al. 2019; in
	// the second phase too, which ends lower than n/12 kept on (docs/fidelity.md).
	zero(&ph.LearningRate, float64(n)/ph.Exaggeration)
	return nil
}

// Optimize runs a phase from where the embedding stands, with the momentum
// and gains it has: phases of 250 and 250 iterations are one of 500. When ctx
// is cancelled or the progress callback stops, the embedding keeps the whole
// iterations it has had.
func (e *Embedding) Optimize(ctx context.Context, ph Phase) (err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := ph.resolve(e.N()); err != nil {
		return err
	}
	j := begin(ctx, &e.o)
	defer j.end(&err)
	e.planned = e.iterations + ph.Iterations
	return e.run(j, ph)
}

func (e *Embedding) run(j *job, phases ...Phase) error {
	d := newDescent(j, e)
	for _, ph := range phases {
		for range ph.Iterations {
			if err := d.iterate(ph); err != nil {
				return err
			}
		}
	}
	e.spare = nil
	if err := d.forces(true); err != nil {
		return err
	}
	e.kl = d.kl
	return nil
}

// descent is gradient descent under way on an embedding.
type descent struct {
	*job
	e        *Embedding
	repulser repulser
	attract  []float32 // attractive forces
	repulse  []float32 // repulsive ones, before the division by z
	shown    []float32 // the map in the order of the rows, for callbacks
	parts    []part    // what each chunk of points sums up
	grain    int
	z        float64
	kl       float64
}

type part struct {
	plogd float64    // sum of p log(1 + d^2)
	sum   [3]float64 // of the new positions
	grad2 float64
	_     [24]byte // a cache line each
}

func newDescent(j *job, e *Embedding) *descent {
	n := e.N()
	d := &descent{job: j, e: e, repulser: newRepulser(j.ctx, j.pool, &e.o, n)}
	d.attract = make([]float32, len(e.y))
	d.repulse = make([]float32, len(e.y))
	// Enough pieces to balance rows of unequal length, few enough to hand out.
	d.grain = min(max(n/128, 16), 512)
	d.parts = make([]part, par.Chunks(n, d.grain))
	return d
}

// forces evaluates both sums at the present positions, and the divergence if
// asked to. It changes nothing of the embedding.
func (d *descent) forces(kl bool) error {
	e, dims := d.e, d.e.o.Dims
	p := e.p
	err := d.pool.ForContext(d.ctx, e.N(), d.grain, func(_, lo, hi int) {
		if kl {
			d.parts[lo/d.grain].plogd = vec.AttractKL(dims, d.attract, e.y, p.Ptr, p.Col, p.Val, lo, hi)
		} else {
			vec.Attract(dims, d.attract, e.y, p.Ptr, p.Col, p.Val, lo, hi)
		}
	})
	if err != nil {
		return err
	}
	d.z = d.repulser.Repulsion(e.y, d.repulse)
	if err := d.ctx.Err(); err != nil {
		return err
	}
	if kl {
		d.kl = e.plogp + math.Log(d.z)
		for i := range d.parts {
			d.kl += d.parts[i].plogd
		}
	}
	return nil
}

func (d *descent) iterate(ph Phase) error {
	e := d.e
	if n := e.N(); n >= reorderFrom && reorderAt(e.iterations) {
		e.reorder(d.pool)
	}
	report := e.o.Progress != nil && (e.iterations+1)%e.o.ProgressEvery == 0
	if err := d.forces(report); err != nil {
		return err
	}
	if report {
		if d.shown == nil {
			d.shown = make([]float32, len(e.y))
		}
		e.copyY(d.shown)
		d.report(Progress{
			Stage: StageOptimize, Done: float64(e.iterations+1) / float64(e.planned),
			Iteration: e.iterations + 1, Iterations: e.planned,
			KL: d.kl, Exaggeration: ph.Exaggeration, N: e.N(), Dims: e.o.Dims, Y: d.shown,
		})
		if err := d.ctx.Err(); err != nil {
			return err
		}
	}
	return d.step(ph)
}

// step moves the points along the gradient and centres them.
func (d *descent) step(ph Phase) error {
	e, dims, n := d.e, d.e.o.Dims, d.e.N()
	s := vec.Step{
		Rate: float32(ph.LearningRate), Momentum: float32(ph.Momentum),
		Exaggeration: float32(ph.Exaggeration), InvZ: float32(1 / d.z),
		MaxStep: float32(max(e.o.MaxStepNorm, 0)), MinGain: minGain,
	}
	d.pool.For(n, d.grain, func(_, lo, hi int) {
		part := &d.parts[lo/d.grain]
		part.sum, part.grad2 = [3]float64{}, 0
		vec.Update(s, dims, e.y, e.velocity, e.gains, d.attract, d.repulse, lo, hi, &part.sum, &part.grad2)
	})
	var mean [3]float64
	for c := range dims {
		sum := 0.0
		for i := range d.parts {
			sum += d.parts[i].sum[c]
		}
		mean[c] = sum / float64(n)
		if mean[c]-mean[c] != 0 {
			return badOption("learning_rate", ph.LearningRate, "less: the embedding diverged")
		}
	}
	d.pool.For(n, 1<<14, func(_, lo, hi int) { vec.Shift(dims, e.y, lo, hi, mean) })
	e.iterations++
	return nil
}

// reorderFrom is the number of points from which the order in memory matters.
const reorderFrom = 4096

// reorderAt says at which iterations the points are put in the order of the
// map: a few times while it takes shape, then now and then. It counts from
// the embedding's beginning, so that a job in pieces sees the same orders.
func reorderAt(iteration int) bool {
	switch iteration {
	case 0, 50, 100, 200, 350:
		return true
	}
	return iteration >= 500 && iteration%250 == 0
}

func (e *Embedding) reorder(pool *par.Pool) {
	dims := e.o.Dims
	order := hilbertOrder(pool, e.y, dims)
	inverse := invert(order)
	dst := e.spare
	if dst == nil {
		dst = &affinity.CSR{}
	}
	e.p.PermuteInto(dst, pool, order, inverse)
	e.spare = e.p
	if e.pShared {
		e.spare, e.pShared = nil, false
	}
	e.p = dst
	moved := make([]float32, len(e.y))
	for _, v := range []*[]float32{&e.y, &e.velocity, &e.gains} {
		permuteRows(moved, *v, order, dims)
		*v, moved = moved, *v
	}
	if e.order != nil {
		before := e.order
		for i, from := range order {
			order[i] = before[from]
		}
	}
	e.order = order
}
