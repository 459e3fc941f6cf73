package direct

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// points are clusters of several scales, one coincident pair among them.
func points(n, dims int, span float64) []float32 {
	r := rand.New(rand.NewPCG(uint64(n), uint64(dims)))
	y := make([]float32, n*dims)
	centre := make([]float64, dims)
	for i := range n {
		if i%37 == 0 {
			for d := range centre {
				centre[d] = (r.Float64() - 0.5) * span
			}
		}
		for d := range dims {
			y[i*dims+d] = float32(centre[d] + r.NormFloat64()*span/100)
		}
	}
	if n > 3 {
		copy(y[2*dims:3*dims], y[:dims])
	}
	return y
}

// naive is the definition, in float64; self excluded where the slices are one.
func naive(dims int, refs, targets []float32) (force, phi []float64) {
	same := len(refs) > 0 && &refs[0] == &targets[0]
	force = make([]float64, len(targets))
	phi = make([]float64, len(targets)/dims)
	for i := range phi {
		for j := range len(refs) / dims {
			if same && i == j {
				continue
			}
			d2 := 0.0
			for d := range dims {
				v := float64(targets[i*dims+d]) - float64(refs[j*dims+d])
				d2 += v * v
			}
			q := 1 / (1 + d2)
			phi[i] += q
			for d := range dims {
				force[i*dims+d] += q * q * (float64(targets[i*dims+d]) - float64(refs[j*dims+d]))
			}
		}
	}
	return
}

func sum(v []float64) (s float64) {
	for _, x := range v {
		s += x
	}
	return
}

// worst is the largest error of a force in units of what rounding may do to it:
// the terms of point i add up to less than phi[i] in size.
func worst(got []float32, want, phi []float64) float64 {
	dims, w := len(want)/len(phi), 0.0
	for i := range want {
		w = math.Max(w, math.Abs(float64(got[i])-want[i])/(phi[i/dims]+1e-30))
	}
	return w
}

// rms is the error of the whole field, relative.
func rms(got []float32, want []float64) float64 {
	e, s := 0.0, 1e-60
	for i := range want {
		e += (float64(got[i]) - want[i]) * (float64(got[i]) - want[i])
		s += want[i] * want[i]
	}
	return math.Sqrt(e / s)
}

func guarded(n int) (all, inner []float32) {
	all = make([]float32, n+32)
	for i := range all {
		all[i] = float32(math.NaN())
	}
	return all, all[16 : 16+n : 16+n]
}

func guardsHold(t *testing.T, all []float32) {
	t.Helper()
	for i := range 16 {
		if all[i] == all[i] || all[len(all)-1-i] == all[len(all)-1-i] {
			t.Fatal("written outside the slice")
		}
	}
}

func onPaths(t *testing.T, f func(t *testing.T)) {
	was := cpu.Use
	defer func() { cpu.Use = was }()
	for l := cpu.Portable; l <= cpu.Best; l++ {
		cpu.Use = l
		t.Run(l.String(), f)
	}
}

var sizes = []int{1, 2, 3, 4, 15, 16, 17, 31, 33, 255, 257, 300, 777}

func TestAgainstNaive(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	onPaths(t, func(t *testing.T) {
		var s Scratch
		for _, span := range []float64{1e-4, 10, 1000} {
			for dims := 1; dims <= 3; dims++ {
				for _, n := range sizes {
					all, y := guarded(n * dims)
					copy(y, points(n, dims, span))
					allF, f := guarded(n * dims)
					z := Repulsion(pool, dims, y, f, &s)
					wantF, phi := naive(dims, y, y)
					want := sum(phi)
					if math.Abs(z-want) > 4e-7*want {
						t.Errorf("span %g dims %d n %d: z = %g, want %g", span, dims, n, z, want)
					}
					if e := worst(f, wantF, phi); e > 3e-6 {
						t.Errorf("span %g dims %d n %d: force error %g", span, dims, n, e)
					}
					if e := rms(f, wantF); e > 3e-6 {
						t.Errorf("span %g dims %d n %d: relative force error %g", span, dims, n, e)
					}
					if z := Z(pool, dims, y, &s); math.Abs(z-want) > 4e-7*want {
						t.Errorf("span %g dims %d n %d: Z = %g, want %g", span, dims, n, z, want)
					}
					guardsHold(t, all)
					guardsHold(t, allF)
				}
			}
		}
	})
}

