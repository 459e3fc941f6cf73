package tsne_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

func TestSpectralStartIsThatOfFit(t *testing.T) {
	x := blobs(500, 6, 4, 21)
	o := tsne.Options{Init: tsne.InitSpectral, Seed: 5, EarlyIterations: 20, Iterations: 20}
	p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, o))
	y := must[[]float32](t)(tsne.SpectralInit(ctx, p, o))
	if !slices.Equal(y, must[[]float32](t)(tsne.Initialize(ctx, x, o))) {
		t.Error("Initialize and SpectralInit differ")
	}
	e := must[*tsne.Embedding](t)(tsne.NewEmbedding(p, y, o))
	for _, ph := range []tsne.Phase{{Iterations: 20, Exaggeration: 12, Momentum: 0.5}, {Iterations: 20, Momentum: 0.8}} {
		if err := e.Optimize(ctx, ph); err != nil {
			t.Fatal(err)
		}
	}
	if fit := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o)); !slices.Equal(fit.Y(), e.Y()) {
		t.Error("Fit and its stages differ")
	}
	o.Init = tsne.InitPCA
	bare := must[[]float32](t)(tsne.SpectralInit(ctx, p, o))
	if off := relativeRMS(y, bare); !(off > 1e-3 && off < 0.03) {
		t.Errorf("jitter of %g", off)
	}
	o.Threads = 1
	if !slices.Equal(bare, must[[]float32](t)(tsne.SpectralInit(ctx, p, o))) {
		t.Error("one thread gives other bits")
	}
}

func TestSpectralStartHasItsScale(t *testing.T) {
	x, _ := digits(t)
	for dims := 1; dims <= 3; dims++ {
		o := tsne.Options{Dims: dims}
		p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, o))
		y := must[[]float32](t)(tsne.SpectralInit(ctx, p, o))
		for c := range dims {
			var sum, sum2 float64
			for i := c; i < len(y); i += dims {
				sum += float64(y[i])
				sum2 += float64(y[i]) * float64(y[i])
			}
			n := float64(x.Rows)
			sd := math.Sqrt(sum2/n - sum/n*sum/n)
			if c == 0 && math.Abs(sd-1e-4) > 1e-9 || sd < 0.3e-4 || sd > 3e-4 {
				t.Errorf("%d-D: axis %d has standard deviation %g", dims, c, sd)
			}
		}
	}
}

func TestSpectralStartOfPieces(t *testing.T) {
	// Two clumps so far apart that no neighbour is in the other.
	x := blobs(400, 3, 1, 22)
	for i := range 200 {
		x.Data[i*3] += 1e4
	}
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{Init: tsne.InitSpectral, Perplexity: 10, EarlyIterations: 50, Iterations: 50}))
	if acc := accuracy(e.Y(), 2, func(i int) int { return i / 200 }); !finite(e.Y()) || acc != 1 {
		t.Errorf("clumps come together: %g", acc)
	}
}

func TestReduce(t *testing.T) {
	x := blobs(90, 60, 4, 23)
	s := tsne.SparseMatrix{Rows: 90, Cols: 60, Ptr: []int64{0}}
	for i := range 90 {
		for c := range 60 {
			s.Col = append(s.Col, int32(c))
			s.Val = append(s.Val, x.Data[i*60+c])
		}
		s.Ptr = append(s.Ptr, int64(len(s.Col)))
	}
	for k, want := range map[int]int{0: 50, 1: 1, 7: 7, 60: 60} {
		scores := must[tsne.Matrix](t)(tsne.Reduce(ctx, s, k, tsne.Options{}))
		axes := must[tsne.Matrix](t)(tsne.ReducePCA(ctx, x, k, tsne.Options{}))
		if scores.Cols != want || axes.Cols != want || scores.Rows != 90 || axes.Rows != 90 {
			t.Errorf("k %d: %d and %d columns", k, scores.Cols, axes.Cols)
		}
	}
	// All directions together keep all distances.
	for name, y := range map[string]tsne.Matrix{
		"SVD": must[tsne.Matrix](t)(tsne.Reduce(ctx, s, 60, tsne.Options{})),
		"PCA": must[tsne.Matrix](t)(tsne.ReducePCA(ctx, x, 60, tsne.Options{})),
	} {
		for i := 1; i < 90; i++ {
			a, b := dist2(x.Data, 60, 0, i), dist2(y.Data, 60, 0, i)
			if math.Abs(a-b) > 1e-4*a {
				t.Errorf("%s: rows 0 and %d: squared distance %g, was %g", name, i, b, a)
			}
		}
	}
}

