package tsne

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// Few points that have spread go by pairs, where nobody names the grid; others never do.
func TestFewPointsThatSpreadGoByPairs(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	forces := func(by Repulsion, n int, dof, span float64) []float32 {
		r := rand.New(rand.NewPCG(1, 1))
		y := make([]float32, 2*n)
		for i := range y {
			y[i] = float32(span * r.Float64())
		}
		force := make([]float32, len(y))
		newRepulser(t.Context(), pool, &Options{Dims: 2, Repulsion: by, DOF: dof}, n).Repulsion(y, force)
		return force
	}
	for _, c := range []struct {
		n         int
		dof, span float64
		pairs     bool
	}{
		{1797, 1, 1e-3, false}, {1797, 1, 60, false}, {1797, 1, 130, true},
		{3000, 1, 130, false}, {3000, 1, 220, true}, {3000, 0.5, 220, false}, {8000, 1, 280, false},
	} {
		auto := forces(RepulsionAuto, c.n, c.dof, c.span)
		exact, grid := forces(RepulsionExact, c.n, c.dof, c.span), forces(RepulsionFFT, c.n, c.dof, c.span)
		if slices.Equal(exact, grid) {
			t.Fatalf("%+v: the grid has the bits of all pairs", c)
		}
		if slices.Equal(auto, exact) != c.pairs || slices.Equal(auto, grid) == c.pairs {
			t.Errorf("%+v: by pairs %v, by the grid %v", c, slices.Equal(auto, exact), slices.Equal(auto, grid))
		}
	}
}
