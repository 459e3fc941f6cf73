package tsne

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/knn"
	"github.com/libtsne/libtsne/tsne/internal/metric"
)

// Neighbors is a neighbour graph: for each of N points its K nearest others,
// nearest first, ties by lower index.
type Neighbors struct {
	N, K  int
	Index []int32   // N x K
	Dist2 []float32 // N x K, squared distances

	// Exponents are nil for ordinary data. Where squares would leave the range
	// of float32, Dist2 has in row i those of distances times 2^Exponents[i].
	Exponents []int16
}

// exponent is the power of two by which row i's distances are multiplied.
func (nb *Neighbors) exponent(i int) int {
	if nb.Exponents == nil {
		return 0
	}
	return int(nb.Exponents[i])
}

// FindNeighbors finds the k nearest rows of each row of x, by the method that
// o names, in the distance that it names. A metric that is neither Euclidean,
// cosine nor correlation looks at all pairs, whatever Neighbors says. Of o it
// reads Metric, Neighbors, NeighborsEffort, Scratch, Seed, Threads and the hooks. A row
// that the metric cannot compare, all zeros for cosine or constant for
// correlation, is ErrOption.
func FindNeighbors(ctx context.Context, x Matrix, k int, o Options) (nb *Neighbors, err error) {
	if err := x.checkShape(); err != nil {
		return nil, err
	}
	o, err = o.resolve(x.Rows)
	if err != nil {
		return nil, err
	}
	if k < 1 || k >= x.Rows {
		return nil, badOption("k", k, "1 to n - 1")
	}
	if err := o.checkMemory(x, o.neighborsMemory(x.Rows, x.Cols, k)); err != nil {
		return nil, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "X", x.Data, x.Cols); err != nil {
		return nil, err
	}
	return j.neighbors(x, k)
}

