package tsne_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/libtsne/libtsne/tsne"
	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

// TestTransformOnEveryPath: placing and refining give the same bits in plain Go
// and on every SIMD path of the machine.
func TestTransformOnEveryPath(t *testing.T) {
	defer func(l cpu.Level) { cpu.Use = l }(cpu.Use)
	best := cpu.Use
	for _, c := range []struct {
		dims      int
		dof       float64
		repulsion tsne.Repulsion
		metric    tsne.Metric
	}{
		{2, 1, tsne.RepulsionFFT, tsne.MetricEuclidean},
		{1, 1, tsne.RepulsionFFT, tsne.MetricCosine},
		{2, 0.5, tsne.RepulsionFFT, tsne.MetricEuclidean},
		{3, 1, tsne.RepulsionBarnesHut, tsne.MetricCorrelation},
		{2, 0.7, tsne.RepulsionBarnesHut, tsne.MetricEuclidean},
		{2, 1, tsne.RepulsionExact, tsne.MetricManhattan},
	} {
		t.Run(fmt.Sprintf("%d-D, dof %g, repulsion %d, metric %d", c.dims, c.dof, c.repulsion, c.metric), func(t *testing.T) {
			cpu.Use = best
			x := blobs(900, 13, 10, 1)
			e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{
				Dims: c.dims, DOF: c.dof, Metric: c.metric, Perplexity: 10, EarlyIterations: 30, Iterations: 30,
			}))
			o := tsne.TransformOptions{EarlyIterations: 5, Iterations: 15, Repulsion: c.repulsion}
			var want []float32
			var kl float64
			for l := cpu.Portable; l <= best; l++ {
				cpu.Use = l
				p := must[*tsne.Partial](t)(e.Clone().Transform(ctx, newRows(101, 13), o))
				if err := p.Optimize(ctx, tsne.Phase{Iterations: 10, Exaggeration: 1}, nil); err != nil {
					t.Fatal(err)
				}
				if l == cpu.Portable {
					want, kl = p.Y(), p.KL()
					continue
				}
				sameBits(t, l.String(), p.Y(), want)
				if p.KL() != kl {
					t.Errorf("%v: KL %v, want %v", l, p.KL(), kl)
				}
			}
		})
	}
}

// TestCancelMidway cancels within a refinement that would not end: it comes
// back with the iterations before the last report, whole.
func TestCancelMidway(t *testing.T) {
	e := finished(t, 1000, 10, 2, 0)
	x := newRows(200, 10)
	placed := must[*tsne.Partial](t)(e.Transform(ctx, x, tsne.TransformOptions{}))
	want := placed.Clone()
	stop, cancel := context.WithCancel(ctx)
	const last, endless = 30, math.MaxInt32 / 2
	reported := 0
	err := placed.Optimize(stop, tsne.Phase{Iterations: endless, Exaggeration: 1.5}, &tsne.TransformOptions{
		ProgressEvery: 10,
		Progress: func(p tsne.Progress) bool {
			if reported = p.Iteration; reported == last {
				cancel()
			}
			return false
		},
	})
	if !errors.Is(err, tsne.ErrCancelled) || reported != last || placed.Iterations() != last {
		t.Fatalf("%v after %d iterations, %d of them reported", err, placed.Iterations(), reported)
	}
	if err := want.Optimize(ctx, tsne.Phase{Iterations: last, Exaggeration: 1.5}, nil); err != nil {
		t.Fatal(err)
	}
	sameBits(t, "cancelled", placed.Y(), want.Y())

	// No report comes between: the cancel is seen within the iterations.
	stop, cancel = context.WithCancel(ctx)
	defer time.AfterFunc(20*time.Millisecond, cancel).Stop()
	err = placed.Optimize(stop, tsne.Phase{Iterations: endless, Exaggeration: 1.5}, &tsne.TransformOptions{
		ProgressEvery: endless,
		Progress: func(p tsne.Progress) bool {
			t.Errorf("a report at %d", p.Iteration)
			return true
		},
	})
	if !errors.Is(err, tsne.ErrCancelled) || placed.Iterations() != last {
		t.Fatalf("%v after %d iterations", err, placed.Iterations())
	}
	sameBits(t, "cancelled within", placed.Y(), want.Y())
}

