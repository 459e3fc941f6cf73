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

// times is x multiplied by 2^e.
func times(x tsne.Matrix, e int) tsne.Matrix {
	out := tsne.Matrix{Data: slices.Clone(x.Data), Rows: x.Rows, Cols: x.Cols}
	for i, v := range x.Data {
		out.Data[i] = float32(math.Ldexp(float64(v), e))
	}
	return out
}

// Neighbours of new rows are those of the definition, in every metric, on any
// number of workers, all at once or one by one, exact or not.
func TestNeighborsOfNew(t *testing.T) {
	const k = 13
	x, q := blobs(400, 9, 6, 2), newRows(70, 9)
	for _, m := range []tsne.Matrix{x, q} { // for Hamming
		for i, v := range m.Data {
			m.Data[i] = float32(math.Round(float64(v)))
		}
	}
	copy(q.Data[5*9:6*9], x.Data[17*9:18*9])
	for i := range 9 { // far off, one more than the other
		q.Data[9*9+i] = 1e18 * float32(i+1)
		q.Data[10*9+i] = -1e25 * float32(i+1)
	}
	for _, metric := range metrics {
		t.Run(fmt.Sprint(metric), func(t *testing.T) {
			o := tsne.Options{Metric: metric, Threads: 1}
			all := must[*tsne.Neighbors](t)(tsne.FindNeighborsOfNew(ctx, x, q, k, o))
			far := all.Distances()
			for i := range q.Rows {
				row := q.Data[i*9 : (i+1)*9]
				dist := make([]float64, x.Rows)
				for j := range dist {
					dist[j] = metricDistance(metric, row, func(c int) float32 { return x.Data[j*9+c] })
				}
				sorted := slices.Sorted(slices.Values(dist))
				for e, j := range all.Index[i*k:][:k] {
					// Cosines are differences from 1.
					if got := float64(far[i*k+e]); math.Abs(got-sorted[e]) > 1e-5*sorted[e]+2e-7 || math.Abs(dist[j]-got) > 1e-5*got+2e-7 {
						t.Fatalf("row %d, place %d: %d at %g, want %g", i, e, j, got, sorted[e])
					}
				}
			}
			if i := slices.Index(all.Index[5*k:][:k], 17); i < 0 || far[5*k+i] > 1e-7 {
				t.Errorf("the row itself is at place %d of %v", i, far[5*k:][:k])
			}
			for _, threads := range []int{2, 3, 8} {
				o.Threads = threads
				nb := must[*tsne.Neighbors](t)(tsne.FindNeighborsOfNew(ctx, x, q, k, o))
				sameBits(t, "distances", nb.Distances(), far)
				if !slices.Equal(nb.Index, all.Index) || !slices.Equal(nb.Exponents, all.Exponents) {
					t.Errorf("%d threads: other neighbours", threads)
				}
			}
			for i := range q.Rows {
				nb := must[*tsne.Neighbors](t)(tsne.FindNeighborsOfNew(ctx, x, rowsOf(q, i, i+1), k, o))
				sameBits(t, fmt.Sprint("alone, row ", i), nb.Distances(), far[i*k:][:k])
				if !slices.Equal(nb.Index, all.Index[i*k:][:k]) {
					t.Fatalf("row %d alone: other neighbours", i)
				}
			}
			e := must[*tsne.Embedding](t)(tsne.NewEmbedding(must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, o)), scatter(x.Rows, 2, 30, 1), tsne.Options{Metric: metric}))
			if err := e.SetData(x); err != nil {
				t.Fatal(err)
			}
			_, col, _ := must[*tsne.Partial](t)(e.Transform(ctx, q, tsne.TransformOptions{AffinityK: k})).Affinities()
			if !slices.Equal(col, all.Index) {
				t.Error("Transform finds others")
			}
			whole := must[*tsne.Neighbors](t)(tsne.FindNeighborsOfNew(ctx, x, rowsOf(q, 0, 3), x.Rows, o))
			for i := range 3 {
				row := slices.Clone(whole.Index[i*x.Rows:][:x.Rows])
				slices.Sort(row)
				for j, v := range row {
					if int(v) != j {
						t.Fatalf("k = n: row %d lacks %d", i, j)
					}
				}
			}
			none := must[*tsne.Neighbors](t)(tsne.FindNeighborsOfNew(ctx, x, tsne.Matrix{Cols: 9}, k, o))
			if none.N != 0 || none.K != k || len(none.Index) != 0 || len(none.Distances()) != 0 {
				t.Errorf("no rows: %+v", none)
			}
		})
	}
	o := tsne.Options{Neighbors: tsne.NeighborsApprox, NeighborsEffort: 1}
	large := blobs(6000, 9, 40, 3)
	exact := must[*tsne.Neighbors](t)(tsne.FindNeighborsOfNew(ctx, large, q, k, tsne.Options{}))
	near := must[*tsne.Neighbors](t)(tsne.FindNeighborsOfNew(ctx, large, q, k, o))
	hits := 0
	for i := range q.Rows {
		for _, j := range near.Index[i*k:][:k] {
			if slices.Contains(exact.Index[i*k:][:k], j) {
				hits++
			}
		}
	}
	if recall := float64(hits) / float64(len(near.Index)); recall < 0.9 {
		t.Errorf("approximate: recall %g", recall)
	}
	o.Threads = 3
	sameBits(t, "approximate, 3 threads", must[*tsne.Neighbors](t)(tsne.FindNeighborsOfNew(ctx, large, q, k, o)).Distances(), near.Distances())
}

