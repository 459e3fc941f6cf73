package knn

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// Reference answers queries: which of its rows are nearest to others. It may
// serve several goroutines at once.
//
// A few rows are compared with all of the reference as it lies. For more, the
// reference is laid out in panels as a search of its own neighbours would
// lay it out, once for all queries to come. Both give the k nearest by (dist2,
// index), and so the same bits however queries are cut into batches. Where the
// reference is approximate, the lists that a row is compared with follow from
// the row and the reference alone.
type Reference struct {
	n, d     int
	exponent int // as Graph.Exponent
	o        ReferenceOptions

	mu      sync.Mutex
	x       []float32 // scaled; nil once there is an index, which has a copy
	scanned int       // rows asked about without one
	index   *index
}

// ReferenceOptions steers a Reference. Its zero value is the exact one.
type ReferenceOptions struct {
	Approx bool
	ApproxOptions
}

// scanRows is the number of rows from which on laying out the reference costs
// less than comparing them with all of it.
const scanRows = 64

// scanValues is the size of a reference that is compared with one row in about
// a millisecond: rows that come alone are not worth laying it out, which would
// make one of them wait.
const scanValues = 1 << 22

// NewReference takes the n x d rows of x, finite, which it borrows.
func NewReference(x []float32, n, d int, o ReferenceOptions) (*Reference, error) {
	if n < 1 || n > math.MaxInt32 || d < 1 || n > math.MaxInt/d || len(x) != n*d {
		return nil, fmt.Errorf("knn: %d values for %d rows of %d columns", len(x), n, d)
	}
	if !(o.Effort >= 0) {
		return nil, fmt.Errorf("knn: effort %g: need 0 for the default, or more", o.Effort)
	}
	r := &Reference{n: n, d: d, o: o, x: x, exponent: scaleOf(x)}
	if r.exponent != 0 {
		r.x = scaled(x, r.exponent)
	}
	return r, nil
}

// farAt is the size of a value from which on a row's squares may overflow; such
// a row is compared with the reference after both are multiplied by 2^farScale.
const (
	farAt    = 0x1p52
	farScale = -80
)

