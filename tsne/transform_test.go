package tsne_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// finished is a map of blobs, fit once for all tests that transform.
func finished(t testing.TB, n, d, dims int, metric tsne.Metric) *tsne.Embedding {
	t.Helper()
	x := blobs(n, d, 10, 1)
	o := tsne.Options{Dims: dims, Perplexity: 10, EarlyIterations: 100, Iterations: 100, Metric: metric}
	return must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
}

// newRows are m rows of the classes of finished's blobs.
func newRows(m, d int) tsne.Matrix {
	x := blobs(2*m, d, 10, 1)
	r := rand.New(rand.NewPCG(9, 9))
	x.Data, x.Rows = x.Data[:m*d], m
	for i := range x.Data {
		x.Data[i] += float32(0.3 * r.NormFloat64())
	}
	return x
}

func rowsOf(x tsne.Matrix, lo, hi int) tsne.Matrix {
	return tsne.Matrix{Data: x.Data[lo*x.Cols : hi*x.Cols], Rows: hi - lo, Cols: x.Cols}
}

func sameBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// TestNewPointsDoNotSeeEachOther holds one by one, batches and all at once, on
// any number of workers, to the same bits, for each way to the repulsion.
func TestNewPointsDoNotSeeEachOther(t *testing.T) {
	for _, c := range []struct {
		n, dims   int
		repulsion tsne.Repulsion
		metric    tsne.Metric
		neighbors tsne.NeighborMethod
	}{
		{2000, 2, tsne.RepulsionFFT, tsne.MetricEuclidean, tsne.NeighborsExact},
		{2000, 1, tsne.RepulsionFFT, tsne.MetricCosine, tsne.NeighborsExact},
		{4000, 2, tsne.RepulsionBarnesHut, tsne.MetricCorrelation, tsne.NeighborsApprox},
		{1000, 3, tsne.RepulsionBarnesHut, tsne.MetricManhattan, tsne.NeighborsAuto},
		{700, 2, tsne.RepulsionExact, tsne.MetricEuclidean, tsne.NeighborsAuto},
	} {
		t.Run(fmt.Sprintf("%d/%d-D/repulsion %d/metric %d", c.n, c.dims, c.repulsion, c.metric), func(t *testing.T) {
			e := finished(t, c.n, 20, c.dims, c.metric)
			x := newRows(150, 20)
			for j := range x.Cols { // far from all, so that points leave the field's box
				x.Data[j] *= 50
			}
			o := tsne.TransformOptions{EarlyIterations: 5, Iterations: 20, Repulsion: c.repulsion, Neighbors: c.neighbors}
			start := make([]float32, x.Rows*c.dims)
			for i := range start {
				start[i] = float32(i%37 - 18)
			}
			start[3*c.dims] = 1e4
			for _, place := range []tsne.Placement{tsne.PlaceMedian, tsne.PlaceWeighted, tsne.PlaceGiven} {
				o.Placement, o.InitY = place, nil
				if place == tsne.PlaceGiven {
					o.InitY = start
				}
				o.Threads = 1
				whole := must[*tsne.Partial](t)(e.Transform(ctx, x, o))
				want := whole.Y()
				if !finite(want) || whole.Iterations() != 25 {
					t.Fatalf("placement %d: finite %v, %d iterations", place, finite(want), whole.Iterations())
				}
				o.Threads = 3
				o.Progress, o.ProgressEvery = func(tsne.Progress) bool { return false }, 7
				sameBits(t, "3 threads", must[*tsne.Partial](t)(e.Transform(ctx, x, o)).Y(), want)
				o.Progress = nil
				fresh := e.Clone() // without what the calls before have laid out
				for lo, step := 0, 1; lo < x.Rows; lo, step = lo+step, step+9 {
					hi := min(lo+step, x.Rows)
					some := o
					if o.InitY != nil {
						some.InitY = start[lo*c.dims : hi*c.dims]
					}
					got := must[*tsne.Partial](t)(fresh.Transform(ctx, rowsOf(x, lo, hi), some)).Y()
					sameBits(t, fmt.Sprintf("placement %d, rows %d to %d", place, lo, hi), got, want[lo*c.dims:hi*c.dims])
				}
			}
		})
	}
}

