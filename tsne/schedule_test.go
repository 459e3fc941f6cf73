package tsne_test

import (
	"math"
	"slices"
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

// A fit goes by what Settle says, and Settle changes nothing that is said.
func TestSchedule(t *testing.T) {
	const many, few = 10_000, 9_999
	plain := tsne.Options{Affinity: tsne.AffinityUniform, K: 4, Seed: 3}
	x := blobs(many, 3, 4, 12)
	for _, n := range []int{few, many} {
		rows := tsne.Matrix{Data: x.Data[:n*x.Cols], Rows: n, Cols: x.Cols}
		o := plain
		o.Settle(n)
		short := o.EarlyIterations == 150 && o.Iterations == 350 && o.EarlyMomentum == 0.8 && o.Momentum == 0.95 && o.MomentumIterations == 250
		long := o.EarlyIterations == 250 && o.Iterations == 500 && o.EarlyMomentum == 0.5 && o.Momentum == 0.8 && o.MomentumIterations == 0
		if n == many && !short || n == few && !long {
			t.Errorf("%d rows: %+v", n, o)
		}
		e := must[*tsne.Embedding](t)(tsne.Fit(ctx, rows, plain))
		if e.Iterations() != o.EarlyIterations+o.Iterations {
			t.Errorf("%d rows: %d iterations", n, e.Iterations())
		}
		if by := must[*tsne.Embedding](t)(tsne.Fit(ctx, rows, o)); !slices.Equal(by.Y(), e.Y()) {
			t.Errorf("%d rows: another map by what Settle says", n)
		}
	}
	for name, say := range map[string]func(*tsne.Options){
		"EarlyIterations":    func(o *tsne.Options) { o.EarlyIterations = 250 },
		"Iterations":         func(o *tsne.Options) { o.Iterations = 500 },
		"none":               func(o *tsne.Options) { o.Iterations = -1 },
		"Momentum":           func(o *tsne.Options) { o.Momentum = 0.8 },
		"no momentum":        func(o *tsne.Options) { o.Momentum = tsne.NoMomentum },
		"MomentumIterations": func(o *tsne.Options) { o.MomentumIterations = 1 },
		"EarlyExaggeration":  func(o *tsne.Options) { o.EarlyExaggeration = 6 },
		"Exaggeration":       func(o *tsne.Options) { o.Exaggeration = 4 },
		"LearningRate":       func(o *tsne.Options) { o.LearningRate = 1000 },
		"AnnealIterations":   func(o *tsne.Options) { o.AnnealIterations = 250 },
		"AutoStop":           func(o *tsne.Options) { o.AutoStop = 5000 },
		"DensityLambda":      func(o *tsne.Options) { o.DensityLambda = 0.1 },
		"Pull":               func(o *tsne.Options) { o.Pull = 0.001 },
	} {
		o, want := tsne.Options{}, tsne.Options{EarlyIterations: 250, Iterations: 500, EarlyMomentum: 0.5, Momentum: 0.8}
		say(&o)
		say(&want)
		if o.Settle(many); o.EarlyIterations != want.EarlyIterations || o.Iterations != want.Iterations || o.EarlyMomentum != want.EarlyMomentum ||
			o.Momentum != want.Momentum || o.MomentumIterations != want.MomentumIterations {
			t.Errorf("with %s said: %+v", name, o)
		}
	}
	for _, also := range []tsne.Options{
		{EarlyExaggeration: 12, Exaggeration: 1, EarlyMomentum: 0.6},
		{EarlyMomentum: 0.6, Dims: 3, DOF: 0.5, Perplexity: 50, Init: tsne.InitRandom},
	} {
		if also.Settle(many); also.Iterations != 350 || also.EarlyMomentum != 0.6 {
			t.Errorf("%+v", also)
		}
	}
}
