package bhtree

import (
	"math"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// TestReader holds a reader to the sums over all points, and its paths to each
// other.
func TestReader(t *testing.T) {
	pool := par.New(1)
	defer pool.Close()
	for dims := 1; dims <= 3; dims++ {
		y := clusters(3000, dims, 60)
		targets := append(clusters(50, dims, 80), y[:10*dims]...)
		for _, dof := range []float64{1, 0.5} {
			tree := New(pool, dims)
			tree.DOF = dof
			tree.Build(y)
			first := map[int][4]float64{}
			onPaths(t, func(t *testing.T) {
				r, exact := tree.NewReader(0.2), tree.NewReader(1e-6)
				var off, size float64
				for i := 0; i < len(targets); i += dims {
					f, phi := r.At(targets[i:][:dims])
					want, all := exact.At(targets[i:][:dims])
					if math.Abs(phi-all) > 5e-3*all {
						t.Errorf("%d-D, dof %g, target %d: phi %g, want %g", dims, dof, i/dims, phi, all)
					}
					for d := range f {
						off += (f[d] - want[d]) * (f[d] - want[d])
						size += want[d] * want[d]
					}
					got := [4]float64{f[0], f[1], f[2], phi}
					if before, ok := first[i]; ok && before != got {
						t.Fatalf("%d-D: paths differ: %v and %v", dims, before, got)
					}
					first[i] = got
				}
				if off > 1e-4*size {
					t.Errorf("%d-D, dof %g: error of the forces %g", dims, dof, math.Sqrt(off/size))
				}
			})
		}
	}
	tree := New(pool, 2)
	tree.Build(nil)
	if f, phi := tree.NewReader(0.5).At([]float32{1, 2}); phi != 0 || f != [3]float64{} {
		t.Error("a field of no points:", f, phi)
	}
}