// TestOptimizeGoesOn cuts a refinement into pieces and stops it midway.
func TestOptimizeGoesOn(t *testing.T) {
	e := finished(t, 2000, 10, 2, 0)
	before := e.Y()
	x := newRows(90, 10)
	o := tsne.TransformOptions{Iterations: 60, EarlyIterations: 30}
	whole := must[*tsne.Partial](t)(e.Transform(ctx, x, o))
	part := must[*tsne.Partial](t)(e.Transform(ctx, x, tsne.TransformOptions{}))
	if part.Iterations() != 0 || !math.IsNaN(part.KL()) {
		t.Errorf("only placed: %d iterations, KL %g", part.Iterations(), part.KL())
	}
	other := part.Clone()
	calls := 0
	for _, ph := range []tsne.Phase{
		{Iterations: 30, Exaggeration: 4}, {Iterations: 13, Exaggeration: 1.5}, {Iterations: 47, Exaggeration: 1.5},
	} {
		err := part.Optimize(ctx, ph, &tsne.TransformOptions{ProgressEvery: 10, Threads: 2, Progress: func(p tsne.Progress) bool {
			calls++
			if p.Iteration%10 != 0 || p.N != 90 || len(p.Y) != 180 || !(p.KL > 0) {
				t.Errorf("progress: %+v", p)
			}
			return false
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	sameBits(t, "in pieces", part.Y(), whole.Y())
	if calls != 9 {
		t.Errorf("%d calls of the callback, want 9", calls)
	}
	if a, b := part.KL(), whole.KL(); a != b || !(a > 0) {
		t.Errorf("KL %g, want %g", a, b)
	}
	if part.N() != 90 || part.Dims() != 2 || part.Iterations() != 90 || other.Iterations() != 0 {
		t.Error("sizes or iterations:", part.N(), part.Dims(), part.Iterations(), other.Iterations())
	}

	stop := &tsne.TransformOptions{ProgressEvery: 10, Progress: func(p tsne.Progress) bool { return p.Iteration == 20 }}
	err := other.Optimize(ctx, tsne.Phase{Iterations: 30, Exaggeration: 4}, stop)
	if !errors.Is(err, tsne.ErrCancelled) || other.Iterations() != 20 {
		t.Errorf("stopped at 20: %v, %d iterations", err, other.Iterations())
	}
	rest := tsne.Phase{Iterations: 10, Exaggeration: 4}
	if err := other.Optimize(ctx, rest, &tsne.TransformOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := other.Optimize(ctx, tsne.Phase{Iterations: 60, Exaggeration: 1.5}, nil); err != nil {
		t.Fatal(err)
	}
	sameBits(t, "stopped and gone on", other.Y(), whole.Y())
	sameBits(t, "the reference", e.Y(), before)

	if err := e.Optimize(ctx, tsne.Phase{Iterations: 20, Exaggeration: 3}); err != nil {
		t.Fatal(err)
	}
	again := must[*tsne.Partial](t)(e.Transform(ctx, x, tsne.TransformOptions{}))
	if slices.Equal(again.Y(), must[*tsne.Partial](t)(e.Transform(ctx, x, tsne.TransformOptions{Columns: []int32{0, 1, 2, 3, 4, 5, 6, 7, 9, 8}})).Y()) {
		t.Error("columns make no difference")
	}
	moved := 0.0
	y := e.Y()
	for i := range again.N() {
		best := math.Inf(1)
		for j := range e.N() {
			d := math.Hypot(float64(again.Y()[2*i]-y[2*j]), float64(again.Y()[2*i+1]-y[2*j+1]))
			best = min(best, d)
		}
		moved = max(moved, best)
	}
	if moved > 3 {
		t.Errorf("after the map moved on a point lands %g from its nearest reference point", moved)
	}
}

// TestRefinementIsTheGradient compares one step with float64 sums.
func TestRefinementIsTheGradient(t *testing.T) {
	for _, dof := range []float64{1, 0.5} {
		for _, dims := range []int{1, 2, 3} {
			x := blobs(600, 8, 6, 4)
			e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{Dims: dims, Perplexity: 10, DOF: dof, EarlyIterations: 50, Iterations: 50}))
			ref := e.Y()
			q := blobs(40, 8, 6, 4)
			for i := range q.Data {
				q.Data[i] += 0.2
			}
			for _, method := range []tsne.Repulsion{tsne.RepulsionExact, tsne.RepulsionBarnesHut, tsne.RepulsionFFT} {
				if dims == 3 && method == tsne.RepulsionFFT {
					continue
				}
				const rate, exaggeration, perplexity = 1e-3, 1.7, 7
				p := must[*tsne.Partial](t)(e.Transform(ctx, q, tsne.TransformOptions{Perplexities: []float64{perplexity}, Repulsion: method, Theta: 0.1, MaxGradNorm: -1}))
				y0 := p.Y()
				err := p.Optimize(ctx, tsne.Phase{Iterations: 1, Exaggeration: exaggeration, LearningRate: rate, Momentum: tsne.NoMomentum}, nil)
				if err != nil {
					t.Fatal(err)
				}
				y1 := p.Y()
				var off, size, kl float64
				for i := range q.Rows {
					grad, d := newPointGradient(x, ref, rowsOf(q, i, i+1).Data, y0[i*dims:(i+1)*dims], perplexity, exaggeration, dof)
					_, after := newPointGradient(x, ref, rowsOf(q, i, i+1).Data, y1[i*dims:(i+1)*dims], perplexity, exaggeration, dof)
					kl += after / float64(q.Rows)
					_ = d
					for c := range dims {
						// The gains go from 1 to 1.2: the velocity was 0.
						step := (float64(y1[i*dims+c]) - float64(y0[i*dims+c])) / -(rate * 1.2)
						off += (step - grad[c]) * (step - grad[c])
						size += grad[c] * grad[c]
					}
				}
				// A step is read off positions of float32.
				if e := math.Sqrt(off / size); e > 0.02 {
					t.Errorf("%d-D, dof %g, method %d: error of the gradient %g", dims, dof, method, e)
				}
				if math.Abs(p.KL()-kl) > 5e-3*kl {
					t.Errorf("%d-D, dof %g, method %d: KL %g, want %g", dims, dof, method, p.KL(), kl)
				}
			}
		}
	}
}

// newPointGradient is the gradient, without the factor of 4, and the divergence
// of one new point by the definitions.
func newPointGradient(x tsne.Matrix, ref, row, y []float32, perplexity, exaggeration, dof float64) (grad []float64, kl float64) {
	n, dims := x.Rows, len(y)
	type near struct {
		d2 float64
		at int
	}
	all := make([]near, n)
	for j := range n {
		for c, v := range row {
			d := float64(v) - float64(x.Data[j*x.Cols+c])
			all[j].d2 += d * d
		}
		all[j].at = j
	}
	slices.SortFunc(all, func(a, b near) int {
		if a.d2 < b.d2 {
			return -1
		}
		return 1
	})
	all = all[:int(3*perplexity)]
	lo, hi := 1e-12, 1e12
	p := make([]float64, len(all))
	for range 200 {
		beta := math.Sqrt(lo * hi)
		sum, entropy := 0.0, 0.0
		for e, a := range all {
			p[e] = math.Exp(-beta * (a.d2 - all[0].d2))
			sum += p[e]
		}
		for e := range p {
			p[e] /= sum
			if p[e] > 0 {
				entropy -= p[e] * math.Log(p[e])
			}
		}
		if entropy > math.Log(perplexity) {
			lo = beta
		} else {
			hi = beta
		}
	}
	grad = make([]float64, dims)
	repel := make([]float64, dims)
	z := 0.0
	weight := func(j int) float64 {
		d2 := 0.0
		for c := range dims {
			d := float64(y[c]) - float64(ref[j*dims+c])
			d2 += d * d
		}
		return 1 + d2/dof
	}
	for j := range n {
		s := weight(j)
		w := math.Pow(s, -dof)
		z += w
		for c := range dims {
			repel[c] += (float64(y[c]) - float64(ref[j*dims+c])) * w / s
		}
	}
	for e, a := range all {
		s := weight(a.at)
		for c := range dims {
			grad[c] += exaggeration * p[e] * (float64(y[c]) - float64(ref[a.at*dims+c])) / s
		}
		if p[e] > 0 {
			kl += p[e] * (math.Log(p[e]) + dof*math.Log(s) + math.Log(z))
		}
	}
	for c := range dims {
		grad[c] -= repel[c] / z
	}
	return grad, kl
}

// TestPlacement compares medians and weighted means with their definitions.
func TestPlacement(t *testing.T) {
	for _, metric := range metrics {
		x := blobs(500, 12, 6, 2)
		for i, v := range x.Data {
			x.Data[i] = float32(math.Round(float64(v)))
		}
		e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{Perplexity: 10, EarlyIterations: 20, Iterations: 5}))
		ref := e.Y()
		q := rowsOf(newRows(70, 12), 0, 70)
		columns := []int32{3, 11, 0, 7, 5}
		narrow := tsne.Matrix{Data: make([]float32, 70*5), Rows: 70, Cols: 5}
		for i := range narrow.Data {
			narrow.Data[i] = float32(math.Round(float64(q.Data[i/5*12+int(columns[i%5])])))
		}
		for _, k := range []int{1, 4, 9} {
			o := tsne.TransformOptions{K: k, Metric: metric, Columns: columns}
			got := must[*tsne.Partial](t)(e.Transform(ctx, narrow, o)).Y()
			o.Placement, o.Perplexities = tsne.PlaceWeighted, []float64{3}
			mean := must[*tsne.Partial](t)(e.Transform(ctx, narrow, o)).Y()
			clear := 0
			for i := range narrow.Rows {
				dist := make([]float64, x.Rows)
				order := make([]int, x.Rows)
				for j := range order {
					order[j] = j
					dist[j] = metricDistance(metric, rowsOf(narrow, i, i+1).Data, func(c int) float32 { return x.Data[j*12+int(columns[c])] })
				}
				slices.SortStableFunc(order, func(a, b int) int {
					if dist[a] < dist[b] {
						return -1
					} else if dist[a] > dist[b] {
						return 1
					}
					return 0
				})
				if dist[order[k]]-dist[order[k-1]] < 1e-5 {
					continue // rounding decides
				}
				clear++
				for c := range 2 {
					var at []float64
					lo, hi := math.Inf(1), math.Inf(-1)
					for _, j := range order[:k] {
						at = append(at, float64(ref[2*j+c]))
						lo, hi = min(lo, at[len(at)-1]), max(hi, at[len(at)-1])
					}
					slices.Sort(at)
					want := (at[(k-1)/2] + at[k/2]) / 2
					if math.Abs(float64(got[2*i+c])-want) > 1e-5*(1+math.Abs(want)) {
						t.Fatalf("metric %d, k = %d: point %d: got %g, want %g", metric, k, i, got[2*i+c], want)
					}
					if m := float64(mean[2*i+c]); m < lo-1e-4 || m > hi+1e-4 {
						t.Fatalf("metric %d, k = %d: weighted mean %g outside %g to %g", metric, k, m, lo, hi)
					}
				}
			}
			if clear < 10 && !metricOracles[metric].coarse {
				t.Errorf("metric %d, k = %d: %d points to go by", metric, k, clear)
			}
		}
	}
}

// TestWhereTheyWere: the reference's own points land near where they are, and
// rows far from all others stay on the map.
func TestWhereTheyWere(t *testing.T) {
	x, _ := digits(t)
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{}))
	y := e.Y()
	span := 0.0
	for i := range y {
		span = max(span, math.Abs(float64(y[i])))
	}
	for _, c := range []struct {
		name      string
		o         tsne.TransformOptions
		median, q float64 // most, of the map's radius
	}{
		{"k = 1", tsne.TransformOptions{K: 1}, 0, 0},
		{"placed", tsne.TransformOptions{}, 0.02, 0.05},
		{"refined", tsne.TransformOptions{Iterations: 250}, 0.02, 0.05},
	} {
		got := must[*tsne.Partial](t)(e.Transform(ctx, x, c.o)).Y()
		away := make([]float64, x.Rows)
		for i := range away {
			away[i] = math.Hypot(float64(got[2*i]-y[2*i]), float64(got[2*i+1]-y[2*i+1])) / span
		}
		slices.Sort(away)
		median, q := away[len(away)/2], away[len(away)*95/100]
		t.Logf("%s: median %.4f of the map's radius, 95 %% within %.4f", c.name, median, q)
		if median > c.median || q > c.q {
			t.Errorf("%s: median %g, 95 %% quantile %g of the map's radius", c.name, median, q)
		}
	}
	odd := tsne.Matrix{Data: make([]float32, 6*x.Cols), Rows: 6, Cols: x.Cols}
	for i := range odd.Data {
		odd.Data[i] = []float32{0, 1e3, -1e6, 1e12, 1e30, math.MaxFloat32}[i/x.Cols]
	}
	p := must[*tsne.Partial](t)(e.Transform(ctx, odd, tsne.TransformOptions{EarlyIterations: 50, Iterations: 250}))
	for i, v := range p.Y() {
		if !(math.Abs(float64(v)) < 1.2*span) {
			t.Errorf("outlier %d at %g, the map reaches %g", i/2, v, span)
		}
	}
}