// Query finds the k nearest rows of the reference to each of the m rows of q
// (m x d, finite; only read). No row of q is taken to be one of the reference.
// The distances of a row so far off that squares would overflow are given in
// another unit than those of others: see Graph.Exponents.
//
// progress, if not nil, is called from the calling goroutine with the share of
// the work that is done. A cancelled ctx returns its error within
// milliseconds.
func (r *Reference) Query(ctx context.Context, pool *par.Pool, q []float32, m, k int, progress func(done float64)) (*Graph, error) {
	switch {
	case m < 0 || m > math.MaxInt32 || len(q) != m*r.d:
		return nil, fmt.Errorf("knn: %d values for %d rows of %d columns", len(q), m, r.d)
	case k < 1 || k > r.n || m > math.MaxInt/k:
		return nil, fmt.Errorf("knn: %d neighbours in %d rows: need 1 to %d", k, r.n, r.n)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.exponent != 0 {
		q = scaled(q, r.exponent)
	}
	q, far, off := takeFar(q, r.d)
	g := newGraph(m, k)
	src, ix, err := r.prepare(ctx, pool, m)
	switch {
	case err != nil || m == 0:
	case k == r.n:
		err = src.whole(ctx, pool, q, g, progress)
	case ix == nil:
		err = src.scan(ctx, pool, q, g, 0)
	case ix.lists != nil:
		err = ix.probe(ctx, pool, q, g, progress)
	default:
		err = ix.all(ctx, pool, q, g, progress)
	}
	if k < r.n {
		g.finish(pool)
	}
	if err == nil && len(off) > 0 {
		f := newGraph(len(off), k)
		err = src.scan(ctx, pool, far, f, farScale)
		f.finish(pool)
		for i, row := range off {
			dist, index := g.row(row)
			fd, fi := f.row(i)
			copy(dist, fd)
			copy(index, fi)
		}
	}
	if err != nil {
		return nil, err
	}
	g.Exponent, g.far = r.exponent, off
	return g, nil
}

// takeFar gives q with 0 for the rows that are far off, and those, multiplied
// by 2^farScale.
func takeFar(q []float32, d int) (near, far []float32, off []int) {
	near = q
	for i := range len(q) / d {
		if row := q[i*d:][:d]; isFar(row) {
			if off == nil {
				near = append([]float32(nil), q...)
			}
			clear(near[i*d:][:d])
			far = append(far, scaled(row, farScale)...)
			off = append(off, i)
		}
	}
	return near, far, off
}

func isFar(row []float32) bool {
	for _, v := range row {
		if v > farAt || v < -farAt {
			return true
		}
	}
	return false
}

// prepare gives the rows, and the index unless none is called for yet.
func (r *Reference) prepare(ctx context.Context, pool *par.Pool, m int) (source, *index, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	alone := m == 1 && r.n <= scanValues/r.d
	if r.index == nil && (m == 0 || !r.o.Approx && (alone || r.scanned+m <= scanRows)) {
		if !alone {
			r.scanned += m
		}
		return source{r.x, r.d, r.d, nil}, nil, nil
	}
	if r.index == nil {
		ix, err := newIndex(ctx, pool, r.x, r.n, r.d, r.o)
		if err != nil {
			return source{}, nil, err
		}
		r.index, r.x = ix, nil
	}
	return source{r.index.x, r.d, r.index.vecs * 8, r.index.slots}, r.index, nil
}

// source is rows of d columns, stride apart. slots names them, -1 for none;
// nil: by their place.
type source struct {
	x         []float32
	d, stride int
	slots     []int32
}

// scanGrain is the number of rows of the reference that a worker takes
// through all queries before it takes others.
const scanGrain = 4096

// scan compares all rows of q with all of the source's multiplied by 2^e, by
// the definition.
func (s source) scan(ctx context.Context, pool *par.Pool, q []float32, g *Graph, e int) error {
	size := (s.d + 7) / 8 * 8
	const rows = 64
	at := make([]int32, rows)
	for i := range at {
		at[i] = int32(i)
	}
	padded := make([]float32, g.N*size)
	for i := range g.N {
		copy(padded[i*size:], q[i*s.d:][:s.d])
	}
	n := len(s.x) / s.stride
	parts := make([]*Graph, par.Chunks(n, scanGrain))
	err := pool.ForContext(ctx, n, scanGrain, func(_, lo, hi int) {
		part := newGraph(g.N, g.K)
		base, out := make([]float32, rows*size), make([]float32, rows)
		for from := lo; from < hi && ctx.Err() == nil; from += rows {
			some := min(rows, hi-from)
			for j := range some {
				copy(base[j*size:], s.x[(from+j)*s.stride:][:s.d])
			}
			if e != 0 {
				copy(base, scaled(base, e))
			}
			for i := range g.N {
				distances(padded[i*size:][:size], base, at, out)
				dist, index := part.row(i)
				for j, v := range out[:some] {
					if v <= dist[0] {
						s.offer(dist, index, v, from+j)
					}
				}
			}
		}
		parts[lo/scanGrain] = part
	})
	if err != nil {
		return err
	}
	for _, part := range parts {
		for i := range g.N {
			dist, index := g.row(i)
			from, what := part.row(i)
			for j, v := range from {
				if farther(dist[0], index[0], v, what[j]) {
					replaceRoot(dist, index, v, what[j])
				}
			}
		}
	}
	return nil
}

func (s source) offer(dist []float32, index []int32, v float32, at int) {
	row := int32(at)
	if s.slots != nil {
		row = s.slots[at]
	}
	if row >= 0 && farther(dist[0], index[0], v, row) {
		replaceRoot(dist, index, v, row)
	}
}

// QueryBytes is about the peak of the memory that queries of up to m rows take
// beyond the data and their graph, what the Reference keeps included.
func QueryBytes(n, d, m int, o ReferenceOptions) int64 {
	if !o.Approx && m <= scanRows {
		return 1 << 20
	}
	rows := min(d, fullDims+1)
	point := 4*int64(rows+3) + 4*int64(d+7) + 4*int64(min(leadDims, d)) + 24
	return (int64(n) + int64(m)) * point
}