// FindNeighborsOfNew finds, for each row of q, the k nearest rows of x, of which
// one that equals it is one: N is q.Rows, which may be 0, and Index names rows of
// x. k is 1 to x.Rows. How, and of o it reads what FindNeighbors does; Auto chooses
// as Transform does. A row gets the same bits whatever the others are.
func FindNeighborsOfNew(ctx context.Context, x, q Matrix, k int, o Options) (nb *Neighbors, err error) {
	if err := x.checkShape(); err != nil {
		return nil, err
	}
	if err := q.checkNew("q", x.Cols); err != nil {
		return nil, err
	}
	if o, err = o.resolve(x.Rows); err != nil {
		return nil, err
	}
	if k < 1 || k > x.Rows {
		return nil, badOption("k", k, fmt.Sprintf("1 to %d, the rows of X", x.Rows))
	}
	batch := min(q.Rows, transformBatch)
	if err := o.checkMemory(x, graphBytes(q.Rows+batch, k)+o.searchMemory(x, nil, batch)); err != nil {
		return nil, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "X", x.Data, x.Cols); err != nil {
		return nil, err
	}
	if err := checkFinite(j.ctx, j.pool, "q", q.Data, q.Cols); err != nil {
		return nil, err
	}
	if q, err = j.in(o.Metric.frame(x.Center, nil), q); err != nil {
		return nil, err
	}
	if err := j.checkComparable("q", q, o.Metric); err != nil {
		return nil, err
	}
	s, err := j.newRowSearch("X", x, o.Metric, nil)
	if err != nil {
		return nil, err
	}
	nb = &Neighbors{N: q.Rows, K: k, Index: make([]int32, 0, q.Rows*k), Dist2: make([]float32, 0, q.Rows*k)}
	err = s.batches(j, q, k, func(_, hi int, some *Neighbors) error {
		if some.Exponents != nil && nb.Exponents == nil {
			nb.Exponents = make([]int16, len(nb.Index)/k, q.Rows)
		}
		nb.Index, nb.Dist2 = append(nb.Index, some.Index...), append(nb.Dist2, some.Dist2...)
		if nb.Exponents != nil {
			nb.Exponents = append(nb.Exponents, some.Exponents...)[:hi]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return nb, nil
}

// graph is that of a Euclidean search by a metric.
func graph(g *knn.Graph, by *metric.Metric) *Neighbors {
	if by.Squares != nil {
		by.Squares(g.Dist2)
	}
	return &Neighbors{N: g.N, K: g.K, Index: g.Index, Dist2: g.Dist2, Exponents: g.Exponents()}
}

// neighbors gives distances in j's metric.
func (j *job) neighbors(x Matrix, k int) (*Neighbors, error) { return j.neighborsOf(x, k, nil) }

// neighborsOf is neighbors of a part of the rows; nil is all.
func (j *job) neighborsOf(x Matrix, k int, of *knn.Part) (*Neighbors, error) {
	if j.o.Scratch != "" {
		if info, err := os.Stat(j.o.Scratch); err != nil || !info.IsDir() {
			return nil, badOption("Scratch", j.o.Scratch, "a directory")
		}
	}
	m := j.o.Metric
	x, err := j.in(m.frame(x.Center, nil), x)
	if err != nil {
		return nil, err
	}
	if x, err = j.searchRows("X", x, m); err != nil {
		return nil, err
	}
	by := m.definition()
	if !by.Euclidean() {
		j.o.info("", "neighbours: exact, k = %d", k)
		q, first := x, 0
		if of != nil {
			first = of.First
			q.Rows, q.Data = of.Last-first, x.Data[first*x.Cols:of.Last*x.Cols]
			for i := range q.Rows {
				of.Rows = append(of.Rows, int32(first+i))
			}
		}
		return j.otherNeighbors(x, q, by, k, first, j.stage(StageNeighbors))
	}
	g, err := j.euclideanNeighbors(x, k, of)
	if err != nil {
		return nil, err
	}
	return graph(g, by), nil
}

// otherNeighbors finds the k nearest rows of x to those of q by looking at all
// pairs; those are rows of x from own on, which are not their own neighbours, or,
// with own below 0, none of x.
func (j *job) otherNeighbors(x, q Matrix, by *metric.Metric, k, own int, progress func(float64)) (*Neighbors, error) {
	search := func(x, q Matrix) (*Neighbors, error) {
		self, most := own >= 0 && q.Rows == x.Rows, k
		if own >= 0 && !self {
			most++ // itself among them
		}
		nb := &Neighbors{N: q.Rows, K: most, Index: make([]int32, q.Rows*most), Dist2: make([]float32, q.Rows*most)}
		err := knn.Other(j.ctx, j.pool, by, x.Data, x.Rows, q.Data, q.Rows, x.Cols, most, self, nb.Index, nb.Dist2, progress)
		if most > k {
			nb.leaveOut(own)
		}
		return nb, err
	}
	nb, err := search(x, q)
	if err != nil {
		return nil, err
	}
	// Rows with a distance beyond float32 are searched again, nearer.
	const nearer = -40
	var again *Neighbors
	nb.Exponents = make([]int16, nb.N)
	for i := range nb.N {
		if nb.Dist2[(i+1)*k-1] <= math.MaxFloat32 {
			continue
		}
		if again == nil {
			if again, err = search(x.times(nearer), q.times(nearer)); err != nil {
				return nil, err
			}
		}
		copy(nb.Index[i*k:][:k], again.Index[i*k:])
		copy(nb.Dist2[i*k:][:k], again.Dist2[i*k:])
		nb.Exponents[i] = nearer
	}
	return nb, j.square(nb)
}

// leaveOut takes row own + i off the neighbours of row i, or else the farthest.
func (nb *Neighbors) leaveOut(own int) {
	k := nb.K - 1
	for i := range nb.N {
		index, dist := nb.Index[i*nb.K:][:nb.K], nb.Dist2[i*nb.K:][:nb.K]
		at := slices.Index(index, int32(own+i))
		if at < 0 {
			at = k
		}
		copy(index[at:], index[at+1:])
		copy(dist[at:], dist[at+1:])
		copy(nb.Index[i*k:], index[:k])
		copy(nb.Dist2[i*k:], dist[:k])
	}
	nb.K, nb.Index, nb.Dist2 = k, nb.Index[:nb.N*k], nb.Dist2[:nb.N*k]
}

// square makes squared distances of nb's distances.
func (j *job) square(nb *Neighbors) error {
	if nb.Exponents == nil {
		nb.Exponents = make([]int16, nb.N)
	}
	err := j.pool.ForContext(j.ctx, nb.N, 256, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			nb.Exponents[i] += squareRow(nb.Dist2[i*nb.K:][:nb.K])
		}
	})
	nb.dropExponents()
	return err
}

// dropExponents drops exponents that are all 0.
func (nb *Neighbors) dropExponents() {
	if !slices.ContainsFunc(nb.Exponents, func(e int16) bool { return e != 0 }) {
		nb.Exponents = nil
	}
}

// squareRow makes squares of distances. Where those would leave the range of
// float32 it multiplies the distances by a power of two before, and gives its
// exponent.
func squareRow(dist []float32) (exponent int16) {
	most := float32(0)
	for _, v := range dist {
		if v <= math.MaxFloat32 {
			most = max(most, v)
		}
	}
	scale := 1.0
	if most != 0 && (most < 0x1p-20 || most > 0x1p60) {
		_, e := math.Frexp(float64(most))
		scale, exponent = math.Ldexp(1, -e), int16(-e)
	}
	for e, v := range dist {
		v = float32(float64(v) * scale)
		dist[e] = v * v
	}
	return exponent
}

func (j *job) euclideanNeighbors(x Matrix, k int, of *knn.Part) (*knn.Graph, error) {
	progress := j.stage(StageNeighbors)
	if j.o.exactNeighbors(x.Rows, x.Cols, k) {
		j.o.info("", "neighbours: exact, k = %d", k)
		return knn.ExactOf(j.ctx, j.pool, x.Data, x.Rows, x.Cols, k, of, progress)
	}
	j.o.info("", "neighbours: approximate, k = %d", k)
	o := knn.ApproxOptions{Effort: j.o.NeighborsEffort, Seed: j.o.Seed}
	if j.o.Scratch != "" {
		o.Scratch = &knn.Scratch{Dir: j.o.Scratch, Failed: func(err error) { j.o.warn("Scratch", "going on without a copy of the data: %v", err) }}
	}
	g, err := knn.ApproxOf(j.ctx, j.pool, x.Data, x.Rows, x.Cols, k, o, of, progress)
	if file := new(fs.PathError); errors.As(err, &file) {
		return nil, fail(ErrIO, "Scratch", "reading the copy of the data: %v", err)
	}
	return g, err
}

func (o *Options) exactNeighbors(n, d, k int) bool {
	return o.Neighbors == NeighborsExact || o.Neighbors == NeighborsAuto && knn.PreferExact(n, d, k)
}

// first is the graph of the k nearest only.
func (nb *Neighbors) first(k int) *Neighbors {
	if k == nb.K {
		return nb
	}
	cut := &Neighbors{N: nb.N, K: k, Index: make([]int32, 0, nb.N*k), Dist2: make([]float32, 0, nb.N*k), Exponents: nb.Exponents}
	for i := range nb.N {
		cut.Index = append(cut.Index, nb.Index[i*nb.K:][:k]...)
		cut.Dist2 = append(cut.Dist2, nb.Dist2[i*nb.K:][:k]...)
	}
	return cut
}

// Distances are the distances of the graph, N x K; +Inf for those beyond
// float32.
func (nb *Neighbors) Distances() []float32 {
	out := make([]float32, len(nb.Dist2))
	for i := range nb.N {
		unit := math.Ldexp(1, -nb.exponent(i))
		for at := i * nb.K; at < (i+1)*nb.K; at++ {
			out[at] = float32(math.Sqrt(float64(nb.Dist2[at])) * unit)
		}
	}
	return out
}

// NeighborsFromDistances is a graph from elsewhere: index and
// distance, of any metric, each n x k. Index is borrowed.
func NeighborsFromDistances(n, k int, index []int32, distance []float32) (*Neighbors, error) {
	if n < minRows || k < 1 || k >= n {
		return nil, fail(ErrShape, "neighbours", "got n = %d, k = %d, want n of at least %d and k from 1 to n - 1", n, k, minRows)
	}
	if k > math.MaxInt/4/n || len(index) != n*k || len(distance) != n*k {
		return nil, fail(ErrShape, "neighbours", "got %d indices and %d distances, want %d x %d of each", len(index), len(distance), n, k)
	}
	if err := checkIndex(index, n, k); err != nil {
		return nil, err
	}
	for at, dist := range distance {
		if !(dist >= 0) || math.IsInf(float64(dist), 1) {
			return nil, fail(ErrNotFinite, "neighbours", "row %v, column %v: distance %v, want 0 or more and finite", atRow(at/k), atColumn(at%k), value(dist))
		}
	}
	nb := &Neighbors{N: n, K: k, Index: index, Dist2: slices.Clone(distance), Exponents: make([]int16, n)}
	for i := range n {
		nb.Exponents[i] = squareRow(nb.Dist2[i*k:][:k])
	}
	nb.dropExponents()
	return nb, nil
}

// checkIndex holds a graph of n rows of k neighbours to naming other rows.
func checkIndex(index []int32, n, k int) error {
	for at, j := range index {
		switch i := at / k; {
		case j < 0 || int(j) >= n:
			return fail(ErrGraph, "neighbours", "row %v, column %v: index %v is outside %v to %v", atRow(i), atColumn(at%k), atRow(j), atRow(0), atRow(n-1))
		case int(j) == i:
			return fail(ErrGraph, "neighbours", "row %v, column %v: the row itself is not its neighbour", atRow(i), atColumn(at%k))
		}
	}
	return nil
}
