package fftgrid

import "math"

// lanes is the number of independent transforms a buffer carries. An element of
// a buffer is 8 real parts followed by 8 imaginary parts.
const (
	lanes   = 8
	element = 2 * lanes
)

type real interface{ float32 | float64 }

// A plan evaluates polynomials of degree below n at the n roots of
// x^n = exp(-2πi·phase). Each stage reduces every polynomial modulo x^L - c to r
// polynomials modulo x^(L/r) - c^(1/r), so a block has one set of twiddles,
// phase 0 is the plain transform, and phase 3/4 of rows j + i·(j+n) is the odd
// transform of 2n real rows. Values come out in the order of freq; the inverse
// takes them in that order.
type plan[T real] struct {
	n      int
	stages []stage[T]
	freq   []float64 // slot -> frequency in cycles per sample, in [0, 1)
}

type stage[T real] struct {
	radix, stride, blocks int
	tw                    []T // blocks x (radix-1) pairs (re, im)
}

// radices splits n, the fours last so that the innermost stage is always one.
func radices(n int) (r []int) {
	fours := 0
	for n%4 == 0 {
		n, fours = n/4, fours+1
	}
	for _, p := range []int{5, 3, 2} {
		for n%p == 0 {
			n, r = n/p, append(r, p)
		}
	}
	if n != 1 {
		return nil
	}
	for range fours {
		r = append(r, 4)
	}
	return r
}

func newPlan[T real](n int, phase float64) *plan[T] {
	p := &plan[T]{n: n}
	phases := []float64{phase}
	length := n
	for _, r := range radices(n) {
		s := stage[T]{radix: r, stride: length / r, blocks: len(phases)}
		next := make([]float64, 0, len(phases)*r)
		for _, f := range phases {
			for k := 1; k < r; k++ {
				sin, cos := sincos(-f * float64(k) / float64(r))
				s.tw = append(s.tw, T(cos), T(sin))
			}
			for t := range r {
				next = append(next, (f+float64(t))/float64(r))
			}
		}
		p.stages = append(p.stages, s)
		phases, length = next, length/r
	}
	p.freq = phases
	return p
}

func (p *plan[T]) forward(buf []T) {
	for i := range p.stages {
		s := &p.stages[i]
		forwardStage(buf, s.tw, s.radix, s.stride, s.blocks)
	}
}

var (
	sin60          = math.Sqrt(3) / 2
	sin72, cos72   = sincos(1. / 5)
	sin144, cos144 = sincos(2. / 5)
)

// forwardStage multiplies part k of each block by twiddle k, then transforms
// across the parts.
func forwardStage[T real](buf, tw []T, radix, stride, blocks int) {
	span := stride * element
	for b := range blocks {
		blk := buf[b*radix*span : (b+1)*radix*span]
		w := tw[b*(radix-1)*2 : (b+1)*(radix-1)*2]
		for o := 0; o < span; o += element {
			switch radix {
			case 2:
				forward2(blk[o:], blk[span+o:], w)
			case 3:
				forward3(blk[o:], blk[span+o:], blk[2*span+o:], w)
			case 4:
				forward4(blk[o:], blk[span+o:], blk[2*span+o:], blk[3*span+o:], w)
			case 5:
				forward5(blk[o:], blk[span+o:], blk[2*span+o:], blk[3*span+o:], blk[4*span+o:], w)
			}
		}
	}
}

// inverseStage transforms back across the parts, then multiplies part k by the
// conjugate of twiddle k.
func inverseStage[T real](buf, tw []T, radix, stride, blocks int) {
	span := stride * element
	for b := range blocks {
		blk := buf[b*radix*span : (b+1)*radix*span]
		w := tw[b*(radix-1)*2 : (b+1)*(radix-1)*2]
		for o := 0; o < span; o += element {
			switch radix {
			case 2:
				inverse2(blk[o:], blk[span+o:], w)
			case 3:
				inverse3(blk[o:], blk[span+o:], blk[2*span+o:], w)
			case 4:
				inverse4(blk[o:], blk[span+o:], blk[2*span+o:], blk[3*span+o:], w)
			case 5:
				inverse5(blk[o:], blk[span+o:], blk[2*span+o:], blk[3*span+o:], blk[4*span+o:], w)
			}
		}
	}
}

