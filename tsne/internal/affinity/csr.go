// Package affinity turns a graph of nearest neighbours into the symmetric
// sparse matrix P that t-SNE attracts with. It sees neighbours and distances
// only, neither the data nor the embedding.
package affinity

import (
	"fmt"
	"math"

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

	// A short matrix has no Val, but its values in 16 bits, which its values are made for (short.go).
	Short []uint16
	Form  vec.Short
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
// that ascend from 0 to the number of entries, columns in [0, N), values, unless it is packed or short, that
// are finite and not negative. The error is a *Fault.
func (c *CSR) Check() error {
	if c.N < 0 || len(c.Ptr) != c.N+1 {
		return fault(-1, -1, "%d row offsets for %d rows, want %d", len(c.Ptr), c.N, c.N+1)
	}
	packed := c.Levels != nil
	if values := max(len(c.Val), len(c.Short)); len(c.Col) != values && !packed {
		return fault(-1, -1, "%d columns but %d values", len(c.Col), values)
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
			j := c.Col[e]
			if packed {
				j &= vec.Column
			}
			if j < 0 || int(j) >= c.N {
				return fault(i, -1, "has column %d, outside [0, %d)", j, c.N)
			}
			if c.Val == nil {
				continue
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
