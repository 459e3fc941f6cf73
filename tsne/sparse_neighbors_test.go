package tsne_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// thin is a matrix of few values as a dense and as a sparse one, whose columns go down.
func thin(n, d int, seed uint64) (tsne.Matrix, tsne.SparseMatrix) {
	r := rand.New(rand.NewPCG(seed, 3))
	x := tsne.Matrix{Data: make([]float32, n*d), Rows: n, Cols: d}
	s := tsne.SparseMatrix{Rows: n, Cols: d, Ptr: []int64{0}}
	for i := range n {
		for c := d - 1; c >= 0; c-- {
			if c == i%d || r.IntN(5) == 0 {
				v := float32(r.NormFloat64())
				x.Data[i*d+c] = v
				s.Col, s.Val = append(s.Col, int32(c)), append(s.Val, v)
			}
		}
		s.Ptr = append(s.Ptr, int64(len(s.Col)))
	}
	return x, s
}

func TestSparseRowsHaveTheNeighborsOfDenseOnes(t *testing.T) {
	const k = 7
	x, sx := thin(3000, 30, 1)
	q, sq := thin(400, 30, 2)
	for _, m := range []tsne.Metric{tsne.MetricEuclidean, tsne.MetricCosine, tsne.MetricCorrelation} {
		want := must[*tsne.Neighbors](t)(tsne.FindNeighborsOfNew(context.Background(), x, q, k, tsne.Options{Metric: m}))
		got := must[*tsne.Neighbors](t)(tsne.FindNeighborsOfNewSparse(context.Background(), sx, sq, k, tsne.Options{Metric: m}))
		if got.N != want.N || got.K != k || !slices.Equal(got.Index, want.Index) {
			t.Fatalf("%v: other neighbours", m)
		}
		a, b := got.Distances(), want.Distances()
		for i := range a {
			if math.Abs(float64(a[i]-b[i])) > 1e-5*(1+float64(b[i])) {
				t.Fatalf("%v: a distance is %v, want %v", m, a[i], b[i])
			}
		}
	}
}

func TestSparseNeighborsOfNoneAndOfOneRow(t *testing.T) {
	_, x := thin(1, 4, 1)
	_, q := thin(5, 4, 2)
	nb := must[*tsne.Neighbors](t)(tsne.FindNeighborsOfNewSparse(context.Background(), x, q, 1, tsne.Options{}))
	if !slices.Equal(nb.Index, make([]int32, 5)) {
		t.Errorf("got %v", nb.Index)
	}
	none := tsne.SparseMatrix{Cols: 4, Ptr: []int64{0}}
	if nb := must[*tsne.Neighbors](t)(tsne.FindNeighborsOfNewSparse(context.Background(), x, none, 1, tsne.Options{})); nb.N != 0 || len(nb.Index) != 0 {
		t.Errorf("got %v", nb)
	}
}

func TestSparseNeighborsBeyondFloat32(t *testing.T) {
	x := tsne.SparseMatrix{Rows: 2, Cols: 2, Ptr: []int64{0, 1, 2}, Col: []int32{0, 0}, Val: []float32{3e38, -3e38}}
	q := tsne.SparseMatrix{Rows: 1, Cols: 2, Ptr: []int64{0, 1}, Col: []int32{0}, Val: []float32{3.2e38}}
	nb := must[*tsne.Neighbors](t)(tsne.FindNeighborsOfNewSparse(context.Background(), x, q, 2, tsne.Options{}))
	if d := nb.Distances(); math.Abs(float64(d[0])/2e37-1) > 1e-5 || !math.IsInf(float64(d[1]), 1) {
		t.Errorf("got %v", d)
	}
	// Two parts whose sum is beyond it.
	x.Ptr, x.Rows, x.Val[1] = []int64{0, 2}, 1, 3e38
	_, err := tsne.FindNeighborsOfNewSparse(context.Background(), x, q, 1, tsne.Options{})
	if !errors.Is(err, tsne.ErrNotFinite) {
		t.Errorf("got %v", err)
	}
}

func TestSparseNeighborsAreCancelled(t *testing.T) {
	_, x := thin(3000, 30, 1)
	ctx, cancel := context.WithCancel(context.Background())
	told := 0
	_, err := tsne.FindNeighborsOfNewSparse(ctx, x, x, 3, tsne.Options{Threads: 2, Progress: func(tsne.Progress) bool { told++; cancel(); return false }})
	if !errors.Is(err, tsne.ErrCancelled) || told == 0 {
		t.Errorf("got %v, told %d times", err, told)
	}
}
