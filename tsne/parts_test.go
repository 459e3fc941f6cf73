package tsne_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// inParts finds neighbours in three parts, in another order than theirs.
func inParts(t *testing.T, x tsne.Matrix, k int, conditional bool, o tsne.Options) (nb *tsne.Neighbors, p []float32) {
	t.Helper()
	n := x.Rows
	nb = &tsne.Neighbors{N: n, K: k, Index: make([]int32, n*k), Dist2: make([]float32, n*k), Exponents: make([]int16, n)}
	p = make([]float32, n*k)
	seen := make([]bool, n)
	for _, ends := range [][2]int{{n / 3, n - 1}, {n - 1, n}, {0, n / 3}} {
		part, err := tsne.FindNeighborsPart(ctx, x, k, ends[0], ends[1], conditional, o)
		if err != nil {
			t.Fatal(err)
		}
		if (part.Conditional != nil) != conditional || len(part.Rows) != ends[1]-ends[0] {
			t.Fatalf("%d rows, %d affinities", len(part.Rows), len(part.Conditional))
		}
		for i, row := range part.Rows {
			if seen[row] {
				t.Fatalf("row %d twice", row)
			}
			seen[row] = true
			at := int(row) * k
			copy(nb.Index[at:], part.Neighbors.Index[i*k:][:k])
			copy(nb.Dist2[at:], part.Neighbors.Dist2[i*k:][:k])
			if part.Neighbors.Exponents != nil {
				nb.Exponents[row] = part.Neighbors.Exponents[i]
			}
			if conditional {
				copy(p[at:], part.Conditional[i*k:][:k])
			}
		}
	}
	if !slices.ContainsFunc(nb.Exponents, func(e int16) bool { return e != 0 }) {
		nb.Exponents = nil
	}
	return nb, p
}

func TestPartsOfASearchHaveItsBits(t *testing.T) {
	plain := blobs(1200, 12, 5, 1)
	many := blobs(4000, 12, 5, 1)
	equal := tsne.Matrix{Data: make([]float32, 300*3), Rows: 300, Cols: 3}
	for i := range equal.Data {
		equal.Data[i] = float32(i / 3 % 4 * (1 + i%3))
	}
	far := blobs(400, 5, 3, 2)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range far.Data {
		far.Data[i] *= float32(math.Pow(10, 36*r.Float64()-3))
	}
	for name, c := range map[string]struct {
		x tsne.Matrix
		o tsne.Options
	}{
		"exact":       {plain, tsne.Options{}},
		"approximate": {many, tsne.Options{Neighbors: tsne.NeighborsApprox, Seed: 5}},
		"cosine":      {plain, tsne.Options{Metric: tsne.MetricCosine}},
		"correlation": {many, tsne.Options{Metric: tsne.MetricCorrelation, Neighbors: tsne.NeighborsApprox}},
		"manhattan":   {plain, tsne.Options{Metric: tsne.MetricManhattan}},
		"hamming":     {equal, tsne.Options{Metric: tsne.MetricHamming}},
		"chebyshev":   {equal, tsne.Options{Metric: tsne.MetricChebyshev}},
		"equal":       {equal, tsne.Options{}},
		"far":         {far, tsne.Options{}},
		"far away":    {far, tsne.Options{Metric: tsne.MetricManhattan}},
	} {
		t.Run(name, func(t *testing.T) {
			const k = 15
			whole, err := tsne.FindNeighbors(ctx, c.x, k, c.o)
			if err != nil {
				t.Fatal(err)
			}
			for _, threads := range []int{1, 3} {
				c.o.Threads = threads
				nb, _ := inParts(t, c.x, k, false, c.o)
				if !slices.Equal(nb.Index, whole.Index) || !slices.Equal(nb.Dist2, whole.Dist2) || !slices.Equal(nb.Exponents, whole.Exponents) {
					t.Errorf("other neighbours on %d threads", threads)
				}
			}
			c.o.K, c.o.Perplexities = k, []float64{5}
			for _, kind := range []tsne.AffinityKind{tsne.AffinityPerplexity, tsne.AffinityMultiscale, tsne.AffinityUniform, tsne.AffinityUniformMax, tsne.AffinityFixedSigma} {
				c.o.Affinity, c.o.Sigma = kind, 0
				if kind == tsne.AffinityFixedSigma {
					c.o.Sigma = 2
				}
				want, err := tsne.AffinitiesOf(ctx, c.x, c.o)
				if err != nil {
					t.Fatal(err)
				}
				nb, p := inParts(t, c.x, k, true, c.o)
				got, err := tsne.AffinitiesFromConditional(ctx, nb.N, nb.K, nb.Index, p, c.o)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got.Ptr, want.Ptr) || !slices.Equal(got.Col, want.Col) || !slices.Equal(got.Val, want.Val) {
					t.Errorf("other affinities, kind %v", kind)
				}
			}
		})
	}
}

func TestBadParts(t *testing.T) {
	x := blobs(50, 3, 2, 1)
	for _, c := range []struct{ k, first, last int }{{0, 0, 5}, {50, 0, 5}, {5, -1, 5}, {5, 51, 51}, {5, 6, 5}, {5, 0, 51}} {
		if _, err := tsne.FindNeighborsPart(ctx, x, c.k, c.first, c.last, true, tsne.Options{}); !errors.Is(err, tsne.ErrOption) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if part, err := tsne.FindNeighborsPart(ctx, x, 5, 50, 50, true, tsne.Options{}); err != nil || len(part.Rows) != 0 || part.Neighbors.N != 0 {
		t.Errorf("no rows: %+v, %v", part, err)
	}
	nan := x
	nan.Data = slices.Clone(x.Data)
	nan.Data[7] = float32(math.NaN())
	if _, err := tsne.FindNeighborsPart(ctx, nan, 5, 0, 9, true, tsne.Options{}); !errors.Is(err, tsne.ErrNotFinite) {
		t.Error(err)
	}
	index := []int32{1, 2, 0, 2, 0, 1, 0, 1}
	p := []float32{.5, .5, .5, .5, .25, .75, 1, 0}
	if _, err := tsne.AffinitiesFromConditional(ctx, 4, 2, index, p, tsne.Options{}); err != nil {
		t.Error(err)
	}
	with := func(at int, v float32) []float32 {
		p := slices.Clone(p)
		p[at] = v
		return p
	}
	for _, c := range []struct {
		n, k  int
		index []int32
		p     []float32
		want  error
	}{
		{3, 2, index[:6], p[:6], tsne.ErrShape},
		{4, 4, index, p, tsne.ErrShape},
		{4, 2, index[1:], p, tsne.ErrShape},
		{4, 2, index, p[1:], tsne.ErrShape},
		{4, 2, []int32{1, 4, 0, 2, 0, 1, 0, 1}, p, tsne.ErrGraph},
		{4, 2, []int32{0, 2, 0, 2, 0, 1, 0, 1}, p, tsne.ErrGraph},
		{4, 2, index, with(3, .6), tsne.ErrGraph},
		{4, 2, index, with(7, -1e-5), tsne.ErrGraph},
		{4, 2, index, with(2, float32(math.Inf(1))), tsne.ErrNotFinite},
	} {
		if _, err := tsne.AffinitiesFromConditional(ctx, c.n, c.k, c.index, c.p, tsne.Options{}); !errors.Is(err, c.want) {
			t.Errorf("n %d, k %d, %v, %v: %v", c.n, c.k, c.index, c.p, err)
		}
	}
}
