package affinity

import (
	"github.com/libtsne/libtsne/tsne/internal/par"
	"github.com/libtsne/libtsne/tsne/internal/vec"
)

// Uniform affinities have two values: that of a neighbour, and twice it where two rows are each other's. A packed
// matrix takes 4 bytes an entry, and is unpacked a few rows at a time.

// levels are the values of p_ij where one of two rows is a neighbour of the other, and where both are.
func levels(n, k int) *[2]float32 {
	share := float64(float32(1 / float64(k)))
	return &[2]float32{float32(share / (2 * float64(n))), float32((share + share) / (2 * float64(n)))}
}

// mergePacked is merge that writes packed entries.
func mergePacked(col []int32, a, b []entry) {
	x, y := 0, 0
	for e := range col {
		i, j := a[x].place(), b[y].place()
		var inA, inB int32
		if i <= j {
			inA = 1
		}
		if j <= i {
			inB = 1
		}
		x, y = x+int(inA), y+int(inB)
		col[e] = min(i, j) | (inA&inB)<<31
	}
}

// Room is a worker's, for rows of a packed matrix; its zero value is ready.
type Room struct {
	col []int32
	val []float32
}

// Rows gives the columns and values of rows lo to hi, which the next call with the same room overwrites.
func (c *CSR) Rows(lo, hi int, r *Room) (col []int32, val []float32) {
	a, b := c.Ptr[lo], c.Ptr[hi]
	if c.Levels == nil {
		return c.Col[a:b], c.Val[a:b]
	}
	r.col, r.val = resize(r.col, int(b-a)), resize(r.val, int(b-a))
	vec.Part(r.col, r.val, c.Col[a:b], c.Levels)
	return r.col, r.val
}

// Plain is c, or what is not packed of it.
func (c *CSR) Plain(pool *par.Pool) *CSR {
	if c.Levels == nil {
		return c
	}
	p := &CSR{N: c.N, Ptr: c.Ptr, Col: make([]int32, len(c.Col)), Val: make([]float32, len(c.Col))}
	pool.For(len(c.Col), 1<<16, func(_, lo, hi int) { vec.Part(p.Col[lo:hi], p.Val[lo:hi], c.Col[lo:hi], c.Levels) })
	return p
}
