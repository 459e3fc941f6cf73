package knn

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
	"github.com/libtsne/libtsne/tsne/internal/metric"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// pairMetrics are those that all pairs are looked at for, as they are and without
// their tiles.
func pairMetrics() (list []*metric.Metric) {
	for _, m := range metric.All() {
		if m.Euclidean() {
			continue
		}
		list = append(list, m)
		if m.Tile != nil {
			bare := *m
			bare.Name, bare.Tile = m.Name+", by rows", nil
			list = append(list, &bare)
		}
	}
	return list
}

// small draws integers, so that there are ties and no rounding.
func small(n, d int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 5))
	x := make([]float32, n*d)
	for i := range x {
		x[i] = float32(r.IntN(5))
	}
	return x
}

func TestOtherIsTheDefinition(t *testing.T) {
	ctx := context.Background()
	pool := par.New(3)
	defer pool.Close()
	for _, c := range []struct{ n, m, d, k int }{
		{2, 2, 1, 1}, {5, 5, 3, 4}, {17, 17, 2, 16}, {16, 1, 7, 16}, {33, 70, 9, 5}, {150, 150, 300, 20}, {101, 67, 513, 3}, {1, 4, 2, 1},
	} {
		for _, by := range pairMetrics() {
			ref, q := small(c.n, c.d, 1), small(c.m, c.d, 2)
			self := c.n == c.m
			if self {
				q = ref
			}
			index, dist := make([]int32, c.m*c.k), make([]float32, c.m*c.k)
			if err := Other(ctx, pool, by, ref, c.n, q, c.m, c.d, c.k, self, index, dist, nil); err != nil {
				t.Fatal(err)
			}
			for i := range c.m {
				type pair struct {
					d float64
					j int32
				}
				var all []pair
				for j := range c.n {
					if !self || j != i {
						all = append(all, pair{by.Distance(widen(nil, q[i*c.d:][:c.d]), widen(nil, ref[j*c.d:][:c.d])), int32(j)})
					}
				}
				slices.SortStableFunc(all, func(a, b pair) int {
					if a.d < b.d {
						return -1
					} else if a.d > b.d {
						return 1
					}
					return 0
				})
				for e, want := range all[:c.k] {
					if index[i*c.k+e] != want.j || dist[i*c.k+e] != float32(want.d) {
						t.Fatalf("%s, %v, row %d, place %d: got %d at %v, want %d at %v", by.Name, c, i, e, index[i*c.k+e], dist[i*c.k+e], want.j, want.d)
					}
				}
			}
		}
	}
}

func TestOtherSameBits(t *testing.T) {
	const n, d, k = 333, 37, 9
	r := rand.New(rand.NewPCG(3, 2))
	x := make([]float32, n*d)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	defer func(l cpu.Level) { cpu.Use = l }(cpu.Use)
	for _, by := range pairMetrics() {
		var first []float32
		var firstIndex []int32
		for level := cpu.Portable; level <= cpu.Best; level++ {
			cpu.Use = level
			for _, threads := range []int{1, 2, 5} {
				pool := par.New(threads)
				index, dist := make([]int32, n*k), make([]float32, n*k)
				err := Other(context.Background(), pool, by, x, n, x, n, d, k, true, index, dist, nil)
				pool.Close()
				if err != nil {
					t.Fatal(err)
				}
				if first == nil {
					first, firstIndex = dist, index
				} else if !slices.Equal(first, dist) || !slices.Equal(firstIndex, index) {
					t.Fatalf("%s: %v, %d threads differ from portable on one", by.Name, level, threads)
				}
			}
		}
	}
}

func TestOtherExtremes(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	x := []float32{3e38, -3e38, 3e38, -3e38}
	index, dist := make([]int32, 12), make([]float32, 12)
	if err := Other(context.Background(), pool, metric.Manhattan, x, 4, x, 4, 1, 3, true, index, dist, nil); err != nil {
		t.Fatal(err)
	}
	if want := []int32{2, 1, 3, 3, 0, 2, 0, 1, 3, 1, 0, 2}; !slices.Equal(index, want) {
		t.Errorf("got %v, want %v", index, want)
	}
}

func TestOtherRefuses(t *testing.T) {
	pool := par.New(1)
	defer pool.Close()
	ctx, cancel := context.WithCancel(context.Background())
	x := small(6, 2, 1)
	index, dist := make([]int32, 12), make([]float32, 12)
	for name, err := range map[string]error{
		"k":     Other(ctx, pool, metric.Manhattan, x, 6, x, 6, 2, 6, true, index, dist, nil),
		"rows":  Other(ctx, pool, metric.Manhattan, x, 7, x, 6, 2, 2, false, index, dist, nil),
		"room":  Other(ctx, pool, metric.Manhattan, x, 6, x, 6, 2, 3, true, index, dist, nil),
		"self":  Other(ctx, pool, metric.Manhattan, x, 6, x, 5, 2, 2, true, index, dist, nil),
		"query": Other(ctx, pool, metric.Manhattan, x, 6, x, 7, 2, 1, false, index, dist, nil),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	cancel()
	if err := Other(ctx, pool, metric.Manhattan, x, 6, x, 6, 2, 2, true, index, dist, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func BenchmarkOther(b *testing.B) {
	const n, d, k = 10000, 50, 90
	r := rand.New(rand.NewPCG(3, 2))
	x := make([]float32, n*d)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	pool := par.New(0)
	defer pool.Close()
	index, dist := make([]int32, n*k), make([]float32, n*k)
	for _, by := range pairMetrics() {
		if by.Tile == nil {
			continue
		}
		b.Run(by.Name, func(b *testing.B) {
			for range b.N {
				if err := Other(context.Background(), pool, by, x, n, x, n, d, k, true, index, dist, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
