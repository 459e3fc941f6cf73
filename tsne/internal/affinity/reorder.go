package affinity

import (
	"slices"
	"unsafe"

	"github.com/libtsne/libtsne/tsne/internal/par"
	"github.com/libtsne/libtsne/tsne/internal/vec"
)

// Permute is the matrix of the same graph with its points in a new order: row
// order[i] of c becomes row i, and columns are renumbered by inverse, the inverse
// of order. Entries keep their order within a row.
func (c *CSR) Permute(pool *par.Pool, order, inverse []int32) *CSR {
	p := &CSR{N: c.N, Ptr: c.permutePtr(pool, nil, order), Col: make([]int32, len(c.Col)), Levels: c.Levels, Form: c.Form}
	c.gatherCol(pool, p.Col, p.Ptr, order, inverse, 0, c.N)
	if c.Val != nil {
		p.Val = make([]float32, len(c.Val))
		gather(c, pool, p.Val, c.Val, p.Ptr, order, 0, c.N)
	}
	if c.Short != nil {
		p.Short = make([]uint16, len(c.Short))
		gather(c, pool, p.Short, c.Short, p.Ptr, order, 0, c.N)
	}
	return p
}

// A Spare is the room that Reorder works in; its zero value is ready.
type Spare struct {
	Ptr   []int64 // room for a number more than there are rows, which others may use between two calls
	col   []int32
	val   []float32
	short []uint16
}

// From so many entries on Reorder works in bands, which takes twice as long as through a spare of all columns.
var bandsFrom = 1 << 24

const bands = 8

// SpareBytes is about what a Spare takes for a matrix of so many entries, without room for the starts of its rows.
func SpareBytes(entries uint64) uint64 {
	if entries >= uint64(bandsFrom) {
		entries /= bands / 2 // columns and values
	}
	return 4 * entries
}

// Reorder is Permute in place.
func (c *CSR) Reorder(spare *Spare, pool *par.Pool, order, inverse []int32) {
	ptr := c.permutePtr(pool, spare.Ptr, order)
	if len(c.Col) < bandsFrom && c.Short == nil {
		c.reorderThrough(spare, pool, ptr, order, inverse)
	} else {
		c.reorderBands(spare, pool, ptr, order, inverse)
	}
	spare.Ptr = ptr
	pool.For(len(ptr), permuteGrain, func(_, lo, hi int) { copy(c.Ptr[lo:hi], ptr[lo:hi]) })
	pool.Weigh("places", nil)
}

// reorderThrough puts the new columns in the spare, and the new values where the old columns were; what held the old
// values is the spare of the next time.
func (c *CSR) reorderThrough(spare *Spare, pool *par.Pool, ptr []int64, order, inverse []int32) {
	col := resize(spare.col, len(c.Col))
	c.gatherCol(pool, col, ptr, order, inverse, 0, c.N)
	if c.Levels != nil {
		spare.col, c.Col = c.Col, col
		return
	}
	val := as[float32](c.Col)
	gather(c, pool, val, c.Val, ptr, order, 0, c.N)
	spare.col = as[int32](c.Val)
	c.Col, c.Val = col, val
}

// as is the memory of s as values of another type of 4 bytes.
func as[T, F int32 | float32](s []F) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(s))), len(s))
}

// reorderBands gathers a band of the new rows at a time in the spare; the rows that are yet to come close up at the end of
// the matrix, and the band goes before them.
func (c *CSR) reorderBands(spare *Spare, pool *par.Pool, ptr []int64, order, inverse []int32) {
	var bound [bands + 1]int
	most := int64(0)
	for b := range bands {
		bound[b+1] = c.N
		if b+1 < bands {
			bound[b+1], _ = slices.BinarySearch(ptr, int64(len(c.Col)/bands*(b+1)))
		}
		most = max(most, ptr[bound[b+1]]-ptr[bound[b]])
	}
	spare.col = resize(spare.col, int(most))
	if c.Val != nil {
		spare.val = resize(spare.val, int(most))
	}
	if c.Short != nil {
		spare.short = resize(spare.short, int(most))
	}
	for b, lo := range bound[:bands] {
		hi := bound[b+1]
		c.gatherCol(pool, spare.col, ptr, order, inverse, lo, hi)
		gather(c, pool, spare.val, c.Val, ptr, order, lo, hi)
		gather(c, pool, spare.short, c.Short, ptr, order, lo, hi)
		c.closeUp(inverse, int32(lo), int32(hi))
		copy(c.Col[ptr[lo]:ptr[hi]], spare.col)
		if c.Val != nil {
			copy(c.Val[ptr[lo]:ptr[hi]], spare.val)
		}
		if c.Short != nil {
			copy(c.Short[ptr[lo]:ptr[hi]], spare.short)
		}
	}
}

