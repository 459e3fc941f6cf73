package fftgrid

// Holds says whether a point lies in the box of the last Load or LoadBox.
func (g *Grid) Holds(p []float32) bool {
	for a, v := range p {
		if u := (v - g.lo[a]) * g.inv; !(u >= 0 && u <= g.top[a]) {
			return false
		}
	}
	return true
}

// At is Eval for a few targets, phi not nil, on the calling goroutine. Several
// goroutines may look at a loaded grid at once; u is room for as many values as
// y has. What a target gets does not depend on the others.
func (g *Grid) At(y, force, phi, u []float32) {
	u, phi = u[:len(y)], phi[:len(y)/g.dims]
	scale := -0.5 * g.inv
	if g.dims == 1 {
		toCells(u, y, &g.lo, &g.top, g.inv, 1)
		gather1(force, phi, g.data, u, scale, 0)
	} else {
		toCells2(u, y, &g.lo, &g.top, g.inv)
		gather(force, phi, nil, g.data, g.fine.pitch, u, scale, 0)
	}
	shift := float64(g.offset * float64(g.n))
	for i, p := range phi {
		phi[i] = float32(float64(p) + shift)
	}
}
