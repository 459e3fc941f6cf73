package tsne_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// withoutData is e without the data a transform needs.
func withoutData(t *testing.T, e *tsne.Embedding) *tsne.Embedding {
	t.Helper()
	o := e.Settings()
	return must[*tsne.Embedding](t)(tsne.NewEmbedding(e.Affinities(), e.Y(), tsne.Options{Dims: o.Dims, DOF: o.DOF}))
}

// The affinities of a Transform give the Partial of that Transform, in bits,
// whatever made them and by any way to the repulsion.
func TestPartialOfATransformsAffinities(t *testing.T) {
	for _, c := range []struct {
		dims      int
		repulsion tsne.Repulsion
		o         tsne.TransformOptions
	}{
		{2, tsne.RepulsionFFT, tsne.TransformOptions{}},
		{1, tsne.RepulsionFFT, tsne.TransformOptions{Affinity: tsne.AffinityUniform, AffinityK: 7}},
		{2, tsne.RepulsionBarnesHut, tsne.TransformOptions{Perplexities: []float64{3, 20}}},
		{3, tsne.RepulsionBarnesHut, tsne.TransformOptions{Affinity: tsne.AffinityMultiscale, Perplexities: []float64{3, 20}}},
		{2, tsne.RepulsionExact, tsne.TransformOptions{Affinity: tsne.AffinityFixedSigma, Sigma: 2}},
	} {
		t.Run(fmt.Sprintf("%d-D, affinity %d", c.dims, c.o.Affinity), func(t *testing.T) {
			e := finished(t, 700, 8, c.dims, 0)
			c.o.Repulsion, c.o.Theta, c.o.MaxGradNorm, c.o.MaxStepNorm = c.repulsion, 0.4, 0.3, 2
			p := must[*tsne.Partial](t)(e.Transform(ctx, newRows(150, 8), c.o))
			ptr, col, val := p.Affinities()
			if p.NNZ() != len(val) || len(ptr) != 151 || len(col) != len(val) || int(ptr[150]) != len(col) {
				t.Fatalf("%d offsets, %d columns, %d values", len(ptr), len(col), len(val))
			}
			c.o.Threads = 3
			q := must[*tsne.Partial](t)(withoutData(t, e).NewPartial(ctx, p.Y(), ptr, col, val, c.o))
			ptr2, col2, val2 := q.Affinities()
			sameBits(t, "affinities", val2, val)
			if !slices.Equal(ptr2, ptr) || !slices.Equal(col2, col) {
				t.Fatal("the pattern differs")
			}
			clear(val2) // all of it was copied
			clear(val)
			clear(col)
			for _, one := range []*tsne.Partial{p, q} {
				for _, ph := range []tsne.Phase{{Iterations: 20, Exaggeration: 4}, {Iterations: 20, Exaggeration: 1.5}} {
					if err := one.Optimize(ctx, ph, nil); err != nil {
						t.Fatal(err)
					}
				}
			}
			sameBits(t, "positions", q.Y(), p.Y())
			if q.KL() != p.KL() || q.N() != 150 || q.Dims() != c.dims || q.Iterations() != 40 {
				t.Errorf("KL %g, want %g; %d points, %d iterations", q.KL(), p.KL(), q.N(), q.Iterations())
			}
		})
	}
}

// ragged are m rows of affinities to n points: row i has 1 + 7i mod n of them.
func ragged(m, n int) (ptr []int64, col []int32, val []float32) {
	ptr = []int64{0}
	for i := range m {
		for e := range 1 + 7*i%n {
			col = append(col, int32((i+e*11)%n))
			val = append(val, float32(1+(i*e)%13))
		}
		ptr = append(ptr, int64(len(col)))
	}
	return ptr, col, val
}

