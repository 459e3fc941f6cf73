package tsne

import "context"

// Bootstrap is where new points land on a map as the columns vary.
type Bootstrap struct {
	N, Dims, B int
	Y          []float32 // N x Dims, placed by all columns
	Samples    []float32 // B x N x Dims, placed by each resample of the columns
	Radius     []float32 // N: 95 % of a point's samples lie within it of Y
}

// Bootstrap places the rows of x on the map by b resamples of the columns,
// drawn with replacement: what positions owe to the choice of columns (the
// paper, "Methods", map_to_tsne). Of o it reads what places points, Seed,
// Threads, MaxMemory and the hooks.
func (e *Embedding) Bootstrap(ctx context.Context, x Matrix, b int, o TransformOptions) (*Bootstrap, error) {
	return nil, fail(ErrInternal, "bootstrap: not built yet")
}
