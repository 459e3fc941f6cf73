package tsne_test

import (
	"math"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// One phase for each iteration, of the momentum that the definition gives it.
func TestRisingMomentum(t *testing.T) {
	x := blobs(300, 6, 4, 12)
	for _, rise := range []int{1, 13, 40, 90} { // the last outlasts the phase
		o := tsne.Options{EarlyIterations: 20, Iterations: 40, EarlyMomentum: 0.6, Momentum: 0.9, MomentumIterations: rise}
		p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, o))
		y := must[[]float32](t)(tsne.Initialize(ctx, x, o))
		e := must[*tsne.Embedding](t)(tsne.NewEmbedding(p, y, o))
		phases := []tsne.Phase{{Iterations: 20, Exaggeration: 12, Momentum: 0.6}}
		for it := range 40 {
			share := math.Min(float64(it)/float64(rise), 1)
			phases = append(phases, tsne.Phase{Iterations: 1, Momentum: 0.6 + share*(0.9-0.6)})
		}
		for _, ph := range phases {
			if err := e.Optimize(ctx, ph); err != nil {
				t.Fatal(err)
			}
		}
		if fit := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o)); relativeRMS(fit.Y(), e.Y()) > 1e-4 {
			t.Errorf("a rise over %d: %g off", rise, relativeRMS(fit.Y(), e.Y()))
		}
	}
}
