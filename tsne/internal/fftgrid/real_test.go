package fftgrid

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// clusters looks like a t-SNE map: discs of even density that nearly touch.
func clusters(rng *rand.Rand, n int, span float64) []float32 {
	y := make([]float32, 0, 2*n)
	k := 10
	var cx, cy, r [10]float64
	for i := range k {
		cx[i], cy[i] = rng.Float64()*span*0.8+span*0.1, rng.Float64()*span*0.8+span*0.1
		r[i] = span * (0.07 + 0.05*rng.Float64())
	}
	for i := range n {
		c := i % k
		for {
			a, b := 2*rng.Float64()-1, 2*rng.Float64()-1
			if a*a+b*b <= 1 {
				y = append(y, float32(cx[c]+r[c]*a-span/2), float32(cy[c]+r[c]*b-span/2))
				break
			}
		}
	}
	return y
}

func TestDense(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		n    int
		span float64
	}{{70000, 1e-3}, {70000, 5}, {70000, 30}, {70000, 100}, {70000, 170}, {70000, 250}, {10000, 80}, {2000, 40}, {1000000, 350}} {
		y := clusters(rng, c.n, c.span)
		g := New(pool, 2)
		f := make([]float32, 2*c.n)
		g.Repulsion(y, f)
		m := 1000
		want, _ := direct(y[:2*m], y, 2)
		t0 := time.Now()
		g.Repulsion(y, f)
		dt := time.Since(t0)
		fmt.Printf("n %d span %g: err %.2e  %v\n", c.n, c.span, relativeRMS(f[:2*m], want), dt)
	}
}

// ordered sorts the points along small tiles, as an optimiser would keep them.
func ordered(y []float32, span float64) []float32 {
	p := make([][2]float32, len(y)/2)
	for i := range p {
		p[i] = [2]float32{y[2*i], y[2*i+1]}
	}
	tile := func(a [2]float32) int {
		k := 0
		x, y := int((float64(a[0])/span+0.5)*255), int((float64(a[1])/span+0.5)*255)
		for b := 7; b >= 0; b-- {
			k = k<<2 | x>>b&1<<1 | y>>b&1
		}
		return k
	}
	slices.SortFunc(p, func(a, b [2]float32) int { return cmp.Compare(tile(a), tile(b)) })
	out := make([]float32, 0, len(y))
	for _, a := range p {
		out = append(out, a[0], a[1])
	}
	return out
}