func TestNeighborsOfNewRefuse(t *testing.T) {
	x, q := blobs(50, 4, 3, 1), newRows(6, 4)
	with := func(m tsne.Matrix, at int, v float32) tsne.Matrix {
		m.Data = slices.Clone(m.Data)
		m.Data[at] = v
		return m
	}
	flat := with(q, 0, 0)
	clear(flat.Data[8:12])
	nan := float32(math.NaN())
	for _, c := range []struct {
		x, q tsne.Matrix
		k    int
		o    tsne.Options
		kind error
		says string
	}{
		{x, q, 0, tsne.Options{}, tsne.ErrOption, "k: got 0"},
		{x, q, 51, tsne.Options{}, tsne.ErrOption, "1 to 50"},
		{rowsOf(x, 0, 3), q, 1, tsne.Options{}, tsne.ErrShape, "3 rows"},
		{x, tsne.Matrix{Data: q.Data, Rows: 8, Cols: 3}, 1, tsne.Options{}, tsne.ErrShape, "q: got 3 columns, want 4"},
		{x, tsne.Matrix{Data: q.Data, Rows: 5, Cols: 4}, 1, tsne.Options{}, tsne.ErrShape, "q: got 24 values"},
		{x, tsne.Matrix{Rows: -1, Cols: 4}, 1, tsne.Options{}, tsne.ErrShape, "-1"},
		{with(x, 7, nan), q, 1, tsne.Options{}, tsne.ErrNotFinite, "X: row 1, column 3"},
		{x, with(q, 7, nan), 1, tsne.Options{}, tsne.ErrNotFinite, "q: row 1, column 3"},
		{x, flat, 1, tsne.Options{Metric: tsne.MetricCosine}, tsne.ErrOption, "row 2 of q"},
		{flat, x, 1, tsne.Options{Metric: tsne.MetricCorrelation}, tsne.ErrOption, "row 2 of X"},
		{x, q, 1, tsne.Options{Metric: 99}, tsne.ErrOption, "Metric: got"},
		{x, q, 1, tsne.Options{Threads: -1}, tsne.ErrOption, "Threads: got"},
		{x, q, 1, tsne.Options{MaxMemory: 1}, tsne.ErrMemory, "MaxMemory is"},
	} {
		if nb, err := tsne.FindNeighborsOfNew(ctx, c.x, c.q, c.k, c.o); nb != nil || !errors.Is(err, c.kind) || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%v, want %q", err, c.says)
		}
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	for _, m := range metrics {
		if _, err := tsne.FindNeighborsOfNew(gone, x, q, 3, tsne.Options{Metric: m}); !errors.Is(err, tsne.ErrCancelled) {
			t.Errorf("metric %d: %v", m, err)
		}
	}
	// A graph to other rows is no graph of these.
	nb := must[*tsne.Neighbors](t)(tsne.FindNeighborsOfNew(ctx, x, q, 3, tsne.Options{}))
	if _, err := tsne.NewAffinities(ctx, nb, tsne.Options{Affinity: tsne.AffinityUniform, K: 3}); !errors.Is(err, tsne.ErrGraph) {
		t.Errorf("affinities of it: %v", err)
	}
}

