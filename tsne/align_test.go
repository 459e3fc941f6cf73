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

// halves are two data sets of the same 10 classes.
func halves(n int) (a, b tsne.Matrix) {
	x := blobs(2*n, 10, 10, 7)
	half := n * x.Cols
	return tsne.Matrix{Data: x.Data[:half], Rows: n, Cols: x.Cols}, tsne.Matrix{Data: x.Data[half:], Rows: n, Cols: x.Cols}
}

// centroidDistance is the root mean square distance of the means of class i
// in both maps, in units of the first map's spread; row i is of class i % 10.
func centroidDistance(a, b []float32, dims int) float64 {
	mean := func(y []float32) []float32 {
		m := make([]float32, 10*dims)
		for i, v := range y {
			m[i/dims%10*dims+i%dims] += v * 10 * float32(dims) / float32(len(y))
		}
		return m
	}
	left, _ := squares(mean(a), mean(b), dims)
	_, size := squares(a, a, dims)
	return math.Sqrt(left / 10 / (size / float64(len(a)/dims)))
}

func TestAlignKeepsTheArrangement(t *testing.T) {
	one, two := halves(600)
	o := tsne.Options{EarlyIterations: 150, Iterations: 150}
	reference := must[*tsne.Embedding](t)(tsne.Fit(ctx, one, o))
	o.Init, o.Seed = tsne.InitRandom, 5
	alone := must[*tsne.Embedding](t)(tsne.Fit(ctx, two, o))
	o.Init = tsne.InitPCA
	e, a, err := tsne.Align(ctx, reference, two, tsne.TransformOptions{}, o)
	if err != nil {
		t.Fatal(err)
	}
	before, after := centroidDistance(reference.Y(), alone.Y(), 2), centroidDistance(reference.Y(), e.Y(), 2)
	if after > 0.3 || before < 2*after {
		t.Errorf("class means are %v apart, %v when embedded alone", after, before)
	}
	if !(a.Disparity > 0 && a.Disparity < 0.3) || !(a.NeighborOverlap > 0.1 && a.NeighborOverlap <= 1) {
		t.Errorf("%+v", a)
	}
	// What it reports is what the public functions say of its start.
	p := must[*tsne.Partial](t)(reference.Transform(ctx, two, tsne.TransformOptions{}))
	s := must[*tsne.Superposition](t)(tsne.Procrustes(p.Y(), e.Y(), 2, tsne.ProcrustesOptions{Scale: true}))
	if math.Abs(s.Disparity-a.Disparity) > 0.01 {
		t.Errorf("disparity %v, want about %v", a.Disparity, s.Disparity)
	}
	for name, other := range map[string]tsne.TransformOptions{
		"given places":  {Placement: tsne.PlaceGiven, InitY: p.Y()},
		"three threads": {Threads: 3},
	} {
		again, b, err := tsne.Align(ctx, reference, two, other, o)
		if err != nil || !slices.Equal(again.Y(), e.Y()) || *b != *a {
			t.Errorf("%s: another map, %+v, %v", name, b, err)
		}
	}
}

// Data that lack half of the reference's classes stay on the islands of theirs, at
// no cost to the divergence: what a map does among neighbours is not held.
func TestAlignOfFewerClasses(t *testing.T) {
	one, two := halves(1000)
	few := tsne.Matrix{Cols: two.Cols}
	for i := range two.Rows {
		if i%10 < 5 {
			few.Data = append(few.Data, two.Data[i*two.Cols:][:two.Cols]...)
			few.Rows++
		}
	}
	o := tsne.Options{EarlyIterations: 150, Iterations: 300}
	reference := must[*tsne.Embedding](t)(tsne.Fit(ctx, one, o))
	free := must[*tsne.Embedding](t)(tsne.Fit(ctx, few, o))
	e, _, err := tsne.Align(ctx, reference, few, tsne.TransformOptions{}, o)
	if err != nil {
		t.Fatal(err)
	}
	if !(e.KL() < 1.02*free.KL()) {
		t.Errorf("KL %v, %v of a free fit", e.KL(), free.KL())
	}
	y, r := e.Y(), reference.Y()
	right := 0
	for i := range few.Rows {
		near, best := 0, math.Inf(1)
		for k := range one.Rows {
			d := math.Hypot(float64(y[2*i]-r[2*k]), float64(y[2*i+1]-r[2*k+1]))
			if d < best {
				near, best = k, d
			}
		}
		if near%10 == i%5 {
			right++
		}
	}
	if share := float64(right) / float64(few.Rows); share < 0.97 {
		t.Errorf("%v of the points lie on their islands", share)
	}
}

// A phase that stops by itself still has its last part, in which the pull lets go.
func TestAlignThatStopsByItself(t *testing.T) {
	one, two := halves(300)
	o := tsne.Options{EarlyIterations: 60, Iterations: 200, AutoStop: 2}
	reference := must[*tsne.Embedding](t)(tsne.Fit(ctx, one, tsne.Options{EarlyIterations: 60, Iterations: 60}))
	var last tsne.Progress
	o.ProgressEvery = 1
	o.Progress = func(p tsne.Progress) bool {
		if p.Stage == tsne.StageOptimize && p.Y != nil {
			last = p
		}
		return false
	}
	e, _, err := tsne.Align(ctx, reference, two, tsne.TransformOptions{}, o)
	if err != nil {
		t.Fatal(err)
	}
	if n := e.Iterations(); n < 40+15 || n >= 260 || last.Iteration != n || last.Iterations != n {
		t.Errorf("%d iterations, the last report was of %d of %d", n, last.Iteration, last.Iterations)
	}
}

