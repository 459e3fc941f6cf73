package vec

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

func withCPU(level cpu.Level, f func()) {
	defer func(was cpu.Level) { cpu.Use = was }(cpu.Use)
	cpu.Use = level
	f()
}

// paths are those of this machine, the portable one first.
func paths() (p []cpu.Level) {
	for l := cpu.Portable; l <= cpu.Best; l++ {
		p = append(p, l)
	}
	return
}

var nan = float32(math.NaN())

// guarded is a slice of n elements with guard values around it.
type guarded struct{ all, s []float32 }

func guard(n int) guarded {
	all := make([]float32, n+32)
	for i := range all {
		all[i] = nan
	}
	return guarded{all, all[16 : 16+n : 16+n]}
}

func (b guarded) intact(t *testing.T, name string) {
	t.Helper()
	for i, v := range b.all {
		if (i < 16 || i >= 16+len(b.s)) && v == v {
			t.Errorf("%s: wrote past the buffer, at %d of %d", name, i-16, len(b.s))
		}
	}
}

func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

// matrix is a random CSR matrix with rows of sizes[i%len(sizes)] entries.
func matrix(rng *rand.Rand, n int, sizes []int) (ptr []int64, col []int32, val []float32) {
	ptr = append(ptr, 0)
	for i := range n {
		for range sizes[i%len(sizes)] {
			col = append(col, int32(rng.IntN(n)))
			val = append(val, rng.Float32())
		}
		ptr = append(ptr, int64(len(col)))
	}
	// Entries past the end that no row owns.
	for range 16 {
		col, val = append(col, math.MaxInt32), append(val, nan)
	}
	return ptr, col[:ptr[n]], val[:ptr[n]]
}

var oddSizes = []int{0, 1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 150, 3, 64, 63}

func TestLog(t *testing.T) {
	for _, v := range []float64{0x1p-1022, 1e-300, 0.5, 0.7071, 0.70711, 0.999999, 1, 1 + 1e-16, 1 + 1e-15, 1 + 1e-8, 1.41421356, 1.4142136, 2, 3, 1e5, 1e300, math.MaxFloat64} {
		if d := math.Abs(Log(v) - math.Log(v)); d > 1e-15*max(1, math.Abs(math.Log(v))) {
			t.Errorf("log(%g) is off by %g", v, d)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 100000 {
		v := math.Exp(60*rng.Float64() - 30)
		if d := math.Abs(Log(v) - math.Log(v)); d > 1e-15*max(1, math.Abs(math.Log(v))) {
			t.Fatalf("log(%g) is off by %g", v, d)
		}
	}
}

func TestExp(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	worst := 0.0
	for i := range 200000 {
		x := 1417*rng.Float64() - 708
		if i%2 == 0 {
			x = -2 * rng.Float64()
		}
		worst = max(worst, math.Abs(Exp(x)/math.Exp(x)-1))
	}
	if worst > 1e-15 {
		t.Errorf("exp is off by %g relative", worst)
	}
	for x, want := range map[float64]float64{0: 1, math.Copysign(0, -1): 1, -708.1: 0, -1e300: 0, math.Inf(-1): 0} {
		if got := Exp(x); got != want {
			t.Errorf("exp(%g) = %g", x, got)
		}
	}
}

func TestGauss(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 2))
	for n := range 70 {
		for _, beta := range []float64{0, 1e-3, 1, 30, 800, 1e40} {
			d := make([]float64, n)
			for j := range d {
				d[j] = rng.Float64() * 3
			}
			if n > 3 {
				d[3] = 0
			}
			var first []float64
			var firstSums [3]float64
			for _, level := range paths() {
				withCPU(level, func() {
					w := make([]float64, n+8)
					for j := range w {
						w[j] = -1
					}
					s0, s1, s2 := Gauss(w[:n], d, beta)
					for _, v := range w[n:] {
						if v != -1 {
							t.Fatalf("n=%d: wrote past the end", n)
						}
					}
					sums := [3]float64{s0, s1, s2}
					if level == cpu.Portable {
						first, firstSums = w, sums
					}
					if !slices.Equal(w, first) || sums != firstSums {
						t.Fatalf("n=%d, beta=%g: %v differs from portable", n, beta, level)
					}
					var want [3]float64
					for j, x := range d {
						e := math.Exp(-beta * x)
						if math.Abs(w[j]-e) > 1e-14*e+1e-307 {
							t.Fatalf("exp(-%g*%g) = %g, want %g", beta, x, w[j], e)
						}
						want[0] += e
						want[1] += x * e
						want[2] += x * x * e
					}
					for i := range sums {
						if math.Abs(sums[i]-want[i]) > 1e-13*want[i]+1e-300 {
							t.Fatalf("n=%d, beta=%g: sum %d = %g, want %g", n, beta, i, sums[i], want[i])
						}
					}
				})
			}
		}
	}
}

