// Package affinity turns a graph of nearest neighbours into the symmetric
// sparse matrix P that t-SNE attracts with. It sees neighbours and distances
// only, neither the data nor the embedding.
package affinity

import (
	"fmt"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// CSR is a square sparse matrix by rows: row i holds the entries Ptr[i] to
// Ptr[i+1] of Col and Val. What this package builds has ascending columns in
// each row; what Permute gives has them in the old order.
type CSR struct {
	N   int       // rows and columns
	Ptr []int64   // N+1 offsets, from 0 to len(Col)
	Col []int32   // columns
	Val []float32 // values
}

// NNZ is the number of entries.
func (c *CSR) NNZ() int { return len(c.Col) }

// Check says whether c is a matrix that the other functions can take: offsets
// that ascend from 0 to the number of entries, columns in [0, N), values that
// are finite and not negative. The error names the first row at fault.
func (c *CSR) Check() error {
	if c.N < 0 || len(c.Ptr) != c.N+1 {
		return fmt.Errorf("affinities: %d row offsets for %d rows, want %d", len(c.Ptr), c.N, c.N+1)
	}
	if len(c.Col) != len(c.Val) {
		return fmt.Errorf("affinities: %d columns but %d values", len(c.Col), len(c.Val))
	}
	if c.Ptr[0] != 0 {
		return fmt.Errorf("affinities: row 0 starts at offset %d, want 0", c.Ptr[0])
	}
	for i := range c.N {
		a, b := c.Ptr[i], c.Ptr[i+1]
		if b < a {
			return fmt.Errorf("affinities: row %d ends at offset %d, before its start %d", i, b, a)
		}
		if b > int64(len(c.Col)) {
			return fmt.Errorf("affinities: row %d ends at offset %d, past the %d entries", i, b, len(c.Col))
		}
		for e := a; e < b; e++ {
			if j := c.Col[e]; j < 0 || int(j) >= c.N {
				return fmt.Errorf("affinities: row %d has column %d, outside [0, %d)", i, j, c.N)
			}
			if v := c.Val[e]; !(v >= 0 && v <= math.MaxFloat32) {
				return fmt.Errorf("affinities: row %d, column %d has value %g", i, c.Col[e], v)
			}
		}
	}
	if end := c.Ptr[c.N]; end != int64(len(c.Col)) {
		return fmt.Errorf("affinities: the last row ends at offset %d, but there are %d entries", end, len(c.Col))
	}
	return nil
}

// Permute is PermuteInto a new matrix.
func (c *CSR) Permute(pool *par.Pool, order []int32) *CSR {
	inverse := make([]int32, len(order))
	for i, o := range order {
		inverse[o] = int32(i)
	}
	dst := &CSR{}
	c.PermuteInto(dst, pool, order, inverse)
	return dst
}

// PermuteInto makes dst the matrix of the same graph with its points in a new
// order: row order[i] of c becomes row i of dst, and columns are renumbered by
// inverse, the inverse of order. Entries keep their order within a row. dst,
// which must not be c, gives its slices to reuse where they are large enough.
func (c *CSR) PermuteInto(dst *CSR, pool *par.Pool, order, inverse []int32) {
	dst.N = c.N
	dst.Ptr = resize(dst.Ptr, c.N+1)
	dst.Col = resize(dst.Col, len(c.Col))
	dst.Val = resize(dst.Val, len(c.Val))
	dst.Ptr[0] = 0
	for i, o := range order {
		dst.Ptr[i+1] = dst.Ptr[i] + (c.Ptr[o+1] - c.Ptr[o])
	}
	pool.For(c.N, 512, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			a, b := c.Ptr[order[i]], c.Ptr[order[i]+1]
			at := dst.Ptr[i]
			to := dst.Col[at:][:b-a]
			for e, j := range c.Col[a:b] {
				to[e] = inverse[j]
			}
			copy(dst.Val[at:], c.Val[a:b])
		}
	})
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
