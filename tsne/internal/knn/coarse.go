package knn

import (
	"context"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// coarse keeps the coordinates of a filter in 8 bits, for which a worker has room to widen those of two blocks.
//
// Each line of a block has a middle and a step, and its values are the middle and a multiple of the step. A row is off by
// e = |y - what is kept|, so that of the bound of filter
//
//	|y_i - y_j|^2 <= (1+grown) (what it was) + 2 (1 + 1/grown) (e_i^2 + e_j^2).
//
// A row that its block's steps do not reach is off by what is left.
type coarse struct {
	lines []int8    // of panels, in steps
	scale []float32 // for each line of each block the middle and the step
	rest  []uint16  // for each panel the line of residual: the upper halves of numbers no smaller
	ends  []float32 // for each panel the lines of need and reach
}

const (
	grown    = 0x1p-6
	loosely  = -0x1p120 // the least need: every other row passes
	leaves   = 4        // panels of a block that its steps are made from
	leastOff = 0x1p-100 // the least step
)

// newCoarse takes as the reach of a line eight times the mean distance from the middle, but for what is
// far beyond it: outliers make no step wide.
func newCoarse(ctx context.Context, pool *par.Pool, f *filter, start []int, read func(p int, room []float32) (x []float32, at [width]int32), b *basis) (*coarse, error) {
	blocks := len(start) - 1
	panels := len(f.slots) / width
	c := &coarse{lines: make([]int8, panels*f.rows*width), scale: make([]float32, blocks*f.rows*2), rest: make([]uint16, panels*width), ends: make([]float32, panels*2*width)}
	type scratch struct {
		y, seen []float64 // seen: by line
		room    []float32
	}
	work := make([]scratch, pool.Workers())
	return c, pool.ForContext(ctx, blocks, 1, func(worker, lo, hi int) {
		if work[worker].y == nil {
			work[worker] = scratch{f.spare(), make([]float64, leaves*width*f.rows), make([]float32, width*b.d)}
		}
		y, seen, room := work[worker].y, work[worker].seen, work[worker].room
		for block := lo; block < hi; block++ {
			n := start[block+1] - start[block]
			have := 0
			for i := range min(n, leaves) {
				x, at := read(start[block]+rowOf(i, min(n, leaves), n), room)
				for _, row := range at {
					if row >= 0 {
						f.coordinates(b, x[int(row)*b.d:][:b.d], y)
						for k, v := range y[:f.rows] {
							seen[k*leaves*width+have] = v
						}
						have++
					}
				}
			}
			for k := range f.rows {
				middle, step := steps(seen[k*leaves*width:][:have])
				c.scale[(block*f.rows+k)*2], c.scale[(block*f.rows+k)*2+1] = middle, step
			}
		}
	})
}

// steps are the middle and the step of a line of which some values are known.
func steps(of []float64) (middle, step float32) {
	within := math.Inf(1) // of the middle, which few are not
	for range 3 {
		var sum, count, off float64
		from := float64(middle)
		for _, v := range of {
			if math.Abs(v-from) <= within {
				sum += v
				count++
			}
		}
		count = max(count, 1)
		middle = float32(sum / count)
		for _, v := range of {
			if math.Abs(v-from) <= within {
				off += math.Abs(v - float64(middle))
			}
		}
		within = 8 * off / count
	}
	return middle, float32(max(within/math.MaxInt8, leastOff))
}

// round makes line k of panel p, of the block, what is kept of it, and adds to the squares of what the rows are off by.
func (f *filter) round(block, p, k int, y [][]float64, line *[width]float32, off *[width]float64) {
	scale := f.scale[(block*f.rows+k)*2:]
	middle, step := scale[0], scale[1]
	each := 1 / float64(step)
	kept := (*[width]int8)(f.lines[(p*f.rows+k)*width:])
	for c := range line {
		t := y[c][k]
		q := (t - float64(middle)) * each
		switch {
		case q > math.MaxInt8:
			q = math.MaxInt8
		case q < -math.MaxInt8:
			q = -math.MaxInt8
		}
		n := int32(q+256.5) - 256
		kept[c] = int8(n)
		line[c] = float32(float32(n)*step) + middle
		e := t - float64(line[c])
		off[c] += float64(e * e)
	}
}

// needed is the need of a row that is off.
func needed(need, off float64) float32 {
	need -= float64((1 + 1/grown) * (1 + 0x1p-20) * off)
	return float32(max(need-math.Abs(need)*0x1p-22, loosely))
}

// widened writes panel p of a block to v.
func (f *filter) widened(block, p int, v []float32) {
	stretch(f.lines[p*f.rows*width:][:f.rows*width], f.scale[block*f.rows*2:][:f.rows*2], v)
	v = v[f.rows*width:][:3*width]
	for i, r := range f.rest[p*width:][:width] {
		v[i] = math.Float32frombits(uint32(r) << 16)
	}
	copy(v[width:], f.ends[2*p*width:])
}

// end keeps the last lines of panel p, as fill wrote them to v.
func (c *coarse) end(p int, v []float32) {
	for i, r := range v[:width] {
		c.rest[p*width+i] = uint16((math.Float32bits(r) + 1<<16 - 1) >> 16)
	}
	copy(c.ends[2*p*width:][:2*width], v[width:])
}

// seen is panel p, of the block of room r, for tile.
func (s *search) seen(r *room, p int) []float32 {
	if s.coarse == nil {
		return s.panel(p)
	}
	if len(r.seen) == 0 { // a block too large for the room
		s.widened(r.block, p, r.panels)
		return r.panels[:s.stride]
	}
	at := p - r.first
	v := r.panels[at*s.stride:][:s.stride]
	if !r.seen[at] {
		r.seen[at] = true
		s.widened(r.block, p, v)
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
