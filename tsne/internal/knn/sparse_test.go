package knn

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
	"github.com/libtsne/libtsne/tsne/internal/metric"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// sparseRows draws n rows, every 7th of which is that before it, of values from few
// numbers, so that distances tie, or from many; columns have a share of them each.
func sparseRows(n, d int, share float64, ties bool, seed uint64) SparseRows {
	r := rand.New(rand.NewPCG(seed, 8))
	shares, of := make([]float64, d), rand.New(rand.NewPCG(0, 8))
	for c := range shares {
		shares[c] = share * math.Exp(1.3*of.NormFloat64())
	}
	s := SparseRows{Rows: n, Cols: d, Ptr: []int64{0}}
	for i := range n {
		if i%7 == 6 {
			col, val := s.row(i - 1)
			s.Col, s.Val = append(s.Col, col...), append(s.Val, val...)
		} else {
			for c := range d {
				if c == i%d || r.Float64() < shares[c] {
					v := float32(1 + r.IntN(3))
					if !ties {
						v = float32(r.ExpFloat64())
					}
					s.Col, s.Val = append(s.Col, int32(c)), append(s.Val, v)
				}
			}
		}
		s.Ptr = append(s.Ptr, int64(len(s.Col)))
	}
	return s
}

// sparseDistance is the definition: a loop over two rows.
func sparseDistance(by metric.Inner, x, q *SparseRows, i, j int) float64 {
	row := make([]float64, x.Cols)
	col, val := x.row(j)
	for e, c := range col {
		row[c] = float64(val[e])
	}
	b := innerOf(by, val, x.Cols)
	col, val = q.row(i)
	a, sum := innerOf(by, val, x.Cols), 0.0
	for e, c := range col {
		sum += float64(float64(val[e]) * row[c])
	}
	return a.distance(by, b, sum, x.Cols)
}

func TestSparseOfNew(t *testing.T) {
	for _, c := range []struct {
		n, m, d, k int
		share      float64
		ties       bool
	}{
		{1, 1, 2, 1, .5, false}, {3, 70, 5, 3, .3, true}, {1023, 130, 40, 12, .1, false}, {1025, 9, 40, 1025, .1, true},
		{4200, 66, 300, 15, .05, false}, {4200, 66, 12, 15, .3, true},
	} {
		x, q := sparseRows(c.n, c.d, c.share, c.ties, 1), sparseRows(c.m, c.d, c.share, c.ties, 2)
		for _, by := range []metric.Inner{{}, {Angle: true}, {Angle: true, Centred: true}} {
			var last []int32
			for workers := 1; workers <= 3; workers += 2 {
				pool := par.New(workers)
				index, dist := make([]int32, c.m*c.k), make([]float32, c.m*c.k)
				told := 0.0
				tell := func(done float64) {
					if done < told || done > 1 {
						t.Errorf("told %v after %v", done, told)
					}
					told = done
				}
				if err := SparseOfNew(context.Background(), pool, by, x, q, c.k, index, dist, tell); err != nil || told != 1 {
					t.Fatal(err, told)
				}
				pool.Close()
				if last != nil && !slices.Equal(last, index) {
					t.Fatal("other neighbours on other threads")
				}
				last = index
				for i := range c.m {
					far, order := make([]float64, c.n), make([]int32, c.n)
					for j := range far {
						far[j], order[j] = sparseDistance(by, &x, &q, i, j), int32(j)
					}
					slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(far[a], far[b]), cmp.Compare(a, b)) })
					for e, j := range order[:c.k] {
						if got := index[i*c.k+e]; got != j {
							t.Fatalf("%+v, %+v: row %d has %v, want %v", c, by, i, index[i*c.k:][:c.k], order[:c.k])
						}
						if got := dist[i*c.k+e]; got != float32(far[j]) {
							t.Fatalf("%+v, %+v: row %d is at %v from %d, want %v", c, by, i, got, j, far[j])
						}
					}
				}
			}
		}
	}
}

func TestSparseOfNewOnEveryPath(t *testing.T) {
	was := cpu.Use
	defer func() { cpu.Use = was }()
	const m, k = 100, 9
	x, q := sparseRows(1500, 200, .08, false, 1), sparseRows(m, 200, .08, false, 2)
	pool := par.New(1)
	defer pool.Close()
	var want []int32
	var far []float32
	for cpu.Use = cpu.Portable; cpu.Use <= cpu.Best; cpu.Use++ {
		index, dist := make([]int32, m*k), make([]float32, m*k)
		if err := SparseOfNew(context.Background(), pool, metric.Inner{Angle: true, Centred: true}, x, q, k, index, dist, nil); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want, far = index, dist
		}
		if !slices.Equal(index, want) || !slices.Equal(dist, far) {
			t.Fatalf("%v: other bits", cpu.Use)
		}
	}
}

func TestSparseOfNewIsCancelled(t *testing.T) {
	x := sparseRows(3000, 50, .2, false, 1)
	ctx, cancel := context.WithCancel(context.Background())
	pool := par.New(1)
	defer pool.Close()
	index, dist := make([]int32, 3000), make([]float32, 3000)
	err := SparseOfNew(ctx, pool, metric.Inner{}, x, x, 1, index, dist, func(float64) { cancel() })
	if err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

func BenchmarkSparseOfNew(b *testing.B) {
	x, q := sparseRows(20000, 2000, .04, false, 1), sparseRows(500, 2000, .04, false, 2)
	pool := par.New(1)
	defer pool.Close()
	index, dist := make([]int32, 5000), make([]float32, 5000)
	for b.Loop() {
		if err := SparseOfNew(context.Background(), pool, metric.Inner{Angle: true, Centred: true}, x, q, 10, index, dist, nil); err != nil {
			b.Fatal(err)
		}
	}
}
