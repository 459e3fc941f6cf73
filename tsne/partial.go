package tsne

import (
	"context"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/par"
	"github.com/libtsne/libtsne/tsne/internal/vec"
)

// Partial holds new points over a frozen map. Methods may be called from
// several goroutines, and from hooks, as those of an Embedding.
//
// A new point i has affinities p_j|i, which sum to 1, to some reference points, and is moved to lessen the divergence of q_ij = w_ij / Z_i from
// them, with w = (1 + d^2/dof)^-dof and Z_i = sum over all reference points of
// w_ij. So no new point sees another (Policar, Strazar & Zupan 2021, whose
// openTSNE this follows).
type Partial struct {
	mu guard
	o  TransformOptions // resolved
	jo Options          // its form for jobs
	m  *frozenMap

	// Those of new point i are at ptr[i] to ptr[i+1]. Never changed in place.
	ptr []int64
	col []int32   // reference points
	val []float32 // p_j|i

	y, velocity, gains []float32
	iterations         int
	planned            int
	kl                 float64
}

// newPartial owns y; what draws the points is the caller's to set.
func newPartial(m *frozenMap, o TransformOptions, jo Options, y []float32) *Partial {
	o.InitY = nil
	p := &Partial{o: o, jo: jo, m: m, kl: nan, y: y, velocity: make([]float32, len(y)), gains: make([]float32, len(y))}
	for i := range p.gains {
		p.gains[i] = 1
	}
	return p
}

// partialBytes is what m new points with nnz affinities take, optimising
// included: positions, velocity and gains three times.
func partialBytes(m, dims int, nnz uint64) uint64 {
	return uint64(m)*uint64(36*dims+8) + 8*min(nnz, absurd)
}

// N is the number of new points.
func (p *Partial) N() int { return len(p.ptr) - 1 }

// Dims is the number of columns of the map.
func (p *Partial) Dims() int { return p.m.dims }

// Y is a copy of the positions, N x Dims.
func (p *Partial) Y() []float32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.y)
}

// CopyY copies the positions into dst, N x Dims.
func (p *Partial) CopyY(dst []float32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	copy(dst, p.y)
}

// KL is the mean over the points of the divergence of each, sum of
// p log(p/q) over its reference neighbours, without exaggeration, after the
// last iteration; NaN before the first, and without points.
func (p *Partial) KL() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kl
}

// Iterations is how many iterations the points have had.
func (p *Partial) Iterations() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.iterations
}

// Clone is an independent copy, optimiser state included; it shares the
// frozen map.
func (p *Partial) Clone() *Partial {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &Partial{
		o: p.o, jo: p.jo, m: p.m, ptr: p.ptr, col: p.col, val: p.val,
		y: slices.Clone(p.y), velocity: slices.Clone(p.velocity), gains: slices.Clone(p.gains),
		iterations: p.iterations, planned: p.planned, kl: p.kl,
	}
}

// Optimize runs a phase from where the points stand, against the map as it
// was when they were placed. Of ph, LearningRate 0 means 0.1, and AutoStop
// must be 0, since it would tie the points together. Of o it reads Repulsion,
// Theta, MaxGradNorm, MaxStepNorm, Threads and the hooks; nil leaves them as
// they were. A cancelled call keeps the iterations up to some before; after any
// other error the points and their settings are as before the call.
func (p *Partial) Optimize(ctx context.Context, ph Phase, o *TransformOptions) (err error) {
	if err := p.mu.change("optimize"); err != nil {
		return err
	}
	defer p.mu.Unlock()
	zero(&ph.LearningRate, defaultTransformLearningRate)
	if err := ph.resolve(); err != nil {
		return err
	}
	if ph.AutoStop != 0 {
		return badOption("AutoStop", ph.AutoStop, "0: new points do not end together")
	}
	zero(&ph.From, ph.Exaggeration)
	undo := p.undo()
	defer func() {
		if spoils(err) {
			undo()
		}
	}()
	if o != nil {
		jo, f := p.jo, TransformOptions{
			Repulsion: o.Repulsion, Theta: o.Theta, MaxGradNorm: o.MaxGradNorm, MaxStepNorm: o.MaxStepNorm,
			Threads: o.Threads, Progress: o.Progress, ProgressEvery: o.ProgressEvery, Log: o.Log,
		}
		f.fill()
		if err := f.check(); err != nil {
			return err
		}
		jo.Repulsion, jo.Theta, jo.Threads = f.Repulsion, f.Theta, f.Threads
		jo.Progress, jo.ProgressEvery, jo.Log = f.Progress, f.ProgressEvery, f.Log
		if jo, err = jo.resolve(p.m.n); err != nil {
			return err
		}
		p.jo, p.o.MaxGradNorm, p.o.MaxStepNorm = jo, f.MaxGradNorm, f.MaxStepNorm
	}
	j := begin(ctx, p.mu.around(p.jo))
	defer j.end(&err)
	return p.run(j, ph)
}

