package tsne_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/libtsne/libtsne/tsne"
)

// metricOracle is a metric as a textbook has it, and what tests must know of it.
type metricOracle struct {
	distance  func(a, b []float64) float64
	scaleless bool // data in another unit have the same distances
	coarse    bool // of digits it has few values, and so ties
}

var metricOracles = map[tsne.Metric]metricOracle{
	tsne.MetricEuclidean: {distance: func(a, b []float64) float64 {
		return math.Sqrt(sumOver(a, b, func(x, y float64) float64 { return (x - y) * (x - y) }))
	}},
	tsne.MetricCosine: {scaleless: true, distance: func(a, b []float64) float64 {
		times := func(x, y float64) float64 { return x * y }
		return 1 - sumOver(a, b, times)/math.Sqrt(sumOver(a, a, times)*sumOver(b, b, times))
	}},
	tsne.MetricCorrelation: {scaleless: true, distance: func(a, b []float64) float64 { return 1 - stat.Correlation(a, b, nil) }},
	tsne.MetricManhattan: {distance: func(a, b []float64) float64 {
		return sumOver(a, b, func(x, y float64) float64 { return math.Abs(x - y) })
	}},
	tsne.MetricChebyshev: {coarse: true, distance: func(a, b []float64) (most float64) {
		sumOver(a, b, func(x, y float64) float64 { most = max(most, math.Abs(x-y)); return 0 })
		return most
	}},
	tsne.MetricHamming: {scaleless: true, coarse: true, distance: func(a, b []float64) float64 {
		return sumOver(a, b, func(x, y float64) float64 { return edge(x != y) }) / float64(len(a))
	}},
}

func sumOver(a, b []float64, term func(x, y float64) float64) (sum float64) {
	for i, x := range a {
		sum += term(x, b[i])
	}
	return sum
}

// metrics are those that have an oracle, in the order of their numbers.
var metrics = slices.Sorted(maps.Keys(metricOracles))

// metricDistance is a distance by the oracle; b gives the other row by column.
func metricDistance(m tsne.Metric, a []float32, b func(c int) float32) float64 {
	x, y := make([]float64, len(a)), make([]float64, len(a))
	for c, v := range a {
		x[c], y[c] = float64(v), float64(b(c))
	}
	return metricOracles[m].distance(x, y)
}

func TestEveryMetricHasAnOracle(t *testing.T) {
	x := blobs(20, 3, 2, 1)
	for m := tsne.MetricEuclidean; ; m++ {
		_, err := tsne.FindNeighbors(ctx, x, 3, tsne.Options{Metric: m})
		if _, ok := metricOracles[m]; !ok && err != nil && int(m) > len(metrics) {
			return
		} else if !ok || err != nil {
			t.Fatalf("metric %d: an oracle: %v, of the engine: %v", m, ok, err)
		}
	}
}

// allDistances is the matrix of a metric by its definition.
func allDistances(x tsne.Matrix, m tsne.Metric) []float32 {
	n, d := x.Rows, x.Cols
	dist := make([]float32, n*n)
	for i := range n {
		for j := range n {
			if i != j {
				row := x.Data[j*d:][:d]
				dist[i*n+j] = float32(metricDistance(m, x.Data[i*d:][:d], func(c int) float32 { return row[c] }))
			}
		}
	}
	return dist
}

func sample(t *testing.T, rows int) tsne.Matrix {
	x, _ := digits(t)
	return tsne.Matrix{Data: x.Data[:rows*x.Cols], Rows: rows, Cols: x.Cols}
}

// The neighbours of a metric are those of its matrix of distances.
func TestNeighborsOfEveryMetric(t *testing.T) {
	const n, k = 300, 25
	x := sample(t, n)
	for _, m := range metrics {
		got, err := tsne.FindNeighbors(ctx, x, k, tsne.Options{Metric: m})
		if err != nil {
			t.Fatal(err)
		}
		dist := allDistances(x, m)
		want, err := tsne.NeighborsFromMatrix(ctx, dist, n, k, tsne.Options{})
		if err != nil {
			t.Fatal(err)
		}
		a, b := got.Distances(), want.Distances()
		for e := range a {
			if math.Abs(float64(a[e]-b[e])) > 1e-5*float64(b[e]) {
				t.Fatalf("metric %d, row %d, place %d: %v, want %v", m, e/k, e%k, a[e], b[e])
			}
			if d := dist[e/k*n+int(got.Index[e])]; math.Abs(float64(a[e]-d)) > 1e-5*float64(d) {
				t.Fatalf("metric %d, row %d: %d is at %v, not %v", m, e/k, got.Index[e], d, a[e])
			}
		}
		p, err := tsne.AffinitiesOf(ctx, x, tsne.Options{Metric: m, Perplexity: 8})
		if err != nil {
			t.Fatal(err)
		}
		q, err := tsne.AffinitiesFromMatrix(ctx, dist, n, tsne.Options{Perplexity: 8})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Val) != len(q.Val) && !metricOracles[m].coarse {
			t.Errorf("metric %d: %d values, want %d", m, len(p.Val), len(q.Val))
		}
	}
}

