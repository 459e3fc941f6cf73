package tsne_test

import (
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/libtsne/libtsne/tsne"
)

// TestPanicsOfHooksComeOut: a panic of the user's own function is not an error of
// this package, and leaves no lock held and no worker behind.
func TestPanicsOfHooksComeOut(t *testing.T) {
	x, q := blobs(120, 4, 3, 1), blobs(30, 4, 3, 2)
	mine := errors.New("mine")
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{EarlyIterations: 3, Iterations: 3}))
	p := must[*tsne.Partial](t)(e.Transform(ctx, q, tsne.TransformOptions{}))
	at := func(s tsne.Stage) func(tsne.Progress) bool {
		return func(p tsne.Progress) bool {
			if p.Stage == s {
				panic(mine)
			}
			return false
		}
	}
	log := func(tsne.Level, tsne.Message) { panic(mine) }
	fit := func(o tsne.Options) func() error {
		o.Threads, o.ProgressEvery = 3, 1
		return func() error { _, err := tsne.Fit(ctx, x, o); return err }
	}
	phase := tsne.Phase{Iterations: 3}
	before := runtime.NumGoroutine()
	for name, run := range map[string]func() error{
		"neighbours":       fit(tsne.Options{Progress: at(tsne.StageNeighbors)}),
		"other neighbours": fit(tsne.Options{Progress: at(tsne.StageNeighbors), Metric: tsne.MetricManhattan}), // called within a loop of the workers
		"affinities":       fit(tsne.Options{Progress: at(tsne.StageAffinities)}),
		"start":            fit(tsne.Options{Progress: at(tsne.StageInit)}),
		"start of a map":   fit(tsne.Options{Progress: at(tsne.StageInit), Init: tsne.InitSample, SampleSize: 50}),
		"optimiser":        fit(tsne.Options{Progress: at(tsne.StageOptimize)}),
		"log":              fit(tsne.Options{Log: log}),
		"log of a map":     fit(tsne.Options{Log: log, Init: tsne.InitSample, SampleSize: 200, K: 5}),
		"warning":          fit(tsne.Options{Log: log, Perplexity: 100}),
		"optimize": func() error {
			c := e.Clone()
			if err := c.Configure(tsne.Options{Progress: at(tsne.StageOptimize), ProgressEvery: 1}); err != nil {
				return err
			}
			defer c.KL() // would wait for ever for a lock
			return c.Optimize(ctx, phase)
		},
		"transform": func() error {
			_, err := e.Transform(ctx, q, tsne.TransformOptions{Progress: at(tsne.StageOptimize), ProgressEvery: 1, Iterations: 3})
			return err
		},
		"transform's warning": func() error {
			_, err := e.Transform(ctx, q, tsne.TransformOptions{Log: log, Perplexities: []float64{1e5}})
			return err
		},
		"new points": func() error {
			defer p.KL()
			return p.Optimize(ctx, phase, &tsne.TransformOptions{Progress: at(tsne.StageOptimize), ProgressEvery: 1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if v := recover(); v != mine {
					t.Errorf("recovered %v", v)
				}
			}()
			t.Errorf("returned %v", run())
		})
	}
	if kl := e.KL(); kl != e.Clone().KL() {
		t.Error("the map is not to be read")
	}
	for i := 0; runtime.NumGoroutine() > before; i++ {
		if i == 1000 {
			t.Fatalf("%d goroutines, were %d", runtime.NumGoroutine(), before)
		}
		time.Sleep(time.Millisecond)
	}
}

// A warning is told and kept; what Optimize has to say later is told alone.
func TestWarningsAreKept(t *testing.T) {

	x := blobs(61, 10, 5, 1)
	p, err := tsne.AffinitiesOf(ctx, x, tsne.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, fit := range map[string]func(tsne.Options) (*tsne.Embedding, error){
		"data":       func(o tsne.Options) (*tsne.Embedding, error) { return tsne.Fit(ctx, x, o) },
		"affinities": func(o tsne.Options) (*tsne.Embedding, error) { return tsne.FitAffinities(ctx, p, x, o) },
	} {
		var told []string
		e, err := fit(tsne.Options{Perplexity: 100, EarlyIterations: 5, Iterations: 5, Log: func(level tsne.Level, m tsne.Message) {
			if level == tsne.LevelWarning {
				told = append(told, m.String())
			}
		}})
		if err != nil {
			t.Fatal(name, err)
		}
		var kept []string
		for _, m := range e.Warnings() {
			kept = append(kept, m.String())
		}
		if !slices.Equal(told, kept) || name == "data" && len(kept) != 1 {
			t.Errorf("%s: told %q, kept %q", name, told, kept)
		}
		silent, err := fit(tsne.Options{Perplexity: 100, EarlyIterations: 5, Iterations: 5})
		if err != nil {
			t.Fatal(name, err)
		}
		if got := len(silent.Warnings()); got != len(kept) {
			t.Errorf("%s: %d warnings without a listener, want %d", name, got, len(kept))
		}
		if !slices.Equal(silent.Y(), e.Y()) {
			t.Errorf("%s: a listener changes the map", name)
		}
	}
}