// run does phases that are resolved. The caller has p for itself.
func (p *Partial) run(j *job, phases ...Phase) error {
	r := &refinement{job: j, p: p, f: p.m.field(j), work: make([]*refiner, j.pool.Workers())}
	for lo := 0; lo < p.N(); lo += refineGrain {
		r.most = max(r.most, int(p.ptr[min(lo+refineGrain, p.N())]-p.ptr[lo]))
	}
	r.next = [3][]float32{make([]float32, len(p.y)), make([]float32, len(p.y)), make([]float32, len(p.y))}
	p.planned = p.iterations
	for _, ph := range phases {
		p.planned += ph.Iterations
	}
	every := j.o.ProgressEvery
	for i := range phases {
		ph := &phases[i]
		for it := 0; it < ph.Iterations; {
			steps := min(every-p.iterations%every, ph.Iterations-it)
			if err := r.advance(ph, it, steps); err != nil {
				return err
			}
			it += steps
			p.iterations += steps
			if j.o.Progress != nil && p.iterations%every == 0 {
				if err := r.tell(ph.exaggeration(it - 1)); err != nil {
					return err
				}
			}
		}
	}
	kl, err := r.divergence()
	if err == nil {
		p.kl = kl
	}
	return err
}

// refinement is gradient descent under way on new points.
type refinement struct {
	*job
	p    *Partial
	f    *field
	next [3][]float32 // y, velocity, gains to come
	work []*refiner   // by worker
	most int          // neighbours of refineGrain points
}

// refineGrain is the number of points that a worker takes through some
// iterations before it takes others.
const refineGrain = 64

// refiner is what a worker needs for a few points: they, then their neighbours,
// in one array, as the kernels of the attraction want them.
type refiner struct {
	field                    *fieldReader
	y, attract, repulse, phi []float32
	ptr                      []int64
	col                      []int32
}

func (r *refinement) refiner(worker int) *refiner {
	w := r.work[worker]
	if w == nil {
		dims := r.p.m.dims
		w = &refiner{
			field: r.f.reader(), y: make([]float32, (refineGrain+r.most)*dims),
			attract: make([]float32, refineGrain*dims), repulse: make([]float32, refineGrain*dims), phi: make([]float32, refineGrain),
			ptr: make([]int64, refineGrain+1), col: make([]int32, r.most),
		}
		for i := range w.col {
			w.col[i] = int32(refineGrain + i)
		}
		r.work[worker] = w
	}
	return w
}

// load takes points lo to hi at the given positions and gives their affinities.
func (w *refiner) load(p *Partial, y []float32, lo, hi int) (val []float32) {
	dims := p.m.dims
	copy(w.y, y[lo*dims:hi*dims])
	first, last := p.ptr[lo], p.ptr[hi]
	for i, at := range p.ptr[lo : hi+1] {
		w.ptr[i] = at - first
	}
	near := w.y[refineGrain*dims:]
	for e, j := range p.col[first:last] {
		copy(near[e*dims:(e+1)*dims], p.m.y[int(j)*dims:])
	}
	return p.val[first:last]
}

// repel evaluates the repulsion of the n points at hand, each by its own Z.
func (w *refiner) repel(ctx context.Context, n, dims int) {
	repulse, phi := w.repulse[:n*dims], w.phi[:n]
	w.field.at(ctx, w.y[:n*dims], repulse, phi)
	share(repulse, phi, dims)
}

