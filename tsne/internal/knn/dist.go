package knn

import "math"

// dist2 is the squared distance of two rows of equal length, the one that is
// reported and that neighbours are ordered by: eight float32 sums, lane
// column%8, of separately rounded subtract, multiply and add, then a fixed
// tree.
func dist2(a, b []float32) float32 {
	var s [8]float32
	b = b[:len(a)]
	for len(a) >= 8 && len(b) >= 8 {
		for l := range s {
			t := a[l] - b[l]
			s[l] += float32(t * t)
		}
		a, b = a[8:], b[8:]
	}
	for l := range a {
		t := a[l] - b[l]
		s[l] += float32(t * t)
	}
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
}

// scaleOf gives the power of two, as an exponent, by which the data are
// multiplied before squares are taken, and 0 for ordinary data: squares of
// 1e30 overflow and squares of 1e-30 vanish. Multiplying by a power of two
// changes no bit of a distance that is in range both ways.
func scaleOf(x []float32) int {
	// The bits of floats without their sign are ordered as their sizes are.
	var most [4]uint32
	for len(x) >= 4 {
		for i, v := range x[:4] {
			most[i] = max(most[i], math.Float32bits(v)&^(1<<31))
		}
		x = x[4:]
	}
	for _, v := range x {
		most[0] = max(most[0], math.Float32bits(v)&^(1<<31))
	}
	m := math.Float32frombits(max(most[0], most[1], most[2], most[3]))
	if m == 0 || m >= 0x1p-20 && m <= 0x1p40 {
		return 0
	}
	_, e := math.Frexp(float64(m))
	return -e
}

// scaled is x times 2^e.
func scaled(x []float32, e int) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(math.Ldexp(float64(v), e))
	}
	return y
}
