package tsne_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// Hooks read what they report on, and what would change it is refused; neither
// waits for the call that waits for the hook.
func TestHooksUseWhatTheyReportOn(t *testing.T) {
	x := blobs(300, 6, 3, 1)
	fresh := tsne.Matrix{Data: x.Data[:20*6], Rows: 20, Cols: 6}
	e, err := tsne.Fit(ctx, x, tsne.Options{Perplexity: 10, Iterations: 20})
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Transform(ctx, fresh, tsne.TransformOptions{})
	if err != nil {
		t.Fatal(err)
	}
	hooks := 0
	fine := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	busy := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, tsne.ErrBusy) {
			t.Errorf("%s: %v, want ErrBusy", what, err)
		}
	}
	reads := func() {
		hooks++
		if len(e.Y()) != 600 || e.Iterations() < 270 || e.Affinities().N != 300 || e.Settings().Dims != 2 {
			t.Error("the state that a hook sees")
		}
		_, ok := e.Data()
		_, summed := e.DataChecksum()
		if !ok || !summed || !(e.KL() > 0) {
			t.Error("the data or divergence that a hook sees")
		}
		clone := e.Clone()
		fine("the clone", clone.Configure(tsne.Options{}))
		fine("the clone", clone.Optimize(ctx, tsne.Phase{Iterations: 1, Exaggeration: 1}))
		_, err := e.WriteTo(io.Discard)
		fine("write", err)
		_, err = e.Transform(ctx, fresh, tsne.TransformOptions{Iterations: 2})
		fine("transform", err)
		_, _, err = tsne.Align(ctx, e, x, tsne.TransformOptions{}, tsne.Options{Perplexity: 10, EarlyIterations: 2, Iterations: 2})
		fine("align", err)
		if len(p.Y()) != 40 || p.Iterations() < 0 || p.Clone().N() != 20 {
			t.Error("the points that a hook sees")
		}
		p.KL()
	}
	o := tsne.Options{ProgressEvery: 5, Progress: func(tsne.Progress) bool {
		reads()
		busy("optimize", e.Optimize(ctx, tsne.Phase{Iterations: 1, Exaggeration: 1}))
		busy("configure", e.Configure(tsne.Options{}))
		fine("the points", p.Optimize(ctx, tsne.Phase{Iterations: 1, Exaggeration: 1}, nil))
		return false
	}}
	twin := e.Clone()
	fine("configure", e.Configure(o))
	fine("optimize", e.Optimize(ctx, tsne.Phase{Iterations: 10, Exaggeration: 1}))
	if hooks != 2 {
		t.Errorf("%d hooks ran, want 2", hooks)
	}
	fine("twin", twin.Optimize(ctx, tsne.Phase{Iterations: 10, Exaggeration: 1}))
	if !slices.Equal(twin.Y(), e.Y()) || twin.KL() != e.KL() {
		t.Error("looking on changed the map")
	}
	fine("configure", e.Configure(tsne.Options{}))
	// Progress and a warning while the search is built, under the map's lock.
	placing := tsne.TransformOptions{
		Perplexities: []float64{200}, Metric: tsne.MetricManhattan, Iterations: 10, ProgressEvery: 5,
		Progress: func(tsne.Progress) bool { reads(); return false },
		Log:      func(tsne.Level, tsne.Message) { reads() },
	}
	hooks = 0
	_, err = e.Transform(ctx, fresh, placing)
	fine("transform", err)
	if hooks < 3 {
		t.Errorf("%d hooks ran, want 3 or more", hooks)
	}
	hooks = 0
	refine := tsne.TransformOptions{ProgressEvery: 5, Progress: func(tsne.Progress) bool {
		reads()
		busy("optimize", p.Optimize(ctx, tsne.Phase{Iterations: 1, Exaggeration: 1}, nil))
		fine("the map", e.Optimize(ctx, tsne.Phase{Iterations: 1, Exaggeration: 1}))
		return false
	}}
	fine("refine", p.Optimize(ctx, tsne.Phase{Iterations: 10, Exaggeration: 1}, &refine))
	if hooks != 2 {
		t.Errorf("%d hooks ran, want 2", hooks)
	}
}

// onRead cancels at one of the reads.
type onRead struct {
	io.ReaderAt
	left *int
	stop func()
}

func (r onRead) ReadAt(p []byte, at int64) (int, error) {
	if *r.left--; *r.left == 0 {
		r.stop()
	}
	return r.ReaderAt.ReadAt(p, at)
}

func TestSavingAndLoadingStop(t *testing.T) {
	e := fitted(t, blobs(2000, 50, 3, 1), 10, tsne.Options{Perplexity: 10})
	path := filepath.Join(t.TempDir(), "map.npz")
	done, stop := context.WithCancel(ctx)
	stop()
	if err := e.SaveContext(done, path); !errors.Is(err, tsne.ErrCancelled) {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := e.SaveContext(done, path); !errors.Is(err, tsne.ErrCancelled) {
		t.Error(err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "before" {
		t.Errorf("the old file has %q, %v", b, err)
	}
	if list, _ := os.ReadDir(filepath.Dir(path)); len(list) != 1 {
		t.Error("left behind:", list)
	}
	if err := e.SaveContext(ctx, path); err != nil {
		t.Fatal(err)
	}
	if _, err := tsne.LoadContext(done, path, tsne.Options{}); !errors.Is(err, tsne.ErrCancelled) {
		t.Error(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, _ := f.Stat()
	// At any of the reads.
	for at := 1; ; at++ {
		some, stop := context.WithCancel(ctx)
		left := at
		_, err := tsne.ReadContext(some, onRead{f, &left, stop}, info.Size(), tsne.Options{})
		stop()
		if left > 0 {
			break // it was over before
		}
		if !errors.Is(err, tsne.ErrCancelled) {
			t.Fatalf("stopped at read %d: %v", at, err)
		}
	}
}
