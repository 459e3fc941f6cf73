package vec

import "math"

// Gauss sets w[j] = exp(-beta*d[j]) and returns the sums of w, of d*w and of
// d*d*w. All d are finite and not negative, and so is beta; w is as long as d.
// Weights under 1e-307 come out as 0; the others are within 1e-14 relative.
func Gauss(w, d []float64, beta float64) (s0, s1, s2 float64) {
	var l [3][8]float64
	gauss(w, d, gaussSIMD(w, d, beta, &l), beta, &l)
	return sum8(&l[0]), sum8(&l[1]), sum8(&l[2])
}

// gauss is Gauss from the element first on; element j goes to lane j%8.
func gauss(w, d []float64, first int, beta float64, l *[3][8]float64) {
	w = w[:len(d)]
	for j := first; j < len(d); j++ {
		x := d[j]
		e := Exp(float64(-beta * x))
		w[j] = e
		xe := float64(x * e)
		l[0][j&7] += e
		l[1][j&7] += xe
		l[2][j&7] = math.FMA(x, xe, l[2][j&7])
	}
}