// One step on rows of all lengths is along the gradient by the definition; a row
// gets the same bits alone and among others.
func TestRaggedRows(t *testing.T) {
	const n, m, rate, exaggeration = 300, 130, 1, 1.7
	for dims := 1; dims <= 3; dims++ {
		e := finished(t, n, 8, dims, 0)
		ref := e.Y()
		ptr, col, val := ragged(m, n)
		y0 := scatter(m, dims, 20, 3)
		o := tsne.TransformOptions{Repulsion: tsne.RepulsionExact, MaxGradNorm: -1, Threads: 1}
		step := func(o tsne.TransformOptions, y0 []float32, ptr []int64, col []int32, val []float32) []float32 {
			p := must[*tsne.Partial](t)(e.NewPartial(ctx, y0, ptr, col, val, o))
			if err := p.Optimize(ctx, tsne.Phase{Iterations: 1, Exaggeration: exaggeration, LearningRate: rate, Momentum: tsne.NoMomentum}, nil); err != nil {
				t.Fatal(err)
			}
			return p.Y()
		}
		y1 := step(o, y0, ptr, col, val)
		var off, size float64
		for i := range m {
			grad := givenGradient(ref, y0[i*dims:(i+1)*dims], col[ptr[i]:ptr[i+1]], val[ptr[i]:ptr[i+1]], exaggeration)
			for c, g := range grad {
				moved := (float64(y1[i*dims+c]) - float64(y0[i*dims+c])) / -(rate * 1.2)
				off += (moved - g) * (moved - g)
				size += g * g
			}
		}
		if e := math.Sqrt(off / size); e > 0.01 {
			t.Errorf("%d-D: error of the gradient %g", dims, e)
		}
		for _, o.Threads = range []int{2, 3, 8} {
			sameBits(t, "threads", step(o, y0, ptr, col, val), y1)
		}
		for i := range m {
			alone := step(o, y0[i*dims:(i+1)*dims], []int64{0, ptr[i+1] - ptr[i]}, col[ptr[i]:ptr[i+1]], val[ptr[i]:ptr[i+1]])
			sameBits(t, fmt.Sprint("alone, row ", i), alone, y1[i*dims:(i+1)*dims])
		}
		// An entry in two halves is one entry.
		var ptr2 []int64
		var col2 []int32
		var val2 []float32
		for i := range m {
			ptr2 = append(ptr2, int64(len(col2)))
			for range 2 {
				for e := ptr[i]; e < ptr[i+1]; e++ {
					col2, val2 = append(col2, col[e]), append(val2, val[e]/2)
				}
			}
		}
		sameBits(t, "halves", step(o, y0, append(ptr2, int64(len(col2))), col2, val2), y1)
	}
}

// givenGradient is the gradient, without the factor of 4, of a point at y drawn
// by w, which need not sum to 1.
func givenGradient(ref, y []float32, col []int32, w []float32, exaggeration float64) []float64 {
	dims := len(y)
	grad, repel := make([]float64, dims), make([]float64, dims)
	weight := func(j int) float64 {
		d2 := 0.0
		for c := range dims {
			d := float64(y[c]) - float64(ref[j*dims+c])
			d2 += d * d
		}
		return 1 / (1 + d2)
	}
	z, sum := 0.0, 0.0
	for j := range len(ref) / dims {
		q := weight(j)
		z += q
		for c := range dims {
			repel[c] += (float64(y[c]) - float64(ref[j*dims+c])) * q * q
		}
	}
	for _, v := range w {
		sum += float64(v)
	}
	for e, j := range col {
		for c := range dims {
			grad[c] += exaggeration * float64(w[e]) / sum * (float64(y[c]) - float64(ref[int(j)*dims+c])) * weight(int(j))
		}
	}
	for c := range dims {
		grad[c] -= repel[c] / z
	}
	return grad
}