func sign(x float64) int {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func TestUpdate(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 2))
	for dims := 1; dims <= 3; dims++ {
		for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 9, 16, 50, 101} {
			for _, maxStep := range []float32{0, 0.3, 1e30} {
				s := Step{Rate: 7, Momentum: 0.8, Exaggeration: 12, InvZ: 0.5, MaxStep: maxStep, MinGain: 0.01}
				draw := func() []float32 {
					v := make([]float32, n*dims)
					for i := range v {
						if rng.IntN(6) > 0 {
							v[i] = float32(rng.NormFloat64()) * 0.05
						}
					}
					return v
				}
				y0, v0, gains0, attract, repulse := draw(), draw(), draw(), draw(), draw()
				for i := range gains0 {
					gains0[i] = 0.1 + 5*gains0[i]*gains0[i]
				}
				lo := min(1, n-1)
				// The same in float64, statement by statement.
				y, v, gains := wide(y0), wide(v0), wide(gains0)
				var wantSum [3]float64
				var wantGrad2 float64
				for i := lo; i < n; i++ {
					norm := 0.0
					for d := range dims {
						e := i*dims + d
						// The sign of the gradient is that of the float32 one.
						grad := float64(float32(s.Exaggeration*attract[e]) - float32(s.InvZ*repulse[e]))
						if sign(v[e]) != sign(grad) {
							gains[e] += 0.2
						} else {
							gains[e] = gains[e]*0.8 + float64(s.MinGain)
						}
						v[e] = float64(s.Momentum)*v[e] - float64(s.Rate)*gains[e]*grad
						norm += v[e] * v[e]
						wantGrad2 += grad * grad
					}
					norm = math.Sqrt(norm)
					for d := range dims {
						e := i*dims + d
						if maxStep > 0 && norm > float64(maxStep) {
							v[e] = v[e] / norm * float64(maxStep)
						}
						y[e] += v[e]
						wantSum[d] += y[e]
					}
				}
				type result struct {
					y, v, gains []float32
					sum         [3]float64
					grad2       float64
				}
				var first *result
				for _, level := range paths() {
					withCPU(level, func() {
						a, b, c := guard(n*dims), guard(n*dims), guard(n*dims)
						copy(a.s, y0)
						copy(b.s, v0)
						copy(c.s, gains0)
						r := result{y: a.s, v: b.s, gains: c.s, sum: [3]float64{1, 2, 3}, grad2: 4}
						Update(s, dims, r.y, r.v, r.gains, attract, repulse, lo, n, &r.sum, &r.grad2)
						a.intact(t, "y")
						b.intact(t, "velocity")
						c.intact(t, "gains")
						if first == nil {
							first = &r
						}
						if !sameBits(r.y, first.y) || !sameBits(r.v, first.v) || !sameBits(r.gains, first.gains) ||
							r.sum != first.sum || r.grad2 != first.grad2 {
							t.Fatalf("dims %d, n %d: %v differs from portable", dims, n, level)
						}
						if sameBits(r.y[lo*dims:], y0[lo*dims:]) && n > 4 {
							t.Errorf("dims %d, n %d: nothing moved", dims, n)
						}
						for i := range r.y {
							for _, p := range [][2]float64{{float64(r.y[i]), y[i]}, {float64(r.v[i]), v[i]}, {float64(r.gains[i]), gains[i]}} {
								if math.Abs(p[0]-p[1]) > 1e-5*(math.Abs(p[1])+0.1) {
									t.Fatalf("dims %d, n %d, max %g: element %d: %v", dims, n, maxStep, i, p)
								}
							}
						}
						for d := range 3 {
							if got := r.sum[d] - float64(d+1); math.Abs(got-wantSum[d]) > 1e-4*float64(n) {
								t.Errorf("dims %d, n %d: sum of y = %g, want %g", dims, n, got, wantSum[d])
							}
						}
						if got := r.grad2 - 4; math.Abs(got-wantGrad2) > 1e-6*(wantGrad2+1) {
							t.Errorf("dims %d, n %d: grad2 = %g, want %g", dims, n, got, wantGrad2)
						}
					})
				}
			}
		}
	}
}

func wide(s []float32) []float64 {
	w := make([]float64, len(s))
	for i, v := range s {
		w[i] = float64(v)
	}
	return w
}

func TestShift(t *testing.T) {
	for dims := 1; dims <= 3; dims++ {
		y := make([]float32, 7*dims)
		for i := range y {
			y[i] = float32(i)
		}
		Shift(dims, y, 2, 6, [3]float64{0.5, 1, 2})
		for i, v := range y {
			want := float32(i)
			if i >= 2*dims && i < 6*dims {
				want -= [3]float32{0.5, 1, 2}[i%dims]
			}
			if v != want {
				t.Errorf("dims %d: y[%d] = %g, want %g", dims, i, v, want)
			}
		}
	}
}

