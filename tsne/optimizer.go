package tsne

import (
	"cmp"
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
	LearningRate float64 // 0: n / the exaggeration in force
	Momentum     float64 // 0: 0.8; NoMomentum: none

	// Over the first Anneal iterations the exaggeration goes linearly from From
	// to Exaggeration. From 0: what the phase before ended with.
	From   float64
	Anneal int

	// AutoStop ends the phase early by the rules of opt-SNE (Belkina et al. 2019),
	// where it is 5000; 0: never. The first phase of an embedding, if its
	// Exaggeration is above 1, ends once the relative fall of the divergence is
	// past its maximum; any other once the divergence falls by less than its
	// AutoStop-th part an iteration. It looks after every third or fifth
	// iteration, which costs the divergence, from the 15th after annealing on.
	// The rules see the fall and not the map: a phase on a plateau ends there,
	// and one that would go on improving slowly for thousands of iterations too.
	AutoStop float64

	from   float64 // over the first rising iterations the momentum goes linearly from this one to Momentum
	rising int
	dense  int // iterations before density preservation begins
	free   int // iterations, the last, without a pull
}

func (ph *Phase) resolve() error {
	zero(&ph.Exaggeration, defaultExaggeration)
	zero(&ph.Momentum, defaultMomentum)
	if ph.Momentum == NoMomentum {
		ph.Momentum = 0
	}
	if ph.From != 0 && !positive(ph.From) {
		return badOption("From", ph.From, "above 0, or 0 for the exaggeration before")
	}
	return cmp.Or(
		inRange("Iterations", ph.Iterations, iterationsRange),
		inRange("Exaggeration", ph.Exaggeration, exaggerationRange),
		inRange("LearningRate", ph.LearningRate, learningRateRange),
		inRange("Momentum", ph.Momentum, momentumRange),
		inRange("Anneal", ph.Anneal, annealIterationsRange),
		inRange("AutoStop", ph.AutoStop, autoStopRange),
	)
}

// exaggeration of iteration it of the phase.
func (ph *Phase) exaggeration(it int) float64 {
	if it >= ph.Anneal {
		return ph.Exaggeration
	}
	return ph.From + float64((ph.Exaggeration-ph.From)*(float64(it)/float64(ph.Anneal)))
}

// momentum of iteration it of the phase.
func (ph *Phase) momentum(it int) float64 {
	if it >= ph.rising {
		return ph.Momentum
	}
	return ph.from + float64((ph.Momentum-ph.from)*(float64(it)/float64(ph.rising)))
}

// rate is the learning rate. n / exaggeration: Linderman & Steinerberger 2019,
// Belkina et al. 2019; in the second phase too, which ends lower than n/12 kept
// on (docs/fidelity.md). More than that diverges, so it follows annealing.
func (ph *Phase) rate(n int, exaggeration float64) float64 {
	if ph.LearningRate != 0 {
		return ph.LearningRate
	}
	return float64(n) / exaggeration
}

// phases are the two of Fit, from resolved options.
func (o *Options) phases() []Phase {
	early := Phase{
		Iterations: o.EarlyIterations, Exaggeration: o.EarlyExaggeration,
		LearningRate: o.LearningRate, Momentum: o.EarlyMomentum, AutoStop: o.AutoStop,
	}
	late := Phase{
		Iterations: o.Iterations, Exaggeration: o.Exaggeration,
		LearningRate: o.LearningRate, Momentum: o.Momentum, AutoStop: o.AutoStop,
		From: o.EarlyExaggeration, Anneal: o.AnnealIterations,
		from: o.EarlyMomentum, rising: o.MomentumIterations,
	}
	total := o.EarlyIterations + o.Iterations
	start := total - o.denseIterations(total)
	early.dense = min(start, early.Iterations)
	late.dense = max(start-early.Iterations, 0)
	return []Phase{early, late}
}

// denseIterations is how many of a number of iterations preserve densities.
func (o *Options) denseIterations(total int) int {
	if o.DensityLambda == 0 {
		return 0
	}
	return int(math.Ceil(o.DensityFraction * float64(total)))
}

// Optimize runs a phase from where the embedding stands, with the momentum
// and gains it has: phases of 250 and 250 iterations are one of 500. Density
// preservation has the last DensityFraction of the phase's iterations. When ctx
// is cancelled or the progress callback stops, the embedding keeps the whole
// iterations it has had; after any other error, as where it diverges, it is as it
// was before the call.
func (e *Embedding) Optimize(ctx context.Context, ph Phase) (err error) {
	if err := e.mu.change("optimize"); err != nil {
		return err
	}
	defer e.mu.Unlock()
	if err := ph.resolve(); err != nil {
		return err
	}
	zero(&ph.From, e.exaggeration)
	zero(&ph.From, ph.Exaggeration)
	ph.dense = ph.Iterations - e.o.denseIterations(ph.Iterations)
	undo := e.undo()
	defer func() {
		if spoils(err) {
			undo()
		}
	}()
	j := begin(ctx, e.mu.around(e.o))
	defer j.end(&err)
	return e.run(j, nil, mark{}, ph)
}

