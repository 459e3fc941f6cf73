package fftgrid

import (
	"math"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// directDOF is direct for another kernel.
func directDOF(dof float64, targets, sources []float32, dims int) (force, phi []float64) {
	n := len(targets) / dims
	force, phi = make([]float64, n*dims), make([]float64, n)
	for i := range n {
		for j := range len(sources) / dims {
			var d [2]float64
			d2 := 0.0
			for a := range dims {
				d[a] = float64(targets[i*dims+a]) - float64(sources[j*dims+a])
				d2 += d[a] * d[a]
			}
			k := math.Pow(1+d2/dof, -dof)
			phi[i] += k
			for a := range dims {
				force[i*dims+a] += d[a] * k / (1 + d2/dof)
			}
		}
	}
	return
}

func TestDOF(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for _, dof := range []float64{0.2, 0.5, 1, 2, 5, 50, 1e4} {
		for dims := 1; dims <= 2; dims++ {
			g := New(pool, dims)
			g.DOF = dof
			for _, span := range []float64{1e-3, 3, 15, 60, 150, 400} {
				maps := [][]float32{stretched(newRand(1), 1000, []float64{span, span * 0.7}[:dims]...)}
				if dims == 2 {
					maps = append(maps, clusters(newRand(3), 1500, span))
				}
				for m, y := range maps {
					force, phi := make([]float32, len(y)), make([]float32, len(y)/dims)
					wantF, wantP := directDOF(dof, y, y, dims)
					want := 0.0
					for _, p := range wantP {
						want += p
					}
					z := g.Repulsion(y, force) + float64(len(phi))
					f := relativeRMS(force, wantF)
					t.Logf("dof %g, %d-D, span %g, map %d: force %.1e, z %.1e", dof, dims, span, m, f, math.Abs(z-want)/want)
					if !(f <= tolerance) || !(math.Abs(z-want) <= 1e-4*want) {
						t.Errorf("dof %g, %d-D, span %g, map %d: force off by %.2e, z by %.2e", dof, dims, span, m, f, math.Abs(z-want)/want)
					}
					g.Eval(y, force, phi)
					if e := relativeRMS(phi, wantP); !(e <= 1e-3) {
						t.Errorf("dof %g, %d-D, span %g, map %d: potential off by %.2e", dof, dims, span, m, e)
					}
				}
			}
		}
	}
}
