package bhtree

import (
	"math"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/direct"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

func TestDOF(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for _, dof := range []float64{0.5, 1, 2, 5} {
		for _, c := range []struct{ theta, force, z float64 }{{0, 1e-5, 1e-6}, {0.2, 6e-3, 3e-3}, {0.5, 4e-2, 2e-2}} {
			for dims := 1; dims <= 3; dims++ {
				for _, span := range []float64{3, 100} {
					y := clusters(3000, dims, span)
					want, got := make([]float32, len(y)), make([]float32, len(y))
					wantZ := direct.Repulsion(pool, dims, y, want, &direct.Scratch{DOF: dof})
					tree := New(pool, dims)
					tree.DOF = dof
					tree.Build(y)
					gotZ := tree.Repulsion(y, got, c.theta)
					f, z := rms(got, want), math.Abs(gotZ-wantZ)/wantZ
					t.Logf("dof %g theta %g dims %d span %g: force %.2g z %.2g", dof, c.theta, dims, span, f, z)
					if !(f <= c.force) || !(z <= c.z) {
						t.Errorf("dof %g theta %g dims %d span %g: force %.2g, want %g; z %.2g, want %g", dof, c.theta, dims, span, f, c.force, z, c.z)
					}
					phi, at := make([]float32, 50), make([]float32, 50*dims)
					wantAt := make([]float32, 50*dims)
					targets := clusters(50, dims, span*1.1)
					tree.At(targets, at, c.theta, phi)
					direct.RepulsionAt(pool, dims, y, targets, wantAt, nil, &direct.Scratch{DOF: dof})
					if e := rms(at, wantAt); !(e <= c.force) {
						t.Errorf("dof %g theta %g dims %d span %g: force at targets %.2g, want %g", dof, c.theta, dims, span, e, c.force)
					}
				}
			}
		}
	}
}
