//go:build cgo

package main

import (
	"context"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// What the exports do with one handle, from many goroutines: for go test -race,
// which sees what the C programs cannot.
func TestModelTurnsSameBits(t *testing.T) {
	const n, d = 120, 4
	x := tsne.Matrix{Data: make([]float32, n*d), Rows: n, Cols: d}
	for i := range x.Data {
		x.Data[i] = float32(i*7919%1009) + float32(i/d%5*2000)
	}
	ctx := context.Background()
	e, err := tsne.Fit(ctx, x, tsne.Options{Perplexity: 10, EarlyIterations: 10, Iterations: 10, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	m, err := newModel(e, forces(e.Settings()))
	if err != nil {
		t.Fatal(err)
	}
	twin, err := m.clone()
	if err != nil {
		t.Fatal(err)
	}
	placed, err := e.Transform(ctx, x, tsne.TransformOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p := newPartial(placed, tsne.TransformOptions{})

	phase := tsne.Phase{Iterations: 5, Exaggeration: 1, Momentum: 0.8}
	reading := func(do func() error) func() error {
		return func() error { return m.hold(ctx, shared, do) }
	}
	changing := func(do func() error) func() error {
		return func() error { return m.hold(ctx, alone, do) }
	}
	calls := []func() error{
		changing(func() error { return m.optimize(ctx, phase, nil) }),
		changing(func() error { return m.e.SetData(x) }),
		reading(func() error { _, err := m.e.Transform(ctx, x, tsne.TransformOptions{Iterations: 3}); return err }),
		reading(func() error { _, err := m.e.Bootstrap(ctx, x, 2, tsne.TransformOptions{}); return err }),
		reading(func() error { _, err := m.e.WriteTo(io.Discard); return err }),
		func() error { _, err := m.clone(); return err },
		func() error { m.e.CopyY(make([]float32, 2*n)); _ = m.e.KL() + float64(m.e.Iterations()); return nil },
		func() error { _ = m.e.Affinities(); return nil },
		func() error {
			return p.hold(ctx, alone, func() error { return p.optimize(ctx, phase, nil) })
		},
		func() error { _, err := p.clone(); return err },
		func() error { p.p.CopyY(make([]float32, 2*n)); _ = p.p.KL() + float64(p.p.Iterations()); return nil },
	}
	const turns = 6
	var all sync.WaitGroup
	for _, do := range calls {
		all.Go(func() {
			for range turns {
				if err := do(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	phase.Iterations *= turns
	if err := twin.optimize(ctx, phase, nil); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(m.e.Y(), twin.e.Y()) {
		t.Error("pieces between other calls gave other bits than the whole")
	}
}