// mul is (ar + i·ai)(wr + i·wi). The conversions forbid fusing.
func mul[T real](ar, ai, wr, wi T) (re, im T) {
	return T(ar*wr) - T(ai*wi), T(ar*wi) + T(ai*wr)
}

// mulConj is (ar + i·ai)(wr - i·wi).
func mulConj[T real](ar, ai, wr, wi T) (re, im T) {
	return T(ar*wr) + T(ai*wi), T(ai*wr) - T(ar*wi)
}

func forward2[T real](a, b, w []T) {
	a, b, w = a[:element], b[:element], w[:2]
	for l := range lanes {
		xr, xi := a[l], a[l+lanes]
		yr, yi := mul(b[l], b[l+lanes], w[0], w[1])
		a[l], a[l+lanes] = xr+yr, xi+yi
		b[l], b[l+lanes] = xr-yr, xi-yi
	}
}

func inverse2[T real](a, b, w []T) {
	a, b, w = a[:element], b[:element], w[:2]
	for l := range lanes {
		xr, xi := a[l], a[l+lanes]
		yr, yi := b[l], b[l+lanes]
		a[l], a[l+lanes] = xr+yr, xi+yi
		b[l], b[l+lanes] = mulConj(xr-yr, xi-yi, w[0], w[1])
	}
}

func forward3[T real](a, b, c, w []T) {
	a, b, c, w = a[:element], b[:element], c[:element], w[:4]
	half, root := T(0.5), T(sin60)
	for l := range lanes {
		xr, xi := a[l], a[l+lanes]
		yr, yi := mul(b[l], b[l+lanes], w[0], w[1])
		zr, zi := mul(c[l], c[l+lanes], w[2], w[3])
		sr, si, dr, di := yr+zr, yi+zi, T(root*(yr-zr)), T(root*(yi-zi))
		mr, mi := xr-T(half*sr), xi-T(half*si)
		a[l], a[l+lanes] = xr+sr, xi+si
		b[l], b[l+lanes] = mr+di, mi-dr
		c[l], c[l+lanes] = mr-di, mi+dr
	}
}

func inverse3[T real](a, b, c, w []T) {
	a, b, c, w = a[:element], b[:element], c[:element], w[:4]
	half, root := T(0.5), T(sin60)
	for l := range lanes {
		xr, xi := a[l], a[l+lanes]
		yr, yi := b[l], b[l+lanes]
		zr, zi := c[l], c[l+lanes]
		sr, si, dr, di := yr+zr, yi+zi, T(root*(yr-zr)), T(root*(yi-zi))
		mr, mi := xr-T(half*sr), xi-T(half*si)
		a[l], a[l+lanes] = xr+sr, xi+si
		b[l], b[l+lanes] = mulConj(mr-di, mi+dr, w[0], w[1])
		c[l], c[l+lanes] = mulConj(mr+di, mi-dr, w[2], w[3])
	}
}

func forward4[T real](a, b, c, d, w []T) {
	a, b, c, d, w = a[:element], b[:element], c[:element], d[:element], w[:6]
	for l := range lanes {
		xr, xi := a[l], a[l+lanes]
		yr, yi := mul(b[l], b[l+lanes], w[0], w[1])
		zr, zi := mul(c[l], c[l+lanes], w[2], w[3])
		ur, ui := mul(d[l], d[l+lanes], w[4], w[5])
		s0r, s0i, d0r, d0i := xr+zr, xi+zi, xr-zr, xi-zi
		s1r, s1i, d1r, d1i := yr+ur, yi+ui, yr-ur, yi-ui
		a[l], a[l+lanes] = s0r+s1r, s0i+s1i
		b[l], b[l+lanes] = d0r+d1i, d0i-d1r
		c[l], c[l+lanes] = s0r-s1r, s0i-s1i
		d[l], d[l+lanes] = d0r-d1i, d0i+d1r
	}
}