func TestNoAllocation(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 100
	ptr, col, val := matrix(rng, n, oddSizes)
	var b [5][]float32
	for i := range b {
		b[i] = make([]float32, 3*n)
	}
	var sum [3]float64
	var grad2 float64
	for _, level := range paths() {
		withCPU(level, func() {
			if a := testing.AllocsPerRun(10, func() {
				for dims := 1; dims <= 3; dims++ {
					AttractKL(dims, b[3], b[0], ptr, col, val, 0, n)
					Update(Step{}, dims, b[0], b[1], b[2], b[3], b[4], 0, n, &sum, &grad2)
					Shift(dims, b[0], 0, n, [3]float64{})
				}
			}); a != 0 {
				t.Errorf("%v: %g allocations", level, a)
			}
		})
	}
}

// The same bits on every architecture: inputs are exact, the hash is fixed.
func TestGolden(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 2))
	const n = 300
	ptr, col, val := matrix(rng, n, oddSizes)
	for _, level := range paths() {
		withCPU(level, func() {
			rng := rand.New(rand.NewPCG(12, 2))
			h := fnv.New64a()
			put := func(v any) { binary.Write(h, binary.LittleEndian, v) }
			for dims := 1; dims <= 3; dims++ {
				var b [5][]float32
				for i := range b {
					b[i] = make([]float32, n*dims)
					for j := range b[i] {
						b[i][j] = float32(10*rng.Float32()) - 5
					}
				}
				put(AttractKL(dims, b[3], b[0], ptr, col, val, 0, n))
				var sum [3]float64
				var grad2 float64
				Update(Step{0.3, 0.8, 12, 0.1, 5, 0.01}, dims, b[0], b[1], b[2], b[3], b[4], 0, n, &sum, &grad2)
				put(b)
				put(sum)
				put(grad2)
			}
			d, w := make([]float64, 90), make([]float64, 90)
			for j := range d {
				d[j] = 5 * rng.Float64()
				put(Log(d[j]))
				put(Exp(d[j]))
			}
			s0, s1, s2 := Gauss(w, d, 1.7)
			put(w)
			put([]float64{s0, s1, s2})
			if got := h.Sum64(); got != 0x47204293e49b9edf {
				t.Errorf("%v: hash %#x", level, got)
			}
		})
	}
}

// TestPart: every path unpacks the same, and writes nothing beyond.
func TestPart(t *testing.T) {
	levels := [2]float32{0.25, -3}
	for _, level := range paths() {
		withCPU(level, func() {
			for n := range 40 {
				packed, col, val := make([]int32, n), make([]int32, n+1), make([]float32, n+1)
				for e := range packed {
					packed[e] = int32(e*e) | int32(e%3/2)<<31
				}
				col[n], val[n] = -7, -7
				Part(col, val, packed, &levels)
				for e, p := range packed {
					want := levels[0]
					if p < 0 {
						want = levels[1]
					}
					if col[e] != int32(e*e) || val[e] != want {
						t.Fatalf("%v: entry %d of %d is %d, %g, want %d, %g", level, e, n, col[e], val[e], e*e, want)
					}
				}
				if col[n] != -7 || val[n] != -7 {
					t.Fatalf("%v: %d entries: written beyond", level, n)
				}
			}
		})
	}
}

// TestWiden: every path gives the same, off by no more than a part in 4,096 where the form reaches, and writes nothing beyond.
func TestWiden(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, most := range []float32{1, 1e-3, 3e-9} {
		form := ShortOf(most)
		values := []float32{most, most / 3, most * 0x1p-31, most * 0x1p-40, 0}
		for range 200 {
			values = append(values, most*float32(math.Exp(-20*r.Float64())))
		}
		short := make([]uint16, len(values))
		for i, v := range values {
			short[i] = form.Of(v)
			got, floor := float64(form.Value(short[i])), float64(form.Value(0))
			if off := math.Abs(got - float64(v)); off > float64(v)/4096 && float64(v) > floor || float64(v) <= floor && got != floor {
				t.Fatalf("%g is %g, of at most %g", v, got, most)
			}
			if again := form.Of(form.Value(short[i])); again != short[i] {
				t.Fatalf("%g: %d becomes %d", v, short[i], again)
			}
		}
		if form.Value(0) > most*0x1p-31 || form.Value(short[0]) < most*(1-0x1p-12) {
			t.Fatalf("of at most %g: %g to %g", most, form.Value(0), form.Value(short[0]))
		}
		for _, level := range paths() {
			withCPU(level, func() {
				for n := range min(40, len(values)) {
					val := make([]float32, n+1)
					val[n] = -7
					form.Widen(val, short[:n])
					for e, s := range short[:n] {
						if val[e] != form.Value(s) {
							t.Fatalf("%v: value %d of %d is %g, want %g", level, e, n, val[e], form.Value(s))
						}
					}
					if val[n] != -7 {
						t.Fatalf("%v: %d values: written beyond", level, n)
					}
				}
			})
		}
	}
}