func TestAtAgainstNaive(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	onPaths(t, func(t *testing.T) {
		var s Scratch
		for dims := 1; dims <= 3; dims++ {
			for _, m := range sizes {
				refs, targets := points(500, dims, 20), points(m, dims, 30)
				copy(targets[:dims], refs[7*dims:]) // a target on a reference still feels it
				allF, f := guarded(m * dims)
				allPhi, phi := guarded(m)
				z := RepulsionAt(pool, dims, refs, targets, f, phi, &s)
				wantF, wantPhi := naive(dims, refs, targets)
				if e := worst(f, wantF, wantPhi); e > 3e-6 {
					t.Errorf("dims %d m %d: force error %g", dims, m, e)
				}
				for i, w := range wantPhi {
					if math.Abs(float64(phi[i])-w) > 1e-6*w {
						t.Fatalf("dims %d m %d: phi[%d] = %g, want %g", dims, m, i, phi[i], w)
					}
				}
				if w := sum(wantPhi); math.Abs(z-w) > 1e-6*w {
					t.Errorf("dims %d m %d: sum of phi %g, want %g", dims, m, z, w)
				}
				guardsHold(t, allF)
				guardsHold(t, allPhi)
			}
		}
	})
}

func TestFarPointsKeepZ(t *testing.T) {
	pool := par.New(1)
	defer pool.Close()
	onPaths(t, func(t *testing.T) {
		var s Scratch
		f := make([]float32, 4)
		// The term of a point with itself, 1, would drown 1e-8.
		z := Repulsion(pool, 2, []float32{0, 0, 1e4, 0}, f, &s)
		if want := 2 / (1 + 1e8); math.Abs(z-want) > 1e-7*want {
			t.Errorf("z = %g, want %g", z, want)
		}
		Repulsion(pool, 2, []float32{-1e30, 0, 1e30, 0}, f, &s)
		for _, v := range f {
			if v != 0 {
				t.Errorf("force %v of points out of sight of each other", f)
			}
		}
	})
}

func TestNoPoints(t *testing.T) {
	pool := par.New(1)
	defer pool.Close()
	var s Scratch
	if z := Repulsion(pool, 2, nil, nil, &s); z != 0 {
		t.Error(z)
	}
	if z := Z(pool, 3, nil, &s); z != 0 {
		t.Error(z)
	}
	f, phi := []float32{5, 5}, []float32{5}
	if z := RepulsionAt(pool, 2, nil, []float32{1, 2}, f, phi, &s); z != 0 || f[0] != 0 || f[1] != 0 || phi[0] != 0 {
		t.Error(z, f, phi)
	}
}

// TestSameBits runs every sum on every path and several pools.
func TestSameBits(t *testing.T) {
	was := cpu.Use
	defer func() { cpu.Use = was }()
	for dims := 1; dims <= 3; dims++ {
		for _, n := range sizes {
			y, refs := points(n, dims, 15), points(600, dims, 15)
			var first []uint64
			for _, workers := range []int{1, 2, 3, 8} {
				pool := par.New(workers)
				for l := cpu.Portable; l <= cpu.Best; l++ {
					cpu.Use = l
					var s Scratch
					f, g, phi := make([]float32, n*dims), make([]float32, n*dims), make([]float32, n)
					got := []uint64{
						math.Float64bits(Repulsion(pool, dims, y, f, &s)),
						math.Float64bits(Z(pool, dims, y, &s)),
						math.Float64bits(RepulsionAt(pool, dims, refs, y, g, phi, &s)),
					}
					for _, v := range [][]float32{f, g, phi} {
						for _, x := range v {
							got = append(got, uint64(math.Float32bits(x)))
						}
					}
					if first == nil {
						first = got
					}
					for i := range got {
						if got[i] != first[i] {
							t.Fatalf("dims %d n %d workers %d %v: value %d differs", dims, n, workers, l, i)
						}
					}
				}
				pool.Close()
			}
		}
	}
}

