package knn

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// Kind is a distance for which there is no Euclidean search.
type Kind int

const (
	Manhattan Kind = iota // sum of absolute differences
	Chebyshev             // largest absolute difference
	Hamming               // share of columns that differ
)

// Other finds, by looking at all pairs, the k rows of ref (n x d) nearest to
// each of the m rows of q (m x d), in the distance of that kind: row i of index
// and dist, m x k, by ascending distance, ties by the lower index. With self q is
// ref, and a row is not its own neighbour.
//
// Data are finite and only read. A distance beyond float32 is +Inf. progress, if
// not nil, is called from the calling goroutine with the share of the work that
// is done. It fails if sizes are inconsistent or with the error of ctx.
func Other(ctx context.Context, pool *par.Pool, kind Kind, ref []float32, n int, q []float32, m, d, k int, self bool, index []int32, dist []float32, progress func(done float64)) error {
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
	return other(ctx, pool, kind, ref, n, q, m, d, k, self, index[:m*k], dist[:m*k], progress)
}

//go:generate sh -c "cd ../asm && go run ./metric -out ../knn/metric_amd64.s -stubs ../knn/metric_amd64.go -pkg knn"

const (
	metricQueries = 4
	metricRefs    = 16
	// metricCols is the number of columns summed up before they are added to the
	// others: two levels keep the rounding of a long sum small.
	metricCols = 256
)

// metricSums is the tile of distances of metricQueries from metricRefs rows.
type metricSums [metricQueries][metricRefs]float32

// metricPortable adds cols columns to the distances of a tile, or takes the
// larger. A line of q holds a column of the queries, one of ref a column of the
// reference.
func metricPortable(kind Kind, q, ref []float32, cols int, out *metricSums) {
	for r := range metricQueries {
		var s [metricRefs]float32
		for l := range cols {
			x, y := q[l*metricQueries+r], ref[l*metricRefs:][:metricRefs]
			for c := range s {
				t := float32(math.Abs(float64(x - y[c])))
				switch kind {
				case Manhattan:
					s[c] += t
				case Chebyshev:
					s[c] = max(s[c], t)
				default:
					if x != y[c] {
						s[c]++
					}
				}
			}
		}
		for c := range s {
			if kind == Chebyshev {
				out[r][c] = max(out[r][c], s[c])
			} else {
				out[r][c] += s[c]
			}
		}
	}
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

// other is Other of checked arguments.
func other(ctx context.Context, pool *par.Pool, kind Kind, ref []float32, n int, q []float32, m, d, k int, self bool, index []int32, dist []float32, progress func(done float64)) error {
	panels := par.Chunks(n, metricRefs)
	const panelGrain = 64
	base := make([]float32, panels*metricRefs*d)
	err := pool.ForContext(ctx, panels, panelGrain, func(_, lo, hi int) {
		for p := lo; p < hi; p++ {
			lines(ref, p*metricRefs, min(n, (p+1)*metricRefs), d, metricRefs, base[p*metricRefs*d:])
		}
	})
	if err != nil {
		return err
	}
	inf := float32(math.Inf(1))
	const grain = 64
	const groups = grain / metricQueries
	packs := make([][]float32, pool.Workers())
	var done atomic.Int64
	return pool.ForContext(ctx, m, grain, func(w, lo, hi int) {
		if packs[w] == nil {
			packs[w] = make([]float32, grain*d)
		}
		pack := packs[w]
		for i := lo * k; i < hi*k; i++ {
			index[i], dist[i] = none, inf
		}
		for g := range groups {
			if at := lo + g*metricQueries; at < hi {
				lines(q, at, min(hi, at+metricQueries), d, metricQueries, pack[g*metricQueries*d:])
			}
		}
		const poll = 1 << 16 // columns of tiles between two looks at ctx
		columns := poll
		for p := range panels {
			panel := base[p*metricRefs*d:][:metricRefs*d]
			for at := lo; at < hi; at += metricQueries {
				if columns += d; columns > poll {
					if ctx.Err() != nil {
						return
					}
					columns = 0
				}
				var s metricSums
				queries := pack[(at-lo)*d:][:metricQueries*d]
				for c := 0; c < d; c += metricCols {
					metricTile(kind, queries[c*metricQueries:], panel[c*metricRefs:], min(metricCols, d-c), &s)
				}
				for r := range min(metricQueries, hi-at) {
					i := at + r
					far, at := dist[i*k:][:k], index[i*k:][:k]
					for c, v := range s[r][:min(metricRefs, n-p*metricRefs)] {
						j := int32(p*metricRefs + c)
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
		if kind == Hamming {
			for i := lo * k; i < hi*k; i++ {
				dist[i] = float32(float64(dist[i]) / float64(d))
			}
		}
		total := done.Add(int64(hi - lo))
		if w == 0 && progress != nil {
			progress(float64(total) / float64(m))
		}
	})
}

// OtherBytes is about the memory that Other takes beyond its arguments.
func OtherBytes(n, d int) int64 { return 4*int64(n+metricRefs)*int64(d) + 1<<20 }

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
