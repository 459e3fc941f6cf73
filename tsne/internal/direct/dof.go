package direct

import (
	"math"

	"github.com/libtsne/libtsne/tsne/internal/vec"
)

// A Kernel evaluates (1+d²/dof)^-dof in float32, within some 3e-7 relative for
// dof up to 4 and twice that for each doubling beyond. It takes no library
// function, so it gives the same bits everywhere.
type Kernel struct {
	inv float32 // 1 / dof

	// s^-dof is a power of a power of two times a cubic in the rest of the
	// mantissa; dof above 4 is halved until it is not, and the value squared.
	squarings int
	exponent  [129]float32 // 2^(-dof e)
	mantissa  [1 << topBits][4]float32
}

const (
	topBits = 6 // of the mantissa, that choose the cubic
	lowBits = 23 - topBits
	one     = 0x3f800000           // bits of 1
	middle  = 1 + 0.5/(1<<topBits) // of the range of the low bits, put behind a 1
)

// NewKernel is nil for dof 1, which has faster ways, and for 0, which stands
// for it.
func NewKernel(dof float64) *Kernel {
	if dof == 0 || dof == 1 {
		return nil
	}
	k := &Kernel{inv: float32(1 / dof)}
	for dof > 4 {
		dof /= 2
		k.squarings++
	}
	for e := range k.exponent[:128] { // the last is that of infinity
		k.exponent[e] = float32(vec.Exp(float64(-dof*float64(e)) * math.Ln2))
	}
	for i := range k.mantissa {
		m := 1 + (float64(i)+0.5)/(1<<topBits)
		c := vec.Exp(-dof * vec.Log(m))
		for j := range k.mantissa[i] { // Taylor's series about m
			k.mantissa[i][j] = float32(c)
			c *= -(dof + float64(j)) / (m * float64(j+1))
		}
	}
	return k
}

// power is s^-dof for s >= 1.
func (k *Kernel) power(s float32) float32 {
	b := math.Float32bits(s)
	c := &k.mantissa[b>>lowBits&(1<<topBits-1)]
	t := math.Float32frombits(b&(1<<lowBits-1)|one) - middle
	p := float32((float32((float32(c[3]*t)+c[2])*t)+c[1])*t) + c[0]
	p *= k.exponent[min(b>>23-127, 128)]
	for range k.squarings {
		p *= p
	}
	return p
}

// addKernel is addPortable with the kernel s.K.
func (s *Sums) addKernel(dims int, t *Targets, src []float32, stride, m int, self, weighted bool) {
	k := s.K
	for lo := 0; lo < m; lo += Fold {
		part := src[lo*stride:]
		n := min(Fold, m-lo)
		for l := range Lanes {
			var f [3]float32
			var z float32
			x, y, w := t[0][l], t[1][l], t[2][l]
			for j := range n {
				at := j * stride
				if self && lo+j == l {
					continue
				}
				dx := x - part[at]
				d2 := float32(dx * dx)
				var dy, dz float32
				if dims > 1 {
					dy = y - part[at+1]
					d2 += float32(dy * dy)
				}
				if dims > 2 {
					dz = w - part[at+2]
					d2 += float32(dz * dz)
				}
				r := 1 + float32(d2*k.inv)
				p := k.power(r)
				if weighted {
					p = float32(p * part[at+3])
				}
				z += p
				p /= r
				f[0] += float32(p * dx)
				f[1] += float32(p * dy)
				f[2] += float32(p * dz)
			}
			s.Z[l] += float64(z)
			for d := range dims {
				s.F[d][l] += float64(f[d])
			}
		}
	}
}
