package direct

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

// terms says which terms are added. Steps of four leave room for the number of
// dimensions, which together with it names a kernel.
type terms int

const (
	plain    terms = 4 * iota
	self           // source j of at most Lanes is target j, to which it adds nothing
	weighted       // times the fourth float of a source
	onlyZ          // the sums F mean nothing
)

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
	s.add(plain, dims, t, src, stride, len(src)/stride)
}

// AddSelf is Add for sources that are the targets themselves, at most Lanes,
// in the same order: source j adds nothing to target j.
func (s *Sums) AddSelf(dims int, t *Targets, src []float32, stride int) {
	s.add(self, dims, t, src, stride, (len(src)+stride-1)/stride)
}

// AddWeighted adds the terms of sources of four floats: dims coordinates first,
// the weight last.
func (s *Sums) AddWeighted(dims int, t *Targets, src []float32) {
	s.add(weighted, dims, t, src, 4, len(src)/4)
}

// addZ is Add with stride dims that leaves F alone.
func (s *Sums) addZ(dims int, t *Targets, src []float32) {
	f := s.F
	s.add(onlyZ, dims, t, src, dims, len(src)/dims)
	s.F = f
}

func (s *Sums) add(k terms, dims int, t *Targets, src []float32, stride, m int) {
	if m > 0 && !s.simd(k, dims, t, src, stride, m) {
		s.addPortable(k, dims, t, src, stride, m)
	}
}

// addPortable is the specification of the kernels. A product is converted
// before it is added so that no compiler fuses the two.
func (s *Sums) addPortable(k terms, dims int, t *Targets, src []float32, stride, m int) {
	kernel := s.K
	for lo := 0; lo < m; lo += Fold {
		part := src[lo*stride:]
		n := min(Fold, m-lo)
		for l := range Lanes {
			var f [3]float32
			var z float32
			x, y, w := t[0][l], t[1][l], t[2][l]
			for j := range n {
				at := j * stride
				if k == self && lo+j == l {
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
				if kernel == nil {
					q = 1 / (d2 + 1)
					p = q
				} else {
					r = 1 + float32(d2*kernel.inv[0])
					p = kernel.power(r)
				}
				if k == weighted {
					p = float32(p * part[at+3])
				}
				z += p
				if kernel == nil {
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
