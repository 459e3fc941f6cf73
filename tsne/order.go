package tsne

import (
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/affinity"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// room is what reorder works in; its zero value is ready.
type room struct {
	p     affinity.Spare
	rows  []float32
	keys  []uint64
	place []int32
}

func (e *Embedding) reorder(pool *par.Pool) {
	n, dims, r := e.N(), e.o.Dims, &e.room
	if len(r.keys) != n {
		r.rows, r.keys, r.place = make([]float32, n*dims), make([]uint64, n), make([]int32, n)
	}
	order := hilbertOrder(pool, e.y, dims, r.keys)
	invert(r.place, order)
	if e.pShared {
		e.p, e.pShared = e.p.Permute(pool, order, r.place), false
	} else {
		e.p.Reorder(&r.p, pool, order, r.place)
	}
	r.rows = e.moveRows(order, r.rows)
	if e.order != nil {
		before := e.order
		for i, from := range order {
			order[i] = before[from]
		}
	}
	e.order = order
}

// moveRows puts row order[i] of what has a row a point at i, through a spare of
// that size; the result is the spare of the next time.
func (e *Embedding) moveRows(order []int32, spare []float32) []float32 {
	for _, v := range []*[]float32{&e.y, &e.velocity, &e.gains} {
		permuteRows(spare, *v, order, e.o.Dims)
		*v, spare = spare, *v
	}
	return spare
}

// hilbertOrder lists the points of a map along a Hilbert curve through its
// bounding box: neighbours in the map become neighbours in memory. It works in
// keys, one a point.
func hilbertOrder(pool *par.Pool, y []float32, dims int, keys []uint64) []int32 {
	n := len(keys)
	bits := uint(31 / dims)
	var lo [3]float32
	var scale [3]float64
	for c := range dims {
		low, high := y[c], y[c]
		for i := c; i < len(y); i += dims {
			low, high = min(low, y[i]), max(high, y[i])
		}
		lo[c] = low
		if span := float64(high) - float64(low); span > 0 {
			scale[c] = float64(uint32(1)<<bits-1) / span
		}
	}
	pool.For(n, 4096, func(_, from, to int) {
		for i := from; i < to; i++ {
			var cell [3]uint32
			for c := range dims {
				cell[c] = uint32(math.Floor((float64(y[i*dims+c]) - float64(lo[c])) * scale[c]))
			}
			keys[i] = hilbertIndex(cell[:dims], bits)<<32 | uint64(i)
		}
	})
	slices.Sort(keys)
	order := make([]int32, n)
	for i, k := range keys {
		order[i] = int32(uint32(k))
	}
	return order
}

// hilbertIndex is the place of a cell along the curve (Skilling, "Programming
// the Hilbert curve", AIP Conference Proceedings 707, 2004); x is overwritten.
func hilbertIndex(x []uint32, bits uint) uint64 {
	d := len(x)
	for q := uint32(1) << (bits - 1); q > 1; q >>= 1 {
		for i := range x {
			if x[i]&q != 0 {
				x[0] ^= q - 1
			} else {
				t := (x[0] ^ x[i]) & (q - 1)
				x[0] ^= t
				x[i] ^= t
			}
		}
	}
	for i := 1; i < d; i++ {
		x[i] ^= x[i-1]
	}
	var t uint32
	for q := uint32(1) << (bits - 1); q > 1; q >>= 1 {
		if x[d-1]&q != 0 {
			t ^= q - 1
		}
	}
	for i := range x {
		x[i] ^= t
	}
	var index uint64
	for b := int(bits) - 1; b >= 0; b-- {
		for i := range x {
			index = index<<1 | uint64(x[i]>>uint(b)&1)
		}
	}
	return index
}

// permuteRows moves row order[i] of src to row i of dst.
func permuteRows(dst, src []float32, order []int32, dims int) {
	for i, from := range order {
		copy(dst[i*dims:(i+1)*dims], src[int(from)*dims:])
	}
}

// invert writes the places of the points: inverse[order[i]] = i.
func invert(inverse, order []int32) {
	for i, from := range order {
		inverse[from] = int32(i)
	}
}

// inverted is invert into a new list.
func inverted(order []int32) []int32 {
	inverse := make([]int32, len(order))
	invert(inverse, order)
	return inverse
}
