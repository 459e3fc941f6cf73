package tsne

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// spreads draws n rows of Gaussian classes whose standard deviations go from
// 0.3 to 5; row i is of class i % classes.
func spreads(n, d, classes int) Matrix {
	r := rand.New(rand.NewPCG(5, 6))
	x := Matrix{Data: make([]float32, n*d), Rows: n, Cols: d}
	centre := make([]float64, classes*d)
	for i := range centre {
		centre[i] = 20 * r.NormFloat64()
	}
	for i := range x.Data {
		class := i / d % classes
		sd := 0.3 * math.Pow(5/0.3, float64(class)/float64(classes-1))
		x.Data[i] = float32(centre[class*d+i%d] + sd*r.NormFloat64())
	}
	return x
}

func pearson(a, b []float32) float64 {
	var ma, mb, aa, bb, ab float64
	for i := range a {
		ma += float64(a[i]) / float64(len(a))
		mb += float64(b[i]) / float64(len(a))
	}
	for i := range a {
		x, y := float64(a[i])-ma, float64(b[i])-mb
		aa, bb, ab = aa+x*x, bb+y*y, ab+x*y
	}
	return ab / math.Sqrt(aa*bb)
}

// objective is the divergence less lambda times the correlation, by their
// definitions.
func objective(p *Affinities, data []float64, y []float64, dims int, lambda, shift float64) float64 {
	d2 := func(i, j int) (sum float64) {
		for c := range dims {
			sum += (y[i*dims+c] - y[j*dims+c]) * (y[i*dims+c] - y[j*dims+c])
		}
		return
	}
	z, kl := 0.0, 0.0
	for i := range p.N {
		for j := range p.N {
			if i != j {
				z += 1 / (1 + d2(i, j))
			}
		}
	}
	mapped := make([]float64, p.N)
	for i := range p.N {
		var sum, weight float64
		for e := p.Ptr[i]; e < p.Ptr[i+1]; e++ {
			v, dist2 := float64(p.Val[e]), d2(i, int(p.Col[e]))
			kl += v * math.Log(v*(1+dist2)*z)
			sum += dist2 / (1 + dist2)
			weight += 1 / (1 + dist2)
		}
		mapped[i] = math.Log(sum/weight + leastRadius)
	}
	moments := func(v []float64) (mean, variance float64) {
		for _, x := range v {
			mean += x / float64(len(v))
		}
		for _, x := range v {
			variance += (x - mean) * (x - mean) / float64(len(v)-1)
		}
		return
	}
	dm, dv := moments(data)
	mm, mv := moments(mapped)
	cov := 0.0
	for i := range data {
		cov += (data[i] - dm) * (mapped[i] - mm) / float64(p.N-1)
	}
	return kl - lambda*cov/math.Sqrt(dv*(mv+shift))
}

// dataRadii are the log radii by their definition, from the rows themselves.
func dataRadii(x Matrix, p *Affinities) []float64 {
	r := make([]float64, p.N)
	for i := range r {
		var sum, weight float64
		for e := p.Ptr[i]; e < p.Ptr[i+1]; e++ {
			j, d2 := int(p.Col[e]), 0.0
			for c := range x.Cols {
				d := float64(x.Data[i*x.Cols+c]) - float64(x.Data[j*x.Cols+c])
				d2 += d * d
			}
			sum += float64(p.Val[e]) * d2
			weight += float64(p.Val[e])
		}
		r[i] = math.Log(sum / weight)
	}
	return r
}

func TestDensityGradientIsTheDerivative(t *testing.T) {
	ctx := context.Background()
	const n = 60
	x := spreads(n, 4, 3)
	for dims := 1; dims <= 3; dims++ {
		for _, reordered := range []bool{false, true} {
			const lambda, shift, exaggeration = 3.0, 0.2, 1.0
			o := Options{Dims: dims, Perplexity: 7, DensityLambda: lambda, DensityShift: shift, Repulsion: RepulsionExact}
			p, err := AffinitiesOf(ctx, x, o)
			if err != nil {
				t.Fatal(err)
			}
			data := dataRadii(x, p)
			for i, r := range p.radius {
				// Distances may be scaled by a power of two.
				if off := float64(r-p.radius[0]) - (data[i] - data[0]); math.Abs(off) > 1e-5 {
					t.Fatalf("radius %d is off by %g", i, off)
				}
			}
			r := rand.New(rand.NewPCG(1, uint64(dims)))
			y := make([]float32, n*dims)
			for i := range y {
				y[i] = float32(2 * r.NormFloat64())
			}
			e, err := NewEmbedding(p, y, o)
			if err != nil {
				t.Fatal(err)
			}
			j := begin(ctx, &e.o)
			if reordered {
				e.reorder(j.pool)
			}
			d, err := newDescent(j, e)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(d.forces(true), d.density.add(d, exaggeration)); err != nil {
				t.Fatal(err)
			}
			at := make([]float64, len(y))
			for i, v := range y {
				at[i] = float64(v)
			}
			var off, size, plain float64
			for i := range n {
				for c := range dims {
					const h = 1e-5
					to := e.row(i)*dims + c
					slope := func(lambda float64) float64 {
						keep := at[to]
						at[to] = keep + h
						up := objective(p, data, at, dims, lambda, shift)
						at[to] = keep - h
						down := objective(p, data, at, dims, lambda, shift)
						at[to] = keep
						return (up - down) / (2 * h)
					}
					want := slope(lambda)
					got := 4 * (float64(d.attract[i*dims+c]) - float64(d.repulse[i*dims+c])/d.z)
					off += (got - want) * (got - want)
					size += want * want
					plain += (slope(0) - want) * (slope(0) - want)
				}
			}
			if rel := math.Sqrt(off / size); rel > 1e-4 || plain < 0.01*size {
				t.Errorf("%d-D, reordered %v: gradient off by %g of its size; density's share %g", dims, reordered, rel, math.Sqrt(plain/size))
			}
			corr, err := d.density.correlation(d)
			if err != nil {
				t.Fatal(err)
			}
			if want := (objective(p, data, at, dims, 0, shift) - objective(p, data, at, dims, 1, shift)); math.Abs(corr-want) > 1e-6 {
				t.Errorf("%d-D: correlation %g, by definition %g", dims, corr, want)
			}
			j.end(&err)
		}
	}
}

