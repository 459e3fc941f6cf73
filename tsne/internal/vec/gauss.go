package vec

import (
	"math"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

// Gauss sets w[j] = exp(-beta*d[j]) and returns the sums of w, of d*w and of
// d*d*w. All d are finite and not negative, and so is beta; w is as long as d.
// Weights under 1e-307 come out as 0; the others are within 1e-14 relative.
func Gauss(w, d []float64, beta float64) (s0, s1, s2 float64) {
	var l [3][8]float64
	done := 0
	if cpu.Use >= cpu.AVX2 && len(d) >= 8 {
		done = len(d) &^ 7
		_ = w[done-1]
		gaussAVX2(&w[0], &d[0], done, beta, &l)
	}
	gauss(w, d, done, beta, &l)
	return sum8(&l[0]), sum8(&l[1]), sum8(&l[2])
}

// gauss is Gauss from the element first on; element j goes to lane j%8.
func gauss(w, d []float64, first int, beta float64, l *[3][8]float64) {
	w = w[:len(d)]
	for j := first; j < len(d); j++ {
		x := d[j]
		e := exp(float64(-beta * x))
		w[j] = e
		xe := float64(x * e)
		l[0][j&7] += e
		l[1][j&7] += xe
		l[2][j&7] = math.FMA(x, xe, l[2][j&7])
	}
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

// exp is e to the power of x <= 0, and 0 where x is under expMin.
func exp(x float64) float64 {
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
