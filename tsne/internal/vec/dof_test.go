package vec

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

func TestAttractDOF(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 2))
	const n = 200
	ptr, col, val := matrix(rng, n, oddSizes)
	for dims := 1; dims <= 3; dims++ {
		for _, dof := range []float64{0.1, 0.5, 1, 2, 30} {
			y := guard(n * dims)
			for i := range y.s {
				y.s[i] = 5 * float32(rng.NormFloat64())
			}
			want, size := make([]float64, n*dims), make([]float64, n*dims)
			wantLog := 0.0
			for i := range n {
				for e := ptr[i]; e < ptr[i+1]; e++ {
					var diff [3]float64
					d2 := 0.0
					for d := range dims {
						diff[d] = float64(y.s[i*dims+d]) - float64(y.s[int(col[e])*dims+d])
						d2 += diff[d] * diff[d]
					}
					for d := range dims {
						f := float64(val[e]) / (1 + d2/dof) * diff[d]
						want[i*dims+d] += f
						size[i*dims+d] += math.Abs(f)
					}
					wantLog += float64(val[e]) * dof * math.Log1p(d2/dof)
				}
			}
			var first []float32
			for level := cpu.Portable; level <= cpu.Best; level++ {
				withCPU(level, func() {
					force := guard(n * dims)
					AttractDOF(dims, dof, force.s, y.s, ptr, col[ptr[5]:], val[ptr[5]:], 5, n-3)
					force.intact(t, "AttractDOF")
					for i, f := range force.s {
						if inside := i >= 5*dims && i < (n-3)*dims; inside == (f != f) {
							t.Fatalf("%d-D: element %d is %g", dims, i, f)
						}
					}
					for _, cut := range []int{0, 1, 100, n} {
						AttractDOF(dims, dof, force.s, y.s, ptr, col, val, 0, cut)
						AttractDOF(dims, dof, force.s, y.s, ptr, col[ptr[cut]:], val[ptr[cut]:], cut, n)
					}
					if first == nil {
						first = force.s
					}
					if !sameBits(first, force.s) {
						t.Errorf("%d-D, dof %g: %v differs from portable", dims, dof, level)
					}
					for i, w := range want {
						if math.Abs(float64(force.s[i])-w) > 2e-6*size[i]+1e-30 {
							t.Fatalf("%d-D, dof %g: force %d = %g, want %g", dims, dof, i, force.s[i], w)
						}
					}
					if dof == 1 {
						plain := guard(n * dims)
						Attract(dims, plain.s, y.s, ptr, col, val, 0, n)
						if !sameBits(plain.s, force.s) {
							t.Errorf("%d-D: dof 1 differs from Attract", dims)
						}
					}
					if got := SumPLogDOF(dims, dof, y.s, ptr, col, val, 0, n); math.Abs(got-wantLog) > 1e-12*wantLog {
						t.Errorf("%d-D, dof %g: sum p log = %v, want %v", dims, dof, got, wantLog)
					}
				})
			}
		}
	}
}

func TestClipGradient(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	s := Step{Exaggeration: 3, InvZ: 0.5}
	for dims := 1; dims <= 3; dims++ {
		const n, longest = 50, 2
		a, r := guard(n*dims), guard(n*dims)
		gradient := func() []float64 {
			g := make([]float64, n*dims)
			for i := range g {
				g[i] = 3*float64(a.s[i]) - 0.5*float64(r.s[i])
			}
			return g
		}
		for i := range a.s {
			a.s[i], r.s[i] = float32(rng.NormFloat64()), float32(rng.NormFloat64())
		}
		before := gradient()
		ClipGradient(s, longest, dims, a.s, r.s, 1, n-1)
		a.intact(t, "ClipGradient")
		r.intact(t, "ClipGradient")
		for i := range n {
			norm := 0.0
			for d := range dims {
				norm = math.Hypot(norm, before[i*dims+d])
			}
			share := 1.0
			if i > 0 && i < n-1 {
				share = math.Min(1, longest/norm)
			}
			for d, g := range gradient()[i*dims : (i+1)*dims] {
				if w := before[i*dims+d] * share; math.Abs(g-w) > 1e-5*norm {
					t.Fatalf("%d-D, point %d: gradient %g, want %g", dims, i, g, w)
				}
			}
		}
	}
}