func TestDensityIsPreserved(t *testing.T) {
	ctx := context.Background()
	x := spreads(5000, 10, 8) // large enough to be re-ordered
	p, err := AffinitiesOf(ctx, x, Options{DensityLambda: 1})
	if err != nil {
		t.Fatal(err)
	}
	y0, err := Initialize(ctx, x, Options{})
	if err != nil {
		t.Fatal(err)
	}
	fit := func(o Options) (corr, kl float64) {
		e, err := NewEmbedding(p, y0, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, ph := range e.o.phases() {
			if err := e.Optimize(ctx, Phase{Iterations: ph.Iterations, Exaggeration: ph.Exaggeration, Momentum: ph.Momentum}); err != nil {
				t.Fatal(err)
			}
		}
		data, mapped, err := e.LogRadii()
		if err != nil {
			t.Fatal(err)
		}
		return pearson(data, mapped), e.KL()
	}
	plain, plainKL := fit(Options{})
	t.Logf("lambda 0: correlation %.3f, KL %.4f", plain, plainKL)
	for _, c := range []struct{ lambda, corr, cost float64 }{{0.1, 0.45, 0.015}, {0.5, 0.8, 0.08}} {
		corr, kl := fit(Options{DensityLambda: c.lambda})
		t.Logf("lambda %g: correlation %.3f, KL %.4f", c.lambda, corr, kl)
		if corr < c.corr || corr < plain+0.3 || kl > plainKL*(1+c.cost) {
			t.Errorf("lambda %g: correlation %.3f after %.3f, KL %.4f after %.4f", c.lambda, corr, plain, kl, plainKL)
		}
	}
}

func TestDensityOfFit(t *testing.T) {
	ctx := context.Background()
	x := spreads(700, 6, 4)
	for i := range 150 { // rows that coincide with all their neighbours
		copy(x.Data[6*i:6*i+6], x.Data[:6])
	}
	o := Options{DensityLambda: 0.1, EarlyIterations: 60, Iterations: 90, DensityFraction: 1}
	var first []float32
	for _, threads := range []int{1, 2, 5} {
		o.Threads = threads
		e, err := Fit(ctx, x, o)
		if err != nil {
			t.Fatal(err)
		}
		y := e.Y()
		for _, v := range y {
			if v-v != 0 {
				t.Fatal("the map is not finite")
			}
		}
		if first == nil {
			first = y
		}
		if !slices.Equal(first, y) {
			t.Errorf("%d threads give another map", threads)
		}
	}
}

func TestDensityNeedsRadii(t *testing.T) {
	ctx := context.Background()
	x := spreads(200, 5, 3)
	whole, err := AffinitiesOf(ctx, x, Options{Perplexity: 10})
	if err != nil {
		t.Fatal(err)
	}
	p, err := AffinitiesFromCSR(whole.Ptr, whole.Col, whole.Val)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{DensityLambda: 0.1}
	if _, err = NewEmbedding(p, make([]float32, 400), o); !errors.Is(err, ErrOption) {
		t.Errorf("NewEmbedding without radii: %v", err)
	}
	y0, err := Initialize(ctx, x, Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEmbedding(p, y0, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Configure(o); !errors.Is(err, ErrOption) {
		t.Errorf("Configure without radii: %v", err)
	}
	if _, _, err := e.LogRadii(); !errors.Is(err, ErrOption) {
		t.Errorf("LogRadii without radii: %v", err)
	}
	if _, err := FitAffinities(ctx, p, x, o); !errors.Is(err, ErrOption) {
		t.Errorf("FitAffinities without radii: %v", err)
	}
}
