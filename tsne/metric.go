package tsne

import (
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/metric"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// definition is what is known of a metric of resolved options.
func (m Metric) definition() *metric.Metric { return metrics[m] }

// frame is the centre from which rows are searched by the metric that have the one
// given, in some columns of theirs, all if nil.
func (m Metric) frame(centre []float64, columns []int32) []float64 {
	if columns != nil && centre != nil {
		picked := make([]float64, len(columns))
		for c, from := range columns {
			picked[c] = centre[from]
		}
		centre = picked
	}
	if !m.definition().Keeps(centre) {
		return nil
	}
	return centre
}

// searchRows gives the rows that are searched: x itself or, by a metric that
// normalizes, a copy. Rows that have nothing to compare are an error that counts and
// names them; name is what the data are called there.
func (j *job) searchRows(name string, x Matrix, m Metric) (Matrix, error) {
	if m.definition().Normalize == nil {
		return x, nil
	}
	out := Matrix{Data: make([]float32, len(x.Data)), Rows: x.Rows, Cols: x.Cols}
	err := j.normalized(name, x, m, func(i int, row []float64) { narrow(out.Data[i*x.Cols:], row) })
	if err != nil {
		return Matrix{}, err
	}
	return out, nil
}

// checkComparable refuses rows that the metric cannot compare.
func (j *job) checkComparable(name string, x Matrix, m Metric) error {
	if m.definition().Normalize == nil {
		return nil
	}
	return j.normalized(name, x, m, func(int, []float64) {})
}

// normalized passes each row of x, normalized, to use, which several goroutines call.
func (j *job) normalized(name string, x Matrix, m Metric, use func(i int, row []float64)) error {
	const grain = 256
	lost := make([][]int, par.Chunks(x.Rows, grain))
	normalize := m.definition().Normalize
	err := j.pool.ForContext(j.ctx, x.Rows, grain, func(_, lo, hi int) {
		row := make([]float64, x.Cols)
		for i := lo; i < hi; i++ {
			if widen(row, x.Data[i*x.Cols:]); normalize(row) {
				use(i, row)
			} else {
				lost[lo/grain] = append(lost[lo/grain], i)
			}
		}
	})
	if err != nil {
		return err
	}
	return m.cannotCompare(name, slices.Concat(lost...))
}

func (m Metric) cannotCompare(name string, rows []int) error {
	if len(rows) == 0 {
		return nil
	}
	by := m.definition()
	if len(rows) == 1 {
		return fail(ErrOption, "Metric", "%s: row %v of %v %s", by.Name, atRow(rows[0]), named(name), by.Lost[0])
	}
	const most = 5
	var list Message
	for _, i := range rows[:min(most, len(rows))] {
		list = append(list, atRow(i), Part{Text: ", "})
	}
	if list[len(list)-1].Text = ""; len(rows) > most {
		list[len(list)-1].Text = ", ..."
	}
	return fail(ErrOption, "Metric", "%s: %d rows of %v %s: rows %v", by.Name, len(rows), named(name), by.Lost[1], list)
}

// widen fills to with the values of from, which may be more.
func widen(to []float64, from []float32) {
	for i := range to {
		to[i] = float64(from[i])
	}
}

func narrow(to []float32, from []float64) {
	for i, v := range from {
		to[i] = float32(v)
	}
}