func perplexityOf(p []float32) float64 {
	entropy := 0.0
	for _, v := range p {
		if v > 0 {
			entropy -= float64(v) * math.Log(float64(v))
		}
	}
	return math.Exp(entropy)
}

// Rows sum to 1, have the perplexity asked for, do not care for the unit of
// the distances nor for their order, and are those of the definitions.
func TestConditional(t *testing.T) {
	const m, k = 60, 45
	x := blobs(300, 7, 5, 4)
	dist := must[*tsne.Neighbors](t)(tsne.FindNeighborsOfNew(ctx, x, newRows(m, 7), k, tsne.Options{})).Distances()
	sigma := 1.7
	for name, o := range map[string]tsne.Options{
		"perplexity": {Perplexity: 12},
		"mean":       {Perplexities: []float64{4, 15}},
		"multiscale": {Affinity: tsne.AffinityMultiscale, Perplexities: []float64{4, 15}},
		"uniform":    {Affinity: tsne.AffinityUniform},
		"max":        {Affinity: tsne.AffinityUniformMax},
		"sigma":      {Affinity: tsne.AffinityFixedSigma, Sigma: sigma},
	} {
		t.Run(name, func(t *testing.T) {
			o.Threads = 1
			o.Log = func(_ tsne.Level, line tsne.Message) { t.Error(line) }
			p := must[[]float32](t)(tsne.Conditional(ctx, dist, m, k, o))
			for i := range m {
				row := p[i*k:][:k]
				sum := 0.0
				for _, v := range row {
					sum += float64(v)
				}
				if math.Abs(sum-1) > 0x1p-23 {
					t.Fatalf("row %d sums to 1%+g", i, sum-1)
				}
				if u := perplexityOf(row); name == "perplexity" && math.Abs(u/12-1) > 1e-6 {
					t.Errorf("row %d: perplexity %g", i, u)
				}
				for e, v := range row {
					want := float64(v)
					switch d0, d := float64(dist[i*k]), float64(dist[i*k+e]); o.Affinity {
					case tsne.AffinityUniform, tsne.AffinityUniformMax:
						want = 1. / k
					case tsne.AffinityFixedSigma:
						want = float64(row[0]) * math.Exp((d0*d0-d*d)/(2*sigma*sigma))
					}
					if math.Abs(float64(v)-want) > 1e-5*want+1e-30 {
						t.Fatalf("row %d, place %d: %g, want %g", i, e, v, want)
					}
				}
			}
			if name == "mean" {
				a := must[[]float32](t)(tsne.Conditional(ctx, dist, m, k, tsne.Options{Perplexity: 4}))
				b := must[[]float32](t)(tsne.Conditional(ctx, dist, m, k, tsne.Options{Perplexity: 15}))
				for e := range a {
					if want := (float64(a[e]) + float64(b[e])) / 2; math.Abs(float64(p[e])-want) > 1e-6*want+1e-30 {
						t.Fatalf("value %d: %g, want the mean %g", e, p[e], want)
					}
				}
			}
			for _, threads := range []int{2, 3, 8} {
				o.Threads = threads
				sameBits(t, "threads", must[[]float32](t)(tsne.Conditional(ctx, dist, m, k, o)), p)
			}
			for _, e := range []int{-100, -66, -30, 66, 110} {
				far, other := times(tsne.Matrix{Data: dist, Rows: m, Cols: k}, e).Data, o
				other.Sigma = math.Ldexp(sigma, e)
				for at, v := range must[[]float32](t)(tsne.Conditional(ctx, far, m, k, other)) {
					if math.Abs(float64(v-p[at])) > 1e-5*float64(p[at])+1e-9 {
						t.Fatalf("times 2^%d: value %d is %g, want %g", e, at, v, p[at])
					}
				}
			}
			back := slices.Clone(dist)
			slices.Reverse(back)
			q := must[[]float32](t)(tsne.Conditional(ctx, back, m, k, o))
			slices.Reverse(q)
			for at, v := range q {
				if math.Abs(float64(v-p[at])) > 1e-6*float64(p[at])+1e-30 {
					t.Fatalf("backwards: value %d is %g, want %g", at, v, p[at])
				}
			}
		})
	}
	if p, err := tsne.Conditional(ctx, nil, 0, 5, tsne.Options{}); err != nil || len(p) != 0 {
		t.Errorf("no rows: %v, %v", p, err)
	}
	said := 0
	p := must[[]float32](t)(tsne.Conditional(ctx, []float32{1, 2, 3, 0, 0, 9}, 2, 3, tsne.Options{Perplexity: 3.5, Log: func(l tsne.Level, line tsne.Message) {
		if said++; l != tsne.LevelWarning || !strings.Contains(line.String(), "3.5") {
			t.Errorf("%d: %s", l, line)
		}
	}}))
	for _, v := range p {
		if v != float32(1./3) {
			t.Errorf("perplexity above k: %v", p)
		}
	}
	if said != 1 {
		t.Errorf("%d warnings", said)
	}
}

