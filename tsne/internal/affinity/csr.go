// Package affinity turns a graph of nearest neighbours into the symmetric
// sparse matrix P that t-SNE attracts with. It sees neighbours and distances
// only, neither the data nor the embedding.
package affinity

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/libtsne/libtsne/tsne/internal/par"
	"github.com/libtsne/libtsne/tsne/internal/vec"
)

// CSR is a square sparse matrix by rows: row i holds the entries Ptr[i] to
// Ptr[i+1] of Col and Val. What this package builds has ascending columns in
// each row; what Permute gives has them in the old order.
type CSR struct {
	N   int       // rows and columns
	Ptr []int64   // N+1 offsets, from 0 to len(Col)
	Col []int32   // columns
	Val []float32 // values

	// A packed matrix has no Val, and in each column's sign bit which of two values it is (packed.go).
	Levels *[2]float32
}

// NNZ is the number of entries.
func (c *CSR) NNZ() int { return len(c.Col) }

// Fault is what is wrong with a matrix.
type Fault struct {
	Row, Column int  // the first at fault; -1 if it is none
	Finite      bool // false if it is that a value is not
	Problem     string
}

func fault(row, column int, format string, args ...any) error {
	return &Fault{row, column, true, fmt.Sprintf(format, args...)}
}

func (f *Fault) Error() string {
	place := ""
	if f.Row >= 0 {
		place = fmt.Sprintf("row %d ", f.Row)
	}
	if f.Column >= 0 {
		place = fmt.Sprintf("row %d, column %d ", f.Row, f.Column)
	}
	return "affinities: " + place + f.Problem
}

// Check says whether c is a matrix that the other functions can take: offsets
// that ascend from 0 to the number of entries, columns in [0, N), values that
// are finite and not negative. The error is a *Fault.
func (c *CSR) Check() error {
	if c.N < 0 || len(c.Ptr) != c.N+1 {
		return fault(-1, -1, "%d row offsets for %d rows, want %d", len(c.Ptr), c.N, c.N+1)
	}
	if len(c.Col) != len(c.Val) {
		return fault(-1, -1, "%d columns but %d values", len(c.Col), len(c.Val))
	}
	if c.Ptr[0] != 0 {
		return fault(0, -1, "starts at offset %d, want 0", c.Ptr[0])
	}
	for i := range c.N {
		a, b := c.Ptr[i], c.Ptr[i+1]
		if b < a {
			return fault(i, -1, "ends at offset %d, before its start %d", b, a)
		}
		if b > int64(len(c.Col)) {
			return fault(i, -1, "ends at offset %d, past the %d entries", b, len(c.Col))
		}
		for e := a; e < b; e++ {
			if j := c.Col[e]; j < 0 || int(j) >= c.N {
				return fault(i, -1, "has column %d, outside [0, %d)", j, c.N)
			}
			if v := c.Val[e]; !(v >= 0 && v <= math.MaxFloat32) {
				return &Fault{i, int(c.Col[e]), v-v == 0, fmt.Sprintf("is %v, want 0 or more and finite", v)}
			}
		}
	}
	if end := c.Ptr[c.N]; end != int64(len(c.Col)) {
		return fault(-1, -1, "the last row ends at offset %d, but there are %d entries", end, len(c.Col))
	}
	return nil
}

// Permute is the matrix of the same graph with its points in a new order: row
// order[i] of c becomes row i, and columns are renumbered by inverse, the inverse
// of order. Entries keep their order within a row.
func (c *CSR) Permute(pool *par.Pool, order, inverse []int32) *CSR {
	p := &CSR{N: c.N, Ptr: c.permutePtr(nil, order), Col: make([]int32, len(c.Col)), Val: make([]float32, len(c.Val)), Levels: c.Levels}
	c.permuteCol(p.Col, p.Ptr, pool, order, inverse)
	c.permuteVal(p.Val, p.Ptr, pool, order)
	return p
}

// A Spare is the room that Reorder works in; its zero value is ready.
type Spare struct {
	ptr   []int64
	words []int32
}

// Reorder is Permute in place, through a spare of the columns' size: the new
// columns go there, the new values where the old columns were, and what held the old
// values is the spare of the next time.
func (c *CSR) Reorder(spare *Spare, pool *par.Pool, order, inverse []int32) {
	ptr := c.permutePtr(spare.ptr, order)
	col := resize(spare.words, len(c.Col))
	c.permuteCol(col, ptr, pool, order, inverse)
	if c.Levels != nil {
		spare.ptr, spare.words = c.Ptr, c.Col
		c.Ptr, c.Col = ptr, col
		return
	}
	val := as[float32](c.Col)
	c.permuteVal(val, ptr, pool, order)
	spare.ptr, spare.words = c.Ptr, as[int32](c.Val)
	c.Ptr, c.Col, c.Val = ptr, col, val
}

// as is the memory of s as values of another type of 4 bytes.
func as[T, F int32 | float32](s []F) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(s))), len(s))
}

func (c *CSR) permutePtr(ptr []int64, order []int32) []int64 {
	ptr = resize(ptr, c.N+1)
	ptr[0] = 0
	for i, o := range order {
		ptr[i+1] = ptr[i] + (c.Ptr[o+1] - c.Ptr[o])
	}
	return ptr
}

const permuteGrain = 512

func (c *CSR) permuteCol(col []int32, ptr []int64, pool *par.Pool, order, inverse []int32) {
	pool.For(c.N, permuteGrain, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			from := c.Col[c.Ptr[order[i]]:c.Ptr[order[i]+1]]
			to := col[ptr[i]:][:len(from)]
			for e, j := range from {
				to[e] = inverse[j&vec.Column] | j&^vec.Column
			}
		}
	})
}

func (c *CSR) permuteVal(val []float32, ptr []int64, pool *par.Pool, order []int32) {
	if len(val) == 0 {
		return
	}
	pool.For(c.N, permuteGrain, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			copy(val[ptr[i]:], c.Val[c.Ptr[order[i]]:c.Ptr[order[i]+1]])
		}
	})
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
