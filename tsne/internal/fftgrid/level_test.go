package fftgrid

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// TestConvolution compares a level with the sum over lattice nodes, for every
// period, as either axis. The level's kernel is such that the splines
// through its result at the nodes of spline charges give the Gaussian back.
func TestConvolution(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	const step = 0.5
	list := []node{{0.03 / (step * step), 0.7}, {1e-4 / (step * step), 0.4}, {0, -0.2}}
	kernel := func(dx, dy int) float64 {
		s := 0.0
		for _, nd := range list {
			s += nd.weight * math.Exp(-nd.rate*step*step*float64(dx*dx+dy*dy))
		}
		return s
	}
	cache := plans{}
	run := func(nx, ny int) {
		rng := newRand(uint64(nx*10000 + ny))
		v := &level{}
		mx, my := 1, (ny-foldMargin)/2
		if nx > 1 {
			mx = (nx - foldMargin) / 2
		}
		v.shape(nx, ny, mx, my)
		v.install(pool, cache, list, step)
		data := make([]float32, v.pitch*my)
		type charge struct {
			x, y int
			q    float64
		}
		var charges []charge
		for range 6 {
			c := charge{rng.IntN(mx), rng.IntN(my), rng.NormFloat64()}
			charges = append(charges, c)
			data[c.y*v.pitch+c.x] += float32(c.q)
		}
		// Corners need the longest lags.
		for _, c := range []charge{{0, 0, 1}, {mx - 1, my - 1, -1}} {
			charges = append(charges, c)
			data[c.y*v.pitch+c.x] += float32(c.q)
		}
		v.convolve(pool, data)
		// smear applies the spline's samples along y, then x, twice each.
		b := [5]float64{1. / 36, 8. / 36, 18. / 36, 8. / 36, 1. / 36}
		smear := func(x, y int) float64 {
			s := 0.0
			for i, wy := range b {
				row := data[(y+i-2)*v.pitch:]
				if nx == 1 {
					s += wy * float64(row[0])
					continue
				}
				for j, wx := range b {
					s += wy * wx * float64(row[x+j-2])
				}
			}
			return s
		}
		for range 60 {
			x, y := 0, 2+rng.IntN(my-4)
			if nx > 1 {
				x = 2 + rng.IntN(mx-4)
			}
			want := 0.0
			for _, c := range charges {
				want += c.q * kernel(x-c.x, y-c.y)
			}
			if got := smear(x, y); !(math.Abs(got-want) <= 1e-5) {
				t.Fatalf("period %dx%d: %v at %d,%d, want %v", nx, ny, got, x, y, want)
			}
		}
	}
	for _, p := range Sizes(4096) {
		if p >= 32 {
			run(48, p)
			run(p, 32)
			run(1, p)
		}
	}
	run(240, 400)
	run(1, 1<<17)
}

func TestKernelIsASumOfGaussians(t *testing.T) {
	for _, dof := range []float64{0.05, 0.3, 0.5, 1, 2, 5, 40, 1000} {
		bound := 1e-6
		if dof < 1 { // what is too slow to be seen weighs more
			bound = 5e-5
		}
		fast, slow := nodes(dof, 0.1, math.Inf(1), 0), nodes(dof, 0, 0.1, 500)
		for d := 0.0; d < 500; d = d*1.1 + 0.01 {
			s := 0.0
			for _, nd := range append(fast, slow...) {
				s += nd.weight * math.Exp(-nd.rate*d*d)
			}
			if want := math.Pow(1+d*d/dof, -dof); math.Abs(s-want) > bound*want+1e-12 {
				t.Errorf("dof %g: %v at %v, want %v", dof, s, d, want)
			}
		}
	}
}

// The stages are the transform of their definition.
func TestPlanEvaluatesPolynomials(t *testing.T) {
	for _, n := range []int{8, 16, 24, 40, 60, 72, 80, 120, 200, 360} {
		for _, phase := range []float64{0, 0.75} {
			p := newPlan[float64](n, phase)
			rng := rand.New(rand.NewPCG(uint64(n), 1))
			buf := make([]float64, n*element)
			for i := range buf {
				buf[i] = rng.NormFloat64()
			}
			in := append([]float64(nil), buf...)
			p.forward(buf)
			for s, f := range p.freq {
				// exp(-2πi·f·n) must be exp(-2πi·phase).
				if r := f*float64(n) - phase; math.Abs(r-math.Round(r)) > 1e-9 {
					t.Fatalf("n %d phase %v: slot %d has frequency %v", n, phase, s, f)
				}
				for l := range lanes {
					re, im := 0.0, 0.0
					for j := range n {
						sin, cos := math.Sincos(-2 * math.Pi * f * float64(j))
						a, b := in[j*element+l], in[j*element+lanes+l]
						re, im = re+a*cos-b*sin, im+a*sin+b*cos
					}
					if math.Hypot(re-buf[s*element+l], im-buf[s*element+lanes+l]) > 1e-11*float64(n) {
						t.Fatalf("n %d phase %v: slot %d lane %d is wrong", n, phase, s, l)
					}
				}
			}
		}
	}
}
