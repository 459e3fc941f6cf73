package tsne_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/libtsne/libtsne/tsne"
)

// TestQualityAgainstScipy judges two weighted sums of the pixels of 900 digits
// as a map of the pixels times 1000 + 37 j mod 101. What it wants is by
// scikit-learn 1.8 (NearestNeighbors, 10 of the rows and 4 of the class means)
// and scipy 1.17 (spearmanr of pdist, by the metric in the data).
func TestQualityAgainstScipy(t *testing.T) {
	x, digit := digits(t)
	x.Rows = 900
	x.Data = x.Data[:900*64]
	y := make([]float32, 900*2)
	labels := make([]int32, 900)
	for i := range 900 {
		labels[i] = int32(digit[i])
		var a, b float64
		for j := range 64 {
			x.Data[i*64+j] *= float32(1000 + j*37%101)
			a += float64(x.Data[i*64+j]) * float64(j)
			b += float64(x.Data[i*64+j]) * float64(j*j%17)
		}
		y[2*i], y[2*i+1] = float32(a/1024), float32(b/1024)
	}
	for _, threads := range []int{1, 3} {
		for metric, want := range map[tsne.Metric]tsne.Quality{
			tsne.MetricDefault:     {KNN: 0.06344444444444444, KNC: 0.525, CPD: 0.1949951454936613},
			tsne.MetricCosine:      {KNN: 0.056777777777777774, KNC: 0.5, CPD: 0.13846235105615248},
			tsne.MetricCorrelation: {KNN: 0.056666666666666664, KNC: 0.5, CPD: 0.14185266952713524},
			tsne.MetricManhattan:   {KNN: 0.06077777777777777, KNC: 0.5, CPD: 0.18803002393216728},
			tsne.MetricChebyshev:   {KNN: 0.058444444444444445, KNC: 0.45, CPD: 0.1331535795029321},
			tsne.MetricHamming:     {KNN: 0.04833333333333333, KNC: math.NaN(), CPD: 0.1242765782370123},
		} {
			q := must[tsne.Quality](t)(tsne.MeasureQuality(ctx, x, y, 2, labels, tsne.Options{Threads: threads, Metric: metric}))
			off := func(a, b, most float64) bool { return math.Abs(a-b) > most || math.IsNaN(a) != math.IsNaN(b) }
			if off(q.KNN, want.KNN, 3e-4) || off(q.KNC, want.KNC, 1e-12) || off(q.CPD, want.CPD, 1e-7) {
				t.Errorf("metric %d, %d threads: %+v, want %+v", metric, threads, q, want)
			}
		}
	}
}

// TestQualityOfEveryMetric: the correlation of distances by their definition.
func TestQualityOfEveryMetric(t *testing.T) {
	x := sample(t, 150)
	y := scatter(150, 2, 10, 3)
	inY := allDistances(tsne.Matrix{Data: y, Rows: 150, Cols: 2}, tsne.MetricEuclidean)
	for _, m := range metrics {
		q := must[tsne.Quality](t)(tsne.MeasureQuality(ctx, x, y, 2, nil, tsne.Options{Metric: m}))
		if want := stat.Correlation(ranks(allDistances(x, m)), ranks(inY), nil); math.Abs(q.CPD-want) > 1e-3 {
			t.Errorf("metric %d: CPD %v, want %v", m, q.CPD, want)
		}
	}
}

// ranks are the places of the values above the diagonal of a matrix of 150 rows, equal
// ones at their mean.
func ranks(dist []float32) []float64 {
	var v []float32
	for at, d := range dist {
		if at/150 < at%150 {
			v = append(v, d)
		}
	}
	sorted := slices.Clone(v)
	slices.Sort(sorted)
	rank := make([]float64, len(v))
	for i, d := range v {
		lo, _ := slices.BinarySearch(sorted, d)
		hi, _ := slices.BinarySearch(sorted, math.Nextafter32(d, float32(math.Inf(1))))
		rank[i] = float64(lo+hi-1) / 2
	}
	return rank
}

