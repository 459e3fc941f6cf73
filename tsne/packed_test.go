package tsne_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// A fit to data has uniform affinities without their values, which nobody is to see: it is the fit of the matrix, re-sorted, gone on with, kept and undone as that.
func TestUniformFitIsThatOfItsAffinities(t *testing.T) {
	const n = 5000 // points are re-sorted from 4,096 on
	x := blobs(n, 6, 9, 75)
	for _, affinity := range []tsne.AffinityKind{tsne.AffinityUniform, tsne.AffinityUniformMax} {
		for _, o := range []tsne.Options{{}, {Dims: 3, Repulsion: tsne.RepulsionBarnesHut}, {DOF: 0.6}} {
			o.Affinity, o.K = affinity, 10
			o.EarlyIterations, o.Iterations, o.MaxStepNorm = 60, 10, -1
			p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, o))
			want := must[*tsne.Embedding](t)(tsne.FitAffinities(ctx, p, x, o))
			got := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
			both := []*tsne.Embedding{got, want}
			same := func(what string) {
				t.Helper()
				sameFit(t, what, both[0], both[1])
				p, q := both[0].Affinities(), both[1].Affinities()
				if !slices.Equal(p.Ptr, q.Ptr) || !slices.Equal(p.Col, q.Col) || !slices.Equal(p.Val, q.Val) {
					t.Fatalf("%v, %s: other affinities", affinity, what)
				}
			}
			same("as fitted: ")
			for i, e := range both {
				both[i] = e.Clone()
				if err := both[i].Optimize(ctx, tsne.Phase{Iterations: 40}); err != nil {
					t.Fatal(err)
				}
			}
			same("gone on: ")
			for _, e := range both {
				if err := e.Optimize(ctx, diverging); err == nil {
					t.Fatal("it did not diverge")
				}
			}
			same("undone: ")
			for i, e := range both {
				path := filepath.Join(t.TempDir(), "model.npz")
				if err := e.Save(path); err != nil {
					t.Fatal(err)
				}
				both[i] = must[*tsne.Embedding](t)(tsne.Load(path, tsne.Options{}))
			}
			same("from its file: ")
			for _, e := range both {
				if err := e.Optimize(ctx, tsne.Phase{Iterations: 10}); err != nil {
					t.Fatal(err)
				}
			}
			same("gone on from its file: ")
		}
	}
}
