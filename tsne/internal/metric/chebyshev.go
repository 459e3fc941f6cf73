package metric

import "math"

// Chebyshev is the largest absolute difference.
var Chebyshev = define(Metric{
	Name:   "Chebyshev",
	Origin: Free,
	Distance: func(a, b []float64) float64 {
		most := 0.0
		for i, v := range a {
			most = max(most, math.Abs(v-b[i]))
		}
		return most
	},
	Tile: &Tile{
		Column: func(x float32, y, most *Lanes) {
			for c, v := range y {
				most[c] = max(most[c], float32(math.Abs(float64(x-v))))
			}
		},
		Join: func(part, most *Lanes) {
			for c, v := range part {
				most[c] = max(most[c], v)
			}
		},
		SIMD: chebyshevSIMD,
	},
})
