package affinity

import (
	"context"
	"errors"
	"math"
	"math/bits"
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
// It transposes A by counting, which gives each column's entries in row order.
// Row i of the result is then the union of row i of A and of A^T, sorted.
func symmetrize[T float32 | float64](ctx context.Context, pool *par.Pool, a directed[T], f func(out, back float64) float64) (*CSR, error) {
	t, err := transpose(ctx, pool, a)
	if err != nil {
		return nil, err
	}
	c := &CSR{N: a.n, Ptr: make([]int64, a.n+1)}
	unions := make([]union, pool.Workers())
	err = pool.ForContext(ctx, a.n, rowGrain, func(w, lo, hi int) {
		u := &unions[w]
		u.init(a.n)
		for i := lo; i < hi; i++ {
			u.reset()
			for _, j := range a.col[a.ptr[i]:a.ptr[i+1]] {
				u.find(j)
			}
			for _, e := range t.entries[t.ptr[i]:t.ptr[i+1]] {
				u.find(e.row)
			}
			c.Ptr[i+1] = int64(len(u.col))
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
	err = pool.ForContext(ctx, a.n, rowGrain, func(w, lo, hi int) {
		u := &unions[w]
		u.init(a.n)
		for i := lo; i < hi; i++ {
			u.reset()
			val := a.val[a.ptr[i]:a.ptr[i+1]]
			for e, j := range a.col[a.ptr[i]:a.ptr[i+1]] {
				u.sum[u.find(j)][0] += float64(val[e])
			}
			for _, e := range t.entries[t.ptr[i]:t.ptr[i+1]] {
				u.sum[u.find(e.row)][1] += float64(e.val)
			}
			u.sort(f)
			x, y := c.Ptr[i], c.Ptr[i+1]
			col, val32 := c.Col[x:y], c.Val[x:y]
			for e, key := range u.keys {
				col[e], val32[e] = int32(key>>32), math.Float32frombits(uint32(key))
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// union collects the columns of one row of the result.
type union struct {
	// place[j] is the place of column j in col, if it holds j; anything else if
	// not. Nothing needs clearing between rows.
	place []int32
	col   []int32
	sum   [][2]float64 // by place: of the entries of A and of A^T
	bits  int          // of the largest column
	// keys are column<<32 | float32 bits of the value.
	keys, spare []uint64
}

func (u *union) init(n int) {
	if u.place == nil {
		u.place = make([]int32, n)
		u.bits = bits.Len(uint(n - 1))
	}
}

func (u *union) reset() { u.col, u.sum = u.col[:0], u.sum[:0] }

// find returns the place of column j, new or known.
func (u *union) find(j int32) int {
	p := int(u.place[j])
	if p < len(u.col) && u.col[p] == j {
		return p
	}
	p = len(u.col)
	u.place[j] = int32(p)
	u.col = append(u.col, j)
	u.sum = append(u.sum, [2]float64{})
	return p
}

// sort sets keys to the union in the order of its columns.
func (u *union) sort(f func(out, back float64) float64) {
	u.keys = resize(u.keys, len(u.col))
	u.spare = resize(u.spare, len(u.col))
	for p, j := range u.col {
		v := float32(f(u.sum[p][0], u.sum[p][1]))
		u.keys[p] = uint64(j)<<32 | uint64(math.Float32bits(v))
	}
	// By digits of the column, the lowest first.
	const digit = 6
	for shift := 32; shift < 32+u.bits; shift += digit {
		var start [1 << digit]int32
		for _, k := range u.keys {
			start[k>>shift&(1<<digit-1)]++
		}
		var at int32
		for d, size := range start {
			start[d] = at
			at += size
		}
		for _, k := range u.keys {
			s := &start[k>>shift&(1<<digit-1)]
			u.spare[*s] = k
			*s++
		}
		u.keys, u.spare = u.spare, u.keys
	}
}

// transposed is a matrix by columns, each in row order.
type transposed[T float32 | float64] struct {
	ptr     []int64
	entries []entry[T]
}

type entry[T float32 | float64] struct {
	row int32
	val T
}

// transpose sorts the entries of A by column; those of the same place keep
// their order.
func transpose[T float32 | float64](ctx context.Context, pool *par.Pool, a directed[T]) (transposed[T], error) {
	// Each part of the rows counts its entries by column, and then knows where
	// in each column its entries go. The parts do not show in the result.
	parts := max(1, min(pool.Workers(), 16, len(a.col)>>16))
	bounds := make([]int, parts+1)
	for p := 1; p < parts; p++ {
		at := int64(len(a.col)) / int64(parts) * int64(p)
		bounds[p], _ = slices.BinarySearch(a.ptr, at)
		bounds[p] = min(bounds[p], a.n)
	}
	bounds[parts] = a.n
	counts := make([]int32, parts*a.n)
	t := transposed[T]{ptr: make([]int64, a.n+1)}
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
	t.entries = make([]entry[T], len(a.col))
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
				t.entries[at] = entry[T]{int32(i), val[e]}
			}
		}
	})
	return t, ctx.Err()
}
