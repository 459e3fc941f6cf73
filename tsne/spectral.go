package tsne

import (
	"context"

	"github.com/libtsne/libtsne/tsne/internal/spectral"
)

// SpectralInit gives a start from the affinities alone, N x Dims: the diffusion
// map of the random walk on P (Coifman & Lafon 2006), scaled so that its first
// axis has standard deviation 1e-4. With o.Init InitSpectral it is that of Fit,
// with the jitter of a PCA start; otherwise it is bare. Of o it reads Dims,
// Init, Seed, Threads, MaxMemory and the hooks.
//
// The graph need not be connected: the first axes then part its heaviest
// components from the others.
func SpectralInit(ctx context.Context, p *Affinities, o Options) (y []float32, err error) {
	if o.Init == InitGiven {
		o.Init, o.InitY = InitPCA, nil
	}
	if o, err = o.resolve(p.N); err != nil {
		return nil, err
	}
	if err := o.checkMemory(Matrix{Rows: p.N, Cols: o.Dims}, uint64(spectral.Bytes(p.N, o.Dims))); err != nil {
		return nil, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	progress := j.stage(StageInit)
	if progress != nil {
		progress(0)
	}
	y = make([]float32, p.N*o.Dims)
	start := j.diffusionMap
	if o.Init == InitSpectral {
		start = j.spectralStart
	}
	if err := start(y, p); err != nil {
		return nil, err
	}
	if progress != nil {
		progress(1)
	}
	return y, nil
}

func (j *job) spectralStart(y []float32, p *Affinities) error {
	if err := j.diffusionMap(y, p); err != nil {
		return err
	}
	addNoise(y, initSD*initJitter, j.o.Seed)
	return nil
}

// diffusionMap writes the bare start. The factors of the axes are openTSNE's,
// which takes the eigenvalues in ascending order and the vectors in descending
// order, the constant one and its eigenvalue 1 among them: two axes have λ2
// and 1.
func (j *job) diffusionMap(y []float32, p *Affinities) error {
	dims := j.o.Dims
	values, vectors, err := spectral.Axes(j.ctx, j.pool, p.csr(), dims)
	if err != nil {
		return err
	}
	descending := append([]float64{1}, values...)
	for c := range dims {
		factor := descending[dims-1-c]
		for i, v := range vectors[c*p.N : (c+1)*p.N] {
			y[i*dims+c] = float32(factor * v)
		}
	}
	scaleFirstAxis(y, dims, initSD)
	return nil
}