func TestWeightedIsRepeated(t *testing.T) {
	onPaths(t, func(t *testing.T) {
		for dims := 1; dims <= 3; dims++ {
			y := points(Lanes, dims, 5)
			var tg Targets
			tg.Load(dims, y, dims)
			var heavy, often Sums
			var src []float32
			for j := range 300 {
				p := [4]float32{float32(j) / 50, 1, float32(j%7) / 3, float32(1 + j%3)}
				src = append(src, p[:]...)
				for range 1 + j%3 {
					often.Add(dims, &tg, p[:], 4)
				}
			}
			heavy.AddWeighted(dims, &tg, src)
			for l := range Lanes {
				if math.Abs(heavy.Z[l]-often.Z[l]) > 1e-6*often.Z[l] {
					t.Fatalf("dims %d: z %g, want %g", dims, heavy.Z[l], often.Z[l])
				}
				for d := range dims {
					if math.Abs(heavy.F[d][l]-often.F[d][l]) > 1e-5*often.Z[l] {
						t.Fatalf("dims %d: force %g, want %g", dims, heavy.F[d][l], often.F[d][l])
					}
				}
			}
		}
	})
}

// TestKernelBits compares the kernels one by one, with sources that NaNs fence.
func TestKernelBits(t *testing.T) {
	was := cpu.Use
	defer func() { cpu.Use = was }()
	if cpu.Best < cpu.SIMD {
		t.Skip("no vectors here")
	}
	for dims := 1; dims <= 3; dims++ {
		for _, m := range sizes {
			_, src := guarded(4 * m)
			copy(src, points(4*m, 1, 10))
			var tg Targets
			tg.Load(dims, points(Lanes, dims, 10), dims)
			kernels := map[string]func(s *Sums){
				"add":      func(s *Sums) { s.Add(dims, &tg, src[:m*dims], dims) },
				"add4":     func(s *Sums) { s.Add(dims, &tg, src, 4) },
				"weighted": func(s *Sums) { s.AddWeighted(dims, &tg, src) },
				"z":        func(s *Sums) { s.addZ(dims, &tg, src[:m*dims]) },
				"self":     func(s *Sums) { s.AddSelf(dims, &tg, src[:4*min(m, Lanes)], 4) },
			}
			for name, k := range kernels {
				var start Sums
				start.Z[3], start.F[0][3] = 1, 2
				want := start
				cpu.Use = cpu.Portable
				k(&want)
				for l := cpu.SIMD; l <= cpu.Best; l++ {
					got := start
					cpu.Use = l
					k(&got)
					if got != want { // neither has NaN
						t.Fatalf("%v %s dims %d m %d:\n%v\nwant\n%v", l, name, dims, m, got, want)
					}
				}
			}
		}
	}
}

func TestWarmCallsDoNotAllocate(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	y := points(500, 2, 10)
	f := make([]float32, len(y))
	var s Scratch
	Repulsion(pool, 2, y, f, &s)
	if a := testing.AllocsPerRun(10, func() {
		Repulsion(pool, 2, y, f, &s)
		Z(pool, 2, y, &s)
	}); a > 0 {
		t.Errorf("%v allocations", a)
	}
}

func BenchmarkRepulsion(b *testing.B) {
	for _, c := range []struct{ n, dims int }{{1797, 1}, {1797, 2}, {1797, 3}, {20000, 2}, {70000, 2}} {
		y := points(c.n, c.dims, 100)
		f := make([]float32, len(y))
		var s Scratch
		pool := par.New(0)
		b.Run(fmt.Sprintf("n=%d/dims=%d", c.n, c.dims), func(b *testing.B) {
			for b.Loop() {
				Repulsion(pool, c.dims, y, f, &s)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(c.n)/float64(c.n), "ns/pair")
		})
		b.Run(fmt.Sprintf("z/n=%d/dims=%d", c.n, c.dims), func(b *testing.B) {
			for b.Loop() {
				Z(pool, c.dims, y, &s)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(c.n)/float64(c.n), "ns/pair")
		})
		pool.Close()
	}
}
