// Package spectral finds the leading eigenvectors of the random walk on a
// weighted graph.
//
// Sums are float64, and the same bits on any number of workers and on every
// machine.
package spectral

import (
	"context"
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/affinity"
	"github.com/libtsne/libtsne/tsne/internal/par"
	"github.com/libtsne/libtsne/tsne/internal/pca"
)

const (
	width = pca.Width
	// grain is the number of points whose partial sums are one.
	grain = 4096
	// rows is the number of rows of the graph in a piece of a product.
	rows = 64
	// shift makes eigenvalues positive, so that none, not even the -1 of a
	// graph of two colours, falls in with those that have become 0.
	shift = 1.125
	// poll is the number of points between two looks at the context.
	poll = 1 << 14
)

// search: the vectors' errors are the residuals over the gaps between
// eigenvalues, which near 1 are small. What is left after so many products
// serves as a start all the same.
var search = pca.Search{Tolerance: 1e-9, Rounds: 12, Degree: 100}

// Axes returns, for a symmetric graph, the k vectors v beyond the constant one
// with the greatest eigenvalues λ of D⁻¹A v = λ v, D being the diagonal of the
// row sums of A: one a row, with vᵀDv' = 1 or 0, the element greatest in size,
// the first if several, positive. k is below the number of points. A point
// without edges is at 0.
//
// A graph of c parts has the eigenvalue 1 c times over. Of that space the first
// vectors are the contrasts of its heaviest part with all others, of the second
// heaviest with those that remain, and so on.
func Axes(ctx context.Context, pool *par.Pool, a *affinity.CSR, k int) (values, vectors []float64, err error) {
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
		w.scaled = make([]float64, n*width)
		w.partial = make([]float64, par.Chunks(n, grain)*len(w.mass)*width)
		found, u, err := pca.Leading(ctx, pool, n, more, search, w.apply)
		if err != nil {
			return nil, nil, err
		}
		for j, v := range found {
			values = append(values, float64(v*(1+shift))-shift)
			for i, x := range u[j*n : (j+1)*n] {
				vectors = append(vectors, x*w.inverse[i])
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
	return pca.LeadingBytes(n, k) + int64(n)*(8*width+8*int64(k)+24)
}

// walk is the random walk on a graph.
type walk struct {
	ctx     context.Context
	pool    *par.Pool
	a       *affinity.CSR
	root    []float64 // of the row sums
	inverse []float64 // 1 / root; 0 of a point without edges
	part    []int32   // that a point is of, by falling mass; -1 without edges
	mass    []float64 // sum over a part of the row sums
	scaled  []float64 // n×width
	partial []float64 // len(mass)×width for each piece of grain points
}

func (w *walk) sums() error {
	n := w.a.N
	w.root, w.inverse = make([]float64, n), make([]float64, n)
	return w.pool.ForContext(w.ctx, n, rows, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			sum := 0.0
			for _, v := range w.a.Val[w.a.Ptr[i]:w.a.Ptr[i+1]] {
				sum += float64(v)
			}
			if sum > 0 {
				w.root[i] = math.Sqrt(sum)
				w.inverse[i] = 1 / w.root[i]
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
	seen := 0
	for i := range n {
		if w.part[i] >= 0 || w.root[i] == 0 {
			continue
		}
		id := int32(len(mass))
		sum := 0.0
		w.part[i] = id
		queue = append(queue[:0], int32(i))
		for at := 0; at < len(queue); at++ {
			if seen++; seen%poll == 0 && w.ctx.Err() != nil {
				return w.ctx.Err()
			}
			p := int(queue[at])
			sum += float64(w.root[p] * w.root[p])
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

// apply sets out to (S + shift·I)/(1 + shift) · q, S being D^-½ A D^-½, whose
// eigenvalue 1 has become 0: nothing is left of the vectors that are constant
// on the parts.
func (w *walk) apply(q, out []float64) error {
	n, parts := w.a.N, len(w.mass)
	if err := w.pool.ForContext(w.ctx, n, grain, func(_, lo, hi int) {
		sum := w.partial[lo/grain*parts*width:][:parts*width]
		clear(sum)
		for i := lo; i < hi; i++ {
			from, to := (*[width]float64)(q[i*width:]), (*[width]float64)(w.scaled[i*width:])
			inverse := w.inverse[i]
			for j, v := range from {
				to[j] = inverse * v
			}
			if inverse == 0 {
				continue
			}
			root, s := w.root[i], (*[width]float64)(sum[int(w.part[i])*width:])
			for j, v := range from {
				s[j] += float64(root * v)
			}
		}
	}); err != nil {
		return err
	}
	total := make([]float64, parts*width)
	for i, v := range w.partial {
		total[i%len(total)] += v
	}
	for i := range total {
		total[i] /= w.mass[i/width]
	}
	return w.pool.ForContext(w.ctx, n, rows, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			to := (*[width]float64)(out[i*width:])
			if w.inverse[i] == 0 {
				*to = [width]float64{}
				continue
			}
			e, end := w.a.Ptr[i], w.a.Ptr[i+1]
			sum := pca.RowTimes(w.a.Col[e:end], w.a.Val[e:end], w.scaled)
			inverse, root := w.inverse[i]/(1+shift), w.root[i]
			from, t := (*[width]float64)(q[i*width:]), (*[width]float64)(total[int(w.part[i])*width:])
			for j, v := range sum {
				to[j] = float64(inverse*v) + float64(from[j]*(shift/(1+shift))) - float64(root*t[j])
			}
		}
	})
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
