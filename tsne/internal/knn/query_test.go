package knn

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// naiveQuery sorts all distances of a query, taken as the doc comments define
// them.
func naiveQuery(x []float32, n, d int, q []float32, m, k int) *Graph {
	e := scaleOf(x)
	x, q = scaled(x, e), scaled(q, e)
	g := newGraph(m, k)
	order := make([]int32, n)
	dist := make([]float32, n)
	for i := range m {
		row, ref := q[i*d:][:d], x
		if slices.ContainsFunc(row, func(v float32) bool { return math.Abs(float64(v)) > 0x1p52 }) {
			row, ref = scaled(row, -80), scaled(x, -80)
		}
		for j := range order {
			order[j], dist[j] = int32(j), dist2(row, ref[j*d:][:d])
		}
		slices.SortFunc(order, func(a, b int32) int {
			if farther(dist[a], a, dist[b], b) {
				return 1
			}
			return -1
		})
		fd, fi := g.row(i)
		for j := range k {
			fd[j], fi[j] = dist[order[j]], order[j]
		}
	}
	return g
}

func agree(t *testing.T, what string, got, want *Graph) {
	t.Helper()
	for i, v := range want.Index {
		if got.Index[i] != v || math.Float32bits(got.Dist2[i]) != math.Float32bits(want.Dist2[i]) {
			t.Fatalf("%s: query %d, neighbour %d: got %d at %v, want %d at %v", what, i/want.K, i%want.K,
				got.Index[i], got.Dist2[i], v, want.Dist2[i])
		}
	}
}

// queries are the rows of c that are not the reference, some that are, one far
// from all and one farther than squares can tell.
func queries(c data) (ref []float32, n int, q []float32, m int) {
	n = max(2, 2*c.n/3)
	ref = c.x[:n*c.d]
	q = append(slices.Clone(c.x[n*c.d:]), c.x[:min(n, 40)*c.d]...)
	for _, v := range []float32{1e6, 1e37} {
		for j := range c.d {
			q = append(q, v*float32(1+j%3))
		}
	}
	return ref, n, q, len(q) / c.d
}

func TestQuery(t *testing.T) {
	ctx := context.Background()
	defer func(l cpu.Level) { cpu.Use = l }(cpu.Use)
	best := cpu.Use
	pool := par.New(3)
	defer pool.Close()
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			ref, n, q, m := queries(c)
			for _, k := range []int{1, min(n, 15), min(n, 100), n} {
				want := naiveQuery(ref, n, c.d, q, m, k)
				for l := cpu.Portable; l <= best; l++ {
					cpu.Use = l
					name := fmt.Sprintf("%v, k = %d", l, k)
					r := must(NewReference(ref, n, c.d, ReferenceOptions{}))
					all := must(r.Query(ctx, pool, q, m, k, nil))
					agree(t, name+", all at once", all, want)
					few := must(NewReference(ref, n, c.d, ReferenceOptions{}))
					for lo, step := 0, 1; lo < m; lo, step = lo+step, 3*step/2+1 {
						hi := min(m, lo+step)
						some := must(few.Query(ctx, pool, q[lo*c.d:hi*c.d], hi-lo, k, nil))
						agree(t, fmt.Sprintf("%s, rows %d to %d", name, lo, hi), some,
							&Graph{N: hi - lo, K: k, Index: want.Index[lo*k : hi*k], Dist2: want.Dist2[lo*k : hi*k]})
					}
				}
			}
		})
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestQueryApprox(t *testing.T) {
	ctx := context.Background()
	defer func(l cpu.Level) { cpu.Use = l }(cpu.Use)
	best := cpu.Use
	c := make2("clusters", 13000, 20, clustered(2))
	const n, k = 12000, 15
	ref, q, m := c.x[:n*c.d], slices.Clone(c.x[n*c.d:]), c.n-n
	for j := range c.d {
		q[j] = 1e5 // far from all lists
		q[c.d+j] = 1e36
	}
	o := ReferenceOptions{Approx: true}
	var want *Graph
	for l := cpu.Portable; l <= best; l++ {
		cpu.Use = l
		for _, workers := range []int{1, 3} {
			pool := par.New(workers)
			r := must(NewReference(ref, n, c.d, o))
			all := must(r.Query(ctx, pool, q, m, k, nil))
			if want == nil {
				want = all
				if r.index.lists == nil {
					t.Fatal("the lists were not used")
				}
				hits := 0
				truth := naiveQuery(ref, n, c.d, q, m, k)
				for i := range m {
					_, got := all.row(i)
					_, near := truth.row(i)
					for _, j := range near {
						if slices.Contains(got, j) {
							hits++
						}
					}
				}
				recall := float64(hits) / float64(m*k)
				t.Logf("recall %.4f with %d of %d lists", recall, r.index.probes, r.index.lists.count)
				if recall < 0.98 {
					t.Errorf("recall %.4f", recall)
				}
			}
			agree(t, fmt.Sprintf("%v, %d workers", l, workers), all, want)
			for lo, step := 0, 1; lo < m; lo, step = lo+step, 2*step {
				hi := min(m, lo+step)
				some := must(r.Query(ctx, pool, q[lo*c.d:hi*c.d], hi-lo, k, nil))
				agree(t, fmt.Sprintf("%v, rows %d to %d", l, lo, hi), some,
					&Graph{N: hi - lo, K: k, Index: want.Index[lo*k : hi*k], Dist2: want.Dist2[lo*k : hi*k]})
			}
			pool.Close()
		}
	}
	// More neighbours than the lists at hand have rows.
	pool := par.New(2)
	defer pool.Close()
	r := must(NewReference(ref, n, c.d, o))
	g := must(r.Query(ctx, pool, q[:8*c.d], 8, n, nil))
	agree(t, "k = n", g, naiveQuery(ref, n, c.d, q, 8, n))
}

