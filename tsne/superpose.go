package tsne

import "math"

// coordinate is what points are made of: float32 in maps, float64 in means.
type coordinate interface{ float32 | float64 }

// superpose is Procrustes on points that are known to be finite and as many.
func superpose[T, S coordinate](target []T, source []S, dims int, o ProcrustesOptions) *Superposition {
	s := &Superposition{Dims: dims, Scale: 1}
	var targetSize, sourceSize float64
	s.To, targetSize = spread(target, dims)
	s.From, sourceSize = spread(source, dims)

	var cross [3][3]float64 // cross[b][a] = sum of target_a source_b
	for i := 0; i < len(target); i += dims {
		for b := range dims {
			v := float64(source[i+b]) - s.From[b]
			for a := range dims {
				cross[b][a] += float64((float64(target[i+a]) - s.To[a]) * v)
			}
		}
	}
	r, fit := nearestRotation(cross, dims, o.NoReflection)
	for a := range dims {
		for b := range dims {
			s.Rotation[a*dims+b] = r[a][b]
		}
	}
	s.Reflected = determinant(r, dims) < 0
	if targetSize == 0 || sourceSize == 0 {
		if targetSize != sourceSize {
			s.Disparity = 1
		}
		return s
	}
	if o.Scale {
		s.Scale = max(fit, 0) / sourceSize
	}
	left := 0.0
	for i := 0; i < len(target); i += dims {
		p := move(s, source[i:i+dims])
		for c := range dims {
			d := float64(target[i+c]) - p[c]
			left += float64(d * d)
		}
	}
	s.Disparity = left / targetSize
	return s
}

// move is where s puts a point.
func move[S coordinate](s *Superposition, p []S) (q [3]float64) {
	d := s.Dims
	for a := range d {
		v := 0.0
		for b := range d {
			v += float64(s.Rotation[a*d+b] * (float64(p[b]) - s.From[b]))
		}
		q[a] = s.To[a] + float64(s.Scale*v)
	}
	return q
}

// spread is the mean of the points and the sum of their squared distances to it.
func spread[T coordinate](y []T, dims int) (mean [3]float64, size float64) {
	for i, v := range y {
		mean[i%dims] += float64(v)
	}
	for c := range dims {
		mean[c] /= float64(len(y) / dims)
	}
	for i, v := range y {
		d := float64(v) - mean[i%dims]
		size += float64(d * d)
	}
	return mean, size
}

// negligible is the share of the largest singular value under which one is 0,
// and its direction nobody's choice.
const negligible = 1e-13

// nearestRotation is the orthogonal matrix r (r[a][b]: source axis b to target
// axis a) that maximises the sum of r[a][b] cross[b][a], and that sum. A
// reflection is taken only where it makes a difference, and never if proper.
//
// It comes from the singular value decomposition of cross by one-sided Jacobi
// rotations (Hestenes 1958), whose operations are exact ones: a library's bits
// may differ from one architecture to the next.
func nearestRotation(cross [3][3]float64, dims int, proper bool) (r [3][3]float64, fit float64) {
	u, v := cross, [3][3]float64{} // columns, as rows of the arrays
	for c := range dims {
		v[c][c] = 1
	}
	for range 60 { // sweeps; a handful do
		turned := false
		for p := range dims {
			for q := p + 1; q < dims; q++ {
				turned = orthogonalize(&u[p], &u[q], &v[p], &v[q]) || turned
			}
		}
		if !turned {
			break
		}
	}
	var sigma [3]float64
	least, most := 0, 0.0
	for c := range dims {
		sigma[c] = math.Sqrt(dot(u[c], u[c]))
		most = max(most, sigma[c])
		if sigma[c] < sigma[least] {
			least = c
		}
	}
	known := [3]bool{}
	for c := range dims {
		if sigma[c] > negligible*most {
			known[c] = true
			for a := range dims {
				u[c][a] /= sigma[c]
			}
		} else {
			sigma[c] = 0
		}
	}
	for c := range dims {
		if !known[c] {
			u[c] = perpendicular(u, known, dims)
			known[c] = true
		}
	}
	compose := func() {
		r, fit = [3][3]float64{}, 0
		for c := range dims {
			fit += sigma[c]
			for a := range dims {
				for b := range dims {
					r[a][b] += float64(u[c][a] * v[c][b])
				}
			}
		}
	}
	compose()
	if determinant(r, dims) < 0 && (proper || sigma[least] == 0) {
		sigma[least] = -sigma[least]
		for a := range dims {
			u[least][a] = -u[least][a]
		}
		compose()
	}
	return r, fit
}

// orthogonalize turns columns p and q of u in their plane until they are
// orthogonal, and those of v alike; false if they were.
func orthogonalize(up, uq, vp, vq *[3]float64) bool {
	pp, qq, pq := dot(*up, *up), dot(*uq, *uq), dot(*up, *uq)
	if math.Abs(pq) <= 1e-15*math.Sqrt(pp)*math.Sqrt(qq) {
		return false
	}
	zeta := (qq - pp) / (2 * pq)
	t := math.Copysign(1/(math.Abs(zeta)+math.Sqrt(1+float64(zeta*zeta))), zeta)
	c := 1 / math.Sqrt(1+float64(t*t))
	s := c * t
	for _, x := range [2][2]*[3]float64{{up, uq}, {vp, vq}} {
		for a := range x[0] {
			p, q := x[0][a], x[1][a]
			x[0][a] = float64(c*p) - float64(s*q)
			x[1][a] = float64(s*p) + float64(c*q)
		}
	}
	return true
}

// perpendicular is a unit vector orthogonal to the known columns of u: the
// axis they cover least, made orthogonal to them.
func perpendicular(u [3][3]float64, known [3]bool, dims int) (best [3]float64) {
	size := -1.0
	for axis := range dims {
		var e [3]float64
		e[axis] = 1
		for range 2 { // a second time for what rounding left
			for c := range dims {
				if known[c] {
					along := dot(e, u[c])
					for a := range dims {
						e[a] -= float64(along * u[c][a])
					}
				}
			}
		}
		if d := math.Sqrt(dot(e, e)); d > size+1e-9 {
			size = d
			for a := range dims {
				best[a] = e[a] / d
			}
		}
	}
	return best
}

func dot(a, b [3]float64) float64 {
	return float64(a[0]*b[0]) + float64(a[1]*b[1]) + float64(a[2]*b[2])
}

func determinant(r [3][3]float64, dims int) float64 {
	for c := dims; c < 3; c++ {
		r[c][c] = 1
	}
	minor := func(a, b int) float64 { return float64(r[1][a]*r[2][b]) - float64(r[1][b]*r[2][a]) }
	return float64(r[0][0]*minor(1, 2)) - float64(r[0][1]*minor(0, 2)) + float64(r[0][2]*minor(0, 1))
}
