package knn

import (
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// coarse keeps the coordinates of a filter in 16 bits, for which a worker has room to widen those of two blocks.
//
// Each line of panels has a step, a power of two, and its values are multiples of it. A row is off by at most
// e = |steps|/2 for it, so that of the bound of filter
//
//	|y_i - y_j|^2 <= (1+grown) (what it was) + 4 (1 + 1/grown) e^2.
//
// A row that no 16 bits hold passes the filter with every other one.
type coarse struct {
	steps []float32 // one a line
	lines []int16   // of panels, in steps
	ends  []float32 // for each panel the lines of residual, need and reach
	spare float32   // a row's part of the last term, as need has it
}

const (
	grown    = 0x1p-6
	loosely  = -0x1p120 // need of a row that does not fit
	measured = 4096     // rows that the steps are made from
)

// newCoarse takes as the reach of a line twice what all but a few of a sample of rows have of it: outliers make no
// step wide.
func newCoarse(f *filter, b *basis, x []float32, panels int) *coarse {
	n := len(x) / b.d
	m := min(n, measured)
	sizes := make([][]float64, f.rows)
	y := make([]float64, par.Chunks(f.dims, span)*span)
	for i := range m {
		_, left := f.coordinates(b, x[rowOf(i, m, n)*b.d:][:b.d], y)
		for k, v := range y[:f.dims] {
			sizes[k] = append(sizes[k], math.Abs(v))
		}
		if f.rows > f.dims {
			sizes[f.dims] = append(sizes[f.dims], math.Sqrt(left))
		}
	}
	reach := make([]float64, f.rows)
	for k, s := range sizes {
		slices.Sort(s)
		reach[k] = 2 * s[(len(s)-1)*999/1000]
	}
	most := slices.Max(reach)
	if !(most >= 0x1p-60) {
		most = 0x1p-60
	}
	c := &coarse{steps: make([]float32, f.rows), lines: make([]int16, panels*f.rows*width), ends: make([]float32, panels*3*width)}
	sum := 0.0
	for k, r := range reach {
		step := math.Ldexp(1, int(math.Ceil(math.Log2(max(r, most/1024)/math.MaxInt16))))
		c.steps[k] = float32(step)
		sum += step * step
	}
	c.spare = float32((1 + 1/grown) * sum / 4 * (1 + 0x1p-20))
	return c
}

// round makes the coordinates of row c of a panel multiples of their steps; false if one is too far off.
func (f *filter) round(v []float32, c int) bool {
	fits := true
	for k, step := range f.steps {
		t := math.RoundToEven(float64(v[k*width+c] / step))
		if !(math.Abs(t) <= math.MaxInt16) {
			t, fits = 0, false
		}
		v[k*width+c] = float32(t) * step
	}
	return fits
}

// needed is the need of a row whose coordinates are rounded.
func (c *coarse) needed(need float32, fits bool) float32 {
	if !fits {
		return loosely
	}
	return need - c.spare - float32(math.Abs(float64(need)))*0x1p-22
}

// keep stores panel p.
func (f *filter) keep(p int, v []float32) {
	for k, step := range f.steps {
		line := f.lines[(p*f.rows+k)*width:][:width]
		for c := range line {
			line[c] = int16(v[k*width+c] / step)
		}
	}
	copy(f.ends[3*p*width:][:3*width], v[f.rows*width:])
}

// widened writes panel p to v.
func (f *filter) widened(p int, v []float32) {
	stretch(f.lines[p*f.rows*width:][:f.rows*width], f.steps, v)
	copy(v[f.rows*width:][:3*width], f.ends[3*p*width:])
}

// seen is panel p, of the block of room r, for tile.
func (s *search) seen(r *room, p int) []float32 {
	if s.coarse == nil {
		return s.panel(p)
	}
	if len(r.seen) == 0 { // a block too large for the room
		s.widened(p, r.panels)
		return r.panels[:s.stride]
	}
	at := p - r.first
	v := r.panels[at*s.stride:][:s.stride]
	if !r.seen[at] {
		r.seen[at] = true
		s.widened(p, v)
	}
	return v
}

// renew brings what a room has of the rows' reaches up to date.
func (s *search) renew(r *room) {
	for at, have := range r.seen {
		if have {
			s.renewOne(r.first+at, r.panels[at*s.stride:][:s.stride])
		}
	}
}

// renewOne is renew of panel p.
func (s *search) renewOne(p int, v []float32) {
	if s.coarse != nil {
		copy(v[s.stride-width:], s.reaches(p))
	}
}
