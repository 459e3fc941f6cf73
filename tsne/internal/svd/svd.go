// Package svd finds the first singular vectors of a sparse float32 matrix,
// which is never made dense.
//
// Sums are float64, and the same bits on any number of workers and on every
// machine.
package svd

import (
	"context"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
	"github.com/libtsne/libtsne/tsne/internal/pca"
	"github.com/libtsne/libtsne/tsne/internal/sparse"
)

// CSR is a sparse matrix by rows. Columns of a row need no order, and entries
// of the same place are added.
type CSR struct {
	Rows, Cols int
	Ptr        []int64
	Col        []int32
	Val        []float32
}

const (
	width = pca.Width
	// chunks bounds the partial sums of a product.
	chunks = 32
	// poll is the number of entries between two looks at the context.
	poll = 1 << 18
)

// search gives singular values to about 1e-5 of themselves: the error of an
// eigenvalue of the Gram matrix is at most the residual, and that of the
// singular value half as much.
var search = pca.Search{Tolerance: 2e-5, Steps: 400}

// Scores returns the first k columns of U·Σ, row by row, of the matrix's
// singular value decomposition U·Σ·Vᵀ; of each column of V the element greatest
// in size, the first if several, is positive. k is in [1, min(Rows, Cols)].
// A column whose singular value is rounding alone is 0.
func Scores(ctx context.Context, pool *par.Pool, a CSR, k int) ([]float32, error) {
	g := a
	wide := a.Cols > a.Rows
	if wide {
		var err error
		if g, err = a.transpose(ctx, pool); err != nil {
			return nil, err
		}
	}
	m := &matrix{CSR: g, ctx: ctx, pool: pool, bounds: g.cut(g.chunksFor())}
	m.partial = make([]float64, (len(m.bounds)-1)*m.Cols*width)
	values, vectors, err := pca.Leading(ctx, pool, g.Cols, k, search, m.gram)
	if err != nil {
		return nil, err
	}
	for j := range k {
		if !(values[j] > values[0]*float64(g.Cols)*0x1p-52) {
			clear(vectors[j*g.Cols : (j+1)*g.Cols])
			values[j] = 0
		}
	}
	scores := make([]float32, a.Rows*k)
	q := make([]float64, g.Cols*width)
	for lo := 0; lo < k; lo += width {
		columns := min(width, k-lo)
		clear(q)
		for j := range columns {
			for i, v := range vectors[(lo+j)*g.Cols : (lo+j+1)*g.Cols] {
				q[i*width+j] = v
			}
		}
		// Of a wide matrix the vectors are U, and the product is V·Σ.
		other := make([]float64, g.Rows*width)
		if err := m.product(q, other); err != nil {
			return nil, err
		}
		left, right := other, q
		if wide {
			left, right = q, other
		}
		for j := range columns {
			s := sign(right[j:])
			if wide {
				s *= math.Sqrt(values[lo+j])
			}
			for i := range a.Rows {
				scores[i*k+lo+j] = float32(s * left[i*width+j])
			}
		}
	}
	return scores, nil
}

// Bytes is about the most memory that Scores of these sizes takes, its result
// included.
func Bytes(rows, cols, nnz, k int) int64 {
	order, other := int64(min(rows, cols)), int64(max(rows, cols))
	b := pca.LeadingBytes(int(order), k) + 8*width*chunks*order
	b = max(b, 8*width*(order+other)+8*int64(k)*order) + 4*int64(rows)*int64(k)
	if cols > rows {
		b += 8*int64(nnz) + 8*other + min(8*chunks*other, 2*int64(nnz))
	}
	return b
}

// sign is that of the greatest in size of every width-th element of v.
func sign(v []float64) float64 {
	greatest := 0.0
	for i := 0; i < len(v); i += width {
		if math.Abs(v[i]) > math.Abs(greatest) {
			greatest = v[i]
		}
	}
	return math.Copysign(1, greatest)
}

