package knn

import (
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// A row's neighbours are kept as a heap with the farthest at the root, in the
// two arrays of the result. Unfilled places are (+Inf, none), farther than
// any row.
const none = math.MaxInt32

// farther orders (distance, index).
func farther(d float32, i int32, e float32, j int32) bool {
	return d > e || d == e && i > j
}

// replaceRoot puts (d, i) in the place of the farthest of a list.
func replaceRoot(dist []float32, index []int32, d float32, i int32) {
	n := len(dist)
	index = index[:n]
	siftDown(dist, index, 0, n, d, i)
}

// siftDown moves the hole at p down to where (d, i) belongs. Distances are
// compared as integers, whose order is the same as none is negative: the choice
// of a child then needs no branch, which could not be foretold.
func siftDown(dist []float32, index []int32, p, n int, d float32, i int32) {
	dist, index = dist[:n], index[:n]
	key := math.Float32bits(d)
	for {
		c := 2*p + 1
		if c+1 >= n {
			if c < n && farther(dist[c], index[c], d, i) {
				dist[p], index[p] = dist[c], index[c]
				p = c
			}
			break
		}
		l, r := math.Float32bits(dist[c]), math.Float32bits(dist[c+1])
		if l == r {
			if index[c+1] > index[c] {
				c++
			}
		} else if r > l {
			c++
		}
		m := max(l, r)
		if m < key || m == key && index[c] < i {
			break
		}
		dist[p], index[p] = math.Float32frombits(m), index[c]
		p = c
	}
	dist[p], index[p] = d, i
}

// heapify makes a heap of a list in any order.
func heapify(dist []float32, index []int32) {
	for p := len(dist)/2 - 1; p >= 0; p-- {
		siftDown(dist, index, p, len(dist), dist[p], index[p])
	}
}

// sortHeap turns a heap into an ascending list.
func sortHeap(dist []float32, index []int32) {
	if ranked(dist, index) {
		return
	}
	for n := len(dist) - 1; n > 0; n-- {
		d, i := dist[n], index[n]
		dist[n], index[n] = dist[0], index[0]
		siftDown(dist, index, 0, n, d, i)
	}
}

// rankMost is the length up to which lists are sorted by counting.
const rankMost = 256

// ranked sorts a list by the number of distances below each. Where some are equal
// or the list is long it does nothing and says so.
func ranked(dist []float32, index []int32) bool {
	if len(dist) > rankMost {
		return false
	}
	var d [rankMost]float32
	var at, rank [rankMost]int32
	n := copy(d[:], dist)
	copy(at[:], index)
	all := par.Chunks(n, 32) * 32
	for i := n; i < all; i++ {
		d[i] = float32(math.Inf(1))
	}
	if !ranks(d[:all], n, rank[:all]) {
		return false
	}
	sum := 0
	for _, r := range rank[:n] {
		sum += int(r)
	}
	if sum != n*(n-1)/2 {
		return false
	}
	for i, r := range rank[:n] {
		dist[r], index[r] = d[i], at[i]
	}
	return true
}