// run does phases that are resolved, from a mark on that the checkpoint has.
func (e *Embedding) run(j *job, keep *checkpoint, from mark, phases ...Phase) error {
	d, err := newDescent(j, e)
	if err != nil {
		return err
	}
	defer func() { e.room = room{} }()
	j.pool.Use(usefulCores(e.N()))
	defer j.pool.Use(j.pool.Workers())
	if from == (mark{}) {
		e.planned = e.iterations
		for _, ph := range phases {
			e.planned = min(e.planned+ph.Iterations, math.MaxInt32) // what a file holds
		}
	}
	for from.Phase < len(phases) {
		if err := d.phase(phases[from.Phase], keep, from); err != nil {
			return err
		}
		from = mark{Phase: from.Phase + 1}
	}
	if err := d.forces(true); err != nil {
		return err
	}
	if e.kl = d.kl; math.IsInf(d.kl, 0) {
		e.kl = nan // of points so far apart that nothing is left of the kernel
	}
	return nil
}

// phase runs one. When it stops of itself, density preservation and what is
// without a pull still get their iterations.
func (d *descent) phase(ph Phase, keep *checkpoint, from mark) error {
	e := d.e
	stop := newStopper(&ph, e.iterations)
	if from.Done > 0 {
		stop.stopState = from.Stop
	}
	last := min(ph.dense, ph.Iterations-ph.free)
	for it := from.Done; it < ph.Iterations; it++ {
		dense := it >= ph.dense
		check := it < last && stop.due(it)
		if d.pull != nil {
			d.pull.free = it >= ph.Iterations-ph.free
		}
		if err := d.iterate(&ph, it, check, dense); err != nil {
			return err
		}
		if check && stop.now(it, d.kl) {
			e.planned -= last - it - 1
			d.o.info("AutoStop", "exaggeration %g ends after %d of %d iterations, KL %.4f", ph.Exaggeration, it+1, ph.Iterations, d.kl)
			it = last - 1
		}
		if keep.due(e) {
			if err := keep.keepMap(e, mark{from.Phase, it + 1, stop.stopState}); err != nil {
				return err
			}
		}
	}
	return nil
}

// descent is gradient descent under way on an embedding.
type descent struct {
	*job
	e        *Embedding
	repulser repulser
	attract  []float32       // attractive forces
	repulse  []float32       // repulsive ones, before the division by z
	shown    []float32       // the map in the order of the rows, for callbacks
	parts    []tally         // what each chunk of points sums up
	density  *density        // nil: none
	pull     *pull           // nil: none
	grain    int             // points of a tally
	rooms    []affinity.Room // the workers'
	z        float64
	kl       float64
}

type tally struct {
	plogd float64    // sum of p log(1 + d^2)
	sum   [3]float64 // of the new positions
	grad2 float64
	_     [24]byte // a cache line each
}

func newDescent(j *job, e *Embedding) (*descent, error) {
	n := e.N()
	d := &descent{job: j, e: e, repulser: newRepulser(j.ctx, j.pool, &e.o, n)}
	d.attract, d.repulse = e.room.forces(n, e.o.Dims)
	// Enough pieces to balance rows of unequal length, few enough to add up.
	d.grain = min(max(n/128, 16), 512)
	d.parts = make([]tally, par.Chunks(n, d.grain))
	d.rooms = make([]affinity.Room, j.pool.Workers())
	if e.o.DensityLambda > 0 {
		if e.radius == nil {
			return nil, errNoRadii()
		}
		d.density = newDensity(&e.o, e.radius)
	}
	var err error
	d.pull, err = newPull(e)
	return d, err
}

// usefulCores is how many an iteration of n points has work for: more take longer to
// wait for than they save (docs/cores.md).
func usefulCores(n int) int { return max(16, n/256) }

// How the loops over points are cut. Pieces of less than a microsecond cost more to
// hand out than they are worth, and so do all the pieces of light loops: those that
// take a nanosecond a point.
const (
	attractCuts = 4    // pieces of a tally's rows
	attractRows = 32   // the least in one
	stepPoints  = 1024 // about those updated at a time
	shiftPoints = 2048 // those shifted at a time
	lightPoints = 4096
)

