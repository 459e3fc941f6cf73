package vec

import "math"

// AttractKL is Attract that also returns the sum over the entries (k, p) of
// rows lo to hi of p * log(1 + |y_i - y_k|^2): the part of the Kullback-Leibler
// divergence that depends on the embedding and runs over P. It is NaN where a
// distance is not finite.
func AttractKL(dims int, force, y []float32, ptr []int64, col []int32, val []float32, lo, hi int) (sumPLog float64) {
	Attract(dims, force, y, ptr, col, val, lo, hi)
	return SumPLog(dims, y, ptr, col, val, lo, hi)
}

// SumPLog is the sum that AttractKL returns. Distances and logarithms are in
// float64, each term within 1e-14 of its value.
func SumPLog(dims int, y []float32, ptr []int64, col []int32, val []float32, lo, hi int) float64 {
	if lo >= hi {
		return 0
	}
	var s [8]float64
	if !sumPLogSIMD(&s, dims, y, ptr, col, val, lo, hi) {
		sumPLog(&s, dims, y, ptr, col, val, lo, hi)
	}
	return sum8(&s)
}

func sum8(s *[8]float64) float64 {
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
}

// sumPLog adds entry e of each row to s[e%8].
func sumPLog(s *[8]float64, dims int, y []float32, ptr []int64, col []int32, val []float32, lo, hi int) {
	for i := lo; i < hi; i++ {
		x := y[dims*i:][:dims]
		c := col[ptr[i]-ptr[lo] : ptr[i+1]-ptr[lo]]
		v := val[ptr[i]-ptr[lo] : ptr[i+1]-ptr[lo]]
		for e, k := range c {
			z := y[dims*int(k):][:dims]
			t := 1.0
			for d := range x {
				diff := float64(x[d]) - float64(z[d])
				t = math.FMA(diff, diff, t)
			}
			s[e&7] = math.FMA(float64(v[e]), Log(t), s[e&7])
		}
	}
}
