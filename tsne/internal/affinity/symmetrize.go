package affinity

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// Symmetrize returns (A + A^T) / (2 * the sum of A) for the n x n matrix A of
// any row lengths, whose columns need no order; entries of the same row and
// column are added up. The sum of the result is 1. The structure of A must be
// valid (see CSR.Check). A sum that is not positive and finite is an error, as
// is a cancelled ctx.
func Symmetrize[T float32 | float64](ctx context.Context, pool *par.Pool, n int, ptr []int64, col []int32, val []T) (*CSR, error) {
	const grain = 1 << 16
	parts := make([]float64, par.Chunks(len(val), grain))
	err := pool.ForContext(ctx, len(val), grain, func(_, lo, hi int) {
		var s float64
		for _, v := range val[lo:hi] {
			s += float64(v)
		}
		parts[lo/grain] = s
	})
	if err != nil {
		return nil, err
	}
	var total float64
	for _, s := range parts {
		total += s
	}
	if !(total > 0 && total <= math.MaxFloat64) {
		return nil, errors.New("affinities: the sum of all values is not positive and finite")
	}
	return symmetrize(ctx, pool, directed[T]{n, ptr, col, val}, func(out, back float64) float64 {
		return (out + back) / (2 * total)
	})
}

// directed is a square sparse matrix with columns in any order.
type directed[T float32 | float64] struct {
	n   int
	ptr []int64
	col []int32
	val []T
}

const rowGrain = 256

// symmetrize builds the matrix with the pattern of A + A^T and the entries
// f(a_ij, a_ji); f must be symmetric.
//
// It transposes A by counting, which gives each column's entries in row order,
// and merges that with the row's own entries, sorted on the way.
func symmetrize[T float32 | float64](ctx context.Context, pool *par.Pool, a directed[T], f func(out, back float64) float64) (*CSR, error) {
	t, err := transpose(ctx, pool, a)
	if err != nil {
		return nil, err
	}
	c := &CSR{N: a.n, Ptr: make([]int64, a.n+1)}
	marks := make([][]int32, pool.Workers())
	err = pool.ForContext(ctx, a.n, rowGrain, func(w, lo, hi int) {
		if marks[w] == nil {
			marks[w] = make([]int32, a.n)
		}
		mark := marks[w]
		for i := lo; i < hi; i++ {
			// Rows come to a worker in any order, but each only once.
			id, size := int32(i)+1, int64(0)
			for _, j := range a.col[a.ptr[i]:a.ptr[i+1]] {
				if mark[j] != id {
					mark[j] = id
					size++
				}
			}
			for _, j := range t.col[t.ptr[i]:t.ptr[i+1]] {
				if mark[j] != id {
					mark[j] = id
					size++
				}
			}
			c.Ptr[i+1] = size
		}
	})
	if err != nil {
		return nil, err
	}
	for i := range a.n {
		c.Ptr[i+1] += c.Ptr[i]
	}
	c.Col = make([]int32, c.Ptr[a.n])
	c.Val = make([]float32, c.Ptr[a.n])
	scratch := make([][]uint64, pool.Workers())
	err = pool.ForContext(ctx, a.n, rowGrain, func(w, lo, hi int) {
		for i := lo; i < hi; i++ {
			x, y := a.ptr[i], a.ptr[i+1]
			keys := scratch[w][:0]
			for e, j := range a.col[x:y] {
				keys = append(keys, uint64(j)<<32|uint64(e))
			}
			slices.Sort(keys)
			scratch[w] = keys
			tx, ty := t.ptr[i], t.ptr[i+1]
			merge(c.Col[c.Ptr[i]:c.Ptr[i+1]], c.Val[c.Ptr[i]:c.Ptr[i+1]],
				keys, a.val[x:y], t.col[tx:ty], t.val[tx:ty], f)
		}
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// merge writes the union of a row (keys: column<<32 | position in val) and of
// the transposed row (tcol, tval), both ascending, with equal columns added up.
func merge[T float32 | float64](col []int32, val []float32, keys []uint64, own []T, tcol []int32, tval []T, f func(out, back float64) float64) {
	p, q := 0, 0
	for o := range col {
		next := int32(math.MaxInt32)
		if p < len(keys) {
			next = int32(keys[p] >> 32)
		}
		if q < len(tcol) {
			next = min(next, tcol[q])
		}
		var out, back float64
		for ; p < len(keys) && int32(keys[p]>>32) == next; p++ {
			out += float64(own[uint32(keys[p])])
		}
		for ; q < len(tcol) && tcol[q] == next; q++ {
			back += float64(tval[q])
		}
		col[o], val[o] = next, float32(f(out, back))
	}
}

// transpose returns A^T with ascending columns; entries of the same place keep
// their order.
func transpose[T float32 | float64](ctx context.Context, pool *par.Pool, a directed[T]) (directed[T], error) {
	// Each part of the rows counts its entries by column, and then knows where
	// in each column its entries go. The parts do not show in the result.
	parts := max(1, min(pool.Workers(), 16, len(a.col)>>16))
	bounds := make([]int, parts+1)
	for p := 1; p <= parts; p++ {
		at := int64(len(a.col)) / int64(parts) * int64(p)
		bounds[p], _ = slices.BinarySearch(a.ptr, at)
		bounds[p] = max(bounds[p-1], min(bounds[p], a.n))
	}
	bounds[parts] = a.n
	counts := make([]int32, parts*a.n)
	t := directed[T]{n: a.n, ptr: make([]int64, a.n+1)}
	// Rows between two looks at ctx.
	const poll = 4096
	pool.Run(parts, func(_, p int) {
		count := counts[p*a.n:][:a.n]
		for lo := bounds[p]; lo < bounds[p+1] && ctx.Err() == nil; lo += poll {
			hi := min(lo+poll, bounds[p+1])
			for _, j := range a.col[a.ptr[lo]:a.ptr[hi]] {
				count[j]++
			}
		}
	})
	if err := ctx.Err(); err != nil {
		return t, err
	}
	for j := range a.n {
		var size int32
		for p := range parts {
			size, counts[p*a.n+j] = size+counts[p*a.n+j], size
		}
		t.ptr[j+1] = t.ptr[j] + int64(size)
	}
	t.col = make([]int32, len(a.col))
	t.val = make([]T, len(a.col))
	pool.Run(parts, func(_, p int) {
		count := counts[p*a.n:][:a.n]
		for i := bounds[p]; i < bounds[p+1]; i++ {
			if i%poll == 0 && ctx.Err() != nil {
				return
			}
			x, y := a.ptr[i], a.ptr[i+1]
			val := a.val[x:y]
			for e, j := range a.col[x:y] {
				at := t.ptr[j] + int64(count[j])
				count[j]++
				t.col[at], t.val[at] = int32(i), val[e]
			}
		}
	})
	return t, ctx.Err()
}