// forces evaluates both sums at the present positions, and the divergence if
// asked to. It changes nothing of the embedding.
func (d *descent) forces(kl bool) error {
	e, dims := d.e, d.e.o.Dims
	p, dof := e.p, e.o.DOF
	// What is summed up of a piece needs all of it; forces alone are cut finer.
	n, grain := e.N(), d.grain
	if !kl {
		grain = min(grain, max(grain/attractCuts, attractRows))
	}
	err := d.pool.ForContext(d.ctx, n, grain, func(w, lo, hi int) {
		if dof == 1 && !kl {
			p.Attract(dims, d.attract, e.y, lo, hi, &d.rooms[w])
			return
		}
		part := &d.parts[lo/d.grain]
		col, val := p.Rows(lo, hi, &d.rooms[w])
		if dof == 1 {
			part.plogd = vec.AttractKL(dims, d.attract, e.y, p.Ptr, col, val, lo, hi)
			return
		}
		vec.AttractDOF(dims, dof, d.attract, e.y, p.Ptr, col, val, lo, hi)
		if kl {
			part.plogd = vec.SumPLogDOF(dims, dof, e.y, p.Ptr, col, val, lo, hi)
		}
	})
	if err != nil {
		return err
	}
	d.pool.Weigh("attract", func(c int) int { return int(p.Ptr[min(n, (c+1)*grain)] - p.Ptr[c*grain]) })
	d.z = d.repulser.Repulsion(e.y, d.repulse)
	if err := d.ctx.Err(); err != nil {
		return err
	}
	if kl {
		d.kl = e.plogp + vec.Log(d.z)
		for i := range d.parts {
			d.kl += d.parts[i].plogd
		}
	}
	return nil
}

// iterate does iteration it of the phase, with the divergence before it if
// kl.
func (d *descent) iterate(ph *Phase, it int, kl, dense bool) error {
	e := d.e
	if n := e.N(); n >= reorderFrom && reorderAt(e.iterations) {
		e.reorder(d.pool)
	}
	exaggeration := ph.exaggeration(it)
	report := e.o.Progress != nil && (e.iterations+1)%e.o.ProgressEvery == 0
	if err := d.forces(kl || report); err != nil {
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
			KL: d.kl, Exaggeration: exaggeration, N: e.N(), Dims: e.o.Dims, Y: d.shown,
		})
		if err := d.ctx.Err(); err != nil {
			return err
		}
	}
	if dense && d.density != nil {
		if err := d.density.add(d, exaggeration); err != nil {
			return err
		}
	}
	return d.step(ph, exaggeration, ph.momentum(it))
}

// step moves the points along the gradient and centres them, unless they are
// held where they are.
func (d *descent) step(ph *Phase, exaggeration, momentum float64) error {
	e, dims, n := d.e, d.e.o.Dims, d.e.N()
	rate := ph.rate(n, exaggeration)
	if d.pull != nil && !d.pull.free {
		d.pull.add(d, rate, exaggeration)
	}
	s := vec.Step{
		Rate: float32(rate), Momentum: float32(momentum),
		Exaggeration: float32(exaggeration), InvZ: float32(1 / d.z),
		MaxStep: float32(max(e.o.MaxStepNorm, 0)), MinGain: minGain,
	}
	light := n < lightPoints
	d.pool.ForIf(!light, n, par.Chunks(stepPoints, d.grain)*d.grain, func(_, from, to int) {
		for lo := from; lo < to; lo += d.grain {
			hi := min(to, lo+d.grain)
			if e.o.MaxGradNorm > 0 {
				vec.ClipGradient(s, float32(e.o.MaxGradNorm), dims, d.attract, d.repulse, lo, hi)
			}
			part := &d.parts[lo/d.grain]
			part.sum, part.grad2 = [3]float64{}, 0
			vec.Update(s, dims, e.y, e.velocity, e.gains, d.attract, d.repulse, lo, hi, &part.sum, &part.grad2)
		}
	})
	d.pool.Weigh("update", nil)
	d.pool.Serial("mean", dims*len(d.parts))
	var mean [3]float64
	for c := range dims {
		sum := 0.0
		for i := range d.parts {
			sum += d.parts[i].sum[c]
		}
		mean[c] = sum / float64(n)
		if mean[c]-mean[c] != 0 {
			return badOption("LearningRate", rate, "less: the embedding diverged")
		}
	}
	if d.pull == nil || d.pull.centres() {
		d.pool.ForIf(!light, n, shiftPoints, func(_, lo, hi int) { vec.Shift(dims, e.y, lo, hi, mean) })
		d.pool.Weigh("shift", nil)
	}
	e.iterations++
	e.exaggeration = exaggeration
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
