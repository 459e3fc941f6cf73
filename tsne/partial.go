package tsne

import (
	"context"
	"slices"
	"sync"
)

// Partial holds new points over a frozen map. Methods may be called from
// several goroutines; an optimising call makes the others wait.
type Partial struct {
	mu   sync.Mutex
	o    TransformOptions // resolved
	dims int

	y, velocity, gains []float32
	iterations         int
	kl                 float64
}

// N is the number of new points.
func (p *Partial) N() int { return len(p.y) / p.dims }

// Dims is the number of columns of the map.
func (p *Partial) Dims() int { return p.dims }

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
// p log(p/q) over its reference neighbours, without exaggeration.
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
		o: p.o, dims: p.dims, iterations: p.iterations, kl: p.kl,
		y: slices.Clone(p.y), velocity: slices.Clone(p.velocity), gains: slices.Clone(p.gains),
	}
}

// Optimize runs a phase from where the points stand, against the map as it
// was when they were placed. Of ph, LearningRate 0 means 0.1. Of o it reads
// MaxGradNorm, MaxStepNorm, Threads and the hooks; nil leaves them as they
// were.
func (p *Partial) Optimize(ctx context.Context, ph Phase, o *TransformOptions) (err error) {
	return fail(ErrInternal, "partial: not built yet")
}
