package tsne

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/libtsne/libtsne/tsne/internal/knn"
	"github.com/libtsne/libtsne/tsne/internal/metric"
)

// Quality is what the paper judges a map by (its "Methods").
type Quality struct {
	KNN float64 // mean share of the 10 nearest neighbours in the data that are among the 10 nearest in the map
	KNC float64 // the same for the 4 nearest of the class means; NaN with fewer than 2 classes
	CPD float64 // Spearman correlation of the distances between 1000 random points in data and map; NaN if all are equal in one
}

const (
	qualityNeighbors = 10
	qualityClasses   = 4
	qualitySample    = 1000
)

// MeasureQuality judges y (x.Rows x dims) as a map of x. labels, x.Rows of
// them or nil, are the classes; a negative one is none. Distances in y are
// Euclidean, and those in x, between rows and between class means, by Metric. By
// Hamming KNC is NaN, since a mean has no columns to compare; by cosine and
// correlation it is where a mean has no direction. Of o it reads Metric, Neighbors,
// NeighborsEffort, Scratch, Seed, Threads, MaxMemory and the hooks. ErrShape, ErrNotFinite,
// ErrOption, ErrMemory and ErrCancelled.
func MeasureQuality(ctx context.Context, x Matrix, y []float32, dims int, labels []int32, o Options) (q Quality, err error) {
	if err := x.checkShape(); err != nil {
		return q, err
	}
	if n, err := checkMap("Y", y, dims); err != nil {
		return q, err
	} else if n != x.Rows {
		return q, fail(ErrShape, "Y", "got %d points, want one for each of the %d rows of %v", n, x.Rows, named("X"))
	}
	if labels != nil && len(labels) != x.Rows {
		return q, fail(ErrShape, "labels", "got %d, want one for each of the %d rows of %v", len(labels), x.Rows, named("X"))
	}
	o.Dims = dims
	o, err = o.withoutStart().resolve(x.Rows)
	if err != nil {
		return q, err
	}
	k := min(qualityNeighbors, x.Rows-1)
	if err := o.checkMemory(x, o.qualityMemory(x.Rows, x.Cols, k)); err != nil {
		return q, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "X", x.Data, x.Cols); err != nil {
		return q, err
	}
	if x, err = j.in(o.Metric.frame(x.Center, nil), x); err != nil {
		return q, err
	}
	by := o.Metric.definition()
	near, err := j.neighbors(x, k)
	if err != nil {
		return q, err
	}
	nearY, err := knn.Exact(j.ctx, j.pool, y, x.Rows, dims, k, nil)
	if err != nil {
		return q, err
	}
	q.KNN = sharedNeighbors(near.Index, nearY.Index, k)
	q.KNC = math.NaN()
	if labels != nil {
		inX, inY := newClasses(labels, x.Cols), newClasses(labels, dims)
		err := j.pool.ForContext(j.ctx, x.Cols, 32, func(_, lo, hi int) { inX.average(x.Data, lo, hi) })
		if err != nil {
			return q, err
		}
		inY.average(y, 0, dims)
		q.KNC = sharedClasses(inX, inY, by)
	}
	rows := drawRows(x.Rows, qualitySample, o.Seed)
	inX, err := j.distances(x.Data, x.Cols, rows, by)
	if err != nil {
		return q, err
	}
	inY, err := j.distances(y, dims, rows, metric.Euclidean)
	if err != nil {
		return q, err
	}
	if inX, err = j.ranks(inX); err != nil {
		return q, err
	}
	if inY, err = j.ranks(inY); err != nil {
		return q, err
	}
	q.CPD = stat.Correlation(inX, inY, nil)
	return q, nil
}

