package metric

import "math"

// Manhattan is the sum of absolute differences.
var Manhattan = define(Metric{
	Name:   "Manhattan",
	Origin: Free,
	Distance: func(a, b []float64) float64 {
		sum := 0.0
		for i, v := range a {
			sum += math.Abs(v - b[i])
		}
		return sum
	},
	Tile: &Tile{
		Column: func(x float32, y, sums *Lanes) {
			for c, v := range y {
				sums[c] += float32(math.Abs(float64(x - v)))
			}
		},
		SIMD: manhattanSIMD,
	},
})