func TestReduceRefuses(t *testing.T) {
	good := func() tsne.SparseMatrix {
		return tsne.SparseMatrix{Rows: 4, Cols: 3, Ptr: []int64{0, 1, 2, 2, 4}, Col: []int32{0, 2, 1, 1}, Val: []float32{1, 2, 3, 4}}
	}
	for _, c := range []struct {
		spoil func(*tsne.SparseMatrix)
		k     int
		kind  error
		says  string
	}{
		{func(s *tsne.SparseMatrix) {}, 4, tsne.ErrOption, "k: got 4, want 1 to 3"},
		{func(s *tsne.SparseMatrix) {}, -1, tsne.ErrOption, "k: got -1"},
		{func(s *tsne.SparseMatrix) { s.Rows = 3 }, 1, tsne.ErrShape, "got 3 rows"},
		{func(s *tsne.SparseMatrix) { s.Cols = 0 }, 1, tsne.ErrShape, "got 0 columns"},
		{func(s *tsne.SparseMatrix) { s.Ptr = s.Ptr[:4] }, 1, tsne.ErrShape, "got 4 row offsets, want 5"},
		{func(s *tsne.SparseMatrix) { s.Val = s.Val[:3] }, 1, tsne.ErrShape, "got 4 column indices"},
		{func(s *tsne.SparseMatrix) { s.Ptr[0] = 1 }, 1, tsne.ErrGraph, "row 0 starts at offset 1"},
		{func(s *tsne.SparseMatrix) { s.Ptr[2] = 0 }, 1, tsne.ErrGraph, "row 1 ends at offset 0"},
		{func(s *tsne.SparseMatrix) { s.Ptr[4] = 9 }, 1, tsne.ErrGraph, "row 3 ends at offset 9"},
		{func(s *tsne.SparseMatrix) { s.Ptr[4] = 3 }, 1, tsne.ErrGraph, "last row ends at offset 3"},
		{func(s *tsne.SparseMatrix) { s.Col[3] = 3 }, 1, tsne.ErrGraph, "row 3 has column 3, want 0 to 2"},
		{func(s *tsne.SparseMatrix) { s.Col[1] = -1 }, 1, tsne.ErrGraph, "row 1 has column -1"},
		{func(s *tsne.SparseMatrix) { s.Val[2] = float32(math.Inf(1)) }, 1, tsne.ErrNotFinite, "row 3, column 1 is +Inf"},
	} {
		s := good()
		c.spoil(&s)
		if _, err := tsne.Reduce(ctx, s, c.k, tsne.Options{}); !errors.Is(err, c.kind) || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("got %q, want a %q that says %q", err, c.kind, c.says)
		}
	}
	x := blobs(20, 5, 2, 24)
	if _, err := tsne.ReducePCA(ctx, x, 6, tsne.Options{}); !errors.Is(err, tsne.ErrOption) || !strings.Contains(err.Error(), "k: got 6, want 1 to 5") {
		t.Error(err)
	}
	x.Data[7] = float32(math.NaN())
	if _, err := tsne.ReducePCA(ctx, x, 2, tsne.Options{}); !errors.Is(err, tsne.ErrNotFinite) {
		t.Error(err)
	}
}
