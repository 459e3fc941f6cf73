package fftgrid

// Cubic B-spline weights of the four nodes around t in [0, 1), and their
// derivatives, as polynomials by Horner's rule; row k is the coefficient of t^k.
var (
	splineCoef = [4][4]float32{
		{1.0 / 6, 4.0 / 6, 1.0 / 6, 0},
		{-0.5, 0, 0.5, 0},
		{0.5, -1, 0.5, 0},
		{-1.0 / 6, 0.5, -0.5, 1.0 / 6},
	}
	slopeCoef = [3][4]float32{
		{-0.5, 0, 0.5, 0},
		{1, -2, 1, 0},
		{-0.5, 1.5, -1.5, 0.5},
	}
)

func spline(t float32) (w [4]float32) {
	c := &splineCoef
	for k := range w {
		w[k] = float32((float32((float32(c[3][k]*t)+c[2][k])*t)+c[1][k])*t) + c[0][k]
	}
	return
}

func slope(t float32) (w [4]float32) {
	c := &slopeCoef
	for k := range w {
		w[k] = float32((float32(c[2][k]*t)+c[1][k])*t) + c[0][k]
	}
	return
}

// toCells turns coordinates into cells: (y-lo)·inv held in [0, top], NaN into 0.
// lo and top have one value for each of the dims.
func toCells(u, y []float32, lo, top *[2]float32, inv float32, dims int) {
	for i, v := range y {
		a := i % dims
		v = (v - lo[a]) * inv
		if !(v > 0) {
			v = 0
		}
		if v > top[a] {
			v = top[a]
		}
		u[i] = v
	}
}

// spread2 adds a unit charge for each pair of cells in u.
func spread2(grid []float32, pitch int, u []float32) {
	for i := 0; i+1 < len(u); i += 2 {
		ix, iy := int(u[i]), int(u[i+1])
		wx, wy := spline(u[i]-float32(ix)), spline(u[i+1]-float32(iy))
		for r, w := range wy {
			row := grid[(iy+r)*pitch+ix:][:4]
			for l, v := range wx {
				row[l] += float32(v * w)
			}
		}
	}
}

// gather2 interpolates the potential at the pairs of cells in u into phi and
// its gradient, in cells, into force: pair i to pair to[i] of
// force, or to pair i if to is nil. The gradient is multiplied by scale, and
// pull·t(1-t)(1-2t) is taken from it.
func gather2(force, phi []float32, to []uint32, grid []float32, pitch int, u []float32, scale, pull float32) {
	for i := range len(u) / 2 {
		x, y := u[2*i], u[2*i+1]
		ix, iy := int(x), int(y)
		tx, ty := x-float32(ix), y-float32(iy)
		wx, wy, sx, sy := spline(tx), spline(ty), slope(tx), slope(ty)
		var s, d [4]float32
		for r := range wy {
			row := grid[(iy+r)*pitch+ix:][:4]
			for l, v := range row {
				if r == 0 {
					s[l], d[l] = v*wy[0], v*sy[0]
					continue
				}
				s[l] += float32(v * wy[r])
				d[l] += float32(v * sy[r])
			}
		}
		o := i
		if to != nil {
			o = int(to[i])
		}
		phi[i] = dot4(&s, &wx)
		force[2*o] = float32(dot4(&s, &sx)*scale) - float32(pull*odd(tx))
		force[2*o+1] = float32(dot4(&d, &wx)*scale) - float32(pull*odd(ty))
	}
}

// odd is t(1-t)(1-2t).
func odd(t float32) float32 {
	s := 1 - t
	return float32(t*s) * (s - t)
}

func dot4(a, b *[4]float32) float32 {
	return (float32(a[0]*b[0]) + float32(a[1]*b[1])) + (float32(a[2]*b[2]) + float32(a[3]*b[3]))
}

func spread1(grid []float32, u []float32) {
	for _, x := range u {
		ix := int(x)
		row := grid[ix:][:4]
		for l, v := range spline(x - float32(ix)) {
			row[l] += v
		}
	}
}

func gather1(force, phi []float32, grid []float32, u []float32, scale, pull float32) {
	for i, x := range u {
		ix := int(x)
		row := (*[4]float32)(grid[ix:])
		w, s := spline(x-float32(ix)), slope(x-float32(ix))
		phi[i] = dot4(row, &w)
		force[i] = float32(dot4(row, &s)*scale) - float32(pull*odd(x-float32(ix)))
	}
}
