package vec

import (
	"math"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

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
	if cpu.Use >= cpu.AVX2 && len(col) > 0 {
		_ = ptr[hi]
		switch dims {
		case 1:
			sumPLog1AVX2(&s, &y[0], &ptr[0], &col[0], &val[0], lo, hi)
		case 2:
			sumPLog2AVX2(&s, &y[0], &ptr[0], &col[0], &val[0], lo, hi)
		case 3:
			sumPLog3AVX2(&s, &y[0], &ptr[0], &col[0], &val[0], lo, hi)
		}
	} else {
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
		c := col[ptr[i]:ptr[i+1]]
		v := val[ptr[i]:ptr[i+1]]
		for e, k := range c {
			z := y[dims*int(k):][:dims]
			t := 1.0
			for d := range x {
				diff := float64(x[d]) - float64(z[d])
				t = math.FMA(diff, diff, t)
			}
			s[e&7] = math.FMA(float64(v[e]), log(t), s[e&7])
		}
	}
}

// Coefficients of log((1+r)/(1-r)) = 2r (1 + r^2/3 + r^4/5 + ...), highest
// first. |r| stays under 0.1716, where the first term left out is 1e-16.
var logPoly = [...]float64{1. / 19, 1. / 17, 1. / 15, 1. / 13, 1. / 11, 1. / 9, 1. / 7, 1. / 5, 1. / 3, 1}

const (
	sqrtHalfBits = 0x3fe6a09e667f3bcd // bits of sqrt(1/2)
	two52        = 1 << 52
	two52Bits    = 0x4330000000000000
)

// log is the natural logarithm of t >= 1, within 1e-15 (relative or absolute,
// the larger); NaN for an infinite t.
func log(t float64) float64 {
	bits := math.Float64bits(t)
	e := (bits - sqrtHalfBits) >> 52
	m := math.Float64frombits(bits - e<<52) // in [sqrt(1/2), sqrt 2)
	ef := math.Float64frombits(e|two52Bits) - two52
	r := (m - 1) / (m + 1)
	z := float64(r * r)
	p := logPoly[0]
	for _, c := range logPoly[1:] {
		p = math.FMA(p, z, c)
	}
	// t - t is 0, or NaN where t is infinite or NaN.
	return math.FMA(ef, math.Ln2, math.FMA(r+r, p, t-t))
}