func TestNewPartialRefuses(t *testing.T) {
	e := finished(t, 40, 6, 2, 0)
	y := make([]float32, 6)
	ptr, col, val := []int64{0, 2, 3, 5}, []int32{4, 0, 39, 1, 2}, []float32{1, 2, 3, 4, 5}
	change := func(f func(ptr []int64, col []int32, val []float32)) func() ([]int64, []int32, []float32) {
		return func() ([]int64, []int32, []float32) {
			a, b, c := slices.Clone(ptr), slices.Clone(col), slices.Clone(val)
			f(a, b, c)
			return a, b, c
		}
	}
	same := change(func([]int64, []int32, []float32) {})
	nan := float32(math.NaN())
	for _, c := range []struct {
		y    []float32
		p    func() ([]int64, []int32, []float32)
		o    tsne.TransformOptions
		kind error
		says string
	}{
		{y[:5], same, tsne.TransformOptions{}, tsne.ErrShape, "y0: got 5"},
		{append(slices.Clone(y[:5]), nan), same, tsne.TransformOptions{}, tsne.ErrNotFinite, "y0: row 2, column 1"},
		{nil, func() ([]int64, []int32, []float32) { return nil, nil, nil }, tsne.TransformOptions{}, tsne.ErrShape, "ptr"},
		{y, func() ([]int64, []int32, []float32) { return ptr, col, val[:4] }, tsne.TransformOptions{}, tsne.ErrShape, "5 columns and 4 values"},
		{y, change(func(p []int64, _ []int32, _ []float32) { p[0] = 1 }), tsne.TransformOptions{}, tsne.ErrGraph, "ptr"},
		{y, change(func(p []int64, _ []int32, _ []float32) { p[3] = 4 }), tsne.TransformOptions{}, tsne.ErrGraph, "ptr"},
		{y, change(func(p []int64, _ []int32, _ []float32) { p[1] = 3 }), tsne.TransformOptions{}, tsne.ErrGraph, "row 1 runs from 3 to 3"},
		{y, change(func(p []int64, _ []int32, _ []float32) { p[1] = -1 }), tsne.TransformOptions{}, tsne.ErrGraph, "row 0"},
		{y, change(func(p []int64, _ []int32, _ []float32) { p[1] = 9 }), tsne.TransformOptions{}, tsne.ErrGraph, "row 0"},
		{y, change(func(_ []int64, c []int32, _ []float32) { c[2] = 40 }), tsne.TransformOptions{}, tsne.ErrGraph, "row 1: column 40"},
		{y, change(func(_ []int64, c []int32, _ []float32) { c[4] = -1 }), tsne.TransformOptions{}, tsne.ErrGraph, "row 2: column -1"},
		{y, change(func(_ []int64, _ []int32, v []float32) { v[1] = -1 }), tsne.TransformOptions{}, tsne.ErrGraph, "row 0, column 0 is -1"},
		{y, change(func(_ []int64, _ []int32, v []float32) { v[1] = nan }), tsne.TransformOptions{}, tsne.ErrNotFinite, "row 0, column 0 is NaN"},
		{y, change(func(_ []int64, _ []int32, v []float32) { v[4] = float32(math.Inf(1)) }), tsne.TransformOptions{}, tsne.ErrNotFinite, "row 2"},
		{y, change(func(_ []int64, _ []int32, v []float32) { v[2] = 0 }), tsne.TransformOptions{}, tsne.ErrGraph, "row 1"},
		{y, change(func(_ []int64, _ []int32, v []float32) { v[3], v[4] = math.MaxFloat32, math.MaxFloat32 }), tsne.TransformOptions{}, tsne.ErrGraph, "row 2"},
		{y, same, tsne.TransformOptions{MaxGradNorm: math.NaN()}, tsne.ErrOption, "MaxGradNorm: got"},
		{y, same, tsne.TransformOptions{MaxStepNorm: -1}, tsne.ErrOption, "MaxStepNorm: got"},
		{y, same, tsne.TransformOptions{Theta: 3}, tsne.ErrOption, "Theta: got"},
		{y, same, tsne.TransformOptions{Repulsion: 4}, tsne.ErrOption, "Repulsion: got"},
		{y, same, tsne.TransformOptions{Threads: -1}, tsne.ErrOption, "Threads: got"},
		{y, same, tsne.TransformOptions{MaxMemory: 1}, tsne.ErrMemory, "MaxMemory is"},
	} {
		a, b, v := c.p()
		if p, err := e.NewPartial(ctx, c.y, a, b, v, c.o); p != nil || !errors.Is(err, c.kind) || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%v, want %q", err, c.says)
		}
	}
	p := must[*tsne.Partial](t)(e.NewPartial(ctx, nil, []int64{0}, nil, nil, tsne.TransformOptions{}))
	if err := p.Optimize(ctx, tsne.Phase{Iterations: 3, Exaggeration: 1}, nil); err != nil || p.N() != 0 || p.Iterations() != 3 {
		t.Errorf("no points: %v, %d of them", err, p.N())
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := e.NewPartial(gone, y, ptr, col, val, tsne.TransformOptions{}); !errors.Is(err, tsne.ErrCancelled) {
		t.Errorf("cancelled: %v", err)
	}
}

