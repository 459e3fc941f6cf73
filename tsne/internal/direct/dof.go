package direct

import "math"

// A Kernel evaluates (1+d²/dof)^-dof in float32. It takes no library function,
// so it gives the same bits everywhere. The relative error is some 2e-7 times 1
// or the negative logarithm of the value, so it grows where terms vanish; for
// dof above 4, where 1+d²/dof itself rounds, add dof times 6e-8.
type Kernel struct {
	inv, exponent [8]float32 // 1/dof and -dof, a vector each: the assembly knows the order
}

// NewKernel is nil for dof 1, which has faster ways, and for 0, which stands
// for it.
func NewKernel(dof float64) *Kernel {
	if dof == 0 || dof == 1 {
		return nil
	}
	k := &Kernel{}
	for l := range k.inv {
		k.inv[l], k.exponent[l] = float32(1/dof), float32(-dof)
	}
	return k
}

var (
	// Coefficients of log2((1+r)/(1-r)) = 2/ln 2 (r + r³/3 + r⁵/5 + ...), highest
	// first. |r| stays under 0.1716, where the first term left out is 1e-9.
	log2Coef = [...]float32{2 / math.Ln2 / 9, 2 / math.Ln2 / 7, 2 / math.Ln2 / 5, 2 / math.Ln2 / 3, 2 / math.Ln2}

	// Taylor coefficients of 2^f, highest first. |f| is at most 1/2, where the
	// first term left out is 5e-9.
	exp2Coef = func() (c [8]float32) {
		term := 1.0
		for k := range c {
			c[len(c)-1-k] = float32(term)
			term *= math.Ln2 / float64(k+1)
		}
		return
	}()
)

const (
	sqrtHalfBits = 0x3f3504f3 // of sqrt(1/2)
	roundMagic   = 3 << 22    // x + roundMagic has round(x) in its low bits
	leastPower   = -125       // of two, that is not 0
)

// power is s^-dof for s >= 1, and 0 where that is under 2^-125.
func (k *Kernel) power(s float32) float32 {
	b := math.Float32bits(s)
	e := int32(b-sqrtHalfBits) >> 23
	m := math.Float32frombits(b - uint32(e)<<23) // in [sqrt(1/2), sqrt 2)
	r := (m - 1) / (m + 1)
	z := float32(r * r)
	p := log2Coef[0]
	for _, c := range log2Coef[1:] {
		p = float32(p*z) + c
	}
	x := float32((float32(p*r) + float32(e)) * k.exponent[0])
	if !(x >= leastPower) {
		return 0
	}
	t := x + roundMagic
	f := x - (t - roundMagic)
	q := exp2Coef[0]
	for _, c := range exp2Coef[1:] {
		q = float32(q*f) + c
	}
	return math.Float32frombits(math.Float32bits(q) + math.Float32bits(t)<<23)
}
