package metric

// Correlation is 1 - Pearson's correlation of two rows: the cosine distance of
// rows less their means.
var Correlation = define(Metric{
	Name:      "correlation",
	Origin:    Common,
	Normalize: standard,
	Lost:      [2]string{"is constant and correlates with nothing", "are constant and correlate with nothing"},
	Squares:   squaredCosines,
	Inner:     &Inner{Angle: true, Centred: true},
})

func standard(row []float64) bool {
	mean, same := 0.0, true
	for _, v := range row {
		mean += v
		same = same && v == row[0]
	}
	if same { // the mean may be off by rounding
		return false
	}
	mean /= float64(len(row))
	for c := range row {
		row[c] -= mean
	}
	return unit(row)
}
