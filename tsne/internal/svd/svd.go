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
var search = pca.Search{Tolerance: 2e-5, Rounds: 20, Degree: 24}

// Scores returns the first k columns of U·Σ, row by row, of the matrix's
// singular value decomposition U·Σ·Vᵀ; of each column of V the element greatest
// in size, the first if several, is positive. k is in [1, min(Rows, Cols)].
// A column whose singular value is rounding alone is 0.
func Scores(ctx context.Context, pool *par.Pool, a CSR, k int) ([]float32, error) {
	g := a
	wide := a.Cols > a.Rows
	if wide {
		g = a.transpose()
	}
	m := &matrix{CSR: g, ctx: ctx, pool: pool}
	m.cut()
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
		b += 8*int64(nnz) + 16*other
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

func (a *CSR) transpose() CSR {
	t := CSR{Rows: a.Cols, Cols: a.Rows, Ptr: make([]int64, a.Cols+1), Col: make([]int32, len(a.Col)), Val: make([]float32, len(a.Val))}
	for _, c := range a.Col {
		t.Ptr[c+1]++
	}
	for c := range a.Cols {
		t.Ptr[c+1] += t.Ptr[c]
	}
	at := append([]int64(nil), t.Ptr[:a.Cols]...)
	for i := range a.Rows {
		for e := a.Ptr[i]; e < a.Ptr[i+1]; e++ {
			c := a.Col[e]
			t.Col[at[c]], t.Val[at[c]] = int32(i), a.Val[e]
			at[c]++
		}
	}
	return t
}

// matrix is a matrix cut into chunks of rows with about as many entries each.
type matrix struct {
	CSR
	ctx     context.Context
	pool    *par.Pool
	bounds  []int     // rows at which chunks begin, and Rows
	partial []float64 // a Cols×width sum for each chunk
}

func (m *matrix) cut() {
	nnz := len(m.Col)
	// Fewer where adding up the partial sums would be the greater part.
	count := min(chunks, max(1, nnz/(4*m.Cols)))
	m.bounds = []int{0}
	for i := range m.Rows {
		if m.Ptr[i+1] >= int64(len(m.bounds))*int64(nnz/count+1) {
			m.bounds = append(m.bounds, i+1)
		}
	}
	if m.bounds[len(m.bounds)-1] < m.Rows {
		m.bounds = append(m.bounds, m.Rows)
	}
	m.partial = make([]float64, (len(m.bounds)-1)*m.Cols*width)
}

// rowTimes is a row of the matrix times q.
func (m *matrix) rowTimes(i int, q []float64) [width]float64 {
	e, end := m.Ptr[i], m.Ptr[i+1]
	return pca.RowTimes(m.Col[e:end], m.Val[e:end], q)
}

// gram sets out to AᵀA·q in one pass over A.
func (m *matrix) gram(q, out []float64) error {
	size := m.Cols * width
	if err := m.pool.RunContext(m.ctx, len(m.bounds)-1, func(_, c int) {
		sum := m.partial[c*size : (c+1)*size]
		clear(sum)
		polled := m.Ptr[m.bounds[c]]
		for i := m.bounds[c]; i < m.bounds[c+1]; i++ {
			if m.Ptr[i] > polled+poll {
				polled = m.Ptr[i]
				if m.ctx.Err() != nil {
					return
				}
			}
			t := m.rowTimes(i, q)
			for e := m.Ptr[i]; e < m.Ptr[i+1]; e++ {
				v, r := float64(m.Val[e]), (*[width]float64)(sum[int(m.Col[e])*width:])
				for j := range r {
					r[j] += float64(v * t[j])
				}
			}
		}
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
			*(*[width]float64)(out[i*width:]) = m.rowTimes(i, q)
		}
	})
}
