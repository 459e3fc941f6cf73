package tsne

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/libtsne/libtsne/tsne/internal/knn"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// kind is the metric as the search over all pairs names it; ok is false for
// those that the Euclidean search serves.
func (m Metric) kind() (kind knn.Kind, ok bool) {
	switch m {
	case MetricManhattan:
		return knn.Manhattan, true
	case MetricChebyshev:
		return knn.Chebyshev, true
	case MetricHamming:
		return knn.Hamming, true
	}
	return 0, false
}

// angular says whether the metric compares directions: its Euclidean search
// is over rows of length 1.
func (m Metric) angular() bool { return m == MetricCosine || m == MetricCorrelation }

// searchRows gives the rows that the Euclidean search sees: x itself or, for an
// angular metric, a copy with each row (for correlation less its mean) scaled
// to length 1. Rows without direction are an error that counts and names them; name
// is what the data are called there.
func (j *job) searchRows(name string, x Matrix, m Metric) (Matrix, error) {
	if !m.angular() {
		return x, nil
	}
	out := Matrix{Data: make([]float32, len(x.Data)), Rows: x.Rows, Cols: x.Cols}
	err := j.eachDirection(name, x, m, func(i int, _ []float32) []float32 { return out.Data[i*x.Cols:][:x.Cols] })
	if err != nil {
		return Matrix{}, err
	}
	return out, nil
}

// eachDirection writes the direction of row i to what to gives for it, which may
// be the scratch it is passed.
func (j *job) eachDirection(name string, x Matrix, m Metric, to func(i int, scratch []float32) []float32) error {
	const grain = 256
	bad := make([][]int, par.Chunks(x.Rows, grain))
	err := j.pool.ForContext(j.ctx, x.Rows, grain, func(_, lo, hi int) {
		scratch := make([]float32, x.Cols)
		for i := lo; i < hi; i++ {
			if !direction(to(i, scratch), x.Data[i*x.Cols:][:x.Cols], m == MetricCorrelation) {
				bad[lo/grain] = append(bad[lo/grain], i)
			}
		}
	})
	if err != nil {
		return err
	}
	return noDirection(m, name, slices.Concat(bad...))
}

func noDirection(m Metric, name string, rows []int) error {
	if len(rows) == 0 {
		return nil
	}
	metric, one, many := "correlation", "is constant and correlates", "are constant and correlate with nothing"
	if m == MetricCosine {
		metric, one, many = "cosine", "is all zeros and has no direction", "are all zeros and have no direction"
	} else {
		one += " with nothing"
	}
	if len(rows) == 1 {
		return fail(ErrOption, "Metric: %s: row %d of %s %s", metric, rows[0], name, one)
	}
	const named = 5
	list := strings.ReplaceAll(strings.Trim(fmt.Sprint(rows[:min(named, len(rows))]), "[]"), " ", ", ")
	if len(rows) > named {
		list += ", ..."
	}
	return fail(ErrOption, "Metric: %s: %d rows of %s %s: rows %s", metric, len(rows), name, many, list)
}

// direction writes row, less its mean if centre says so, divided by its length
// to to; false if it has none. float64 holds the squares of all float32
// numbers.
func direction[T coordinate](to, row []T, centre bool) bool {
	mean := 0.0
	if centre {
		same := true
		for _, v := range row {
			mean += float64(v)
			same = same && v == row[0]
		}
		if same { // the mean may be off by rounding
			return false
		}
		mean /= float64(len(row))
	}
	sum := 0.0
	for _, v := range row {
		t := float64(v) - mean
		sum += float64(t * t)
	}
	if sum == 0 {
		return false
	}
	length := math.Sqrt(sum)
	for c, v := range row {
		to[c] = T((float64(v) - mean) / length)
	}
	return true
}

// square turns squared Euclidean distances between search rows into squared
// distances of the metric, in place. Of rows of length 1 half the squared
// distance is 1 - cos, without the cancellation of that difference.
func (m Metric) square(dist2 []float32) {
	if !m.angular() {
		return
	}
	for i, v := range dist2 {
		dist := v / 2
		dist2[i] = dist * dist
	}
}