func TestConditionalRefuses(t *testing.T) {
	good := []float32{1, 2, 3, 4, 5, 6}
	with := func(at int, v float32) []float32 {
		d := slices.Clone(good)
		d[at] = v
		return d
	}
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		dist []float32
		m, k int
		o    tsne.Options
		kind error
		says string
	}{
		{good, 2, 4, tsne.Options{}, tsne.ErrShape, "6 values"},
		{good, -1, 4, tsne.Options{}, tsne.ErrShape, "-1 rows"},
		{nil, 0, 0, tsne.Options{}, tsne.ErrShape, "0 columns"},
		{with(4, inf), 2, 3, tsne.Options{}, tsne.ErrNotFinite, "row 1, column 1"},
		{with(2, float32(math.NaN())), 2, 3, tsne.Options{}, tsne.ErrNotFinite, "row 0, column 2"},
		{with(5, -1), 2, 3, tsne.Options{Affinity: tsne.AffinityUniform}, tsne.ErrGraph, "row 1, column 2 is -1"},
		{good, 2, 3, tsne.Options{Perplexity: -1}, tsne.ErrOption, "Perplexity: got"},
		{good, 2, 3, tsne.Options{Perplexities: []float64{2, math.NaN()}}, tsne.ErrOption, "Perplexities: got"},
		{good, 2, 3, tsne.Options{Affinity: 5}, tsne.ErrOption, "Affinity: got"},
		{good, 2, 3, tsne.Options{Affinity: tsne.AffinityFixedSigma}, tsne.ErrOption, "Sigma: got"},
		{good, 2, 3, tsne.Options{Threads: -1}, tsne.ErrOption, "Threads: got"},
		{good, 2, 3, tsne.Options{MaxMemory: 1}, tsne.ErrMemory, "2 x 3"},
	} {
		if p, err := tsne.Conditional(ctx, c.dist, c.m, c.k, c.o); p != nil || !errors.Is(err, c.kind) || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%v, want %q", err, c.says)
		}
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := tsne.Conditional(gone, good, 2, 3, tsne.Options{}); !errors.Is(err, tsne.ErrCancelled) {
		t.Errorf("cancelled: %v", err)
	}
}

// The closure by hand: each pair that either names, once in each row, all equal.
func TestUniformMax(t *testing.T) {
	const n, k = 200, 9
	x := sample(t, n)
	nb := must[*tsne.Neighbors](t)(tsne.FindNeighbors(ctx, x, k, tsne.Options{}))
	pairs := map[[2]int32]bool{}
	for at, j := range nb.Index {
		i := int32(at / k)
		pairs[[2]int32{i, j}], pairs[[2]int32{j, i}] = true, true
	}
	o := tsne.Options{Affinity: tsne.AffinityUniformMax, K: k}
	p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, o))
	if len(p.Val) != len(pairs) {
		t.Fatalf("%d values, want %d", len(p.Val), len(pairs))
	}
	sum := 0.0
	for i := range n {
		for e := p.Ptr[i]; e < p.Ptr[i+1]; e++ {
			if !pairs[[2]int32{int32(i), p.Col[e]}] || p.Val[e] != p.Val[0] {
				t.Fatalf("row %d, column %d: %g, the first is %g", i, p.Col[e], p.Val[e], p.Val[0])
			}
			sum += float64(p.Val[e])
		}
	}
	if math.Abs(sum-1) > 1e-6 {
		t.Errorf("sums to %g", sum)
	}
	again := must[*tsne.Affinities](t)(tsne.NewAffinities(ctx, nb, o))
	if !slices.Equal(again.Col, p.Col) || !slices.Equal(again.Val, p.Val) {
		t.Error("made of the neighbours it differs")
	}
	o.Affinity = tsne.AffinityUniform
	mean := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, o))
	if !slices.Equal(mean.Col, p.Col) || slices.Min(mean.Val) == slices.Max(mean.Val) {
		t.Error("the mean of both directions has another pattern, or one value")
	}
}

