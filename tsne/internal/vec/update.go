package vec

import "math"

// Step holds the numbers of one step of the gradient descent.
// The assembly knows the order of its fields.
type Step struct {
	Rate         float32 // learning rate
	Momentum     float32
	Exaggeration float32 // factor of the attraction
	InvZ         float32 // factor of the repulsion, 1 / the sum of all q
	MaxStep      float32 // longest step of a point; 0 for no limit
	MinGain      float32 // added to a gain that shrinks
}

// Update moves the points lo to hi of the embedding y by one step.
//
// Each coordinate has the gradient
//
//	d = Exaggeration*attract - InvZ*repulse
//
// Its gain grows by 0.2 where the velocity and d differ in sign, and shrinks to
// 0.8 of itself plus MinGain where they agree; a zero agrees only with a zero.
// Then
//
//	velocity = Momentum*velocity - Rate*gain*d
//
// is cut to the length MaxStep point by point, and added to y. The new
// coordinates are added to *sum, dimension by dimension, and the squares of d
// to *grad2.
func Update(s Step, dims int, y, velocity, gains, attract, repulse []float32, lo, hi int, sum *[3]float64, grad2 *float64) {
	if lo >= hi {
		return
	}
	lo, hi = lo*dims, hi*dims
	y, velocity, gains = y[lo:hi], velocity[lo:hi], gains[lo:hi]
	attract, repulse = attract[lo:hi], repulse[lo:hi]
	max2 := float32(math.Inf(1))
	if s.MaxStep > 0 {
		max2 = float32(s.MaxStep * s.MaxStep)
	}
	var t totals
	switch dims {
	case 1:
		update(&s, max2, 1, y, velocity, gains, attract, repulse, 0, &t)
	case 2:
		done := updateSIMD(&s, max2, y, velocity, gains, attract, repulse, &t)
		update(&s, max2, 2, y, velocity, gains, attract, repulse, done, &t)
	case 3:
		update(&s, max2, 3, y, velocity, gains, attract, repulse, 0, &t)
	}
	var g2 float64
	for d := range dims {
		l := &t.y
		sum[d] += (l[d] + l[2*dims+d]) + (l[dims+d] + l[3*dims+d])
		l = &t.grad2
		g2 += (l[d] + l[2*dims+d]) + (l[dims+d] + l[3*dims+d])
	}
	*grad2 += g2
}

// totals are partial sums: coordinate d of point i goes to i%4*dims + d.
// The assembly knows its layout.
type totals struct{ y, grad2 [12]float64 }

// update is Update for the points from first on; max2 is the square of the
// longest step, infinite for no limit.
func update(s *Step, max2 float32, dims int, y, velocity, gains, attract, repulse []float32, first int, t *totals) {
	for i := first; i < len(y)/dims; i++ {
		at, lane := i*dims, i&3*dims
		var norm2 float32
		for d := range dims {
			e := at + d
			u, gain := velocity[e], gains[e]
			grad := float32(s.Exaggeration*attract[e]) - float32(s.InvZ*repulse[e])
			if (u > 0) != (grad > 0) || (u < 0) != (grad < 0) {
				gain += 0.2
			} else {
				gain = float32(gain*0.8) + s.MinGain
			}
			u = float32(s.Momentum*u) - float32(float32(s.Rate*gain)*grad)
			velocity[e], gains[e] = u, gain
			norm2 += float32(u * u)
			t.grad2[lane+d] += float64(grad) * float64(grad)
		}
		clip := norm2 > max2
		norm := float32(math.Sqrt(float64(norm2)))
		for d := range dims {
			e := at + d
			if clip {
				velocity[e] = float32(float32(velocity[e]/norm) * s.MaxStep)
			}
			y[e] += velocity[e]
			t.y[lane+d] += float64(y[e])
		}
	}
}

// Shift subtracts by, rounded to float32, from the points lo to hi of y.
func Shift(dims int, y []float32, lo, hi int, by [3]float64) {
	b0, b1, b2 := float32(by[0]), float32(by[1]), float32(by[2])
	y = y[lo*dims : hi*dims]
	switch dims {
	case 1:
		for i := range y {
			y[i] -= b0
		}
	case 2:
		for len(y) >= 2 {
			y[0] -= b0
			y[1] -= b1
			y = y[2:]
		}
	case 3:
		for len(y) >= 3 {
			y[0] -= b0
			y[1] -= b1
			y[2] -= b2
			y = y[3:]
		}
	}
}

// ClipGradient scales attract and repulse of the points lo to hi whose gradient,
// as Update has it, is longer than longest, so that it has that length.
func ClipGradient(s Step, longest float32, dims int, attract, repulse []float32, lo, hi int) {
	for i := lo; i < hi; i++ {
		a, r := attract[i*dims:][:dims], repulse[i*dims:][:dims]
		var norm2 float32
		for d := range a {
			g := float32(s.Exaggeration*a[d]) - float32(s.InvZ*r[d])
			norm2 += float32(g * g)
		}
		norm := float32(math.Sqrt(float64(norm2)))
		if !(norm > longest) {
			continue
		}
		c := longest / norm
		for d := range a {
			a[d] *= c
			r[d] *= c
		}
	}
}