func TestMetricsRefuse(t *testing.T) {
	x := sample(t, 50)
	x.Data = slices.Clone(x.Data)
	flat := x.Data[7*x.Cols:][:x.Cols]
	for c := range flat {
		flat[c] = 3
	}
	if _, err := tsne.FindNeighbors(ctx, x, 5, tsne.Options{Metric: tsne.MetricCosine}); err != nil {
		t.Error(err)
	}
	for _, m := range []tsne.Metric{tsne.MetricCosine, tsne.MetricCorrelation} {
		if m == tsne.MetricCosine {
			clear(flat)
		}
		for name, err := range map[string]error{
			"neighbors":  second(tsne.FindNeighbors(ctx, x, 5, tsne.Options{Metric: m})),
			"affinities": second(tsne.AffinitiesOf(ctx, x, tsne.Options{Metric: m})),
			"fit":        second(tsne.Fit(ctx, x, tsne.Options{Metric: m})),
		} {
			if !errors.Is(err, tsne.ErrOption) || !strings.Contains(err.Error(), "row 7") {
				t.Errorf("metric %d, %s: %v", m, name, err)
			}
		}
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	for _, m := range metrics {
		if _, err := tsne.FindNeighbors(gone, sample(t, 50), 5, tsne.Options{Metric: m}); !errors.Is(err, tsne.ErrCancelled) {
			t.Errorf("metric %d: %v", m, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestMemoryOfMetrics(t *testing.T) {
	estimate := func(m tsne.Metric) uint64 {
		v, err := tsne.EstimateMemory(5000, 300, tsne.Options{Metric: m, Neighbors: tsne.NeighborsExact})
		if err != nil {
			t.Fatal(err)
		}
		return v.Neighbors
	}
	if got := estimate(tsne.MetricCosine) - estimate(tsne.MetricEuclidean); got != 4*5000*300 {
		t.Errorf("cosine takes %d bytes more", got)
	}
	if estimate(tsne.MetricManhattan) < 4*5000*300 {
		t.Error("Manhattan: its copy of the data is missing")
	}
}

func TestNeighborsFromMatrix(t *testing.T) {
	dist := []float32{
		0, 2, 1, 2, 1,
		5, 0, float32(math.Copysign(0, -1)), 3, 1,
		1, 1, 1e-9, 1, 1,
		9, 8, 7, 0, 6,
		0, 0, 0, 0, 0,
	}
	for threads := 1; threads < 4; threads++ {
		nb, err := tsne.NeighborsFromMatrix(ctx, dist, 5, 3, tsne.Options{Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		if want := []int32{2, 4, 1, 2, 4, 3, 0, 1, 3, 4, 2, 1, 0, 1, 2}; !slices.Equal(nb.Index, want) {
			t.Errorf("got %v, want %v", nb.Index, want)
		}
		if want := []float32{1, 1, 2, 0, 1, 3, 1, 1, 1, 6, 7, 8, 0, 0, 0}; !slices.Equal(nb.Distances(), want) {
			t.Errorf("got %v, want %v", nb.Distances(), want)
		}
	}
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		at   int
		v    float32
		kind error
		says string
	}{
		{7, -1, tsne.ErrGraph, "row 1, column 2 is -1"},
		{8, float32(math.NaN()), tsne.ErrNotFinite, "row 1, column 3"},
		{20, inf, tsne.ErrNotFinite, "row 4, column 0"},
		{18, 1, tsne.ErrGraph, "row 3, column 3 is 1"},
	} {
		bad := slices.Clone(dist)
		bad[c.at] = c.v
		if _, err := tsne.NeighborsFromMatrix(ctx, bad, 5, 3, tsne.Options{}); !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: want %q", err, c.says)
		}
	}
	for _, c := range []struct {
		n, k int
		kind error
	}{{5, 0, tsne.ErrOption}, {5, 5, tsne.ErrOption}, {4, 2, tsne.ErrShape}, {2, 1, tsne.ErrShape}, {-5, 1, tsne.ErrShape}} {
		if _, err := tsne.NeighborsFromMatrix(ctx, dist, c.n, c.k, tsne.Options{}); !errors.Is(err, c.kind) {
			t.Errorf("n = %d, k = %d: %v", c.n, c.k, err)
		}
	}
}

func TestKindsOfAffinity(t *testing.T) {
	const n = 300
	x := sample(t, n)
	for name, o := range map[string]tsne.Options{
		"k":          {Perplexity: 10, K: 50},
		"mean":       {Perplexities: []float64{5, 40}},
		"multiscale": {Affinity: tsne.AffinityMultiscale, Perplexities: []float64{5, 40}},
		"uniform":    {Affinity: tsne.AffinityUniform, K: 12},
		"sigma":      {Affinity: tsne.AffinityFixedSigma, Sigma: 12, K: 20},
	} {
		t.Run(name, func(t *testing.T) {
			o.EarlyIterations, o.Iterations, o.Repulsion = 20, 20, tsne.RepulsionExact
			o.Log = func(l tsne.Level, line tsne.Message) {
				if l == tsne.LevelWarning {
					t.Error(line)
				}
			}
			p, err := tsne.AffinitiesOf(ctx, x, o)
			if err != nil {
				t.Fatal(err)
			}
			k := o.K
			if k == 0 {
				k = 3 * 40
			}
			wide, err := tsne.FindNeighbors(ctx, x, n-1, o)
			if err != nil {
				t.Fatal(err)
			}
			fewer := o
			fewer.K = k
			q, err := tsne.NewAffinities(ctx, wide, fewer) // counts the first k only
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(p.Col, q.Col) {
				t.Error("K of a wider graph gives other neighbours")
			}
			for e := range p.Val {
				if math.Abs(float64(p.Val[e]-q.Val[e])) > 1e-5*float64(q.Val[e])+1e-12 {
					t.Fatalf("value %d: %v and %v", e, p.Val[e], q.Val[e])
				}
			}
			e, err := tsne.Fit(ctx, x, o)
			if err != nil {
				t.Fatal(err)
			}
			var sum float64
			for _, v := range p.Val {
				sum += float64(v)
			}
			if got := e.Affinities(); !slices.Equal(got.Val, p.Val) || math.Abs(sum-1) > 1e-6 {
				t.Errorf("Fit has other affinities, or they sum to %v", sum)
			}
		})
	}
}

func TestKBeyondThePoints(t *testing.T) {
	x := sample(t, 40)
	nb, err := tsne.FindNeighbors(ctx, x, 10, tsne.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []tsne.AffinityKind{tsne.AffinityPerplexity, tsne.AffinityUniform} {
		o := tsne.Options{Affinity: a, K: 40}
		for name, err := range map[string]error{
			"affinities": second(tsne.AffinitiesOf(ctx, x, o)),
			"fit":        second(tsne.Fit(ctx, x, o)),
			"matrix":     second(tsne.AffinitiesFromMatrix(ctx, allDistances(x, tsne.MetricEuclidean), 40, o)),
			"memory":     second(tsne.EstimateMemory(40, 64, o)),
			"graph":      second(tsne.NewAffinities(ctx, nb, tsne.Options{Affinity: a, K: 11})),
		} {
			want := "39"
			if name == "graph" {
				want = "10"
			}
			if !errors.Is(err, tsne.ErrOption) || !strings.Contains(fmt.Sprint(err), want) {
				t.Errorf("affinity %d, %s: %v", a, name, err)
			}
		}
	}
}

// TestRowsWithoutDirectionAreCounted: all of them, the first few by number.
func TestRowsWithoutDirectionAreCounted(t *testing.T) {
	x := blobs(600, 4, 3, 1)
	for _, c := range []struct {
		rows []int
		says string
	}{
		{[]int{599}, "row 599 of X is "},
		{[]int{3, 300}, "2 rows of X are "},
		{[]int{3, 300}, ": rows 3, 300"},
		{[]int{1, 2, 3, 4, 255, 256, 599}, "7 rows of X are "},
		{[]int{1, 2, 3, 4, 255, 256, 599}, ": rows 1, 2, 3, 4, 255, ..."},
	} {
		flat := tsne.Matrix{Data: slices.Clone(x.Data), Rows: x.Rows, Cols: x.Cols}
		for _, i := range c.rows {
			clear(flat.Data[i*4 : i*4+4])
		}
		for _, m := range []tsne.Metric{tsne.MetricCosine, tsne.MetricCorrelation} {
			_, err := tsne.Fit(ctx, flat, tsne.Options{Metric: m})
			if !errors.Is(err, tsne.ErrOption) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %q", err, c.says)
			}
		}
	}
}
