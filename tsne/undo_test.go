package tsne_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// diverging makes the map of an embedding go beyond float32.
var diverging = tsne.Phase{Iterations: 50, LearningRate: 1e38}

func archiveOf(t *testing.T, e *tsne.Embedding) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := e.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// After a call that diverges an embedding is as it was, the order of its points in
// memory included: it saves, places and goes on with the same bits.
func TestDivergedEmbeddingIsAsItWas(t *testing.T) {
	for _, c := range []struct{ n, before int }{{60, 0}, {60, 30}, {5000, 45}} { // the last is put in order anew
		x := blobs(c.n, 5, 4, 31)
		o := tsne.Options{Perplexity: 5, EarlyIterations: -1, Iterations: max(c.before, 1) * 2, MaxStepNorm: -1}
		if c.before == 0 {
			o.Iterations = -1
		}
		e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
		twin := e.Clone()
		for _, shared := range []bool{true, false} { // P is the twin's too, or not
			if !shared {
				if err := errors.Join(e.Optimize(ctx, tsne.Phase{Iterations: 60}), twin.Optimize(ctx, tsne.Phase{Iterations: 60})); err != nil {
					t.Fatal(err)
				}
			}
			before := archiveOf(t, e)
			if err := e.Optimize(ctx, diverging); !errors.Is(err, tsne.ErrOption) {
				t.Fatalf("n %d: got %v", c.n, err)
			}
			if !bytes.Equal(before, archiveOf(t, e)) {
				t.Errorf("n %d, shared %v: not as it was", c.n, shared)
			}
			if e.KL() != twin.KL() && !(math.IsNaN(e.KL()) && math.IsNaN(twin.KL())) || e.Iterations() != twin.Iterations() {
				t.Errorf("n %d: KL %g after %d iterations", c.n, e.KL(), e.Iterations())
			}
			a, b := must[*tsne.Partial](t)(e.Transform(ctx, x, tsne.TransformOptions{Iterations: 5})), must[*tsne.Partial](t)(twin.Transform(ctx, x, tsne.TransformOptions{Iterations: 5}))
			if !slices.Equal(a.Y(), b.Y()) {
				t.Errorf("n %d: transforms differ", c.n)
			}
		}
		if err := errors.Join(e.Optimize(ctx, tsne.Phase{Iterations: 60}), twin.Optimize(ctx, tsne.Phase{Iterations: 60})); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(e.Y(), twin.Y()) {
			t.Errorf("n %d: it goes on with other bits", c.n)
		}
	}
}

func TestDivergedFitGivesNothing(t *testing.T) {
	o := tsne.Options{LearningRate: 1e38, MaxStepNorm: -1}
	if e, err := tsne.Fit(ctx, blobs(60, 5, 4, 31), o); e != nil || !errors.Is(err, tsne.ErrOption) {
		t.Error(e != nil, err)
	}
}

func TestCancelledCallKeepsItsIterations(t *testing.T) {
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, blobs(60, 5, 4, 31), tsne.Options{EarlyIterations: -1, Iterations: 10}))
	before := e.Y()
	stop, cancel := context.WithCancel(ctx)
	defer cancel()
	o := e.Settings()
	o.Init, o.ProgressEvery, o.Progress = tsne.InitPCA, 5, func(p tsne.Progress) bool {
		if p.Iteration == 20 {
			cancel()
		}
		return false
	}
	if err := e.Configure(o); err != nil {
		t.Fatal(err)
	}
	if err := e.Optimize(stop, tsne.Phase{Iterations: 50}); !errors.Is(err, tsne.ErrCancelled) {
		t.Fatal(err)
	}
	if e.Iterations() < 19 || e.Iterations() > 20 || slices.Equal(before, e.Y()) {
		t.Errorf("%d iterations", e.Iterations())
	}
}

func TestDivergedPointsAreAsTheyWere(t *testing.T) {
	x := blobs(80, 5, 4, 32)
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{EarlyIterations: 20, Iterations: 20}))
	p := must[*tsne.Partial](t)(e.Transform(ctx, x, tsne.TransformOptions{Iterations: 5}))
	twin := p.Clone()
	hard := tsne.TransformOptions{MaxStepNorm: -1, MaxGradNorm: math.Inf(1), ProgressEvery: 2, Progress: func(tsne.Progress) bool { return false }}
	if err := p.Optimize(ctx, tsne.Phase{Iterations: 50, LearningRate: 1e38}, &hard); !errors.Is(err, tsne.ErrOption) {
		t.Fatal(err)
	}
	if !slices.Equal(p.Y(), twin.Y()) || p.Iterations() != twin.Iterations() || p.KL() != twin.KL() {
		t.Errorf("not as they were: KL %g after %d iterations", p.KL(), p.Iterations())
	}
	for _, q := range []*tsne.Partial{p, twin} {
		if err := q.Optimize(ctx, tsne.Phase{Iterations: 20, LearningRate: 30}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(p.Y(), twin.Y()) {
		t.Error("they go on with other bits")
	}
}

// Points so far apart that nothing is left of the kernel have no divergence; their
// file is one all the same.
func TestPointsOutOfReachSave(t *testing.T) {
	x := blobs(40, 3, 2, 33)
	y := make([]float32, 80)
	for i := range y {
		y[i] = float32(i*i) * 1e22
	}
	p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, tsne.Options{}))
	e := must[*tsne.Embedding](t)(tsne.NewEmbedding(p, y, tsne.Options{}))
	if err := e.Optimize(ctx, tsne.Phase{}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model.npz")
	if err := e.Save(path); err != nil {
		t.Fatal(err)
	}
	if _, err := tsne.Load(path, tsne.Options{}); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}