// closeUp moves the rows whose new number is hi or more to the end of the matrix. Those of numbers below lo have left it
// before, those from lo on leave it now; the starts of the others alone mean something afterwards.
func (c *CSR) closeUp(inverse []int32, lo, hi int32) {
	if int(hi) == c.N {
		return
	}
	end := int64(len(c.Col))     // of the row at hand
	last, shift := end, int64(0) // of a run of rows that stay, and how far it goes
	move := func(first int64) {
		if shift > 0 {
			moveUp(c.Col, first, last, shift)
			moveUp(c.Val, first, last, shift)
			moveUp(c.Short, first, last, shift)
		}
	}
	for o := c.N - 1; o >= 0; o-- {
		to := inverse[o]
		if to < lo {
			continue
		}
		first := c.Ptr[o]
		if to < hi {
			move(end)
			shift += end - first
			last = first
		} else {
			c.Ptr[o] = first + shift
		}
		end = first
	}
	move(end)
}

func moveUp[T any](v []T, first, last, shift int64) {
	if v != nil {
		copy(v[first+shift:last+shift], v[first:last])
	}
}

// gatherCol writes the columns of the new rows lo to hi-1, which stand at Ptr by their old numbers, from the start of col on.
func (c *CSR) gatherCol(pool *par.Pool, col []int32, ptr []int64, order, inverse []int32, lo, hi int) {
	pool.For(hi-lo, permuteGrain, func(_, from, to int) {
		for i := lo + from; i < lo+to; i++ {
			fetchRow(c, c.Col, ptr, order, i, lo+to)
			row := col[ptr[i]-ptr[lo] : ptr[i+1]-ptr[lo]]
			for e, j := range c.Col[c.Ptr[order[i]]:][:len(row)] {
				row[e] = inverse[j&vec.Column] | j&^vec.Column
			}
		}
	})
	weighRows(pool, ptr, lo, hi)
}

const permuteGrain = 256

func weighRows(pool *par.Pool, ptr []int64, lo, hi int) {
	pool.Weigh("rows of P", func(chunk int) int {
		return int(ptr[lo+min(hi-lo, (chunk+1)*permuteGrain)] - ptr[lo+chunk*permuteGrain])
	})
}

// gather does so with their values of a kind, if the matrix has them.
func gather[T float32 | uint16](c *CSR, pool *par.Pool, to, values []T, ptr []int64, order []int32, lo, hi int) {
	if values == nil {
		return
	}
	pool.For(hi-lo, permuteGrain, func(_, first, last int) {
		for i := lo + first; i < lo+last; i++ {
			fetchRow(c, values, ptr, order, i, lo+last)
			copy(to[ptr[i]-ptr[lo]:ptr[i+1]-ptr[lo]], values[c.Ptr[order[i]]:])
		}
	})
	weighRows(pool, ptr, lo, hi)
}

// fetchRow asks for what is gathered some rows after new row i, before row hi: rows come from anywhere.
func fetchRow[T any](c *CSR, entries []T, ptr []int64, order []int32, i, hi int) {
	if j := i + 4; j < hi {
		vec.Fetch(entries[c.Ptr[order[j]]:][:ptr[j+1]-ptr[j]])
	}
}

func (c *CSR) permutePtr(pool *par.Pool, ptr []int64, order []int32) []int64 {
	ptr = resize(ptr, c.N+1)
	ptr[0] = 0
	pool.For(c.N, permuteGrain, func(_, lo, hi int) {
		for i, o := range order[lo:hi] {
			ptr[lo+i+1] = c.Ptr[o+1] - c.Ptr[o]
		}
	})
	pool.Weigh("places", nil)
	for i := range c.N {
		ptr[i+1] += ptr[i]
	}
	pool.Serial("offsets", c.N)
	return ptr
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
