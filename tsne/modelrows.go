package tsne

import (
	"iter"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/affinity"
	"github.com/libtsne/libtsne/tsne/internal/vec"
)

// The rows of an embedding have places in memory (Embedding.order); here they
// go from one order to the other as they pass, so that no second copy exists.

// pieceSize is about how many values pass at a time.
const pieceSize = 1 << 14

// rowsInOrder passes rows in their own order; place is where each is, nil
// where it belongs.
func rowsInOrder(v []float32, dims int, place []int32) iter.Seq[[]float32] {
	if place == nil {
		return func(yield func([]float32) bool) { yield(v) }
	}
	return func(yield func([]float32) bool) {
		piece := make([]float32, 0, pieceSize+dims)
		for _, at := range place {
			piece = append(piece, v[int(at)*dims:(int(at)+1)*dims]...)
			if len(piece) >= pieceSize {
				if !yield(piece) {
					return
				}
				piece = piece[:0]
			}
		}
		yield(piece)
	}
}

// offsetsInOrder is the offsets of a CSR matrix whose rows are in their own
// order.
func offsetsInOrder(ptr []int64, place []int32) iter.Seq[[]int64] {
	if place == nil {
		return func(yield func([]int64) bool) { yield(ptr) }
	}
	return func(yield func([]int64) bool) {
		piece := append(make([]int64, 0, pieceSize), 0)
		end := int64(0)
		for _, at := range place {
			end += ptr[at+1] - ptr[at]
			piece = append(piece, end)
			if len(piece) == pieceSize {
				if !yield(piece) {
					return
				}
				piece = piece[:0]
			}
		}
		yield(piece)
	}
}

// entriesInOrder passes the columns or values of a CSR matrix with the rows in
// their own order, and columns, if order is given, by their row's number.
func entriesInOrder[T int32 | float32 | uint16](ptr []int64, v []T, place, order []int32) iter.Seq[[]T] {
	if place == nil {
		return func(yield func([]T) bool) { yield(v) }
	}
	return func(yield func([]T) bool) {
		piece := make([]T, 0, pieceSize)
		for _, at := range place {
			row := v[ptr[at]:ptr[at+1]]
			for _, c := range row {
				if len(piece) == pieceSize {
					if !yield(piece) {
						return
					}
					piece = piece[:0]
				}
				if order != nil {
					c = T(order[int32(c)])
				}
				piece = append(piece, c)
			}
		}
		yield(piece)
	}
}

// unpacked is entriesInOrder of both arrays of a packed matrix.
func unpacked(p *affinity.CSR, place, order []int32) (iter.Seq[[]int32], iter.Seq[[]float32]) {
	col := converted(entriesInOrder(p.Ptr, p.Col, place, nil), func(c int32) int32 {
		if c &= vec.Column; order != nil {
			return order[c]
		}
		return c
	})
	val := converted(entriesInOrder(p.Ptr, p.Col, place, nil), func(c int32) float32 { return p.Levels[uint32(c)>>31] })
	return col, val
}

func converted[F, T any](pieces iter.Seq[[]F], to func(F) T) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		out := make([]T, 0, pieceSize)
		for v := range pieces {
			for some := range slices.Chunk(v, pieceSize) {
				out = out[:0]
				for _, c := range some {
					out = append(out, to(c))
				}
				if !yield(out) {
					return
				}
			}
		}
	}
}

// place32 takes what entriesInOrder passes, pieces of any size, and puts it at
// its place in dst; rows are the offsets of the order in which it comes.
func place32[T int32 | float32](p *affinity.CSR, rows []int64, place []int32, dst []T) func([]T) error {
	row, at := 0, int64(0) // of the next value
	return func(v []T) error {
		if place == nil {
			copy(dst[at:], v)
			at += int64(len(v))
			return nil
		}
		for len(v) > 0 {
			for rows[row+1] == at {
				row++
			}
			n := min(rows[row+1]-at, int64(len(v)))
			copy(dst[p.Ptr[place[row]]+at-rows[row]:], v[:n])
			v = v[n:]
			at += n
		}
		return nil
	}
}
