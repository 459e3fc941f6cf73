package tsne_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// klOf is the divergence by its definition, in float64 over all pairs.
func klOf(p *tsne.Affinities, y []float64, dims int) float64 {
	w := func(i, j int) float64 {
		sum := 1.0
		for c := range dims {
			d := y[i*dims+c] - y[j*dims+c]
			sum += d * d
		}
		return 1 / sum
	}
	z, kl := 0.0, 0.0
	for i := range p.N {
		for j := range p.N {
			if i != j {
				z += w(i, j)
			}
		}
	}
	for i := range p.N {
		for e := p.Ptr[i]; e < p.Ptr[i+1]; e++ {
			v := float64(p.Val[e])
			kl += v * math.Log(v/(w(i, int(p.Col[e]))/z))
		}
	}
	return kl
}

func TestGradientIsTheDerivativeOfKL(t *testing.T) {
	for dims := 1; dims <= 3; dims++ {
		const n = 60
		p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, blobs(n, 5, 3, 1), tsne.Options{Perplexity: 7}))
		y := scatter(n, dims, 2, uint64(dims))
		grad, kl, err := tsne.Gradient(ctx, p, y, tsne.Options{Dims: dims, Repulsion: tsne.RepulsionExact})
		if err != nil {
			t.Fatal(err)
		}
		at := make([]float64, len(y))
		for i, v := range y {
			at[i] = float64(v)
		}
		if want := klOf(p, at, dims); math.Abs(kl-want) > 1e-5*want {
			t.Errorf("%d-D: KL %v, by definition %v", dims, kl, want)
		}
		diff := make([]float32, len(y))
		for i := range at {
			const h = 1e-5
			keep := at[i]
			at[i] = keep + h
			up := klOf(p, at, dims)
			at[i] = keep - h
			diff[i] = float32((up - klOf(p, at, dims)) / (2 * h))
			at[i] = keep
		}
		if off := relativeRMS(grad, diff); off > 1e-4 {
			t.Errorf("%d-D: gradient differs from finite differences by %g, want 1e-4", dims, off)
		}
	}
}

func TestRepulsionMethodsAgree(t *testing.T) {
	const n = 3000
	for dims := 1; dims <= 3; dims++ {
		p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, blobs(n, 5, 20, 1), tsne.Options{}))
		for _, spread := range []float64{1e-4, 1, 10, 40, 1e4, 1e9} {
			y := scatter(n, dims, spread, 3)
			// Repulsion alone: an attraction that is the same in both cancels.
			exact, kl, err := tsne.Gradient(ctx, p, y, tsne.Options{Dims: dims, Repulsion: tsne.RepulsionExact})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct {
				o     tsne.Options
				bound float64
			}{
				{tsne.Options{Repulsion: tsne.RepulsionBarnesHut, Theta: 0.2}, 5e-3},
				{tsne.Options{Repulsion: tsne.RepulsionBarnesHut, Theta: 0.5}, 5e-2},
				{tsne.Options{Repulsion: tsne.RepulsionFFT}, 6.5e-3},
			} {
				c.o.Dims = dims
				if c.o.Repulsion == tsne.RepulsionFFT && dims == 3 {
					continue
				}
				got, gotKL, err := tsne.Gradient(ctx, p, y, c.o)
				name := fmt.Sprintf("%d-D, spread %g, method %d, theta %g", dims, spread, c.o.Repulsion, c.o.Theta)
				if err != nil {
					t.Fatal(name, err)
				}
				if off := relativeRMS(got, exact); off > c.bound {
					t.Errorf("%s: gradient off by %.2g, want %.2g", name, off, c.bound)
				}
				if math.Abs(gotKL-kl) > 0.01*math.Abs(kl) {
					t.Errorf("%s: KL %v, exact %v", name, gotKL, kl)
				}
			}
		}
	}
}
