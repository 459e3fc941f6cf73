package tsne_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/libtsne/libtsne/tsne"
)

func TestDigitsComeApart(t *testing.T) {
	x, labels := digits(t)
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{}))
	y := e.Y()
	if acc := accuracy(y, 2, func(i int) int { return int(labels[i]) }); acc < 0.97 {
		t.Errorf("nearest-neighbour accuracy %.3f, want at least 0.97", acc)
	}
	// openTSNE 1.0.4 ends at 0.774 with these settings.
	if kl := e.KL(); !(kl < 0.76) {
		t.Errorf("KL %.4f, want below 0.76", kl)
	}
	if e.Iterations() != 750 || e.N() != 1797 || e.Dims() != 2 {
		t.Errorf("iterations %d, n %d, dims %d", e.Iterations(), e.N(), e.Dims())
	}
}

func TestSameBitsOnAnyThreadCount(t *testing.T) {
	for _, c := range []struct {
		n, dims int
		method  tsne.Repulsion
	}{
		{700, 1, tsne.RepulsionExact}, {700, 2, tsne.RepulsionExact}, {700, 3, tsne.RepulsionExact},
		{1500, 1, tsne.RepulsionBarnesHut}, {1500, 2, tsne.RepulsionBarnesHut}, {1500, 3, tsne.RepulsionBarnesHut},
		{1500, 1, tsne.RepulsionFFT}, {1500, 2, tsne.RepulsionFFT}, {5003, 2, tsne.RepulsionFFT},
	} {
		t.Run(fmt.Sprintf("n=%d,dims=%d,method=%d", c.n, c.dims, c.method), func(t *testing.T) {
			x := blobs(c.n, 9, 7, 3)
			var first uint64
			for i, threads := range []int{1, 2, 3, 8, 1, 2, 3, 8} {
				e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{
					Dims: c.dims, Repulsion: c.method, Threads: threads, EarlyIterations: 40, Iterations: 80,
				}))
				if sum := checksum(e.Y()); i == 0 {
					first = sum
				} else if sum != first {
					t.Fatalf("%d threads: checksum %x, with one thread %x", threads, sum, first)
				}
			}
		})
	}
}

func TestPiecesEqualTheWhole(t *testing.T) {
	x := blobs(5000, 8, 10, 4) // large enough to be re-ordered
	p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, tsne.Options{}))
	y0 := must[[]float32](t)(tsne.Initialize(ctx, x, tsne.Options{}))
	run := func(pieces ...int) []float32 {
		e := must[*tsne.Embedding](t)(tsne.NewEmbedding(p, y0, tsne.Options{}))
		for i, n := range pieces {
			if err := e.Optimize(ctx, tsne.Phase{Iterations: n}); err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				e = e.Clone()
			}
		}
		return e.Y()
	}
	whole := run(120)
	for _, pieces := range [][]int{{60, 60}, {1, 119}, {50, 0, 70}} {
		if !slices.Equal(run(pieces...), whole) {
			t.Errorf("pieces %v differ from 120 iterations in one", pieces)
		}
	}
}

func TestStagesEqualFit(t *testing.T) {
	x := blobs(4500, 8, 10, 5)
	o := tsne.Options{EarlyIterations: 30, Iterations: 60, Seed: 7}
	fit := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
	nb := must[*tsne.Neighbors](t)(tsne.FindNeighbors(ctx, x, 90, o))
	p := must[*tsne.Affinities](t)(tsne.NewAffinities(ctx, nb, o))
	y0 := must[[]float32](t)(tsne.Initialize(ctx, x, o))
	e := must[*tsne.Embedding](t)(tsne.NewEmbedding(p, y0, o))
	for _, ph := range []tsne.Phase{
		{Iterations: 30, Exaggeration: 12, Momentum: 0.5}, {Iterations: 60, Momentum: 0.8},
	} {
		if err := e.Optimize(ctx, ph); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(e.Y(), fit.Y()) || e.KL() != fit.KL() {
		t.Errorf("stage by stage differs from Fit: KL %v, %v", e.KL(), fit.KL())
	}
	got := fit.Affinities()
	if !slices.Equal(got.Ptr, p.Ptr) || !slices.Equal(got.Col, p.Col) || !slices.Equal(got.Val, p.Val) {
		t.Error("the affinities of a re-ordered embedding are not those it was given")
	}
}

func TestMapStaysCentred(t *testing.T) {
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, blobs(2000, 6, 8, 6), tsne.Options{EarlyIterations: 100, Iterations: 100}))
	var sum [2]float64
	span := 0.0
	for i, v := range e.Y() {
		sum[i%2] += float64(v)
		span = max(span, math.Abs(float64(v)))
	}
	for c, s := range sum {
		if mean := s / 2000; math.Abs(mean) > 1e-5*span {
			t.Errorf("mean of column %d is %g, span %g", c, mean, span)
		}
	}
}