func TestQueryRefuses(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	pool := par.New(2)
	defer pool.Close()
	x := make2("", 500, 3, normal(1)).x
	if _, err := NewReference(x, 499, 3, ReferenceOptions{}); err == nil {
		t.Error("a reference of the wrong length")
	}
	r := must(NewReference(x, 500, 3, ReferenceOptions{}))
	if g := must(r.Query(ctx, pool, nil, 0, 3, nil)); len(g.Index) != 0 {
		t.Error("neighbours of nothing")
	}
	for _, c := range []struct{ m, k int }{{2, 0}, {2, 501}, {3, 1}, {-1, 1}} {
		if _, err := r.Query(ctx, pool, x[:6], c.m, c.k, nil); err == nil {
			t.Errorf("m = %d, k = %d: no error", c.m, c.k)
		}
	}
	cancel()
	if _, err := r.Query(ctx, pool, x, 500, 3, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func BenchmarkQuery(b *testing.B) {
	const n, d = 60000, 50
	x := benchData(b, 70000, d)
	ctx := context.Background()
	pool := par.New(0)
	defer pool.Close()
	b.Run("index", func(b *testing.B) {
		for b.Loop() {
			must(newIndex(ctx, pool, x[:n*d], n, d, ReferenceOptions{}))
		}
	})
	for _, approx := range []bool{false, true} {
		r := must(NewReference(x[:n*d], n, d, ReferenceOptions{Approx: approx}))
		b.Run(fmt.Sprintf("cold/1/approx=%v", approx), func(b *testing.B) {
			for b.Loop() {
				r := must(NewReference(x[:n*d], n, d, ReferenceOptions{Approx: approx}))
				must(r.Query(ctx, pool, x[n*d:][:d], 1, 15, nil))
			}
		})
		must(r.Query(ctx, pool, x[n*d:][:100*d], 100, 15, nil))
		for _, m := range []int{1, 100, 1000, 10000} {
			b.Run(fmt.Sprintf("%d/approx=%v", m, approx), func(b *testing.B) {
				for b.Loop() {
					must(r.Query(ctx, pool, x[n*d:][:m*d], m, 15, nil))
				}
			})
		}
	}
}
