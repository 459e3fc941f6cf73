package knn

import (
	"context"
	"fmt"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/metric"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// Other finds, by looking at all pairs, the k rows of ref (n x d) nearest to
// each of the m rows of q (m x d), by a metric that is not Euclidean: row i of index
// and dist, m x k, by ascending distance, ties by the lower index. With self q is
// ref, and a row is not its own neighbour.
//
// Data are finite and only read. A distance beyond float32 is +Inf. progress, if
// not nil, is called from the calling goroutine with the share of the work that
// is done. It fails if sizes are inconsistent or with the error of ctx.
func Other(ctx context.Context, pool *par.Pool, by *metric.Metric, ref []float32, n int, q []float32, m, d, k int, self bool, index []int32, dist []float32, progress func(done float64)) error {
	most := n
	if self {
		most--
	}
	switch {
	case n < 1 || n > math.MaxInt32 || m < 0 || d < 1 || len(ref)/d < n || len(q)/d < m || self && n != m:
		return fmt.Errorf("knn: %d and %d values for %d and %d rows of %d columns", len(ref), len(q), n, m, d)
	case k < 1 || k > most:
		return fmt.Errorf("knn: %d neighbours of %d rows: need 1 to %d", k, n, most)
	case len(index)/k < m || len(dist)/k < m:
		return fmt.Errorf("knn: room for %d indices and %d distances, want %d x %d of each", len(index), len(dist), m, k)
	}
	return other(ctx, pool, by, ref, n, q, m, d, k, self, index[:m*k], dist[:m*k], progress)
}

// comparer has the distances of rows, of which it is given some at a time. It is
// one worker's.
type comparer interface {
	queries(lo, hi int) // makes these rows of q ready, at most pairQueries
	panel(p int)        // makes panel p of the reference ready
	// tile gives the distances of some queries, from the one at place at on, from
	// the rows of the panel.
	tile(at int) *metric.Sums
}

// pairQueries is the number of queries that go through a panel together.
const pairQueries = 64

// byTile compares by the metric's tiles. Lines of base have a column of a panel,
// those of pack one of a tile's queries.
type byTile struct {
	*metric.Tile
	q, base, pack []float32
	d             int
	now           []float32
	sums          metric.Sums
}

func (b *byTile) queries(lo, hi int) {
	for at := lo; at < hi; at += metric.Queries {
		lines(b.q, at, min(hi, at+metric.Queries), b.d, metric.Queries, b.pack[(at-lo)*b.d:])
	}
}

func (b *byTile) panel(p int) { b.now = b.base[p*metric.Refs*b.d:][:metric.Refs*b.d] }

func (b *byTile) tile(at int) *metric.Sums {
	b.Sum(b.pack[at*b.d:][:metric.Queries*b.d], b.now, b.d, &b.sums)
	return &b.sums
}

// byRow compares pairs of rows by the metric's definition.
type byRow struct {
	distance func(a, b []float64) float64
	q, ref   []float32
	n, d     int
	rows     []float64 // the queries
	of, now  []float64 // the panel: room, and its rows
	sums     metric.Sums
}

func (b *byRow) queries(lo, hi int) { b.rows = widen(b.rows[:0], b.q[lo*b.d:hi*b.d]) }

func (b *byRow) panel(p int) {
	lo := p * metric.Refs
	b.now = widen(b.of[:0], b.ref[lo*b.d:min(b.n, lo+metric.Refs)*b.d])
}

func (b *byRow) tile(at int) *metric.Sums {
	for r := range min(metric.Queries, len(b.rows)/b.d-at) {
		x := b.rows[(at+r)*b.d:][:b.d]
		for c := range len(b.now) / b.d {
			b.sums.Of[r][c] = float32(b.distance(x, b.now[c*b.d:][:b.d])) + 0 // -0 would be far
		}
	}
	return &b.sums
}

func widen(to []float64, from []float32) []float64 {
	for _, v := range from {
		to = append(to, float64(v))
	}
	return to
}

// lines lays out rows [lo, hi) of x by columns, lines of that many; what is
// missing of the last is 0.
func lines(x []float32, lo, hi, d, width int, to []float32) {
	if hi-lo < width {
		clear(to[:d*width])
	}
	for i := lo; i < hi; i++ {
		for l, v := range x[i*d:][:d] {
			to[l*width+i-lo] = v
		}
	}
}

// comparers gives what makes a worker's comparer.
func comparers(ctx context.Context, pool *par.Pool, m *metric.Metric, ref []float32, n int, q []float32, d int) (func() comparer, error) {
	if m.Tile == nil {
		return func() comparer {
			return &byRow{
				distance: m.Distance, q: q, ref: ref, n: n, d: d,
				rows: make([]float64, 0, pairQueries*d), of: make([]float64, 0, metric.Refs*d),
			}
		}, nil
	}
	panels := par.Chunks(n, metric.Refs)
	base := make([]float32, panels*metric.Refs*d)
	err := pool.ForContext(ctx, panels, 64, func(_, lo, hi int) {
		for p := lo; p < hi; p++ {
			lines(ref, p*metric.Refs, min(n, (p+1)*metric.Refs), d, metric.Refs, base[p*metric.Refs*d:])
		}
	})
	return func() comparer {
		return &byTile{Tile: m.Tile, q: q, base: base, pack: make([]float32, pairQueries*d), d: d}
	}, err
}

// other is Other of checked arguments.
func other(ctx context.Context, pool *par.Pool, m *metric.Metric, ref []float32, n int, q []float32, rows, d, k int, self bool, index []int32, dist []float32, progress func(done float64)) error {
	newComparer, err := comparers(ctx, pool, m, ref, n, q, d)
	if err != nil {
		return err
	}
	inf := float32(math.Inf(1))
	workers := make([]comparer, pool.Workers())
	share := par.NewShare(rows, progress)
	return share.End(pool.ForContext(ctx, rows, pairQueries, func(w, lo, hi int) {
		if workers[w] == nil {
			workers[w] = newComparer()
		}
		pairs := workers[w]
		for i := lo * k; i < hi*k; i++ {
			index[i], dist[i] = none, inf
		}
		pairs.queries(lo, hi)
		const poll = 1 << 16 // columns of tiles between two looks at ctx
		columns := poll
		for p := range par.Chunks(n, metric.Refs) {
			pairs.panel(p)
			for at := lo; at < hi; at += metric.Queries {
				if columns += d; columns > poll {
					if ctx.Err() != nil {
						return
					}
					columns = 0
				}
				s := pairs.tile(at - lo)
				for r := range min(metric.Queries, hi-at) {
					i := at + r
					far, at := dist[i*k:][:k], index[i*k:][:k]
					for c, v := range s.Of[r][:min(metric.Refs, n-p*metric.Refs)] {
						j := int32(p*metric.Refs + c)
						if v <= far[0] && farther(far[0], at[0], v, j) && !(self && int(j) == i) {
							replaceRoot(far, at, v, j)
						}
					}
				}
			}
		}
		for i := lo; i < hi; i++ {
			sortHeap(dist[i*k:][:k], index[i*k:][:k])
		}
		if m.Tile != nil && m.Tile.Finish != nil {
			for i := lo * k; i < hi*k; i++ {
				dist[i] = m.Tile.Finish(dist[i], d)
			}
		}
		share.Add(w, hi-lo)
	}))
}

// OtherBytes is about the memory that Other takes beyond its arguments.
func OtherBytes(n, d int) int64 { return 4*int64(n+metric.Refs)*int64(d) + 1<<20 }

// Nearest fills index and dist with the nearest of the points whose distances
// are in row, but for self, by ascending distance, ties by the lower index.
// Distances are not negative and not NaN; there must be enough of them.
func Nearest(row []float32, self int, index []int32, dist []float32) {
	for e := range index {
		index[e], dist[e] = none, float32(math.Inf(1))
	}
	for j, v := range row {
		if v <= dist[0] && j != self && farther(dist[0], index[0], v, int32(j)) {
			replaceRoot(dist, index, v+0, int32(j)) // -0 would be far
		}
	}
	sortHeap(dist, index)
}
