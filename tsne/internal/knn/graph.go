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

// Exponents gives, for each row, the e by whose 2^e its distances are multiplied;
// nil where none is.
func (g *Graph) Exponents() []int16 {
	if g.Exponent == 0 && len(g.far) == 0 {
		return nil
	}
	e := make([]int16, g.N)
	for i := range e {
		e[i] = int16(g.Exponent)
	}
	for _, i := range g.far {
		e[i] += farScale
	}
	return e
}
