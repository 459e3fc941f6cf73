package tsne_test

import (
	"fmt"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// BenchmarkRefine is 20 iterations of 1,000 new points on a map of 20,000.
func BenchmarkRefine(b *testing.B) {
	x, q := blobs(20000, 10, 10, 1), newRows(1000, 10)
	for _, c := range []struct {
		dims      int
		dof       float64
		repulsion tsne.Repulsion
	}{
		{2, 1, tsne.RepulsionFFT}, {2, 1, tsne.RepulsionBarnesHut}, {3, 1, tsne.RepulsionBarnesHut},
		{2, 0.5, tsne.RepulsionFFT}, {2, 0.5, tsne.RepulsionBarnesHut}, {3, 0.5, tsne.RepulsionBarnesHut},
	} {
		b.Run(fmt.Sprintf("%d-D/dof=%g/repulsion=%d", c.dims, c.dof, c.repulsion), func(b *testing.B) {
			e := must[*tsne.Embedding](b)(tsne.Fit(ctx, x, tsne.Options{
				Dims: c.dims, DOF: c.dof, Perplexity: 5, Init: tsne.InitGiven, InitY: scatter(x.Rows, c.dims, 30, 1),
				EarlyIterations: 1, Iterations: 1,
			}))
			p := must[*tsne.Partial](b)(e.Transform(ctx, q, tsne.TransformOptions{Iterations: 1, Repulsion: c.repulsion}))
			for b.Loop() {
				if err := p.Optimize(ctx, tsne.Phase{Iterations: 20, Exaggeration: 1.5}, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