// What draws new points is what Conditional makes of their distances to the
// nearest, in the unit of the data, which may be any.
func TestTransformByEveryAffinity(t *testing.T) {
	const m = 90
	for name, o := range map[string]tsne.TransformOptions{
		"default":    {},
		"k":          {AffinityK: 4},
		"mean":       {Perplexities: []float64{4, 15}},
		"multiscale": {Affinity: tsne.AffinityMultiscale, Perplexities: []float64{4, 15}, AffinityK: 60},
		"uniform":    {Affinity: tsne.AffinityUniform},
		"max":        {Affinity: tsne.AffinityUniformMax, AffinityK: 21},
		"sigma":      {Affinity: tsne.AffinityFixedSigma, Sigma: 1, AffinityK: 25},
	} {
		want := o.AffinityK
		if want == 0 {
			want = 15 * max(1, len(o.Perplexities)*3/2)
		}
		for _, metric := range []tsne.Metric{tsne.MetricEuclidean, tsne.MetricCosine, tsne.MetricManhattan} {
			o, unit := o, 2.0
			if metric == tsne.MetricCosine {
				unit = 0.1
			}
			e := finished(t, 400, 8, 2, metric)
			x, _ := e.Data()
			q := newRows(m, 8)
			for c := range 8 { // far off
				q.Data[7*8+c] = 1e17 * float32(1+c)
			}
			var first []float32
			for _, shift := range []int{0, -66, 66} {
				what := fmt.Sprintf("%s, metric %d, times 2^%d", name, metric, shift)
				if metric != tsne.MetricCosine {
					o.Sigma = math.Ldexp(unit, shift)
				} else {
					o.Sigma = unit
				}
				if shift != 0 {
					e = e.Clone()
					if err := e.SetData(times(x, shift)); err != nil {
						t.Fatal(err)
					}
				}
				data, _ := e.Data()
				rows := times(q, shift)
				o.Placement = tsne.PlaceWeighted
				p := must[*tsne.Partial](t)(e.Transform(ctx, rows, o))
				ptr, col, val := p.Affinities()
				if int(ptr[1]) != want || len(val) != m*want {
					t.Fatalf("%s: %d neighbours, want %d", what, ptr[1], want)
				}
				nb := must[*tsne.Neighbors](t)(tsne.FindNeighborsOfNew(ctx, data, rows, want, tsne.Options{Metric: metric}))
				perplexities := o.Perplexities
				if perplexities == nil {
					perplexities = []float64{min(5, float64(want))}
				}
				dist := nb.Distances()
				direct := must[[]float32](t)(tsne.Conditional(ctx, dist, m, want, tsne.Options{Affinity: o.Affinity, Perplexities: perplexities, Sigma: o.Sigma}))
				if !slices.Equal(nb.Index, col) {
					t.Fatalf("%s: other neighbours", what)
				}
				if first == nil {
					first = val
				}
				for e, v := range val {
					if e/want == 7 && o.Affinity == tsne.AffinityFixedSigma {
						continue // the rounding of distances of 1e20 is all there is
					}
					for _, w := range []float32{direct[e], first[e]} {
						if math.Abs(float64(v-w)) > 2e-4*float64(w)+1e-7 {
							t.Fatalf("%s: row %d, place %d: %g, want %g", what, e/want, e%want, v, w)
						}
					}
				}
				if o.Iterations = 20; !finite(must[*tsne.Partial](t)(e.Transform(ctx, rows, o)).Y()) {
					t.Errorf("%s: positions are not finite", what)
				}
				o.Iterations = 0
				// The nearest few, weighted.
				y, ref := p.Y(), e.Y()
				for c := range 2 {
					var mean, sum float64
					for e := range min(10, want) {
						mean += float64(val[e]) * float64(ref[2*int(col[e])+c])
						sum += float64(val[e])
					}
					if math.Abs(mean/sum-float64(y[c])) > 1e-4*(1+math.Abs(mean/sum)) {
						t.Errorf("%s: placed at %g, want %g", what, y[c], mean/sum)
					}
				}
			}
		}
	}
}

func TestTransformAffinitiesRefuse(t *testing.T) {
	e := finished(t, 60, 6, 2, 0)
	x := newRows(5, 6)
	for _, c := range []struct {
		o    tsne.TransformOptions
		says string
	}{
		{tsne.TransformOptions{Affinity: 5}, "Affinity: got 5"},
		{tsne.TransformOptions{Affinity: -1}, "Affinity: got -1"},
		{tsne.TransformOptions{Affinity: tsne.AffinityFixedSigma}, "Sigma: got 0"},
		{tsne.TransformOptions{Affinity: tsne.AffinityFixedSigma, Sigma: math.Inf(1)}, "Sigma: got"},
		{tsne.TransformOptions{AffinityK: -1}, "AffinityK: got -1"},
		{tsne.TransformOptions{AffinityK: 61}, "AffinityK: got 61"},
		{tsne.TransformOptions{Perplexities: []float64{5, 0}}, "Perplexities: got 0"},
		{tsne.TransformOptions{Perplexities: []float64{math.NaN()}}, "Perplexities: got"},
	} {
		if p, err := e.Transform(ctx, x, c.o); p != nil || !errors.Is(err, tsne.ErrOption) || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%v, want %q", err, c.says)
		}
	}
	for _, c := range []struct {
		o        tsne.TransformOptions
		warnings int
	}{
		{tsne.TransformOptions{Perplexities: []float64{30, 5, 21}}, 2},
		{tsne.TransformOptions{Perplexities: []float64{20}}, 0},
		{tsne.TransformOptions{Perplexities: []float64{30}, Affinity: tsne.AffinityUniform, AffinityK: 3}, 0},
	} {
		given, said := slices.Clone(c.o.Perplexities), 0
		c.o.Log = func(l tsne.Level, line tsne.Message) {
			if l == tsne.LevelWarning {
				said++
			}
		}
		must[*tsne.Partial](t)(e.Transform(ctx, x, c.o))
		if said != c.warnings || !slices.Equal(given, c.o.Perplexities) {
			t.Errorf("%v: %d warnings, want %d", c.o.Perplexities, said, c.warnings)
		}
	}
}