// advance does some iterations of a phase, the first of them its it-th, of all
// points or, when cancelled, of none.
func (r *refinement) advance(ph *Phase, it, steps int) error {
	p, dims, dof := r.p, r.p.m.dims, r.p.m.dof
	for i, v := range [][]float32{p.y, p.velocity, p.gains} {
		copy(r.next[i], v)
	}
	bad := make([]bool, par.Chunks(p.N(), refineGrain))
	err := r.pool.ForContext(r.ctx, p.N(), refineGrain, func(worker, lo, hi int) {
		w := r.refiner(worker)
		n := hi - lo
		y, velocity, gains := r.next[0][lo*dims:hi*dims], r.next[1][lo*dims:hi*dims], r.next[2][lo*dims:hi*dims]
		val := w.load(p, r.next[0], lo, hi)
		s := vec.Step{
			Rate: float32(ph.LearningRate), Momentum: float32(ph.Momentum),
			InvZ: 1, MaxStep: float32(p.o.MaxStepNorm), MinGain: minGain,
		}
		var sum [3]float64
		var grad2 float64
		for step := range steps {
			s.Exaggeration = float32(ph.exaggeration(it + step))
			if dof == 1 {
				vec.Attract(dims, w.attract, w.y, w.ptr, w.col, val, 0, n)
			} else {
				vec.AttractDOF(dims, dof, w.attract, w.y, w.ptr, w.col, val, 0, n)
			}
			w.repel(r.ctx, n, dims)
			if r.ctx.Err() != nil {
				return
			}
			if p.o.MaxGradNorm > 0 {
				vec.ClipGradient(s, float32(p.o.MaxGradNorm), dims, w.attract, w.repulse, 0, n)
			}
			vec.Update(s, dims, w.y, velocity, gains, w.attract, w.repulse, 0, n, &sum, &grad2)
		}
		copy(y, w.y)
		for c := range dims {
			bad[lo/refineGrain] = bad[lo/refineGrain] || sum[c]-sum[c] != 0
		}
	})
	if err != nil {
		return err
	}
	if slices.Contains(bad, true) {
		return badOption("LearningRate", ph.LearningRate, "less: new points diverged")
	}
	p.y, r.next[0] = r.next[0], p.y
	p.velocity, r.next[1] = r.next[1], p.velocity
	p.gains, r.next[2] = r.next[2], p.gains
	return nil
}

// divergence is KL at the present positions.
func (r *refinement) divergence() (float64, error) {
	p, dims, dof := r.p, r.p.m.dims, r.p.m.dof
	parts := make([]float64, par.Chunks(p.N(), refineGrain))
	err := r.pool.ForContext(r.ctx, p.N(), refineGrain, func(worker, lo, hi int) {
		w := r.refiner(worker)
		n := hi - lo
		val := w.load(p, p.y, lo, hi)
		w.repel(r.ctx, n, dims)
		var sum float64
		if dof == 1 {
			sum = vec.SumPLog(dims, w.y, w.ptr, w.col, val, 0, n)
		} else {
			sum = vec.SumPLogDOF(dims, dof, w.y, w.ptr, w.col, val, 0, n)
		}
		for _, z := range w.phi[:n] {
			sum += vec.Log(max(float64(z), leastPotential))
		}
		for _, v := range val {
			if v > 0 {
				sum += float64(float64(v) * vec.Log(float64(v)))
			}
		}
		parts[lo/refineGrain] = sum
	})
	return total(parts) / float64(p.N()), err
}

// leastPotential keeps the logarithm of a potential finite where points are so
// far off that it is 0.
const leastPotential = 1e-45

// tell calls the progress callback.
func (r *refinement) tell(exaggeration float64) error {
	kl, err := r.divergence()
	if err != nil {
		return err
	}
	p := r.p
	p.kl = kl
	r.report(Progress{
		Stage: StageOptimize, Done: float64(p.iterations) / float64(p.planned),
		Iteration: p.iterations, Iterations: p.planned,
		KL: kl, Exaggeration: exaggeration, N: p.N(), Dims: p.m.dims, Y: slices.Clone(p.y),
	})
	return r.ctx.Err()
}
