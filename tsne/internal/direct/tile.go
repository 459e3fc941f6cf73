package direct

import "github.com/libtsne/libtsne/tsne/internal/cpu"

// Lanes is the number of targets in a tile.
const Lanes = 16

// Fold is the number of sources whose contributions to one target are summed,
// one after the other, in float32 before they join its float64 sum.
const Fold = 256

// Targets are the coordinates of a tile's targets, axis by axis.
type Targets [3][Lanes]float32

// Sums are a tile's sums over sources: F the forces, axis by axis, Z of 1/(1+d²),
// or of the kernel K if there is one.
type Sums struct {
	F [3][Lanes]float64
	Z [Lanes]float64
	K *Kernel
}

// notSelf[j][i] keeps the term of source j and target i of the same tile.
var notSelf = func() (m [Lanes][Lanes]uint32) {
	for j := range m {
		for i := range m[j] {
			if i != j {
				m[j][i] = ^uint32(0)
			}
		}
	}
	return
}()

// Load takes up to Lanes targets, stride floats apart. Lanes beyond them repeat
// the last one; their sums mean nothing.
func (t *Targets) Load(dims int, y []float32, stride int) {
	n := (len(y) + stride - 1) / stride
	for l := range Lanes {
		at := min(l, n-1) * stride
		for d := range dims {
			t[d][l] = y[at+d]
		}
	}
}

// Add adds the terms of the sources, stride floats apart, whose first dims
// floats are their coordinates.
func (s *Sums) Add(dims int, t *Targets, src []float32, stride int) {
	m := len(src) / stride
	if m == 0 {
		return
	}
	if s.K != nil {
		s.addKernel(dims, t, src, stride, m, false, false)
		return
	}
	if s.addWide(dims, t, src, stride, m) {
		return
	}
	if cpu.Use >= cpu.AVX2 {
		switch dims {
		case 1:
			add1AVX2(&t[0][0], &src[0], stride, m, &s.F[0][0])
		case 2:
			add2AVX2(&t[0][0], &src[0], stride, m, &s.F[0][0])
		default:
			add3AVX2(&t[0][0], &src[0], stride, m, &s.F[0][0])
		}
		return
	}
	s.addPortable(dims, t, src, stride, m, false, false)
}

// AddSelf is Add for sources that are the targets themselves, at most Lanes,
// in the same order: source j adds nothing to target j.
func (s *Sums) AddSelf(dims int, t *Targets, src []float32, stride int) {
	m := (len(src) + stride - 1) / stride
	if m == 0 {
		return
	}
	if s.K != nil {
		s.addKernel(dims, t, src, stride, m, true, false)
		return
	}
	if s.selfWide(dims, t, src, stride, m) {
		return
	}
	if cpu.Use >= cpu.AVX2 {
		switch dims {
		case 1:
			self1AVX2(&t[0][0], &src[0], stride, m, &s.F[0][0], &notSelf[0][0])
		case 2:
			self2AVX2(&t[0][0], &src[0], stride, m, &s.F[0][0], &notSelf[0][0])
		default:
			self3AVX2(&t[0][0], &src[0], stride, m, &s.F[0][0], &notSelf[0][0])
		}
		return
	}
	s.addPortable(dims, t, src, stride, m, true, false)
}

// AddWeighted adds the terms of sources of four floats: dims coordinates first,
// the weight last.
func (s *Sums) AddWeighted(dims int, t *Targets, src []float32) {
	m := len(src) / 4
	if m == 0 {
		return
	}
	if s.K != nil {
		s.addKernel(dims, t, src, 4, m, false, true)
		return
	}
	if s.weightedWide(dims, t, src, m) {
		return
	}
	if cpu.Use >= cpu.AVX2 {
		switch dims {
		case 1:
			weighted1AVX2(&t[0][0], &src[0], 4, m, &s.F[0][0])
		case 2:
			weighted2AVX2(&t[0][0], &src[0], 4, m, &s.F[0][0])
		default:
			weighted3AVX2(&t[0][0], &src[0], 4, m, &s.F[0][0])
		}
		return
	}
	s.addPortable(dims, t, src, 4, m, false, true)
}

// addZ is Add with stride dims that leaves F alone.
func (s *Sums) addZ(dims int, t *Targets, src []float32) {
	m := len(src) / dims
	if m == 0 {
		return
	}
	if s.K == nil && s.zWide(dims, t, src, m) {
		return
	}
	if cpu.Use >= cpu.AVX2 && s.K == nil {
		switch dims {
		case 1:
			z1AVX2(&t[0][0], &src[0], 1, m, &s.F[0][0])
		case 2:
			z2AVX2(&t[0][0], &src[0], 2, m, &s.F[0][0])
		default:
			z3AVX2(&t[0][0], &src[0], 3, m, &s.F[0][0])
		}
		return
	}
	f := s.F
	s.Add(dims, t, src, dims)
	s.F = f
}

// addPortable is the specification of the kernels. A product is converted
// before it is added so that no compiler fuses the two.
func (s *Sums) addPortable(dims int, t *Targets, src []float32, stride, m int, self, weighted bool) {
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
				var p, q, r float32
				if k == nil {
					q = 1 / (d2 + 1)
					p = q
				} else {
					r = 1 + float32(d2*k.inv[0])
					p = k.power(r)
				}
				if weighted {
					p = float32(p * part[at+3])
				}
				z += p
				if k == nil {
					p = float32(p * q)
				} else {
					p /= r
				}
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
