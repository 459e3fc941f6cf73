package tsne

import (
	"math"
	mathbits "math/bits"
	"slices"
	"unsafe"

	"github.com/libtsne/libtsne/tsne/internal/affinity"
	"github.com/libtsne/libtsne/tsne/internal/limit"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// room is what a descent works in: two forces, and between two iterations what reorder needs, in the same place; its zero
// value is ready.
type room struct {
	words []uint64
	p     affinity.Spare
}

func (r *room) take(n, dims int) {
	if size := max(2*n+1, n*dims); len(r.words) != size {
		r.words = make([]uint64, size)
	}
}

// forces are two, of n points.
func (r *room) forces(n, dims int) (attract, repulse []float32) {
	r.take(n, dims)
	both := as[float32](r.words)
	return both[: n*dims : n*dims], both[n*dims : 2*n*dims]
}

// as is memory as numbers of another type.
func as[T int32 | int64 | float32](words []uint64) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(words))), len(words)*8/int(unsafe.Sizeof(*new(T))))
}

func (e *Embedding) reorder(pool *par.Pool) {
	n, dims, r := e.N(), e.o.Dims, &e.room
	r.take(n, dims)
	first, last := r.words[:len(r.words)-n], as[int32](r.words[len(r.words)-n:])
	order, place := last[:n], last[n:]
	hilbertOrder(pool, e.y, dims, first[:n], order)
	pool.For(n, orderGrain, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			place[order[i]] = int32(i)
		}
	})
	pool.Weigh("places", nil)
	if e.pShared {
		e.p, e.pShared = e.p.Permute(pool, order, place), false
	} else {
		r.p.Ptr = as[int64](first[:n+1])
		e.p.Reorder(&r.p, pool, order, place)
	}
	e.moveRows(pool, order, as[float32](first)[:n*dims])
	now, before := make([]int32, n), e.order // others may have the one before
	pool.For(n, orderGrain, func(_, lo, hi int) {
		if before == nil {
			copy(now[lo:hi], order[lo:hi])
			return
		}
		for i, from := range order[lo:hi] {
			now[lo+i] = before[from]
		}
	})
	pool.Weigh("places", nil)
	e.order = now
	limit.Collect(4 * uint64(n)) // the order before
}

// orderGrain is the number of points put in order at a time.
const orderGrain = 2048

// moveRows puts row order[i] of what has a row a point at i, through a spare of
// that size.
func (e *Embedding) moveRows(pool *par.Pool, order []int32, spare []float32) {
	dims := e.o.Dims
	for _, v := range [][]float32{e.y, e.velocity, e.gains} {
		pool.For(len(order), orderGrain, func(_, lo, hi int) {
			permuteRows(spare[lo*dims:hi*dims], v, order[lo:hi], dims)
		})
		pool.Weigh("rows of points", nil)
		pool.For(len(order), orderGrain, func(_, lo, hi int) { copy(v[lo*dims:hi*dims], spare[lo*dims:]) })
		pool.Weigh("rows of points", nil)
	}
}

// hilbertOrder lists the points of a map along a Hilbert curve through its
// bounding box: neighbours in the map become neighbours in memory. It works in
// keys, one a point.
func hilbertOrder(pool *par.Pool, y []float32, dims int, keys []uint64, order []int32) {
	n := len(keys)
	bits := uint(31 / dims)
	boxes := make([][2][3]float32, par.Chunks(n, orderGrain))
	pool.For(n, orderGrain, func(_, from, to int) {
		b := &boxes[from/orderGrain]
		for c := range dims {
			low, high := y[from*dims+c], y[from*dims+c]
			for i := from*dims + c; i < to*dims; i += dims {
				low, high = min(low, y[i]), max(high, y[i])
			}
			b[0][c], b[1][c] = low, high
		}
	})
	pool.Weigh("box of points", nil)
	lo, hi := boxes[0][0], boxes[0][1]
	var scale [3]float64
	for c := range dims {
		for _, b := range boxes {
			lo[c], hi[c] = min(lo[c], b[0][c]), max(hi[c], b[1][c])
		}
		if span := float64(hi[c]) - float64(lo[c]); span > 0 {
			scale[c] = float64(uint32(1)<<bits-1) / span
		}
	}
	pool.For(n, orderGrain, func(_, from, to int) {
		for i := from; i < to; i++ {
			var cell [3]uint32
			for c := range dims {
				cell[c] = uint32(math.Floor((float64(y[i*dims+c]) - float64(lo[c])) * scale[c]))
			}
			keys[i] = hilbertIndex(cell[:dims], bits)<<32 | uint64(i)
		}
	})
	pool.Weigh("keys", nil)
	sortKeys(pool, keys)
	pool.For(n, orderGrain, func(_, from, to int) {
		for i, k := range keys[from:to] {
			order[from+i] = int32(uint32(k))
		}
	})
	pool.Weigh("places", nil)
}

// Keys are parted, each part in two, until there are sortParts of them or a part
// has fewer than sortLeast, and then sorted part by part.
const (
	sortParts = 64
	sortLeast = 2048
)

// sortKeys sorts keys no two of which are alike.
func sortKeys(pool *par.Pool, keys []uint64) {
	bounds := []int{0, len(keys)}
	for len(bounds) <= sortParts && len(keys)/len(bounds) >= sortLeast {
		size := func(c int) int { return bounds[c+1] - bounds[c] }
		next := make([]int, 2*len(bounds)-1)
		pool.Run(len(bounds)-1, func(_, c int) {
			next[2*c] = bounds[c]
			next[2*c+1] = bounds[c] + part(keys[bounds[c]:bounds[c+1]])
		})
		pool.Weigh("part", size)
		next[len(next)-1] = len(keys)
		bounds = next
	}
	pool.Run(len(bounds)-1, func(_, c int) { slices.Sort(keys[bounds[c]:bounds[c+1]]) })
	pool.Weigh("sort", func(c int) int {
		n := bounds[c+1] - bounds[c]
		return n * mathbits.Len(uint(n))
	})
}

// part brings the keys below the median of a few of them before the others, and
// counts them.
func part(keys []uint64) int {
	var some [31]uint64
	if len(keys) < len(some) {
		return 0
	}
	for i := range some {
		some[i] = keys[i*(len(keys)/len(some))]
	}
	slices.Sort(some[:])
	middle, at := some[len(some)/2], 0
	for i, k := range keys {
		keys[i], keys[at] = keys[at], k
		if k < middle {
			at++
		}
	}
	return at
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
