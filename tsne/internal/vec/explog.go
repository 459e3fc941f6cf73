package vec

import "math"

// Exp and Log are those of package math made over: theirs differ in the last
// bits from one architecture to the next, and these can be computed four at a
// time.

// Coefficients of log((1+r)/(1-r)) = 2r (1 + r^2/3 + r^4/5 + ...), highest
// first. |r| stays under 0.1716, where the first term left out is 1e-16.
var logPoly = [...]float64{1. / 19, 1. / 17, 1. / 15, 1. / 13, 1. / 11, 1. / 9, 1. / 7, 1. / 5, 1. / 3, 1}

const sqrtHalfBits = 0x3fe6a09e667f3bcd // bits of sqrt(1/2)

// Log is the natural logarithm of t >= 2^-1022, within 1e-15 (relative or
// absolute, the larger). It is NaN for an infinite t.
func Log(t float64) float64 {
	bits := math.Float64bits(t)
	e := int64(bits-sqrtHalfBits) >> 52
	m := math.Float64frombits(bits - uint64(e)<<52) // in [sqrt(1/2), sqrt 2)
	r := (m - 1) / (m + 1)
	z := float64(r * r)
	p := logPoly[0]
	for _, c := range logPoly[1:] {
		p = math.FMA(p, z, c)
	}
	// t - t is 0, or NaN where t is infinite or NaN.
	return math.FMA(float64(e), math.Ln2, math.FMA(r+r, p, t-t))
}

// Taylor coefficients of exp, highest first: under 0.3466 the first term left
// out is 2e-16.
var expPoly = [...]float64{1. / 479001600, 1. / 39916800, 1. / 3628800, 1. / 362880, 1. / 40320, 1. / 5040, 1. / 720, 1. / 120, 1. / 24, 1. / 6, 1. / 2, 1, 1}

const (
	roundMagic = 3 << 51 // x + roundMagic has round(x) in its low bits
	ln2Hi      = 0x1.62e42fefa39efp-1
	ln2Lo      = 0x1.abc9e3b39803fp-56
	expMin     = -708
)

// Exp is e to the power of x <= 709, within 1e-15 relative; 0 where x is under
// -708 or NaN.
func Exp(x float64) float64 {
	if !(x >= expMin) {
		return 0
	}
	t := math.FMA(x, math.Log2E, roundMagic)
	n := t - roundMagic
	r := math.FMA(-n, ln2Lo, math.FMA(-n, ln2Hi, x))
	p := expPoly[0]
	for _, c := range expPoly[1:] {
		p = math.FMA(p, r, c)
	}
	return math.Float64frombits(math.Float64bits(p) + math.Float64bits(t)<<52)
}