func TestQualityOfGoodAndBadMaps(t *testing.T) {
	y := scatter(1500, 2, 10, 1)
	x := tsne.Matrix{Data: turned(y, 2, 4, true, 1), Rows: 1500, Cols: 2}
	labels := make([]int32, 1500)
	for i := range labels {
		labels[i] = int32(i%20) - 1 // class -1 is none
	}
	q := must[tsne.Quality](t)(tsne.MeasureQuality(ctx, x, y, 2, labels, tsne.Options{}))
	if q.KNN < 0.999 || q.KNC != 1 || q.CPD < 0.999999 {
		t.Errorf("a turned map: %+v", q)
	}
	shuffled := slices.Clone(y)
	r := rand.New(rand.NewPCG(1, 1))
	r.Shuffle(1500, func(i, j int) {
		for c := range 2 {
			shuffled[2*i+c], shuffled[2*j+c] = shuffled[2*j+c], shuffled[2*i+c]
		}
	})
	q = must[tsne.Quality](t)(tsne.MeasureQuality(ctx, x, shuffled, 2, nil, tsne.Options{}))
	if q.KNN > 0.02 || !math.IsNaN(q.KNC) || math.Abs(q.CPD) > 0.02 {
		t.Errorf("a shuffled map: %+v", q)
	}
	for seed := range uint64(2) {
		a := must[tsne.Quality](t)(tsne.MeasureQuality(ctx, x, scatter(1500, 2, 10, 1), 2, nil, tsne.Options{Seed: seed}))
		b := must[tsne.Quality](t)(tsne.MeasureQuality(ctx, x, scatter(1500, 2, 10, 1), 2, nil, tsne.Options{Seed: seed, Threads: 2}))
		if a.CPD != b.CPD || a.KNN != b.KNN {
			t.Error("the number of threads changes it")
		}
	}
	q = must[tsne.Quality](t)(tsne.MeasureQuality(ctx, x, make([]float32, 3000), 2, make([]int32, 1500), tsne.Options{}))
	if !math.IsNaN(q.CPD) || !math.IsNaN(q.KNC) {
		t.Errorf("all points at one place, one class: %+v", q)
	}
}

func TestQualityRefuses(t *testing.T) {
	x := blobs(30, 3, 2, 1)
	y := scatter(30, 2, 1, 1)
	bad := blobs(30, 3, 2, 1)
	bad.Data[4] = float32(math.Inf(1))
	for says, call := range map[string]func() (tsne.Quality, error){
		"Y: got 29 points": func() (tsne.Quality, error) {
			return tsne.MeasureQuality(ctx, x, y[:58], 2, nil, tsne.Options{})
		},
		"labels: got 3": func() (tsne.Quality, error) {
			return tsne.MeasureQuality(ctx, x, y, 2, []int32{1, 2, 3}, tsne.Options{})
		},
		"X: row 1, column 1": func() (tsne.Quality, error) { return tsne.MeasureQuality(ctx, bad, y, 2, nil, tsne.Options{}) },
		"dims: got 0":        func() (tsne.Quality, error) { return tsne.MeasureQuality(ctx, x, y, 0, nil, tsne.Options{}) },
		"Neighbors: got 9": func() (tsne.Quality, error) {
			return tsne.MeasureQuality(ctx, x, y, 2, nil, tsne.Options{Neighbors: 9})
		},
		"X: got 3 rows, want ": func() (tsne.Quality, error) {
			return tsne.MeasureQuality(ctx, tsne.Matrix{Rows: 3, Cols: 1, Data: y[:3]}, y[:6], 2, nil, tsne.Options{})
		},
	} {
		if _, err := call(); err == nil || !strings.Contains(err.Error(), says) || errors.Is(err, tsne.ErrInternal) {
			t.Errorf("%s: got %v", says, err)
		}
	}
}

func ExampleMeasureQuality() {
	x := blobs(600, 10, 5, 1)
	labels := make([]int32, x.Rows)
	for i := range labels {
		labels[i] = int32(i % 5)
	}
	e, err := tsne.Fit(ctx, x, tsne.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	q, err := tsne.MeasureQuality(ctx, x, e.Y(), e.Dims(), labels, tsne.Options{})
	fmt.Println(err, q.KNN > 0.2, q.KNC == 1, q.CPD > 0.5)
	// Output: <nil> true true true
}