// SharedNeighbors is the mean share of a point's k nearest others in map a
// that are among its k nearest in map b (both n x dims). threads 0: all
// processors. ErrShape, ErrNotFinite, ErrOption (dims, k) and ErrCancelled.
func SharedNeighbors(ctx context.Context, a, b []float32, dims, k int, threads int) (share float64, err error) {
	n, err := checkMap("a", a, dims)
	if err != nil {
		return 0, err
	}
	if m, err := checkMap("b", b, dims); err != nil {
		return 0, err
	} else if m != n {
		return 0, fail(ErrShape, "b", "got %d points, want those of %v, %d", m, named("a"), n)
	}
	if k < 1 || k >= n {
		return 0, badOption("k", k, fmt.Sprintf("1 to n - 1 = %d", n-1))
	}
	o, err := Options{Dims: dims, Threads: threads}.resolve(n)
	if err != nil {
		return 0, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	first, err := knn.Exact(j.ctx, j.pool, a, n, dims, k, nil)
	if err != nil {
		return 0, err
	}
	second, err := knn.Exact(j.ctx, j.pool, b, n, dims, k, nil)
	if err != nil {
		return 0, err
	}
	return sharedNeighbors(first.Index, second.Index, k), nil
}

// qualityMemory is what MeasureQuality takes: the search in the data, or both
// graphs beside the search in the map or the distances of the sample.
func (o *Options) qualityMemory(n, d, k int) uint64 {
	m := uint64(min(n, qualitySample))
	inMap := uint64(knn.Bytes(n, o.Dims, k, true))
	return max(o.neighborsMemory(n, d, k), 2*graphBytes(n, k)+max(inMap, 20*m*m+8*m*uint64(d)))
}

// sharedNeighbors is the share of the entries of a that are in the same row, of
// k, of b.
func sharedNeighbors(a, b []int32, k int) float64 {
	shared := 0
	for at, to := range a {
		if slices.Contains(b[at/k*k:][:k], to) {
			shared++
		}
	}
	return float64(shared) / float64(len(a))
}

// classes are the labels in use, ascending, and the mean of the rows of each.
type classes struct {
	labels []int32
	of     []int32 // class of each row, -1 for none
	size   []int
	mean   []float64 // len(labels) x cols
	cols   int
}

func newClasses(labels []int32, cols int) *classes {
	c := &classes{labels: slices.Clone(labels), of: make([]int32, len(labels)), cols: cols}
	slices.Sort(c.labels)
	c.labels = slices.Compact(c.labels)
	first, _ := slices.BinarySearch(c.labels, 0)
	c.labels = c.labels[first:]
	c.size = make([]int, len(c.labels))
	c.mean = make([]float64, len(c.labels)*cols)
	for i, l := range labels {
		c.of[i] = -1
		if l >= 0 {
			k, _ := slices.BinarySearch(c.labels, l)
			c.of[i] = int32(k)
			c.size[k]++
		}
	}
	return c
}

// average sets columns lo to hi of the means to those of the rows of x.
func (c *classes) average(x []float32, lo, hi int) {
	for i, k := range c.of {
		if k < 0 {
			continue
		}
		sum := c.row(int(k))[lo:hi]
		for j, v := range x[i*c.cols+lo : i*c.cols+hi] {
			sum[j] += float64(v)
		}
	}
	for k, size := range c.size {
		mean := c.row(k)[lo:hi]
		for j := range mean {
			mean[j] /= float64(size)
		}
	}
}

func (c *classes) row(k int) []float64 { return c.mean[k*c.cols : (k+1)*c.cols] }

// normalize makes of the means what the metric compares, and says whether it has
// something to say of them.
func (c *classes) normalize(by *metric.Metric) bool {
	if by.Normalize != nil {
		for k := range c.labels {
			if !by.Normalize(c.row(k)) {
				return false
			}
		}
	}
	return !by.Nominal
}

// SharedClasses is MeasureQuality's KNC of class means that are there: a has n of
// them in the data, of any number of columns, and b as many in the map. Distances among those of a are
// by m. NaN as there. ErrShape, ErrNotFinite and ErrOption (m, the columns of b).
func SharedClasses(a, b []float64, n int, m Metric) (share float64, err error) {
	o, err := Options{Metric: m}.resolve(minRows) // 0 is the default
	if err != nil {
		return 0, err
	}
	of := func(name string, means []float64) (*classes, error) {
		if n < 1 || len(means) == 0 || len(means)%n != 0 {
			return nil, fail(ErrShape, name, "got %d values, want as many for each of %d classes, at least 1", len(means), n)
		}
		cols := len(means) / n
		for at, v := range means {
			if v-v != 0 {
				return nil, fail(ErrNotFinite, name, "row %v, column %v is %v, want a finite value", atRow(at/cols), atColumn(at%cols), value(v))
			}
		}
		return &classes{labels: make([]int32, n), mean: slices.Clone(means), cols: cols}, nil
	}
	inX, err := of("a", a)
	if err != nil {
		return 0, err
	}
	inY, err := of("b", b)
	if err != nil {
		return 0, err
	}
	if inY.cols > 3 {
		return 0, badOption("dims", inY.cols, "1, 2 or 3")
	}
	return sharedClasses(inX, inY, o.Metric.definition()), nil
}

// sharedClasses is the share of the nearest classes of each class in a, by the
// metric, that are among its nearest in b; NaN if there is nothing to compare. It
// makes of the means of a what the metric compares.
func sharedClasses(a, b *classes, by *metric.Metric) float64 {
	if len(a.labels) < 2 || !a.normalize(by) {
		return math.NaN()
	}
	k := min(qualityClasses, len(a.labels)-1)
	shared := 0
	for c := range a.labels {
		near := b.nearest(c, k, metric.Euclidean)
		for _, to := range a.nearest(c, k, by) {
			if slices.Contains(near, to) {
				shared++
			}
		}
	}
	return float64(shared) / float64(k*len(a.labels))
}

// nearest are the k classes whose means are nearest to that of class i.
func (c *classes) nearest(i, k int, by *metric.Metric) []int {
	dist, order := make([]float64, len(c.labels)), by.Order()
	var others []int
	for j := range dist {
		if j != i {
			dist[j] = order(c.row(i), c.row(j))
			others = append(others, j)
		}
	}
	slices.SortStableFunc(others, func(a, b int) int { return cmp.Compare(dist[a], dist[b]) })
	return others[:k]
}

// distances are numbers that rank as the distances between all pairs of the
// given rows do.
func (j *job) distances(x []float32, cols int, rows []int32, by *metric.Metric) ([]float64, error) {
	m := len(rows)
	wide := make([]float64, m*cols)
	at := func(i int) []float64 { return wide[i*cols:][:cols] }
	err := j.pool.ForContext(j.ctx, m, 4, func(_, lo, hi int) {
		rounded := make([]float32, cols)
		for i := lo; i < hi; i++ {
			row := at(i)
			widen(row, x[int(rows[i])*cols:])
			if by.Normalize != nil { // rounded as those that are searched are
				by.Normalize(row)
				narrow(rounded, row)
				widen(row, rounded)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	out := make([]float64, m*(m-1)/2)
	order := by.Order()
	err = j.pool.ForContext(j.ctx, m, 4, func(_, lo, hi int) {
		for a := lo; a < hi; a++ {
			to, row := out[a*(a-1)/2:], at(a)
			for b := range a {
				to[b] = order(row, at(b))
			}
		}
	})
	return out, err
}

// ranks are the places of the values among all, equal ones at their mean.
func (j *job) ranks(v []float64) ([]float64, error) {
	order, spare := make([]int, len(v)), make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	// In pieces of some milliseconds, for the half million would not be stopped.
	const piece = 1 << 15
	err := j.pool.ForContext(j.ctx, len(v), piece, func(_, lo, hi int) {
		slices.SortFunc(order[lo:hi], func(a, b int) int { return cmp.Compare(v[a], v[b]) })
	})
	for width := piece; err == nil && width < len(v); width *= 2 {
		err = j.pool.ForContext(j.ctx, len(v), 2*width, func(_, lo, hi int) {
			mid := min(lo+width, hi)
			a, b := order[lo:mid], order[mid:hi]
			for at := lo; at < hi; at++ {
				if len(b) == 0 || len(a) > 0 && v[a[0]] <= v[b[0]] {
					spare[at], a = a[0], a[1:]
				} else {
					spare[at], b = b[0], b[1:]
				}
			}
		})
		order, spare = spare, order
	}
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(v))
	for i := 0; i < len(order); {
		end := i + 1
		for end < len(order) && v[order[end]] == v[order[i]] {
			end++
		}
		for _, at := range order[i:end] {
			out[at] = float64(i+end-1) / 2
		}
		i = end
	}
	return out, nil
}
