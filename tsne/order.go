package tsne

import (
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// hilbertOrder lists the points of a map along a Hilbert curve through its
// bounding box: neighbours in the map become neighbours in memory.
func hilbertOrder(pool *par.Pool, y []float32, dims int) []int32 {
	n := len(y) / dims
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
	keys := make([]uint64, n)
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

// invert gives the places of the points: inverse[order[i]] = i.
func invert(order []int32) []int32 {
	inverse := make([]int32, len(order))
	for i, from := range order {
		inverse[from] = int32(i)
	}
	return inverse
}
