package tsne

import "github.com/libtsne/libtsne/tsne/internal/pca"

var pcaStart = start{
	name: "pca", data: true,
	memory: func(o *Options, n, d int, _ uint64) uint64 { return uint64(pca.Bytes(n, d, min(o.Dims, d))) },
	write:  (*job).principalComponents,
}

// principalComponents are columns that data of fewer leave 0, but for the jitter.
func (j *job) principalComponents(y []float32, x Matrix, _ *Affinities) error {
	dims := j.o.Dims
	k := min(dims, x.Cols)
	model, err := pca.Fit(j.ctx, j.pool, x.Data, x.Rows, x.Cols, k)
	if err != nil {
		return err
	}
	scores := y
	if k < dims {
		scores = make([]float32, x.Rows*k)
	}
	if err := model.Transform(j.ctx, j.pool, x.Data, x.Rows, scores); err != nil {
		return err
	}
	if k < dims {
		for i := range x.Rows {
			copy(y[i*dims:], scores[i*k:(i+1)*k])
		}
	}
	settle(y, dims, j.o.Seed)
	return nil
}
