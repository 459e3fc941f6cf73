package metric

import "math"

// Cosine is 1 - the cosine of the angle between two rows.
var Cosine = define(Metric{
	Name:      "cosine",
	Normalize: unit,
	Lost:      [2]string{"is all zeros and has no direction", "are all zeros and have no direction"},
	Squares:   squaredCosines,
	Inner:     &Inner{Angle: true},
})

// unit scales row to length 1; false if it has none. float64 holds the squares
// of all float32 numbers.
func unit(row []float64) bool {
	sum := 0.0
	for _, v := range row {
		sum += float64(v * v)
	}
	if sum == 0 {
		return false
	}
	length := math.Sqrt(sum)
	for c, v := range row {
		row[c] = v / length
	}
	return true
}

// squaredCosines: of rows of length 1 half the squared distance is 1 - cos,
// without the cancellation of that difference.
func squaredCosines(dist2 []float32) {
	for i, v := range dist2 {
		dist := v / 2
		dist2[i] = dist * dist
	}
}
