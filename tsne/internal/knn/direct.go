package knn

import (
	"context"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// direct is Exact by the definition alone.
func direct(ctx context.Context, pool *par.Pool, x []float32, n, d, k int, progress func(done float64)) (*Graph, error) {
	e := scaleOf(x)
	if e != 0 {
		x = scaled(x, e)
	}
	g := newGraph(n, k)
	step := max(1, 1<<28/(n*d))
	for lo := 0; lo < n; lo += step {
		hi := min(n, lo+step)
		err := pool.ForContext(ctx, hi-lo, 1, func(_, a, b int) {
			for i := lo + a; i < lo+b; i++ {
				dist, index := g.row(i)
				for j := range n {
					if j == i {
						continue
					}
					if s := dist2(x[i*d:][:d], x[j*d:][:d]); farther(dist[0], index[0], s, int32(j)) {
						replaceRoot(dist, index, s, int32(j))
					}
				}
			}
		})
		if err != nil {
			return nil, err
		}
		if progress != nil {
			progress(float64(hi) / float64(n))
		}
	}
	g.finish(pool, e)
	return g, nil
}

// newGraph makes a graph of empty heaps.
func newGraph(n, k int) *Graph {
	g := &Graph{N: n, K: k, Index: make([]int32, n*k), Dist2: make([]float32, n*k)}
	for i := range g.Index {
		g.Index[i], g.Dist2[i] = none, float32(math.Inf(1))
	}
	return g
}

func (g *Graph) row(i int) ([]float32, []int32) {
	return g.Dist2[i*g.K:][:g.K], g.Index[i*g.K:][:g.K]
}

// finish sorts the heaps and undoes the scaling of the data by 2^e.
func (g *Graph) finish(pool *par.Pool, e int) {
	pool.For(g.N, 256, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			dist, index := g.row(i)
			sortHeap(dist, index)
			if e != 0 {
				for j, v := range dist {
					dist[j] = float32(math.Ldexp(float64(v), -2*e))
				}
			}
		}
	})
}