func inverse4[T real](a, b, c, d, w []T) {
	a, b, c, d, w = a[:element], b[:element], c[:element], d[:element], w[:6]
	for l := range lanes {
		xr, xi := a[l], a[l+lanes]
		yr, yi := b[l], b[l+lanes]
		zr, zi := c[l], c[l+lanes]
		ur, ui := d[l], d[l+lanes]
		s0r, s0i, d0r, d0i := xr+zr, xi+zi, xr-zr, xi-zi
		s1r, s1i, d1r, d1i := yr+ur, yi+ui, yr-ur, yi-ui
		a[l], a[l+lanes] = s0r+s1r, s0i+s1i
		b[l], b[l+lanes] = mulConj(d0r-d1i, d0i+d1r, w[0], w[1])
		c[l], c[l+lanes] = mulConj(s0r-s1r, s0i-s1i, w[2], w[3])
		d[l], d[l+lanes] = mulConj(d0r+d1i, d0i-d1r, w[4], w[5])
	}
}

func forward5[T real](a, b, c, d, e, w []T) {
	a, b, c, d, e, w = a[:element], b[:element], c[:element], d[:element], e[:element], w[:8]
	c1, c2, q1, q2 := T(cos72), T(cos144), T(sin72), T(sin144)
	for l := range lanes {
		xr, xi := a[l], a[l+lanes]
		yr, yi := mul(b[l], b[l+lanes], w[0], w[1])
		zr, zi := mul(c[l], c[l+lanes], w[2], w[3])
		ur, ui := mul(d[l], d[l+lanes], w[4], w[5])
		vr, vi := mul(e[l], e[l+lanes], w[6], w[7])
		s1r, s1i, d1r, d1i := yr+vr, yi+vi, yr-vr, yi-vi
		s2r, s2i, d2r, d2i := zr+ur, zi+ui, zr-ur, zi-ui
		a[l], a[l+lanes] = xr+s1r+s2r, xi+s1i+s2i
		m1r, m1i := xr+T(c1*s1r)+T(c2*s2r), xi+T(c1*s1i)+T(c2*s2i)
		m2r, m2i := xr+T(c2*s1r)+T(c1*s2r), xi+T(c2*s1i)+T(c1*s2i)
		n1r, n1i := T(q1*d1r)+T(q2*d2r), T(q1*d1i)+T(q2*d2i)
		n2r, n2i := T(q2*d1r)-T(q1*d2r), T(q2*d1i)-T(q1*d2i)
		b[l], b[l+lanes] = m1r+n1i, m1i-n1r
		c[l], c[l+lanes] = m2r+n2i, m2i-n2r
		d[l], d[l+lanes] = m2r-n2i, m2i+n2r
		e[l], e[l+lanes] = m1r-n1i, m1i+n1r
	}
}

func inverse5[T real](a, b, c, d, e, w []T) {
	a, b, c, d, e, w = a[:element], b[:element], c[:element], d[:element], e[:element], w[:8]
	c1, c2, q1, q2 := T(cos72), T(cos144), T(sin72), T(sin144)
	for l := range lanes {
		xr, xi := a[l], a[l+lanes]
		yr, yi := b[l], b[l+lanes]
		zr, zi := c[l], c[l+lanes]
		ur, ui := d[l], d[l+lanes]
		vr, vi := e[l], e[l+lanes]
		s1r, s1i, d1r, d1i := yr+vr, yi+vi, yr-vr, yi-vi
		s2r, s2i, d2r, d2i := zr+ur, zi+ui, zr-ur, zi-ui
		a[l], a[l+lanes] = xr+s1r+s2r, xi+s1i+s2i
		m1r, m1i := xr+T(c1*s1r)+T(c2*s2r), xi+T(c1*s1i)+T(c2*s2i)
		m2r, m2i := xr+T(c2*s1r)+T(c1*s2r), xi+T(c2*s1i)+T(c1*s2i)
		n1r, n1i := T(q1*d1r)+T(q2*d2r), T(q1*d1i)+T(q2*d2i)
		n2r, n2i := T(q2*d1r)-T(q1*d2r), T(q2*d1i)-T(q1*d2i)
		b[l], b[l+lanes] = mulConj(m1r-n1i, m1i+n1r, w[0], w[1])
		c[l], c[l+lanes] = mulConj(m2r-n2i, m2i+n2r, w[2], w[3])
		d[l], d[l+lanes] = mulConj(m2r+n2i, m2i-n2r, w[4], w[5])
		e[l], e[l+lanes] = mulConj(m1r+n1i, m1i-n1r, w[6], w[7])
	}
}