// cut gives the rows at which at most so many chunks, of about as many entries
// each, begin, and the number of rows.
func (a *CSR) cut(count int) []int {
	nnz := len(a.Col)
	bounds := []int{0}
	for i := range a.Rows {
		if a.Ptr[i+1] >= int64(len(bounds))*int64(nnz/count+1) {
			bounds = append(bounds, i+1)
		}
	}
	if bounds[len(bounds)-1] < a.Rows {
		bounds = append(bounds, a.Rows)
	}
	return bounds
}

// eachChunk calls row for the rows of each chunk in turn.
func (a *CSR) eachChunk(ctx context.Context, pool *par.Pool, bounds []int, row func(chunk, i int)) error {
	return pool.RunContext(ctx, len(bounds)-1, func(_, c int) {
		polled := a.Ptr[bounds[c]]
		for i := bounds[c]; i < bounds[c+1]; i++ {
			if a.Ptr[i] > polled+poll {
				polled = a.Ptr[i]
				if ctx.Err() != nil {
					return
				}
			}
			row(c, i)
		}
	})
}

// chunksFor is the number of chunks whose partial results, one a column each,
// are not the greater part of the work.
func (a *CSR) chunksFor() int { return min(chunks, max(1, len(a.Col)/(4*a.Cols))) }

func (a *CSR) transpose(ctx context.Context, pool *par.Pool) (t CSR, err error) {
	t = CSR{Rows: a.Cols, Cols: a.Rows, Ptr: make([]int64, a.Cols+1), Col: make([]int32, len(a.Col)), Val: make([]float32, len(a.Val))}
	bounds := a.cut(a.chunksFor())
	at := make([]int64, (len(bounds)-1)*a.Cols) // the entries of a column in a chunk, then where they go
	if err := a.eachChunk(ctx, pool, bounds, func(chunk, i int) {
		count := at[chunk*a.Cols:][:a.Cols]
		for _, c := range a.Col[a.Ptr[i]:a.Ptr[i+1]] {
			count[c]++
		}
	}); err != nil {
		return CSR{}, err
	}
	sum := int64(0)
	for c := range a.Cols {
		for i := c; i < len(at); i += a.Cols {
			sum, at[i] = sum+at[i], sum
		}
		t.Ptr[c+1] = sum
	}
	return t, a.eachChunk(ctx, pool, bounds, func(chunk, i int) {
		to := at[chunk*a.Cols:][:a.Cols]
		for e := a.Ptr[i]; e < a.Ptr[i+1]; e++ {
			c := a.Col[e]
			t.Col[to[c]], t.Val[to[c]] = int32(i), a.Val[e]
			to[c]++
		}
	})
}

// matrix is a matrix cut into chunks of rows.
type matrix struct {
	CSR
	ctx     context.Context
	pool    *par.Pool
	bounds  []int
	partial []float64 // a Cols×width sum for each chunk
}

// times sets out to a row of the matrix times q.
func (m *matrix) times(i int, q []float64, out *[width]float64) {
	e, end := m.Ptr[i], m.Ptr[i+1]
	sparse.Gather12(m.Col[e:end], m.Val[e:end], q, out)
}

// gram sets out to AᵀA·q in one pass over A.
func (m *matrix) gram(q, out []float64) error {
	size := m.Cols * width
	if err := m.eachChunk(m.ctx, m.pool, m.bounds, func(chunk, i int) {
		sum := m.partial[chunk*size : (chunk+1)*size]
		if i == m.bounds[chunk] {
			clear(sum)
		}
		var t [width]float64
		m.times(i, q, &t)
		e, end := m.Ptr[i], m.Ptr[i+1]
		sparse.Scatter12(m.Col[e:end], m.Val[e:end], sum, &t)
	}); err != nil {
		return err
	}
	return m.pool.ForContext(m.ctx, size, 1<<14, func(_, lo, hi int) {
		copy(out[lo:hi], m.partial[lo:hi])
		for c := size; c < len(m.partial); c += size {
			for i, v := range m.partial[c+lo : c+hi] {
				out[lo+i] += v
			}
		}
	})
}

// product sets out to A·q.
func (m *matrix) product(q, out []float64) error {
	return m.pool.ForContext(m.ctx, m.Rows, 64, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			m.times(i, q, (*[width]float64)(out[i*width:]))
		}
	})
}