// TestTransformsAtOnce uses one embedding from several goroutines while none of
// what transforms share has been made.
func TestTransformsAtOnce(t *testing.T) {
	for _, repulsion := range []tsne.Repulsion{tsne.RepulsionFFT, tsne.RepulsionBarnesHut} {
		e := finished(t, 600, 10, 2, 0)
		x := newRows(70, 10)
		o := tsne.TransformOptions{Iterations: 10, Repulsion: repulsion}
		want := must[*tsne.Partial](t)(e.Clone().Transform(ctx, x, o)).Y()
		var all sync.WaitGroup
		got := make([][]float32, 6)
		for i := range got {
			all.Add(1)
			go func() {
				defer all.Done()
				lo, hi := 10*i, 10*i+1
				if i%2 == 1 {
					lo, hi = 0, x.Rows
				}
				p, err := e.Transform(ctx, rowsOf(x, lo, hi), o)
				if err != nil {
					t.Error(err)
					return
				}
				got[i] = p.Y()
				if i == 5 { // the map, without the data
					ptr, col, val := p.Affinities()
					if _, err := e.NewPartial(ctx, p.Y(), ptr, col, val, o); err != nil {
						t.Error(err)
					}
				}
				if i == 3 { // other columns lay another search out
					turned := o
					turned.Columns = []int32{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}
					if _, err := e.Transform(ctx, x, turned); err != nil {
						t.Error(err)
					}
				}
			}()
		}
		all.Wait()
		for i, y := range got {
			if i%2 == 1 {
				sameBits(t, "all rows", y, want)
			} else {
				sameBits(t, "one row", y, want[20*i:20*i+2])
			}
		}
	}
}

// TestBootstrapRadius: the least radius that holds 95 % of a point's samples;
// rows that some resamples leave without direction have NaN there, and their
// radius is of the others.
func TestBootstrapRadius(t *testing.T) {
	e := finished(t, 300, 6, 2, tsne.MetricCosine)
	x := newRows(25, 6)
	clear(x.Data[7*6 : 8*6])
	x.Data[7*6+2] = 3 // gone from two resamples in six
	const b = 40
	s := must[*tsne.Bootstrap](t)(e.Bootstrap(ctx, x, b, tsne.TransformOptions{Seed: 5}))
	for i := range s.N {
		var away []float64
		for k := range b {
			y := s.Samples[(k*s.N+i)*2:][:2]
			lost := math.IsNaN(float64(y[0]))
			if lost != math.IsNaN(float64(y[1])) || lost && i != 7 {
				t.Fatalf("point %d, sample %d at %v", i, k, y)
			}
			if !lost {
				away = append(away, math.Hypot(float64(y[0]-s.Y[2*i]), float64(y[1]-s.Y[2*i+1])))
			}
		}
		if i == 7 && (len(away) == b || len(away) == 0) {
			t.Fatalf("%d of %d samples of a row with one value", len(away), b)
		}
		held := func(r float64) (share float64) {
			for _, d := range away {
				if d <= r {
					share += 1 / float64(len(away))
				}
			}
			return share
		}
		r := float64(s.Radius[i])
		if held(r*(1+1e-6)) < 0.95-1e-9 || r > 0 && held(r*(1-1e-6)) >= 0.95 {
			t.Errorf("point %d: %g of its samples within the radius, %g within less", i, held(r*(1+1e-6)), held(r*(1-1e-6)))
		}
	}
	if !finite(s.Y) || slices.ContainsFunc(s.Radius, func(r float32) bool { return !(r >= 0) }) {
		t.Error("Y or radii are not finite")
	}
}

// TestSmallMapsWarnWhenAsked: the default perplexity is lowered in silence until
// iterations use it.
func TestSmallMapsWarnWhenAsked(t *testing.T) {
	x := blobs(12, 3, 2, 1)
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{Perplexity: 3, Iterations: 10}))
	for _, c := range []struct {
		o    tsne.TransformOptions
		want int
	}{
		{tsne.TransformOptions{}, 0},
		{tsne.TransformOptions{Iterations: 1}, 1},
		{tsne.TransformOptions{Perplexities: []float64{6}}, 1},
	} {
		lines := 0
		c.o.Log = func(l tsne.Level, _ tsne.Message) {
			if l == tsne.LevelWarning {
				lines++
			}
		}
		must[*tsne.Partial](t)(e.Transform(ctx, x, c.o))
		if lines != c.want {
			t.Errorf("%v, %d iterations: got %d warnings, want %d", c.o.Perplexities, c.o.Iterations, lines, c.want)
		}
	}
}
