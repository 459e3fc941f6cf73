package knn

import (
	"context"
	"math"
	"sort"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// headDims is the number of leading coordinates that are compared first.
const headDims = 16

// filter holds the points in panels, in the form that tile compares. A slot
// is a place in a panel; slots beyond the rows of a block are empty.
//
// It rests on a bound. Write a for a row less the centre, R for the basis
// (norm at most 1+eta), y for the coordinates of a: R a and, where R does not
// span the columns, the length of the rest, rounded to float32. Each y is off
// by at most rho |a|, so that for a pair at the real distance delta
//
//	|y_i - y_j|^2 <= (1+eta) delta^2 + 4.2 rho (|a_i|^2 + |a_j|^2).
//
// The left side is computed as |y_i|^2 + |y_j|^2 - 2 y_i y_j. Its rounding is
// at most gamma (|a_i|^2 + |a_j|^2), with gamma = (rows+20) 2^-24, and
// dist2 is within a factor 1 +- (columns/8+6) 2^-24 of delta^2 where nothing
// underflows. So a pair with dist2 <= T has, with slack = 4.2 rho + gamma,
//
//	y_i y_j >= need_i + need_j - reach(T),  need = |y|^2/2 - slack |a|^2/2,
//
// reach(T) being T/2 enlarged by those factors and by more than what
// underflow can take. Coarse coordinates add to that (coarse.go).
type filter struct {
	dims, head, rows int // rows: coordinates of a point, the rest's length among them
	stride           int // float32 values of a panel
	panels           []float32
	*coarse                    // nil: panels are whole
	boxes            []float32 // for each panel 2*boxDims
	slack            []float32 // for each panel the largest slack |a|^2
	slots            []int32   // row of each slot, -1 where empty
	half             float32   // reach(T) = half*T + least
}

const least = 0x1p-120

func (f *filter) reach(t float32) float32 { return f.half*t + least }

func (f *filter) panel(p int) []float32 { return f.panels[p*f.stride:][:f.stride] }

// reaches is the line of a panel that holds reach of each point's threshold.
func (f *filter) reaches(p int) []float32 {
	if f.coarse != nil {
		return f.ends[(2*p+1)*width:][:width]
	}
	return f.panels[(p+1)*f.stride-width:][:width]
}

// newFilter lays out the rows of x in the order of slots, which it keeps;
// len(slots) is a multiple of width, and start has the first panel of each block and the end. A lean one has coarse
// coordinates, and may read the rows where they are set aside.
func newFilter(ctx context.Context, pool *par.Pool, b *basis, x []float32, slots []int32, start []int, lean bool, rows *aside) (*filter, error) {
	f := &filter{dims: b.dims, rows: b.dims, slots: slots}
	if f.dims < b.d {
		f.rows++
	}
	f.head = f.rows
	if f.rows >= headDims+8 {
		f.head = headDims
	}
	f.stride = (f.rows + 3) * width
	n := len(slots) / width
	f.boxes = make([]float32, n*2*boxDims)
	f.slack = make([]float32, n)

	const u = 0x1p-24
	eta := b.defect + 2*float64(b.d+f.dims)*0x1p-53
	rho := 2*u + 2*math.Sqrt(eta)
	if f.dims == b.d {
		rho = 2*u + 2*eta*math.Sqrt(float64(b.d))
	}
	slack := 4.2*rho + float64(f.rows+20)*u
	f.half = float32(0.5 * (1 + eta + (float64(b.d/8+32))*u))
	// The rows of panel p are at those places of from, which may be room; those of empty slots are below 0.
	read := func(p int, room []float32) (from []float32, at [width]int32) {
		copy(at[:], f.slots[p*width:])
		if rows == nil {
			return x, at
		}
		rows.read(room, p*width, b.d)
		for c := range at {
			if at[c] >= 0 {
				at[c] = int32(c)
			}
		}
		return room, at
	}
	var err error
	if lean {
		if f.coarse, err = newCoarse(ctx, pool, f, start, read, b); err != nil {
			return nil, err
		}
		slack *= 1 + grown
		f.half *= 1 + grown
	} else {
		f.panels = make([]float32, n*f.stride)
	}

	type scratch struct {
		y       [][]float64
		room, v []float32
	}
	work := make([]scratch, pool.Workers())
	err = pool.ForContext(ctx, n, 4, func(worker, lo, hi int) {
		w := &work[worker]
		if w.y == nil {
			*w = scratch{make([][]float64, width), make([]float32, width*b.d), make([]float32, f.stride)}
			for c := range w.y {
				w.y[c] = f.spare()
			}
		}
		block := 0
		if lean {
			block = sort.SearchInts(start, lo+1) - 1
		}
		for p := lo; p < hi; p++ {
			from, at := read(p, w.room)
			if !lean {
				f.fill(b, from, &at, 0, p, f.panel(p), slack, w.y)
				continue
			}
			for p >= start[block+1] {
				block++
			}
			clear(w.v)
			f.fill(b, from, &at, block, p, w.v, slack, w.y)
			f.end(p, w.v[f.rows*width:][:3*width])
		}
	})
	if err == nil {
		err = rows.err()
	}
	return f, err
}

// spare is room for the coordinates of a row.
func (f *filter) spare() []float64 { return make([]float64, par.Chunks(f.dims, span)*span+1) }

// coordinates writes those of a row to y, the length of what they leave of it last, and gives |a|^2.
func (f *filter) coordinates(b *basis, a []float32, y []float64) (n float64) {
	for i := 0; i*span < f.dims; i++ {
		project(a, b.center, b.block(i), (*[span]float64)(y[i*span:]))
	}
	for j, w := range a {
		t := float64(w) - b.center[j]
		n += float64(t * t)
	}
	if f.rows > f.dims {
		left := n
		for _, t := range y[:f.dims] {
			left -= float64(t * t)
		}
		y[f.dims] = math.Sqrt(max(left, 0))
	}
	return n
}

// fill writes panel p, of a block, to v, whose rows stand at those places of x; those of empty slots are below 0.
// y has room for the coordinates of all.
func (f *filter) fill(b *basis, x []float32, at *[width]int32, block, p int, v []float32, slack float64, y [][]float64) {
	inf := float32(math.Inf(1))
	rest, need, reach := v[f.rows*width:], v[(f.rows+1)*width:], v[(f.rows+2)*width:]
	box := f.boxes[p*2*boxDims:][:2*boxDims]
	q := min(boxDims, f.dims)
	for k := range q {
		box[k], box[boxDims+k] = inf, -inf
	}
	var most float64
	var norms, off, m, left [width]float64 // m: |y|^2; left: what of it is beyond the head
	for c, row := range at {
		if row < 0 {
			clear(y[c])
			continue
		}
		norms[c] = f.coordinates(b, x[int(row)*b.d:][:b.d], y[c])
		for k, t := range y[c][:q] {
			box[k] = min(box[k], float32(t))
			box[boxDims+k] = max(box[boxDims+k], float32(t))
		}
		most = max(most, norms[c])
	}
	for k := range f.rows {
		line := (*[width]float32)(v[k*width:])
		for c := range line {
			line[c] = float32(y[c][k])
		}
		if f.coarse != nil {
			f.round(block, p, k, y, line, &off)
		}
		for c, t := range line {
			t := float64(t)
			m[c] += float64(t * t)
			if k >= f.head {
				left[c] += float64(t * t)
			}
		}
	}
	for c, row := range at {
		if row < 0 {
			need[c], reach[c] = inf, -inf
			continue
		}
		rest[c] = float32(math.Sqrt(left[c]))
		if whole := (m[c] - slack*norms[c]) / 2; f.coarse != nil {
			need[c] = needed(whole, off[c])
		} else {
			need[c] = float32(whole)
		}
		reach[c] = inf
	}
	f.slack[p] = float32(slack * most * (1 + 0x1p-20))
}
