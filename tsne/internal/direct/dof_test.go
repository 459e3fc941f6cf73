package direct

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

var dofs = []float64{1e-3, 0.1, 0.5, 0.999, 2, 4, 5, 30, 1000}

func TestPower(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, dof := range dofs {
		k := NewKernel(dof)
		for range 20000 {
			s := float32(math.Exp(r.Float64() * r.Float64() * 88))
			want := math.Pow(float64(s), -dof)
			bound := 3e-7 + 2.5e-7*dof*math.Log(float64(s))
			if got := float64(k.power(s)); math.Abs(got-want) > bound*want+math.Ldexp(1, leastPower) {
				t.Fatalf("dof %g: %v to its negative is %v, want %v: off by %.2g", dof, s, got, want, got/want-1)
			}
		}
		if one := k.power(1); one != 1 {
			t.Errorf("dof %g: 1 becomes %v", dof, one)
		}
	}
	if NewKernel(1) != nil || NewKernel(0) != nil {
		t.Error("dof 1 has a kernel")
	}
}

// The assembly gives the portable loop's bits, whatever the lengths and strides.
func TestDOFBits(t *testing.T) {
	if cpu.Best < cpu.SIMD {
		t.Skip("no vectors")
	}
	was := cpu.Use
	defer func() { cpu.Use = was }()
	inf := float32(math.Inf(1))
	for dims := 1; dims <= 3; dims++ {
		for _, dof := range dofs {
			for _, m := range []int{1, 2, 15, 16, 255, 256, 257, 700} {
				for _, span := range []float64{1e-3, 10, 1e6} {
					y := points(m+Lanes, 4, span) // four floats a point
					for i := 3; i < len(y); i += 4 {
						y[i] = float32(i % 7)
					}
					y[4*(m-1)] = []float32{0, inf, 1e30}[m%3]
					var at Targets
					at.Load(dims, y[4*m:], 4)
					run := func(level cpu.Level) Sums {
						cpu.Use = level
						s := Sums{K: NewKernel(dof)}
						all, src := guarded(4 * m)
						copy(src, y)
						s.AddWeighted(dims, &at, src)
						s.Add(dims, &at, src[:4*m], 4)
						s.Add(dims, &at, src[:m*dims], dims)
						s.AddSelf(dims, &at, src[:4*min(m, Lanes)], 4)
						guardsHold(t, all)
						s.K = nil
						return s
					}
					a, b := run(cpu.Portable), run(cpu.SIMD)
					for l := range Lanes {
						for d := range dims {
							if x, z := math.Float64bits(a.F[d][l]), math.Float64bits(b.F[d][l]); x != z && a.F[d][l] == a.F[d][l] {
								t.Fatalf("%d-D, dof %g, %d sources, span %g: force %v, portable %v", dims, dof, m, span, b.F[d][l], a.F[d][l])
							}
						}
						if math.Float64bits(a.Z[l]) != math.Float64bits(b.Z[l]) {
							t.Fatalf("%d-D, dof %g, %d sources, span %g: z %v, portable %v", dims, dof, m, span, b.Z[l], a.Z[l])
						}
					}
				}
			}
		}
	}
}

// naiveDOF is naive for another kernel.
func naiveDOF(dof float64, dims int, refs, targets []float32) (force, phi []float64) {
	same := &refs[0] == &targets[0]
	force, phi = make([]float64, len(targets)), make([]float64, len(targets)/dims)
	for i := range phi {
		for j := range len(refs) / dims {
			if same && i == j {
				continue
			}
			var diff [3]float64
			d2 := 0.0
			for d := range dims {
				diff[d] = float64(targets[i*dims+d]) - float64(refs[j*dims+d])
				d2 += diff[d] * diff[d]
			}
			phi[i] += math.Pow(1+d2/dof, -dof)
			for d := range dims {
				force[i*dims+d] += math.Pow(1+d2/dof, -dof-1) * diff[d]
			}
		}
	}
	return
}

func TestDOFAgainstNaive(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for _, dof := range dofs {
		s := Scratch{DOF: dof}
		bound := 4e-6 * max(1, dof/4)
		for _, span := range []float64{1e-4, 10, 1000} {
			for dims := 1; dims <= 3; dims++ {
				for _, n := range []int{1, 2, 16, 17, 300} {
					all, f := guarded(n * dims)
					y := points(n, dims, span)
					z := Repulsion(pool, dims, y, f, &s)
					wantF, phi := naiveDOF(dof, dims, y, y)
					want := sum(phi)
					if math.Abs(z-want) > bound*want+1e-36 {
						t.Errorf("dof %g span %g dims %d n %d: z = %g, want %g", dof, span, dims, n, z, want)
					}
					if e := worst(f, wantF, phi); e > bound*max(1, dof) {
						t.Errorf("dof %g span %g dims %d n %d: force error %g", dof, span, dims, n, e)
					}
					if e := rms(f, wantF); e > bound {
						t.Errorf("dof %g span %g dims %d n %d: relative force error %g", dof, span, dims, n, e)
					}
					if z := Z(pool, dims, y, &s); math.Abs(z-want) > bound*want+1e-36 {
						t.Errorf("dof %g span %g dims %d n %d: Z = %g, want %g", dof, span, dims, n, z, want)
					}
					guardsHold(t, all)
				}
				refs, targets := points(200, dims, span), points(77, dims, span)
				f, phi := make([]float32, len(targets)), make([]float32, 77)
				RepulsionAt(pool, dims, refs, targets, f, phi, &s)
				wantF, wantPhi := naiveDOF(dof, dims, refs, targets)
				if e := worst(f, wantF, wantPhi); e > bound*max(1, dof) {
					t.Errorf("dof %g span %g dims %d: force error %g at targets", dof, span, dims, e)
				}
			}
		}
	}
}

// One Scratch may change its kernel, back to dof 1 too.
func TestDOFSetsTheKernel(t *testing.T) {
	pool := par.New(1)
	defer pool.Close()
	y := points(100, 2, 10)
	run := func(s *Scratch) []float32 {
		f := make([]float32, len(y))
		Repulsion(pool, 2, y, f, s)
		return f
	}
	var s, plain Scratch
	for _, dof := range []float64{0, 2, 0.5, 1} {
		s.DOF = dof
		if got := run(&s); slices.Equal(got, run(&plain)) != (dof == 0 || dof == 1) {
			t.Errorf("dof %g: same as plain is %v", dof, !(dof == 0 || dof == 1))
		}
	}
}

func BenchmarkDOF(b *testing.B) {
	pool := par.New(1)
	defer pool.Close()
	y, f := points(1500, 2, 30), make([]float32, 3000)
	s := Scratch{DOF: 0.5}
	for b.Loop() {
		Repulsion(pool, 2, y, f, &s)
	}
}
