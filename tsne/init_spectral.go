package tsne

import (
	"context"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/spectral"
)

var spectralStart = start{
	name: "spectral", affinities: true,
	memory: func(o *Options, n, _ int, p uint64) uint64 { return p + uint64(spectral.Bytes(n, o.Dims)) },
	write:  (*job).spectralStart,
}

// SpectralInit gives a start from the affinities alone, N x Dims: the diffusion
// map of the random walk on P (Coifman & Lafon 2006), scaled so that its first
// axis has standard deviation 1e-4 and no other is more than ten times wider. With o.Init InitSpectral it is that of Fit,
// with the jitter of a PCA start; otherwise it is bare. Of o it reads Dims,
// Init, Seed, Threads, MaxMemory and the hooks.
//
// The graph need not be connected: the first axes then part its heaviest
// components from the others.
func SpectralInit(ctx context.Context, p *Affinities, o Options) (y []float32, err error) {
	if o, err = o.withoutGiven().resolve(p.N); err != nil {
		return nil, err
	}
	if err := o.checkMemory(Matrix{Rows: p.N, Cols: o.Dims}, uint64(spectral.Bytes(p.N, o.Dims))); err != nil {
		return nil, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	return j.started(p.N, func(y []float32) error {
		if o.Init == InitSpectral {
			return j.spectralStart(y, Matrix{}, p)
		}
		return j.diffusionMap(y, p)
	})
}

func (j *job) spectralStart(y []float32, _ Matrix, p *Affinities) error {
	if err := j.diffusionMap(y, p); err != nil {
		return err
	}
	jitter(y, j.o.Seed)
	return nil
}

// diffusionMap writes the bare start. The factors of the axes are openTSNE's,
// which takes the eigenvalues in ascending order and the vectors in descending
// order, the constant one and its eigenvalue 1 among them: two axes have λ2
// and 1. Where that would set the axes far apart, as eigenvalues that vanish do,
// all have the scale of the first.
func (j *job) diffusionMap(y []float32, p *Affinities) error {
	dims := j.o.Dims
	values, vectors, err := spectral.Axes(j.ctx, j.pool, p.csr(), dims)
	if err != nil {
		return err
	}
	factors := axisFactors(append([]float64{1}, values...), vectors, p.N)
	for c, factor := range factors {
		for i, v := range vectors[c*p.N : (c+1)*p.N] {
			y[i*dims+c] = float32(factor * v)
		}
	}
	scaleFirstAxis(y, dims, initSD)
	return nil
}

// axisFactors are the factors of the vectors of n elements for eigenvalues that
// descend from 1.
func axisFactors(descending, vectors []float64, n int) []float64 {
	factors := make([]float64, len(descending)-1)
	first := 0.0
	for c := range factors {
		f := descending[len(factors)-1-c]
		if !(math.Abs(f)*farApart >= 1) {
			f = 1
		}
		spread := standardDeviation(vectors[c*n : (c+1)*n])
		if c == 0 {
			first = math.Abs(f) * spread
		} else if r := math.Abs(f) * spread / first; first > 0 && spread > 0 && !(r*farApart >= 1 && r <= 0.999*farApart) {
			f = first / spread
		}
		factors[c] = f
	}
	return factors
}

func standardDeviation(v []float64) float64 {
	mean := total(v) / float64(len(v))
	sum := 0.0
	for _, x := range v {
		d := x - mean
		sum += float64(d * d)
	}
	return math.Sqrt(sum / float64(len(v)))
}
