package metric

// Hamming is the share of columns that differ.
var Hamming = define(Metric{
	Name:    "Hamming",
	Origin:  Free,
	Nominal: true,
	Distance: func(a, b []float64) float64 {
		differ := 0
		for i, v := range a {
			if v != b[i] {
				differ++
			}
		}
		return float64(differ) / float64(len(a))
	},
	Tile: &Tile{
		Column: func(x float32, y, differ *Lanes) {
			for c, v := range y {
				if x != v {
					differ[c]++
				}
			}
		},
		Finish: func(differ float32, d int) float32 { return float32(float64(differ) / float64(d)) },
		SIMD:   hammingSIMD,
	},
})
