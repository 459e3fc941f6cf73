package tsne

import "context"

// SpectralInit gives a start from the affinities alone, N x Dims: the diffusion
// map of the random walk on P (Coifman & Lafon 2006), scaled so that its first
// axis has standard deviation 1e-4, with the jitter of a PCA start. Of o it
// reads Dims, Seed, Threads and the hooks.
func SpectralInit(ctx context.Context, p *Affinities, o Options) (y []float32, err error) {
	return nil, fail(ErrInternal, "not there yet")
}
