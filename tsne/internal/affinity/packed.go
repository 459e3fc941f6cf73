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

// Room is a worker's, for rows of a packed or a short matrix; its zero value is ready.
type Room struct {
	col []int32
	val []float32
}

// Rows gives the columns and values of rows lo to hi, which the next call with the same room overwrites.
func (c *CSR) Rows(lo, hi int, r *Room) (col []int32, val []float32) {
	a, b := c.Ptr[lo], c.Ptr[hi]
	if c.Levels != nil {
		r.col, r.val = resize(r.col, int(b-a)), resize(r.val, int(b-a))
		vec.Part(r.col, r.val, c.Col[a:b], c.Levels)
		return r.col, r.val
	}
	return c.Col[a:b], c.Values(a, b, r)
}

// Values gives those of entries a to b of a matrix that is not packed, as Rows does.
func (c *CSR) Values(a, b int64, r *Room) []float32 {
	if c.Short == nil {
		return c.Val[a:b]
	}
	r.val = resize(r.val, int(b-a))
	c.Form.Widen(r.val, c.Short[a:b])
	return r.val
}

// Attract is vec.Attract of rows lo to hi.
func (c *CSR) Attract(dims int, force, y []float32, lo, hi int, r *Room) {
	switch at := c.Ptr[lo]; {
	case c.Levels != nil:
		lo = vec.AttractPacked(dims, force, y, c.Ptr, c.Col[at:], c.Levels, lo, hi)
	case c.Short != nil:
		lo = vec.AttractShort(dims, force, y, c.Ptr, c.Col[at:], c.Short[at:], c.Form, lo, hi)
	}
	col, val := c.Rows(lo, hi, r)
	vec.Attract(dims, force, y, c.Ptr, col, val, lo, hi)
}

// Plain is c, or what is neither packed nor short of it.
func (c *CSR) Plain(pool *par.Pool) *CSR {
	const grain = 1 << 16
	p := &CSR{N: c.N, Ptr: c.Ptr, Col: c.Col}
	switch {
	case c.Levels != nil:
		p.Col, p.Val = make([]int32, len(c.Col)), make([]float32, len(c.Col))
		pool.For(len(c.Col), grain, func(_, lo, hi int) { vec.Part(p.Col[lo:hi], p.Val[lo:hi], c.Col[lo:hi], c.Levels) })
	case c.Short != nil:
		p.Val = make([]float32, len(c.Col))
		pool.For(len(c.Col), grain, func(_, lo, hi int) { c.Form.Widen(p.Val[lo:hi], c.Short[lo:hi]) })
	default:
		return c
	}
	return p
}