func TestTransformRefuses(t *testing.T) {
	e := finished(t, 300, 6, 2, 0)
	x := newRows(20, 6)
	with := func(at int, v float32) tsne.Matrix {
		y := tsne.Matrix{Data: slices.Clone(x.Data), Rows: x.Rows, Cols: x.Cols}
		y.Data[at] = v
		return y
	}
	flat := with(0, 0)
	clear(flat.Data[3*6 : 4*6])
	bare := must[*tsne.Embedding](t)(tsne.NewEmbedding(e.Affinities(), e.Y(), tsne.Options{}))
	nan := float32(math.NaN())
	for _, c := range []struct {
		e    *tsne.Embedding
		x    tsne.Matrix
		o    tsne.TransformOptions
		kind error
		text []string
	}{
		{bare, x, tsne.TransformOptions{}, tsne.ErrNoData, []string{"SetData"}},
		{e, tsne.Matrix{Data: x.Data, Rows: 24, Cols: 5}, tsne.TransformOptions{}, tsne.ErrShape, []string{"5", "6"}},
		{e, tsne.Matrix{Data: x.Data, Rows: 19, Cols: 6}, tsne.TransformOptions{}, tsne.ErrShape, []string{"120", "19"}},
		{e, tsne.Matrix{Rows: -1, Cols: 6}, tsne.TransformOptions{}, tsne.ErrShape, []string{"-1"}},
		{e, with(6*4+2, nan), tsne.TransformOptions{}, tsne.ErrNotFinite, []string{"row 4", "column 2"}},
		{e, with(6*4+2, float32(math.Inf(1))), tsne.TransformOptions{}, tsne.ErrNotFinite, []string{"row 4", "column 2"}},
		{e, flat, tsne.TransformOptions{Metric: tsne.MetricCosine}, tsne.ErrOption, []string{"row 3"}},
		{e, flat, tsne.TransformOptions{Metric: tsne.MetricCorrelation}, tsne.ErrOption, []string{"row 3"}},
		{e, x, tsne.TransformOptions{K: 301}, tsne.ErrOption, []string{"K", "301", "300"}},
		{e, x, tsne.TransformOptions{K: -1}, tsne.ErrOption, []string{"K"}},
		{e, x, tsne.TransformOptions{Columns: []int32{}}, tsne.ErrOption, []string{"Columns"}},
		{e, x, tsne.TransformOptions{Columns: []int32{0, 1, 2, 3, 4, 6}}, tsne.ErrOption, []string{"Columns", "6"}},
		{e, x, tsne.TransformOptions{Columns: []int32{0, 1, 2, 3, 4}}, tsne.ErrShape, []string{"6", "5"}},
		{e, x, tsne.TransformOptions{Metric: 99}, tsne.ErrOption, []string{"Metric"}},
		{e, x, tsne.TransformOptions{Placement: 3}, tsne.ErrOption, []string{"Placement"}},
		{e, x, tsne.TransformOptions{Placement: tsne.PlaceGiven}, tsne.ErrOption, []string{"InitY"}},
		{e, x, tsne.TransformOptions{Placement: tsne.PlaceGiven, InitY: append(make([]float32, 39), nan)}, tsne.ErrNotFinite, []string{"InitY", "row 19"}},
		{e, x, tsne.TransformOptions{Perplexities: []float64{-1}}, tsne.ErrOption, []string{"Perplexities"}},
		{e, x, tsne.TransformOptions{Iterations: -1}, tsne.ErrOption, []string{"Iterations"}},
		{e, x, tsne.TransformOptions{LearningRate: -1}, tsne.ErrOption, []string{"LearningRate"}},
		{e, x, tsne.TransformOptions{Momentum: 1}, tsne.ErrOption, []string{"Momentum"}},
		{e, x, tsne.TransformOptions{Exaggeration: -1}, tsne.ErrOption, []string{"Exaggeration"}},
		{e, x, tsne.TransformOptions{MaxGradNorm: math.NaN()}, tsne.ErrOption, []string{"MaxGradNorm"}},
		{e, x, tsne.TransformOptions{MaxStepNorm: -1}, tsne.ErrOption, []string{"MaxStepNorm"}},
		{e, x, tsne.TransformOptions{Threads: -1}, tsne.ErrOption, []string{"Threads"}},
		{e, x, tsne.TransformOptions{MaxMemory: 1}, tsne.ErrMemory, []string{"MaxMemory"}},
	} {
		p, err := c.e.Transform(ctx, c.x, c.o)
		if p != nil || !errors.Is(err, c.kind) {
			t.Errorf("%+v: %v", c.o, err)
			continue
		}
		for _, s := range c.text {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%q does not name %q", err, s)
			}
		}
	}
	p := must[*tsne.Partial](t)(e.Transform(ctx, tsne.Matrix{Cols: 6}, tsne.TransformOptions{Iterations: 10}))
	if p.N() != 0 || len(p.Y()) != 0 || p.Iterations() != 10 {
		t.Errorf("nothing: %d points, %d iterations", p.N(), p.Iterations())
	}
	if err := p.Optimize(ctx, tsne.Phase{Iterations: 1, AutoStop: 5000}, nil); !errors.Is(err, tsne.ErrOption) {
		t.Errorf("auto_stop: %v", err)
	}
	if err := bare.SetData(x); !errors.Is(err, tsne.ErrShape) || !strings.Contains(err.Error(), "20") || !strings.Contains(err.Error(), "300") {
		t.Errorf("data of the wrong size: %v", err)
	}
	if _, ok := bare.Data(); ok {
		t.Error("data that were refused are there")
	}
	data, ok := e.Data()
	if !ok || bare.SetData(data) != nil {
		t.Error("the data of one map do not serve the other")
	}
	sameBits(t, "data set later", must[*tsne.Partial](t)(bare.Transform(ctx, x, tsne.TransformOptions{})).Y(),
		must[*tsne.Partial](t)(e.Transform(ctx, x, tsne.TransformOptions{})).Y())
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if p, err := e.Transform(gone, x, tsne.TransformOptions{}); p != nil || !errors.Is(err, tsne.ErrCancelled) {
		t.Errorf("cancelled: %v", err)
	}
}
