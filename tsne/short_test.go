package tsne_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne"
	"github.com/libtsne/libtsne/tsne/internal/affinity"
)

// Affinities of 16 bits give a fit in one, a fit in steps, a fit that goes on from its checkpoint and a model that was saved the same bits, and
// a map beside which that of float32 is another rounding.
func TestShortAffinities(t *testing.T) {
	from := affinity.ShortFrom
	defer func() { affinity.ShortFrom = from }()
	for name, x := range map[string]tsne.Matrix{"in one order": blobs(300, 8, 5, 1), "re-sorted": blobs(4500, 5, 7, 2)} {
		t.Run(name, func(t *testing.T) {
			affinity.ShortFrom = from
			o := short(tsne.Options{})
			exact := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
			affinity.ShortFrom = 1
			want := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
			if slices.Equal(want.Y(), exact.Y()) {
				t.Fatal("the affinities are not short")
			}
			if off := want.KL()/exact.KL() - 1; off > 0.01 || off < -0.01 {
				t.Errorf("KL %v, of float32 %v", want.KL(), exact.KL())
			}
			p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, o))
			steps := must[*tsne.Embedding](t)(tsne.FitAffinities(ctx, p, x, o))
			if !slices.Equal(steps.Y(), want.Y()) || steps.KL() != want.KL() {
				t.Errorf("in steps: KL %v, want %v", steps.KL(), want.KL())
			}
			if got := want.Affinities(); !slices.Equal(got.Val, p.Val) || !slices.Equal(got.Col, p.Col) || !slices.Equal(got.Ptr, p.Ptr) {
				t.Error("the map's affinities are others")
			}
			name := filepath.Join(t.TempDir(), "map.npz")
			if err := want.Save(name); err != nil {
				t.Fatal(err)
			}
			loaded := must[*tsne.Embedding](t)(tsne.Load(name, tsne.Options{}))
			for _, e := range []*tsne.Embedding{want, loaded} {
				if err := e.Optimize(ctx, tsne.Phase{Iterations: 20, Momentum: 0.8, Exaggeration: 1}); err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(loaded.Y(), want.Y()) {
				t.Error("a saved model goes on to another map")
			}
		})
	}
}

// Affinities that were asked for stay as they are while the map goes on.
func TestAffinitiesThatWereAskedForStay(t *testing.T) {
	from := affinity.ShortFrom
	defer func() { affinity.ShortFrom = from }()
	affinity.ShortFrom = 1
	x := blobs(4500, 5, 7, 2)
	for _, kind := range []tsne.AffinityKind{tsne.AffinityPerplexity, tsne.AffinityUniform} {
		o := tsne.Options{Affinity: kind, EarlyIterations: -1, Iterations: -1}
		e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
		p := e.Affinities()
		col, val, ptr := slices.Clone(p.Col), slices.Clone(p.Val), slices.Clone(p.Ptr)
		if err := e.Optimize(ctx, tsne.Phase{Iterations: 150, Momentum: 0.8, Exaggeration: 1}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(p.Col, col) || !slices.Equal(p.Val, val) || !slices.Equal(p.Ptr, ptr) {
			t.Errorf("kind %d: they changed", kind)
		}
	}
}
