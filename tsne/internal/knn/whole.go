package knn

import (
	"context"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// whole answers queries for all rows of the source: nothing is to be chosen, and
// a list of them is sorted by its digits, several times as quickly as through a
// heap.
func (s source) whole(ctx context.Context, pool *par.Pool, q []float32, g *Graph, progress func(float64)) error {
	size, n := (s.d+7)/8*8, g.K
	fours := (n + 3) &^ 3
	base, at := make([]float32, n*size), make([]int32, fours)
	for i := range len(s.x) / s.stride {
		row := i
		if s.slots != nil {
			row = int(s.slots[i])
		}
		if row >= 0 {
			copy(base[row*size:], s.x[i*s.stride:][:s.d])
			at[row] = int32(row)
		}
	}
	work := make([]*wholeScratch, pool.Workers())
	share := par.NewShare(g.N, progress)
	return share.End(pool.ForContext(ctx, g.N, 16, func(worker, lo, hi int) {
		w := work[worker]
		if w == nil {
			w = &wholeScratch{q: make([]float32, size), dist: make([]float32, fours), keys: make([]uint64, n), spare: make([]uint64, n)}
			work[worker] = w
		}
		for i := lo; i < hi && ctx.Err() == nil; i++ {
			copy(w.q, q[i*s.d:][:s.d])
			distances(w.q, base, at, w.dist)
			for j, v := range w.dist[:n] {
				w.keys[j] = uint64(math.Float32bits(v))<<32 | uint64(j)
			}
			dist, index := g.row(i)
			for e, key := range w.sorted() {
				dist[e], index[e] = math.Float32frombits(uint32(key>>32)), int32(uint32(key))
			}
		}
		share.Add(worker, hi-lo)
	}))
}

type wholeScratch struct {
	q, dist     []float32
	keys, spare []uint64
	count       [4][256]int32
}

// sorted sorts keys by their upper halves, a byte at a time; their lower ones
// ascend.
func (w *wholeScratch) sorted() []uint64 {
	w.count = [4][256]int32{}
	for _, key := range w.keys {
		for b := range w.count {
			w.count[b][byte(key>>(32+8*b))]++
		}
	}
	for b := range w.count {
		count, shift := &w.count[b], 32+8*b
		if int(count[byte(w.keys[0]>>shift)]) == len(w.keys) {
			continue
		}
		sum := int32(0)
		for v, c := range count {
			count[v] = sum
			sum += c
		}
		for _, key := range w.keys {
			to := &count[byte(key>>shift)]
			w.spare[*to] = key
			*to++
		}
		w.keys, w.spare = w.spare, w.keys
	}
	return w.keys
}
