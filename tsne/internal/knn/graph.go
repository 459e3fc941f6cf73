package knn

import (
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

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

// finish sorts the heaps.
func (g *Graph) finish(pool *par.Pool) {
	pool.For(g.N, 256, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			sortHeap(g.row(i))
		}
	})
}

// Unscale turns the distances into those of the data as given: where their
// squares leave the range of float32 they become +Inf or 0.
func (g *Graph) Unscale() {
	if g.Exponent != 0 {
		for i, v := range g.Dist2 {
			g.Dist2[i] = float32(math.Ldexp(float64(v), -2*g.Exponent))
		}
		g.Exponent = 0
	}
}