func TestOrderOfRowsDoesNotMatter(t *testing.T) {
	x := blobs(800, 6, 8, 8)
	y0 := scatter(800, 2, 1e-3, 1)
	move := func(i int) int { return (i*37 + 11) % 800 }
	px := tsne.Matrix{Data: make([]float32, len(x.Data)), Rows: 800, Cols: 6}
	py0 := make([]float32, len(y0))
	for i := range 800 {
		copy(px.Data[move(i)*6:move(i)*6+6], x.Data[i*6:])
		copy(py0[move(i)*2:move(i)*2+2], y0[i*2:])
	}
	fit := func(x tsne.Matrix, y0 []float32) []float32 {
		return must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{
			Init: tsne.InitGiven, InitY: y0, EarlyIterations: 25, Iterations: -1,
		})).Y()
	}
	y, py := fit(x, y0), fit(px, py0)
	back := make([]float32, len(y))
	for i := range 800 {
		copy(back[i*2:i*2+2], py[move(i)*2:])
	}
	// Sums run in another order, so the maps differ by rounding.
	if off := relativeRMS(back, y); off > 1e-3 {
		t.Errorf("permuted rows give a map that is off by %g", off)
	}
}

func TestScaleOfDataDoesNotMatter(t *testing.T) {
	x := blobs(700, 6, 4, 14)
	fit := func(exponent int) uint64 {
		scaled := tsne.Matrix{Data: slices.Clone(x.Data), Rows: x.Rows, Cols: x.Cols}
		for i, v := range scaled.Data {
			scaled.Data[i] = float32(math.Ldexp(float64(v), exponent))
		}
		return checksum(must[*tsne.Embedding](t)(tsne.Fit(ctx, scaled, tsne.Options{EarlyIterations: 20, Iterations: 20})).Y())
	}
	for _, exponent := range []int{10, 100, -10, -100} {
		if fit(exponent) != fit(0) {
			t.Errorf("data times 2^%d give another map", exponent)
		}
	}
}

func TestSeedMatters(t *testing.T) {
	x := blobs(300, 5, 3, 9)
	fit := func(seed uint64) uint64 {
		return checksum(must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{Init: tsne.InitRandom, Seed: seed, EarlyIterations: 20, Iterations: 20})).Y())
	}
	if fit(1) == fit(2) {
		t.Error("two seeds give one map")
	}
}

func TestProgressAndStop(t *testing.T) {
	x := blobs(1200, 5, 5, 10)
	stages := map[tsne.Stage]bool{}
	var seen []int
	e, err := tsne.Fit(ctx, x, tsne.Options{ProgressEvery: 10, Progress: func(p tsne.Progress) bool {
		stages[p.Stage] = true
		if p.Stage != tsne.StageOptimize {
			return false
		}
		seen = append(seen, p.Iteration)
		if len(p.Y) != 2400 || !(p.KL > 0) || p.Iterations != 750 || !finite(p.Y) {
			t.Errorf("bad report of iteration %d of %d, KL %v", p.Iteration, p.Iterations, p.KL)
		}
		return p.Iteration == 40
	}})
	if !errors.Is(err, tsne.ErrCancelled) || e == nil || e.Iterations() != 39 {
		t.Fatalf("err %v, embedding %v", err, e)
	}
	if !slices.Equal(seen, []int{10, 20, 30, 40}) || len(stages) != 4 {
		t.Errorf("iterations %v, stages %v", seen, stages)
	}
	if err := e.Configure(tsne.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := e.Optimize(ctx, tsne.Phase{Iterations: 5}); err != nil || e.Iterations() != 44 {
		t.Errorf("going on after the stop: %v, %d iterations", err, e.Iterations())
	}
}

func TestCancelIsQuick(t *testing.T) {
	x := blobs(20000, 50, 20, 11)
	for _, after := range []time.Duration{0, 20 * time.Millisecond, 200 * time.Millisecond} {
		c, cancel := context.WithTimeout(ctx, after)
		_, err := tsne.Fit(c, x, tsne.Options{})
		cancel()
		if !errors.Is(err, tsne.ErrCancelled) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: %v", after, err)
		}
	}
}

func TestInputIsNotTouched(t *testing.T) {
	x := blobs(400, 5, 3, 12)
	before := slices.Clone(x.Data)
	p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, tsne.Options{}))
	val := slices.Clone(p.Val)
	e := must[*tsne.Embedding](t)(tsne.NewEmbedding(p, scatter(400, 2, 1e-3, 1), tsne.Options{}))
	if err := e.Optimize(ctx, tsne.Phase{Iterations: 10, Exaggeration: 12}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(x.Data, before) || !slices.Equal(p.Val, val) {
		t.Error("an input was written to")
	}
}

func TestWarningAboutLargePerplexity(t *testing.T) {
	var lines []string
	_, err := tsne.Fit(ctx, blobs(40, 4, 3, 13), tsne.Options{EarlyIterations: 5, Iterations: 5, Log: func(l tsne.Level, s tsne.Message) {
		if l == tsne.LevelWarning {
			lines = append(lines, s.String())
		}
	}})
	if err != nil || len(lines) != 1 || !regexp.MustCompile(`^Perplexity: 30 is too large for 40 points, using 13 `).MatchString(lines[0]) {
		t.Errorf("err %v, warnings %q", err, lines)
	}
}

func TestVersionIsTheHeaders(t *testing.T) {
	header := must[[]byte](t)(os.ReadFile("../include/tsne.h"))
	m := regexp.MustCompile(`#define TSNE_VERSION "(.*)"`).FindSubmatch(header)
	if m == nil || string(m[1]) != tsne.Version {
		t.Errorf("header %q, Go %q", m, tsne.Version)
	}
}
