package affinity

import (
	"context"
	"math"
	"math/bits"

	"github.com/libtsne/libtsne/tsne/internal/par"
	"github.com/libtsne/libtsne/tsne/internal/vec"
)

// Joint returns (P + P^T) / 2n for the n x n matrix P whose row i has the
// values p[i*k:][:k] in the columns index[i*k:][:k], in any order; values of
// the same place are added up. It works in index and p, which mean nothing afterwards.
// A cancelled ctx is the only error. Without p the values are all 1/k, no row has the same
// place twice, and the result is packed. Of large graphs values that are not all alike are rounded to 16 bits.
//
// Row i of the result is the union of row i of P and of P^T, both in order.
// P^T is made a range of columns at a time, once to count the unions and once to
// fill them, so that there is little beside P and the result. When the unions are filled, what was read of a large graph goes.
func Joint(ctx context.Context, pool *par.Pool, n, k int, index []int32, p []float32) (*CSR, error) {
	return joint(ctx, pool, n, k, index, p, false)
}

// JointShort is Joint, short where its values are rounded.
func JointShort(ctx context.Context, pool *par.Pool, n, k int, index []int32, p []float32) (*CSR, error) {
	return joint(ctx, pool, n, k, index, p, true)
}

func joint(ctx context.Context, pool *par.Pool, n, k int, index []int32, p []float32, short bool) (*CSR, error) {
	form, rounded := FormOf(n), rounds(p)
	t := &transposer{n: n, k: k, col: index, val: p, zeros: make([]float32, k)}
	if err := t.sort(ctx, pool); err != nil {
		return nil, err
	}
	c := &CSR{N: n, Ptr: make([]int64, n+1)}
	seen := make([]set, pool.Workers())
	for w := range seen {
		seen[w] = make(set, (n+63)/64)
	}
	err := t.columns(ctx, pool, func(w, i int, from []entry) {
		c.Ptr[i+1] = int64(seen[w].union(index[i*k:][:k], from))
	})
	if err != nil {
		return nil, err
	}
	for i := range n {
		c.Ptr[i+1] += c.Ptr[i]
	}
	pool.Serial("offsets", n)
	c.Col = make([]int32, c.Ptr[n])
	switch {
	case p == nil:
		c.Levels = levels(n, k)
	case rounded && short:
		c.Short, c.Form = make([]uint16, c.Ptr[n]), form
	default:
		c.Val = make([]float32, c.Ptr[n])
	}
	t.consume = len(index) >= consumeFrom
	rows, vals := make([][]entry, pool.Workers()), make([][]float32, pool.Workers())
	err = t.columns(ctx, pool, func(w, i int, from []entry) {
		rows[w] = resize(rows[w], k+1)
		row := pack(rows[w], index[i*k:][:k], t.values(i*k, k))
		row[k] = end
		x, y := c.Ptr[i], c.Ptr[i+1]
		if p == nil {
			mergePacked(c.Col[x:y], row, from)
			return
		}
		val := c.Val
		if c.Short != nil {
			vals[w] = resize(vals[w], int(y-x))
			val = vals[w]
		} else {
			val = val[x:y]
		}
		merge(c.Col[x:y], val, row, from, 2*float64(n))
		switch {
		case c.Short != nil:
			for e, v := range val {
				c.Short[x+int64(e)] = form.Of(v)
			}
		case rounded:
			for e, v := range val {
				val[e] = form.Value(form.Of(v))
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// entry is place<<32 | float32 bits of the value: of a row its column, of a
// column its row.
type entry uint64

const (
	none = math.MaxInt32 // is past all places
	end  = entry(none) << 32
)

func newEntry(place int32, val float32) entry {
	return entry(uint32(place))<<32 | entry(math.Float32bits(val))
}

func (e entry) place() int32   { return int32(e >> 32) }
func (e entry) value() float32 { return math.Float32frombits(uint32(e)) }

func pack(to []entry, col []int32, val []float32) []entry {
	val = val[:len(col)]
	for e, j := range col {
		to[e] = newEntry(j, val[e])
	}
	return to
}

// A set of columns.
type set []uint64

// union counts the columns that are in a row or b, each without doubles, and
// leaves the set as it was, empty.
func (s set) union(row []int32, b []entry) int {
	row, b = trim(row), b[:len(b)-1]
	for _, j := range row {
		s[uint32(j)>>6] |= 1 << (uint32(j) & 63)
	}
	size := len(row) + len(b)
	for _, e := range b {
		j := uint32(e.place())
		size -= int(s[j>>6] >> (j & 63) & 1)
	}
	for _, j := range row {
		s[uint32(j)>>6] = 0
	}
	return size
}

// trim cuts what is not there off a row.
func trim(row []int32) []int32 {
	for len(row) > 0 && row[len(row)-1] == none {
		row = row[:len(row)-1]
	}
	return row
}

// merge writes the union of two lists, each in order and with an end: the sum of
// a place's values over scale. Which list has the next place is a coin toss, so
// nothing here branches on it.
func merge(col []int32, val []float32, a, b []entry, scale float64) {
	x, y := 0, 0
	val = val[:len(col)]
	for e := range col {
		p, q := a[x], b[y]
		i, j := p.place(), q.place()
		var inA, inB int
		if i <= j {
			inA = 1
		}
		if j <= i {
			inB = 1
		}
		x, y = x+inA, y+inB
		col[e] = min(i, j)
		sum := float64((p & -entry(inA)).value()) + float64((q & -entry(inB)).value())
		val[e] = float32(sum / scale)
	}
}

// transposer makes the transpose of n rows of k entries, a range of columns at
// a time.
type transposer struct {
	n, k    int
	col     []int32
	val     []float32 // nil: none
	zeros   []float32 // those of a row then
	parts   []int     // rows, cut for the workers
	count   []int32   // part x column: the entries
	done    []int32   // of each row, the entries in earlier ranges
	bounds  []int     // of the ranges
	entries []entry   // of a range, by column
	start   []int32   // of its columns in them

	// An entry is of use as long as its row or its column is to come. Pieces of pollRows rows that are through keep what is left of them back
	// to back, and the system has the rest.
	consume bool
	through int // rows of such pieces
}

// ranges is the number of them for so many entries: a pass over the rows costs little beside the entries of a large graph.
func ranges(edges int) int { return min(max(8, edges>>20), 32) }

// consumeFrom is the number of entries from which on what was read goes.
var consumeFrom = 1 << 23

const (
	rowGrain    = 128
	columnGrain = 256
	pollRows    = 4096 // between two looks at ctx
	rowsAhead   = 16   // from a row to the one of which entries are fetched
	fetched     = 16   // of its entries
)

// partsFor is into how many parts the rows are cut for so many workers. Each counts
// all columns, for which more than eight have 32 MiB.
func partsFor(n, workers int) int {
	return min(workers, max(8, min(64, n/256, 8<<20/max(n, 1))))
}

// values are size of them, to be read, from a place on.
func (t *transposer) values(at, size int) []float32 {
	if t.val == nil {
		return t.zeros[:size]
	}
	return t.val[at:][:size]
}

// eachPart calls do for pieces of the rows of each part.
func (t *transposer) eachPart(ctx context.Context, pool *par.Pool, do func(part, from, to int)) error {
	pool.Run(len(t.parts)-1, func(_, p int) {
		for i := t.parts[p]; i < t.parts[p+1] && ctx.Err() == nil; i += pollRows {
			do(p, i, min(i+pollRows, t.parts[p+1]))
		}
	})
	pool.Weigh("rows", func(p int) int { return t.parts[p+1] - t.parts[p] })
	return ctx.Err()
}

// sort brings each row in order, counts its columns and chooses the ranges.
func (t *transposer) sort(ctx context.Context, pool *par.Pool) error {
	n, k := t.n, t.k
	parts := partsFor(n, pool.Workers())
	whole := 1
	if len(t.col) >= consumeFrom {
		whole = pollRows // what goes, goes by pieces
	}
	for p := range parts {
		t.parts = append(t.parts, n/parts*p/whole*whole)
	}
	t.parts = append(t.parts, n)
	t.count = make([]int32, parts*n)
	sorters := make([]sorter, parts)
	err := t.eachPart(ctx, pool, func(p, from, to int) {
		s, count := &sorters[p], t.count[p*n:][:n]
		s.bits, s.zeros = bits.Len(uint(n-1)), make([]float32, k)
		for i := from; i < to; i++ {
			col := t.col[i*k:][:k]
			val := s.zeros
			if t.val != nil {
				val = t.val[i*k:][:k]
			}
			s.sort(col, val)
			for _, j := range trim(col) {
				count[j]++
			}
		}
	})
	if err != nil {
		return err
	}
	// Each column has an end; offsets are of 32 bits.
	t.done = make([]int32, n) // has their sizes first
	pool.For(n, columnGrain, func(_, lo, hi int) { t.sizes(t.done[lo:hi], lo) })
	pool.Weigh("columns", nil)
	each := (n*k+n)/max(ranges(n*k+n), (n*k+n)>>30) + 1
	t.bounds = []int{0}
	size, most, widest := 0, 0, 0
	for j := range n {
		column := int(t.done[j])
		if last := t.bounds[len(t.bounds)-1]; size+column > each && last < j {
			t.bounds = append(t.bounds, j)
			widest, size = max(widest, j-last), 0
		}
		size += column
		most = max(most, size)
	}
	widest = max(widest, n-t.bounds[len(t.bounds)-1])
	t.bounds = append(t.bounds, n)
	t.start = make([]int32, widest+1)
	t.entries = make([]entry, most)
	pool.Serial("ranges", n)
	return nil
}

// sizes are those of the columns from lo on, with their ends.
func (t *transposer) sizes(size []int32, lo int) {
	for j := range size {
		size[j] = 1
	}
	for p := range len(t.parts) - 1 {
		for j, c := range t.count[p*t.n+lo:][:len(size)] {
			size[j] += c
		}
	}
}

// columns calls do for each column with its entries, in the order of their rows.
func (t *transposer) columns(ctx context.Context, pool *par.Pool, do func(worker, column int, from []entry)) error {
	clear(t.done)
	parts := len(t.parts) - 1
	for r, hi := range t.bounds[1:] {
		lo := t.bounds[r]
		start := t.start[:hi-lo+1]
		pool.For(hi-lo, columnGrain, func(_, from, to int) { t.sizes(start[from:to], lo+from) })
		pool.Weigh("columns", nil)
		at := int32(0)
		for j, size := range start[:hi-lo] {
			start[j] = at
			at += size
		}
		start[hi-lo] = at
		pool.Serial("offsets", hi-lo)
		pool.For(hi-lo, columnGrain, func(_, from, to int) {
			for j := from; j < to; j++ {
				at := start[j]
				for p := range parts {
					c := &t.count[p*t.n+lo+j]
					at, *c = at+*c, at
				}
				t.entries[at] = end
			}
		})
		pool.Weigh("columns", nil)
		err := t.eachPart(ctx, pool, func(p, from, to int) { t.scatter(t.count[p*t.n:][:t.n], from, to, hi) })
		if err != nil {
			return err
		}
		err = pool.ForContext(ctx, hi-lo, rowGrain, func(w, from, to int) {
			for j := from; j < to; j++ {
				at := t.start[j]
				do(w, lo+j, t.entries[at:t.start[j+1]])
				// The places are counts again.
				for p := range parts {
					c := &t.count[p*t.n+lo+j]
					at, *c = *c, *c-at
				}
			}
		})
		pool.Weigh("columns", nil)
		if err != nil {
			return err
		}
		if t.consume {
			pieces := (hi - t.through) / pollRows
			pool.For(pieces, 1, func(_, from, to int) {
				for i := from; i < to; i++ {
					t.closeUp(t.through + i*pollRows)
				}
			})
			pool.Weigh("pieces", nil)
			t.through += pieces * pollRows
		}
	}
	return nil
}

// scatter puts the entries of some rows, up to column hi, in their places.
func (t *transposer) scatter(place []int32, from, to, hi int) {
	k, done, entries := t.k, t.done, t.entries
	through := to <= t.through
	at, left := from*k, from*k
	for i := from; i < to; i++ {
		size := k - int(done[i])
		if !through {
			at = (i+1)*k - size
			t.fetchAfter(i, to)
		}
		col, val := t.col[at:][:size], t.values(at, size)
		read := 0
		for e, j := range col {
			if int(j) >= hi {
				break
			}
			at := place[j]
			place[j] = at + 1
			entries[at] = newEntry(int32(i), val[e])
			read++
		}
		done[i] += int32(read)
		if through {
			left += t.keep(left, at+read, size-read)
			at += size
		}
	}
	if through {
		t.giveBack(left, to*k)
	}
}

// fetchAfter asks for entries of a row some rows after row i, before row to: a range of columns has a few of each row.
func (t *transposer) fetchAfter(i, to int) {
	if i += rowsAhead; i < to {
		next := i*t.k + int(t.done[i])
		few := min(fetched, (i+1)*t.k-next)
		vec.Fetch(t.col[next:][:few])
		if t.val != nil {
			vec.Fetch(t.val[next:][:few])
		}
	}
}

// closeUp brings what is left of a piece's rows together.
func (t *transposer) closeUp(from int) {
	left := from * t.k
	for i := from; i < from+pollRows; i++ {
		size := t.k - int(t.done[i])
		left += t.keep(left, (i+1)*t.k-size, size)
	}
	t.giveBack(left, (from+pollRows)*t.k)
}

// keep moves entries to a place before them.
func (t *transposer) keep(to, at, size int) int {
	if t.val != nil {
		copy(t.val[to:], t.val[at:][:size])
	}
	return copy(t.col[to:], t.col[at:][:size])
}

func (t *transposer) giveBack(from, to int) {
	giveBack(t.col[from:to])
	if t.val != nil {
		giveBack(t.val[from:to])
	}
}

// sorter sorts rows by their columns.
type sorter struct {
	bits        int // of the largest column
	keys, spare []entry
	zeros       []float32 // values of a row that has none
}

// sort makes of the values of the same column one, and leaves none in the place
// of the others.
func (s *sorter) sort(col []int32, val []float32) {
	// By digits of the column, the lowest first.
	const digit, mask = 6, 1<<6 - 1
	var start [6][1 << digit]int32
	s.keys, s.spare = pack(resize(s.keys, len(col)), col, val), resize(s.spare, len(col))
	for _, j := range col {
		start[0][j&mask]++
		start[1][j>>6&mask]++
		start[2][j>>12&mask]++
	}
	if s.bits > 3*digit {
		for _, j := range col {
			start[3][j>>18&mask]++
			start[4][j>>24&mask]++
			start[5][j>>30&mask]++
		}
	}
	for d := 0; d*digit < s.bits; d++ {
		start := &start[d]
		var at int32
		for i, size := range start {
			start[i] = at
			at += size
		}
		shift := 32 + d*digit
		to := s.spare
		for _, k := range s.keys {
			p := &start[k>>(shift&63)&mask]
			to[*p] = k
			*p++
		}
		s.keys, s.spare = to, s.keys
	}
	last := -1
	for _, k := range s.keys {
		if last >= 0 && col[last] == k.place() {
			val[last] += k.value()
			continue
		}
		last++
		col[last], val[last] = k.place(), k.value()
	}
	for e := last + 1; e < len(col); e++ {
		col[e], val[e] = none, 0
	}
}