// Distances whose squares no float32 holds keep their proportions: P does not
// change when the data, or the distances given, are multiplied.
func TestUnitsOfDistances(t *testing.T) {
	const n, k = 200, 24
	x := sample(t, n)
	for i, v := range x.Data[:n*x.Cols] {
		x.Data[i] = v + 1 // digits are 0 to 16: room for tiny ones
	}
	same := func(t *testing.T, what string, p, q *tsne.Affinities) {
		t.Helper()
		if !slices.Equal(p.Col, q.Col) {
			t.Fatalf("%s: other neighbours", what)
		}
		for e, v := range q.Val {
			if math.Abs(float64(p.Val[e]-v)) > 1e-5*float64(v)+1e-12 {
				t.Fatalf("%s: value %d is %g, want %g", what, e, p.Val[e], v)
			}
		}
	}
	radii := func(p *tsne.Affinities) []float32 {
		e := must[*tsne.Embedding](t)(tsne.NewEmbedding(p, scatter(n, 2, 10, 1), tsne.Options{}))
		data, _, err := e.LogRadii()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for _, metric := range metrics {
		for _, affinity := range []tsne.AffinityKind{tsne.AffinityPerplexity, tsne.AffinityFixedSigma} {
			unit := 1.0 // of the distances, with the data's
			o := tsne.Options{Metric: metric, Affinity: affinity, Perplexity: 8, K: k, DensityLambda: 0.1}
			near := must[*tsne.Neighbors](t)(tsne.FindNeighbors(ctx, x, k, tsne.Options{Metric: metric}))
			far := near.Distances()
			o.Sigma = float64(far[k/2])
			want := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, o))
			for _, e := range []int{-120, -66, -40, 40, 66, 122} {
				if !metricOracles[metric].scaleless {
					unit = math.Ldexp(1, e)
				}
				what := fmt.Sprintf("metric %d, affinity %d, times 2^%d", metric, affinity, e)
				y, oy := times(x, e), o
				oy.Sigma *= unit
				p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, y, oy))
				same(t, what, p, want)
				if unit != 1 {
					a, b := radii(p), radii(want)
					for i := range a {
						if by := float64(a[i]-b[i]) / (2 * math.Ln2); math.Abs(by-float64(e)) > 1e-4 {
							t.Fatalf("%s: the local radius of row %d is 2^%g times", what, i, by)
						}
					}
				}
				nb := must[*tsne.Neighbors](t)(tsne.FindNeighbors(ctx, y, k, o))
				for at, d := range nb.Distances() {
					if w := float64(far[at]) * unit; math.Abs(float64(d)-w) > 1e-5*w && w < math.MaxFloat32 {
						t.Fatalf("%s: distance %d is %g, want %g", what, at, d, w)
					}
				}
				same(t, what+", by its neighbours", must[*tsne.Affinities](t)(tsne.NewAffinities(ctx, nb, oy)), want)
				wide := must[*tsne.Neighbors](t)(tsne.FindNeighbors(ctx, y, 2*k, o))
				same(t, what+", by the first of more", must[*tsne.Affinities](t)(tsne.NewAffinities(ctx, wide, oy)), want)
				if finite(nb.Distances()) {
					given := must[*tsne.Neighbors](t)(tsne.NeighborsFromDistances(n, k, nb.Index, nb.Distances()))
					same(t, what+", by its distances", must[*tsne.Affinities](t)(tsne.NewAffinities(ctx, given, oy)), want)
				}
			}
		}
	}
	dist := allDistances(x, tsne.MetricManhattan)
	o := tsne.Options{Perplexity: 8}
	want := must[*tsne.Affinities](t)(tsne.AffinitiesFromMatrix(ctx, dist, n, o))
	for _, e := range []int{-120, -66, 66, 115} {
		far := times(tsne.Matrix{Data: dist, Rows: n, Cols: n}, e)
		same(t, fmt.Sprintf("matrix times 2^%d", e), must[*tsne.Affinities](t)(tsne.AffinitiesFromMatrix(ctx, far.Data, n, o)), want)
	}
}
