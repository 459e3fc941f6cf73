package tsne_test

import (
	"errors"
	"math"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// TestBootstrap: the same bits by the same seed, alone as among others, and
// radii that hold 95 % of the samples.
func TestBootstrap(t *testing.T) {
	for _, metric := range []tsne.Metric{tsne.MetricEuclidean, tsne.MetricCorrelation} {
		e := finished(t, 500, 12, 2, metric)
		x := newRows(80, 12)
		o := tsne.TransformOptions{Seed: 3}
		all := must[*tsne.Bootstrap](t)(e.Bootstrap(ctx, x, 20, o))
		o.Threads = 1
		one := must[*tsne.Bootstrap](t)(e.Bootstrap(ctx, rowsOf(x, 7, 8), 20, o))
		sameBits(t, "Y", one.Y, all.Y[14:16])
		sameBits(t, "radius", one.Radius, all.Radius[7:8])
		sameBits(t, "Y is the placement", all.Y, must[*tsne.Partial](t)(e.Transform(ctx, x, tsne.TransformOptions{})).Y())
		if len(all.Samples) != 20*80*2 {
			t.Fatalf("%d samples", len(all.Samples))
		}
		if _, err := e.Bootstrap(ctx, x, 0, o); !errors.Is(err, tsne.ErrOption) {
			t.Errorf("no resamples: %v", err)
		}
		none := must[*tsne.Bootstrap](t)(e.Bootstrap(ctx, rowsOf(x, 0, 0), math.MaxInt, o))
		if none.N != 0 || none.B != math.MaxInt || len(none.Y)+len(none.Samples)+len(none.Radius) != 0 {
			t.Errorf("of no rows: %+v", none)
		}
	}
}

// TestSampleStart: the same bits on any number of threads, and a sample of all
// rows where the data have no more.
func TestSampleStart(t *testing.T) {
	x := blobs(900, 8, 6, 1)
	for _, size := range []int{300, 5000} {
		o := tsne.Options{Init: tsne.InitSample, SampleSize: size, Threads: 1}
		want := must[[]float32](t)(tsne.Initialize(ctx, x, o))
		o.Threads = 3
		sameBits(t, "3 threads", must[[]float32](t)(tsne.Initialize(ctx, x, o)), want)
		if !finite(want) {
			t.Error("not finite")
		}
	}
}
