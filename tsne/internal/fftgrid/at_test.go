package fftgrid

import (
	"math"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// TestAtIsEval compares At, point by point and all at once, with Eval.
func TestAtIsEval(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for dims := 1; dims <= 2; dims++ {
		for _, span := range []float64{1, 10, 300} {
			rng := newRand(3)
			y := make([]float32, 3000*dims)
			for i := range y {
				y[i] = float32(span * rng.Float64())
			}
			targets := make([]float32, 101*dims)
			for i := range targets {
				targets[i] = float32(span * (1.2*rng.Float64() - 0.1))
			}
			g := New(pool, dims)
			g.Load(y)
			n := len(targets) / dims
			force, phi := make([]float32, len(targets)), make([]float32, n)
			g.Eval(targets, force, phi)
			check := func(what string, f, p []float32, from int) {
				t.Helper()
				for i, v := range f {
					if math.Float32bits(v) != math.Float32bits(force[from*dims+i]) {
						t.Fatalf("%d-D, %s: force %d: %g, want %g", dims, what, from*dims+i, v, force[from*dims+i])
					}
				}
				for i, v := range p {
					if math.Float32bits(v) != math.Float32bits(phi[from+i]) {
						t.Fatalf("%d-D, %s: potential %d: %g, want %g", dims, what, from+i, v, phi[from+i])
					}
				}
			}
			f, p, u := make([]float32, len(targets)), make([]float32, n), make([]float32, len(targets))
			g.At(targets, f, p, u)
			check("all", f, p, 0)
			outside := 0
			for i := range n {
				one := targets[i*dims:][:dims]
				g.At(one, f[:dims], p[:1], u)
				check("one", f[:dims], p[:1], i)
				if !g.Holds(one) {
					outside++
				}
			}
			if outside == 0 || outside == n {
				t.Errorf("%d-D, span %g: %d of %d outside the box", dims, span, outside, n)
			}
			if nan := float32(math.NaN()); g.Holds([]float32{nan, 0}[:dims]) {
				t.Error("NaN is inside")
			}
		}
	}
}
