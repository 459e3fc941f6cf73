package tsne

import (
	"fmt"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/knn"
)

// rowSearch finds the nearest rows of some data to rows that are not among
// them. It may serve several goroutines at once.
type rowSearch struct {
	x       Matrix // the data it was made of
	metric  Metric
	columns []int32
	frame   []float64 // from where rows are looked at
	o       knn.ReferenceOptions

	d    int
	ref  *knn.Reference // nil for the metrics without a Euclidean search
	rows Matrix         // for those
}

// newRowSearch searches the given columns of x, all if nil, by j's Neighbors,
// NeighborsEffort and Seed. name is what x is called in errors.
func (j *job) newRowSearch(name string, x Matrix, metric Metric, columns []int32) (*rowSearch, error) {
	s := &rowSearch{x: x, metric: metric, columns: slices.Clone(columns), o: j.o.referenceOptions(x, columns), d: x.Cols}
	s.frame = metric.frame(x.Center, columns)
	if columns != nil {
		s.d = len(columns)
		picked, err := j.pick(x, columns)
		if err != nil {
			return nil, err
		}
		x = picked
	}
	x, err := j.in(s.frame, x)
	if err != nil {
		return nil, err
	}
	if x, err = j.searchRows(name, x, metric); err != nil {
		return nil, err
	}
	if !metric.definition().Euclidean() {
		s.rows = x
		return s, nil
	}
	s.ref, err = knn.NewReference(x.Data, x.Rows, x.Cols, s.o)
	return s, err
}

func (o *Options) referenceOptions(x Matrix, columns []int32) knn.ReferenceOptions {
	d := x.Cols
	if columns != nil {
		d = len(columns)
	}
	if o.Neighbors == NeighborsExact || o.Neighbors == NeighborsAuto && knn.PreferExact(x.Rows, d, papersK) {
		return knn.ReferenceOptions{}
	}
	return knn.ReferenceOptions{Approx: true, ApproxOptions: knn.ApproxOptions{Effort: o.NeighborsEffort, Seed: o.Seed}}
}

// serves says whether s is what newRowSearch would make.
func (s *rowSearch) serves(x Matrix, metric Metric, columns []int32, o knn.ReferenceOptions) bool {
	return s != nil && &s.x.Data[0] == &x.Data[0] && s.x.Rows == x.Rows && s.x.Cols == x.Cols && s.metric == metric &&
		slices.Equal(s.x.Center, x.Center) &&
		(s.columns == nil) == (columns == nil) && slices.Equal(s.columns, columns) && s.o == o
}

// pick copies some columns of x.
func (j *job) pick(x Matrix, columns []int32) (Matrix, error) {
	d := len(columns)
	out := Matrix{Data: make([]float32, x.Rows*d), Rows: x.Rows, Cols: d}
	if x.Center != nil {
		out.Center = make([]float64, d)
		for c, from := range columns {
			out.Center[c] = x.Center[from]
		}
	}
	err := j.pool.ForContext(j.ctx, x.Rows, 256, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			row, to := x.Data[i*x.Cols:][:x.Cols], out.Data[i*d:][:d]
			for c, from := range columns {
				to[c] = row[from]
			}
		}
	})
	return out, err
}

func checkColumns(columns []int32, d int) error {
	if columns != nil && len(columns) == 0 {
		return badOption("Columns", "none", "at least one column that both data have")
	}
	for c, from := range columns {
		if from < 0 || int(from) >= d {
			return badOption("Columns", fmt.Sprintf("%d at %d", from, c), fmt.Sprintf("0 to %d", d-1))
		}
	}
	return nil
}

// nearest gives the k nearest rows to each of the rows of q.
func (s *rowSearch) nearest(j *job, q Matrix, k int, progress func(float64)) (*Neighbors, error) {
	q, err := j.searchRows("X", q, s.metric)
	if err != nil {
		return nil, err
	}
	by := s.metric.definition()
	if !by.Euclidean() {
		return j.otherNeighbors(s.rows, q, by, k, -1, progress)
	}
	g, err := s.ref.Query(j.ctx, j.pool, q.Data, q.Rows, k, progress)
	if err != nil {
		return nil, err
	}
	return graph(g, by), nil
}

// transformBatch is the number of new points searched at a time: many enough
// to share the reference's cache lines, few enough to take no room.
const transformBatch = 16384

// batches does nearest for the rows of q a batch at a time.
func (s *rowSearch) batches(j *job, q Matrix, k int, do func(lo, hi int, nb *Neighbors) error) error {
	report := j.stage(StageNeighbors)
	for lo := 0; lo < q.Rows; lo += transformBatch {
		hi := min(q.Rows, lo+transformBatch)
		var progress func(float64)
		if report != nil {
			progress = func(done float64) { report((float64(lo) + done*float64(hi-lo)) / float64(q.Rows)) }
		}
		some := Matrix{Data: q.Data[lo*q.Cols : hi*q.Cols], Rows: hi - lo, Cols: q.Cols}
		nb, err := s.nearest(j, some, k, progress)
		if err != nil {
			return err
		}
		if err := do(lo, hi, nb); err != nil {
			return err
		}
	}
	return nil
}

// searchMemory is what batches of rows take that are searched in some columns of
// x, all if nil, beside what they find.
func (o *Options) searchMemory(x Matrix, columns []int32, batch int) (need uint64) {
	d := x.Cols
	if columns != nil {
		d = len(columns)
	}
	by := o.Metric.definition()
	if by.Normalize != nil || !by.Euclidean() || columns != nil {
		need = 4 * uint64(x.Rows) * uint64(d)
	}
	if !by.Keeps(x.Center) {
		need += 4 * uint64(x.Rows) * uint64(d)
	}
	return need + uint64(knn.QueryBytes(x.Rows, d, batch, o.referenceOptions(x, columns)))
}

// median writes to y the medians, column by column, of the places in the map
// of the first k of each row of neighbours; of an even number the mean of the
// two in the middle.
func (m *frozenMap) median(j *job, y []float32, nb *Neighbors, k int) {
	dims := m.dims
	j.pool.For(len(y)/dims, 256, func(_, lo, hi int) {
		at := make([]float32, k)
		for i := lo; i < hi; i++ {
			for c := range dims {
				for e, to := range nb.Index[i*nb.K:][:k] {
					at[e] = m.y[int(to)*dims+c]
				}
				y[i*dims+c] = middle(at)
			}
		}
	})
}

// middle is the median of places, which it sorts.
func middle(at []float32) float32 {
	slices.Sort(at)
	k := len(at)
	return float32((float64(at[(k-1)/2]) + float64(at[k/2])) / 2)
}

// weighted writes the means weighted by the first k of each row of stride
// affinities p.
func (m *frozenMap) weighted(j *job, y []float32, index []int32, p []float32, stride, k int) {
	dims := m.dims
	j.pool.For(len(y)/dims, 256, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			var mean [3]float64
			sum := 0.0
			for e, to := range index[i*stride:][:k] {
				w := float64(p[i*stride+e])
				sum += w
				for c := range dims {
					mean[c] += float64(w * float64(m.y[int(to)*dims+c]))
				}
			}
			for c := range dims {
				y[i*dims+c] = float32(mean[c] / sum)
			}
		}
	})
}
