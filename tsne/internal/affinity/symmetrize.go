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

func (a *directed[T]) row(i int) ([]int32, []T) {
	x, y := a.ptr[i], a.ptr[i+1]
	return a.col[x:y], a.val[x:y]
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
	unions := make([]union[T], pool.Workers())
	err = pool.ForContext(ctx, a.n, rowGrain, func(w, lo, hi int) {
		u := &unions[w]
		u.init(a.n)
		for i := lo; i < hi; i++ {
			col, _ := a.row(i)
			c.Ptr[i+1] = int64(u.count(col, t.row(i)))
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
			col, val := a.row(i)
			u.fill(col, val, t.row(i))
			u.sort(f)
			x, y := c.Ptr[i], c.Ptr[i+1]
			toCol, toVal := c.Col[x:y], c.Val[x:y]
			for e, key := range u.keys[:len(toCol)] {
				toCol[e], toVal[e] = int32(key>>32), math.Float32frombits(uint32(key))
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// union collects the columns of one row of the result. Whether a column is
// there already is a coin toss, so nothing here branches on it.
type union[T float32 | float64] struct {
	there []uint64 // one bit a column
	place []int32  // of a column that is there, in col
	bits  int      // of the largest column
	col   []int32
	// Sums of the entries of A and of A^T, by place.
	out, back []float64
	// keys are column<<32 | float32 bits of the value.
	keys, spare []uint64
}

func (u *union[T]) init(n int) {
	if u.place == nil {
		u.there = make([]uint64, (n+63)/64)
		u.place = make([]int32, n)
		u.bits = bits.Len(uint(max(n, 1) - 1))
	}
}

// mark says whether column j is there, 1 or 0, and puts it there.
func (u *union[T]) mark(j int32) int {
	w := &u.there[uint32(j)>>6]
	old := *w
	*w = old | 1<<(uint32(j)&63)
	return int(old >> (uint32(j) & 63) & 1)
}

// count is the number of columns in the union of two rows.
func (u *union[T]) count(col []int32, t []entry[T]) int {
	size := len(col) + len(t)
	for _, j := range col {
		size -= u.mark(j)
	}
	for _, e := range t {
		size -= u.mark(e.row)
	}
	for _, j := range col {
		u.there[uint32(j)>>6] = 0
	}
	for _, e := range t {
		u.there[uint32(e.row)>>6] = 0
	}
	return size
}

// fill sets col, out and back to the union of two rows.
func (u *union[T]) fill(col []int32, val []T, t []entry[T]) {
	most := len(col) + len(t)
	u.col, u.out, u.back = resize(u.col, most), resize(u.out, most), resize(u.back, most)
	clear(u.out)
	clear(u.back)
	size := 0
	for e, j := range col {
		p := size
		known := u.mark(j)
		at := int(u.place[j])
		if known != 0 {
			p = at
		}
		u.place[j] = int32(p)
		u.col[p] = j
		u.out[p] += float64(val[e])
		size += 1 - known
	}
	for _, e := range t {
		j, p := e.row, size
		known := u.mark(j)
		at := int(u.place[j])
		if known != 0 {
			p = at
		}
		u.place[j] = int32(p)
		u.col[p] = j
		u.back[p] += float64(e.val)
		size += 1 - known
	}
	u.col = u.col[:size]
	for _, j := range u.col {
		u.there[uint32(j)>>6] = 0
	}
}

// sort sets keys to the union in the order of its columns.
func (u *union[T]) sort(f func(out, back float64) float64) {
	// By digits of the column, the lowest first.
	const digit, mask = 6, 1<<6 - 1
	var start [6][1 << digit]int32
	u.keys, u.spare = resize(u.keys, len(u.col)), resize(u.spare, len(u.col))
	for p, j := range u.col {
		v := float32(f(u.out[p], u.back[p]))
		u.keys[p] = uint64(j)<<32 | uint64(math.Float32bits(v))
		start[0][j&mask]++
		start[1][j>>6&mask]++
		start[2][j>>12&mask]++
	}
	if u.bits > 3*digit {
		for _, j := range u.col {
			start[3][j>>18&mask]++
			start[4][j>>24&mask]++
			start[5][j>>30&mask]++
		}
	}
	for d := 0; d*digit < u.bits; d++ {
		start := &start[d]
		var at int32
		for i, size := range start {
			start[i] = at
			at += size
		}
		shift := 32 + d*digit
		to := u.spare
		for _, k := range u.keys {
			s := &start[k>>(shift&63)&mask]
			to[*s] = k
			*s++
		}
		u.keys, u.spare = to, u.keys
	}
}

// transposed is a matrix by columns, each in row order.
type transposed[T float32 | float64] struct {
	ptr     []int64
	entries []entry[T]
}

func (t *transposed[T]) row(i int) []entry[T] { return t.entries[t.ptr[i]:t.ptr[i+1]] }

type entry[T float32 | float64] struct {
	row int32
	val T
}

// transpose sorts the entries of A by column; those of the same place keep
// their order.
func transpose[T float32 | float64](ctx context.Context, pool *par.Pool, a directed[T]) (transposed[T], error) {
	// Each part of the rows counts its entries by column, and then knows
	// where its entries of each column go. The parts do not show in the result.
	parts := max(1, min(pool.Workers(), 16, len(a.col)>>16))
	bounds := make([]int, parts+1)
	for p := 1; p < parts; p++ {
		at := int64(len(a.col)) / int64(parts) * int64(p)
		bounds[p], _ = slices.BinarySearch(a.ptr, at)
		bounds[p] = min(bounds[p], a.n)
	}
	bounds[parts] = a.n
	counts := make([]int64, parts*a.n)
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
		at := t.ptr[j]
		for p := range parts {
			at, counts[p*a.n+j] = at+counts[p*a.n+j], at
		}
		t.ptr[j+1] = at
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
				at := count[j]
				count[j]++
				t.entries[at] = entry[T]{int32(i), val[e]}
			}
		}
	})
	return t, ctx.Err()
}