// The default K is no more than the reference has; one that is asked for is.
func TestAlignWithAFewPoints(t *testing.T) {
	few := must[*tsne.Embedding](t)(tsne.Fit(ctx, blobs(8, 5, 2, 1), tsne.Options{EarlyIterations: 10, Iterations: 20}))
	x, o := blobs(40, 5, 2, 2), tsne.Options{EarlyIterations: 10, Iterations: 20, Perplexity: 5}
	on := func(k int) ([]float32, error) {
		e, _, err := tsne.Align(ctx, few, x, tsne.TransformOptions{K: k}, o)
		if err != nil {
			return nil, err
		}
		return e.Y(), nil
	}
	got, want := must[[]float32](t)(on(0)), must[[]float32](t)(on(8))
	if !slices.Equal(got, want) {
		t.Error("the default is not all 8 points")
	}
	if slices.Equal(want, must[[]float32](t)(on(3))) {
		t.Error("3 of the points give what all 8 do")
	}
	for _, k := range []int{9, 10} {
		if _, err := on(k); err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("K: got %d, want 1 to 8", k)) {
			t.Errorf("K %d: %v", k, err)
		}
	}
}

func TestAlignRefuses(t *testing.T) {
	one, two := halves(40)
	o := tsne.Options{Perplexity: 5, EarlyIterations: 5, Iterations: 5}
	reference := must[*tsne.Embedding](t)(tsne.Fit(ctx, one, o))
	bare := must[*tsne.Embedding](t)(tsne.NewEmbedding(reference.Affinities(), reference.Y(), o))
	given := tsne.TransformOptions{Placement: tsne.PlaceGiven, InitY: make([]float32, 78)}
	narrow := tsne.Matrix{Data: two.Data[:120], Rows: 40, Cols: 3}
	align := func(e *tsne.Embedding, x tsne.Matrix, t tsne.TransformOptions, o tsne.Options) error {
		_, _, err := tsne.Align(ctx, e, x, t, o)
		return err
	}
	for _, c := range []struct {
		says string
		kind error
		err  error
	}{
		{"Dims: got 3, want 2", tsne.ErrOption, align(reference, two, tsne.TransformOptions{}, tsne.Options{Dims: 3})},
		{"Theta: got 5", tsne.ErrOption, align(reference, two, tsne.TransformOptions{}, tsne.Options{Theta: 5})},
		{"X: got 0 rows", tsne.ErrShape, align(reference, tsne.Matrix{Cols: 10}, tsne.TransformOptions{}, o)},
		{"X: got 3 columns, want 10", tsne.ErrShape, align(reference, narrow, tsne.TransformOptions{}, o)},
		{"InitY: got 78 values", tsne.ErrOption, align(reference, two, given, o)},
		{"no data", tsne.ErrNoData, align(bare, two, tsne.TransformOptions{}, o)},
	} {
		if !errors.Is(c.err, c.kind) || !strings.Contains(fmt.Sprint(c.err), c.says) {
			t.Errorf("%s: got %v", c.says, c.err)
		}
	}
	if err := align(bare, narrow, tsne.TransformOptions{Placement: tsne.PlaceGiven, InitY: make([]float32, 80)}, o); err != nil {
		t.Error("all at one given place:", err)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := tsne.Align(stopped, reference, two, tsne.TransformOptions{}, o); !errors.Is(err, tsne.ErrCancelled) {
		t.Error(err)
	}
	o.Progress = func(p tsne.Progress) bool { return p.Iteration == 7 }
	o.ProgressEvery = 1
	if e, a, err := tsne.Align(ctx, reference, two, tsne.TransformOptions{}, o); !errors.Is(err, tsne.ErrCancelled) || e == nil || e.Iterations() != 6 || a != nil {
		t.Error(e, a, err)
	}
}

func TestSavedModelTransformsWithTheSameBits(t *testing.T) {
	one, two := halves(2200)
	two.Rows, two.Data = 50, two.Data[:500]
	for _, o := range []tsne.Options{{}, {Metric: tsne.MetricCosine, Dims: 3, DOF: 0.7}} {
		o.EarlyIterations, o.Iterations = 30, 10
		e := must[*tsne.Embedding](t)(tsne.Fit(ctx, one, o))
		back := must[*tsne.Embedding](t)(readModel(modelBytes(t, e)))
		for _, with := range []tsne.TransformOptions{{}, {Placement: tsne.PlaceWeighted, EarlyIterations: 10, Iterations: 10}} {
			p := must[*tsne.Partial](t)(e.Transform(ctx, two, with))
			q := must[*tsne.Partial](t)(back.Transform(ctx, two, with))
			if !slices.Equal(p.Y(), q.Y()) || p.KL() != q.KL() && p.KL() == p.KL() {
				t.Errorf("%+v: other bits", with)
			}
		}
	}
}

func ExampleAlign() {
	one, two := halves(500)
	o := tsne.Options{EarlyIterations: 100, Iterations: 100}
	reference, err := tsne.Fit(ctx, one, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	e, a, err := tsne.Align(ctx, reference, two, tsne.TransformOptions{}, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.N(), "points, kept their arrangement:", a.Disparity < 0.3)
	// Output: 500 points, kept their arrangement: true
}
