// Package spectral finds the leading eigenvectors of the random walk on a
// weighted graph.
//
// Sums are float64, and the same bits on any number of workers and on every
// machine.
package spectral

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/affinity"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

const (
	// grain is the number of points whose partial sums are one.
	grain = 1024
	// rows is the number of rows of the graph in a piece of a product.
	rows = 64
	// poll is the number of edges between two looks at the context.
	poll = 1 << 20
	// most is the number of axes that the block of the search leaves room for.
	most = width / 2
)

// Axes returns, for a symmetric graph, the k vectors v beyond the constant one
// with the greatest eigenvalues λ of D⁻¹A v = λ v, D being the diagonal of the
// row sums of A: one a row, with vᵀDv' = 1 or 0, the element greatest in size,
// the first if several, positive. k is below the number of points and at most
// 4. A point without edges is at 0, and so are all points on an axis for which
// there are too few.
//
// A graph of c parts has the eigenvalue 1 c times over. Of that space the first
// vectors are the contrasts of its heaviest part with all others, of the second
// heaviest with those that remain, and so on.
func Axes(ctx context.Context, pool *par.Pool, a *affinity.CSR, k int) (values, vectors []float64, err error) {
	if k > most {
		return nil, nil, fmt.Errorf("spectral: %d axes, want at most %d", k, most)
	}
	w := &walk{ctx: ctx, pool: pool, a: a}
	if err := w.sums(); err != nil {
		return nil, nil, err
	}
	if err := w.split(); err != nil {
		return nil, nil, err
	}
	n := a.N
	vectors = make([]float64, 0, k*n)
	for c := 0; c < min(k, len(w.mass)-1); c++ {
		values = append(values, 1)
		vectors = append(vectors, w.contrast(c)...)
	}
	if more := k - len(values); more > 0 {
		search := newSearch(w)
		found, err := search.leading(more)
		if err != nil {
			return nil, nil, err
		}
		values = append(values, found...)
		for j := range more {
			for i := range n {
				vectors = append(vectors, search.now[i*width+j])
			}
		}
	}
	for j := range k {
		fixSign(vectors[j*n : (j+1)*n])
	}
	return values, vectors, nil
}

// Bytes is about the most memory that Axes takes for n points, its result
// included.
func Bytes(n, k int) int64 {
	const blocks = 4
	return int64(n) * (8*width*blocks + 8*int64(k) + 24)
}

// walk is the random walk on a graph.
type walk struct {
	ctx     context.Context
	pool    *par.Pool
	a       *affinity.CSR
	degree  []float64 // the row sums
	inverse []float64 // 1 / degree; 0 of a point without edges
	part    []int32   // that a point is of, by falling mass; -1 without edges
	mass    []float64 // sum over a part of the row sums
}

func (w *walk) sums() error {
	n := w.a.N
	w.degree, w.inverse = make([]float64, n), make([]float64, n)
	return w.pool.ForContext(w.ctx, n, rows, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			sum := 0.0
			for _, v := range w.a.Val[w.a.Ptr[i]:w.a.Ptr[i+1]] {
				sum += float64(v)
			}
			if sum > 0 {
				w.degree[i], w.inverse[i] = sum, 1/sum
			}
		}
	})
}

// split finds the connected parts.
func (w *walk) split() error {
	n := w.a.N
	w.part = make([]int32, n)
	for i := range w.part {
		w.part[i] = -1
	}
	var mass []float64
	queue := make([]int32, 0, n)
	seen := int64(0)
	for i := range n {
		if w.part[i] >= 0 || w.inverse[i] == 0 {
			continue
		}
		id := int32(len(mass))
		sum := 0.0
		w.part[i] = id
		queue = append(queue[:0], int32(i))
		for at := 0; at < len(queue); at++ {
			p := int(queue[at])
			if seen += w.a.Ptr[p+1] - w.a.Ptr[p]; seen > poll {
				if seen = 0; w.ctx.Err() != nil {
					return w.ctx.Err()
				}
			}
			sum += w.degree[p]
			for e := w.a.Ptr[p]; e < w.a.Ptr[p+1]; e++ {
				if j := w.a.Col[e]; w.a.Val[e] > 0 && w.part[j] < 0 {
					w.part[j] = id
					queue = append(queue, j)
				}
			}
		}
		mass = append(mass, sum)
	}
	order := make([]int, len(mass))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case mass[a] > mass[b]:
			return -1
		case mass[a] < mass[b]:
			return 1
		}
		return 0
	})
	rank := make([]int32, len(mass))
	w.mass = make([]float64, len(mass))
	for r, id := range order {
		rank[id], w.mass[r] = int32(r), mass[id]
	}
	for i, id := range w.part {
		if id >= 0 {
			w.part[i] = rank[id]
		}
	}
	return nil
}

// contrast is the vector that sets part c against those after it.
func (w *walk) contrast(c int) []float64 {
	own, others := w.mass[c], 0.0
	for _, m := range w.mass[c+1:] {
		others += m
	}
	here := math.Sqrt(others / own / (own + others))
	there := -here * own / others
	v := make([]float64, w.a.N)
	for i, p := range w.part {
		switch {
		case int(p) == c:
			v[i] = here
		case int(p) > c:
			v[i] = there
		}
	}
	return v
}

func fixSign(v []float64) {
	greatest := 0.0
	for _, x := range v {
		if math.Abs(x) > math.Abs(greatest) {
			greatest = x
		}
	}
	if greatest < 0 {
		for i := range v {
			v[i] = -v[i]
		}
	}
}
