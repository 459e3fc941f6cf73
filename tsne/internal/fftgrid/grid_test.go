package fftgrid

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// direct is the oracle: forces and potentials, self included, in float64.
func direct(targets, sources []float32, dims int) (force, phi []float64) {
	n := len(targets) / dims
	force, phi = make([]float64, n*dims), make([]float64, n)
	for i := range n {
		for j := range len(sources) / dims {
			var d [2]float64
			r := 1.0
			for a := range dims {
				d[a] = float64(targets[i*dims+a]) - float64(sources[j*dims+a])
				r += d[a] * d[a]
			}
			k := 1 / r
			phi[i] += k
			for a := range dims {
				force[i*dims+a] += d[a] * k * k
			}
		}
	}
	return
}

func relativeRMS(got []float32, want []float64) float64 {
	var e, s float64
	for i, w := range want {
		d := float64(got[i]) - w
		e += d * d
		s += w * w
	}
	return math.Sqrt(e / s)
}

// scatter gives n points that fill a box of the given widths to its edges, a
// third of them in clumps, so that near and far pairs both count.
func scatter(rng *rand.Rand, n int, widths ...float64) []float32 {
	y := make([]float32, 0, n*len(widths))
	for i := range n {
		for a, w := range widths {
			v := rng.Float64() * w
			switch {
			case i == 0:
				v = 0
			case i == 1:
				v = w
			case i%3 == 0:
				v = float64(y[(i-1)*len(widths)+a]) + w/2 + rng.NormFloat64()*min(w/8, 0.7)
			}
			y = append(y, float32(min(w, max(0, v))-w/2))
		}
	}
	return y
}

func check(t *testing.T, g *Grid, y []float32, dims int, tol float64) {
	t.Helper()
	n := len(y) / dims
	force, phi := make([]float32, n*dims), make([]float32, n)
	wantF, wantP := direct(y, y, dims)
	z := g.Repulsion(y, force)
	e := relativeRMS(force, wantF)
	if !(e <= tol) {
		t.Errorf("n %d, fine %dx%d coarse %dx%d two %v: force error %.2e", n, g.fine.nx, g.fine.ny, g.coarse.nx, g.coarse.ny, g.two, e)
	}
	want := 0.0
	for _, p := range wantP {
		want += p
	}
	want -= float64(n)
	if d := math.Abs(z-want) / (want + float64(n)); !(d <= tol) {
		t.Errorf("n %d, fine %dx%d: z %v want %v", n, g.fine.nx, g.fine.ny, z, want)
	}
	g.Load(y)
	g.Eval(y, force, phi)
	if e2 := relativeRMS(force, wantF); !(e2 <= 0.04) {
		t.Errorf("Eval error %.2e, Repulsion %.2e", e2, e)
	}
	if e := relativeRMS(phi, wantP); !(e <= tol) {
		t.Errorf("n %d, fine %dx%d: potential error %.2e", n, g.fine.nx, g.fine.ny, e)
	}
	if testing.Verbose() {
		fmt.Printf("dims %d step %.4g fine %dx%d coarse %dx%d two %v: force %.2e z %.2e\n", dims, 1/g.inv, g.fine.nx, g.fine.ny, g.coarse.nx, g.coarse.ny, g.two, e, z/want-1)
	}
}

func TestSmoke(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	rng := rand.New(rand.NewPCG(1, 2))
	for _, dims := range []int{1, 2} {
		g := New(pool, dims)
		for _, w := range []float64{1e-4, 1e-3, 0.1, 1, 3, 6, 12, 20, 22, 30, 60, 100, 200, 400, 1000} {
			check(t, g, scatter(rng, 1500, []float64{w, w * 0.8}[:dims]...), dims, 4e-2)
		}
	}
}
