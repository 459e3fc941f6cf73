package fftgrid

import (
	"math"

	"github.com/libtsne/libtsne/tsne/internal/vec"
)

// Those of package math have other bits on other architectures; see vec.Exp.

// Taylor coefficients of the sine and cosine of x turns by x²,
// highest first; |x| is at most an eighth, where the first terms left out are 3e-18.
const turn2 = 4 * math.Pi * math.Pi

var (
	sinPoly = series(2*math.Pi, 1)
	cosPoly = series(1, 0)
)

// series are first·turn2^k / (2k + skip)!·skip!, with alternating signs.
func series(first float64, skip int) (c [9]float64) {
	term := first
	for k := range c {
		c[len(c)-1-k] = term
		term = -term * turn2 / float64((2*k+skip+1)*(2*k+skip+2))
	}
	return c
}

// sincos are the sine and cosine of a number of turns, within 3e-16; quarters are exact.
func sincos(turns float64) (sin, cos float64) {
	turns -= math.Round(turns)
	quarter := math.Round(4 * turns)
	x := turns - quarter/4
	x2 := float64(x * x)
	s, c := sinPoly[0], cosPoly[0]
	for k := 1; k < len(sinPoly); k++ {
		s, c = math.FMA(s, x2, sinPoly[k]), math.FMA(c, x2, cosPoly[k])
	}
	s *= x
	switch int(quarter) & 3 {
	case 1:
		return c, -s
	case 2:
		return -s, -c
	case 3:
		return -c, s
	}
	return s, c
}

func cosine(turns float64) float64 {
	_, c := sincos(turns)
	return c
}

// logGamma is the logarithm of the gamma function of x above 0, by Stirling's series from 16 on, within 1e-13 relative or
// absolute, the larger.
func logGamma(x float64) float64 {
	below := 1.0
	for ; x < 16; x++ {
		below *= x
	}
	z := 1 / float64(x*x)
	s := 1. / 1188
	for _, c := range [...]float64{-1. / 1680, 1. / 1260, -1. / 360, 1. / 12} {
		s = math.FMA(s, z, c)
	}
	const halfLog2Pi = 0.91893853320467274178032973640561763986139747363778
	return float64((x-0.5)*vec.Log(x)) - x + halfLog2Pi + s/x - vec.Log(below)
}
