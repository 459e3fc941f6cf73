package fftgrid

import (
	"math/bits"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// A level convolves a lattice of mx x my with a kernel whose spectrum it holds,
// on a period of nx x ny. Rows (y) are transformed as real columns, eight at a
// time; the x axis as complex rows, eight y slots at a time. The y axis is
// periodic with a change of sign, which the room left in ny makes invisible.
// In one dimension nx, mx and pitch are 1.
type level struct {
	nx, ny, mx, my int
	pitch          int // floats a row, a multiple of 32
	px, py         *plan[float32]
	khat           []float32 // ny/16 blocks x nx x 8
	work           []float32 // ny/16 blocks x nx elements
	key            kernelKey
	self           kernelSelf
	columns        [][]float32
	forward        func(worker, chunk int)
	product        func(worker, chunk int)
	backward       func(worker, chunk int)
	data           []float32
}

// plans keeps the plans of every length met.
type plans map[[2]int]*plan[float32]

func (c plans) get(n int, real bool) *plan[float32] {
	key, phase := [2]int{n, 0}, 0.0
	if real {
		key, phase = [2]int{n, 1}, 0.75
	}
	if c[key] == nil {
		c[key] = newPlan[float32](n, phase)
	}
	return c[key]
}

func resize(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}

// shape sets the sizes. nx and mx are 1 in one dimension.
func (v *level) shape(nx, ny, mx, my int) {
	v.nx, v.ny, v.mx, v.my = nx, ny, mx, my
	v.pitch = 1
	if nx > 1 {
		// Odd multiples of 32 keep rows off each other's cache sets.
		v.pitch = 32 * ((mx+31)/32 | 1)
	}
}

// kernelKey tells what khat was made for.
type kernelKey struct {
	nx, ny                          int
	dof, step, lo, hi, reach, shift float64
}

// kernel makes the level convolve, at the given step, with the nodes whose rates
// lie in [lo, hi), less shift.
func (v *level) kernel(pool *par.Pool, cache plans, dof, step, lo, hi, reach, shift float64) {
	key := kernelKey{v.nx, v.ny, dof, step, lo, hi, reach, shift}
	if v.key == key {
		return
	}
	v.key = key
	list := nodes(dof, lo, hi, reach)
	if lo == 0 {
		list[len(list)-1].weight -= shift
	}
	v.install(pool, cache, list, step)
}

func (v *level) install(pool *par.Pool, cache plans, list []node, step float64) {
	if v.nx > 1 {
		v.px = cache.get(v.nx, false)
		v.work = resize(v.work, v.ny*v.nx)
	}
	v.py = cache.get(v.ny/2, true)
	v.khat = resize(v.khat, v.ny/2*v.nx)
	v.self = spectrum(pool, v.khat, list, v.nx, v.ny, step)
	if v.columns == nil {
		v.columns = make([][]float32, pool.Workers())
		v.forward, v.product, v.backward = v.forwardColumns, v.multiplyRows, v.backwardColumns
	}
	for i := range v.columns {
		v.columns[i] = resize(v.columns[i], v.ny*lanes)
	}
}

// convolve replaces data, my rows of pitch whose columns from mx on are
// zero, by its convolution with the kernel.
func (v *level) convolve(pool *par.Pool, data []float32) {
	v.data = data
	if v.nx == 1 {
		v.convolveLine(data)
		pool.Serial("line", v.ny*bits.Len(uint(v.ny)))
	} else {
		pool.Run(v.pairs(), v.forward)
		pool.Weigh("columns", v.columnWork)
		pool.Run(v.blocks(), v.product)
		pool.Weigh("rows", v.rowWork)
		pool.Run(v.pairs(), v.backward)
		pool.Weigh("columns", v.columnWork)
	}
	v.data = nil
}

// pairs is the number of pairs of batches, and blocks that of groups of 8 slots.
func (v *level) pairs() int  { return par.Chunks(v.batches(), 2) }
func (v *level) blocks() int { return v.ny / (2 * lanes) }

// columnWork is floats times binary stages of a pair of batches, one way, and
// rowWork those of a block, there and back.
func (v *level) columnWork(pair int) int {
	return min(2, v.batches()-2*pair) * v.ny * lanes * bits.Len(uint(v.ny/2))
}

func (v *level) rowWork(int) int { return 2 * v.nx * element * bits.Len(uint(v.nx)) }

// convolveBoth convolves both levels at once: neither waits for the other, and where
// the coarse one has few chunks the fine one has more.
func (g *Grid) convolveBoth() {
	f, r := &g.fine, &g.coarse
	f.data, r.data = g.data, g.rest
	columns := func(c int) int {
		if c < f.pairs() {
			return f.columnWork(c)
		}
		return r.columnWork(c - f.pairs())
	}
	g.pool.Run(f.pairs()+r.pairs(), g.body.forward)
	g.pool.Weigh("columns", columns)
	g.pool.Run(f.blocks()+r.blocks(), g.body.product)
	g.pool.Weigh("rows", func(c int) int {
		if c < f.blocks() {
			return f.rowWork(c)
		}
		return r.rowWork(c - f.blocks())
	})
	g.pool.Run(f.pairs()+r.pairs(), g.body.backward)
	g.pool.Weigh("columns", columns)
	f.data, r.data = nil, nil
}

func (g *Grid) forwardBoth(w, c int) {
	if f := g.fine.pairs(); c < f {
		g.fine.forwardColumns(w, c)
	} else {
		g.coarse.forwardColumns(w, c-f)
	}
}

func (g *Grid) multiplyBoth(w, c int) {
	if f := g.fine.blocks(); c < f {
		g.fine.multiplyRows(w, c)
	} else {
		g.coarse.multiplyRows(w, c-f)
	}
}

func (g *Grid) backwardBoth(w, c int) {
	if f := g.fine.pairs(); c < f {
		g.fine.backwardColumns(w, c)
	} else {
		g.coarse.backwardColumns(w, c-f)
	}
}

// batches is the number of groups of 8 columns.
func (v *level) batches() int { return (v.mx + lanes - 1) / lanes }

// Two groups share their cache lines.
func (v *level) forwardColumns(worker, pair int) {
	for b := 2 * pair; b < min(v.batches(), 2*pair+2); b++ {
		v.forwardBatch(worker, b)
	}
}

func (v *level) backwardColumns(worker, pair int) {
	for b := 2 * pair; b < min(v.batches(), 2*pair+2); b++ {
		v.backwardBatch(worker, b)
	}
}

func (v *level) forwardBatch(worker, batch int) {
	buf, data := v.columns[worker], v.data[batch*lanes:]
	n := v.ny / 2
	// Rows j and j+n are the real and imaginary part of element j.
	near := min(n, v.my)
	copyRows(buf, element, data, v.pitch, near)
	copyRows(buf[min(near, n-1)*element:], element, zeros[:], 0, n-near)
	far := v.my - near
	copyRows(buf[lanes:], element, data[min(n, v.my-1)*v.pitch:], v.pitch, far)
	copyRows(buf[min(far, n-1)*element+lanes:], element, zeros[:], 0, n-far)
	transform(v.py, buf)
	transpose(v.work[batch*lanes*element:], v.nx*element, buf, lanes*element, n/lanes)
}

func (v *level) multiplyRows(_, b int) {
	row := v.work[b*v.nx*element:][:v.nx*element]
	clear(row[v.batches()*lanes*element:])
	multiply(v.px, row, v.khat[b*v.nx*lanes:][:v.nx*lanes])
}

func (v *level) backwardBatch(worker, batch int) {
	buf, data := v.columns[worker], v.data[batch*lanes:]
	n := v.ny / 2
	transpose(buf, lanes*element, v.work[batch*lanes*element:], v.nx*element, n/lanes)
	transformBack(v.py, buf)
	near := min(n, v.my)
	copyRows(data, v.pitch, buf, element, near)
	copyRows(data[min(n, v.my-1)*v.pitch:], v.pitch, buf[lanes:], element, v.my-near)
}

var zeros [lanes]float32

// convolveLine uses one lane of eight: a line is short next to its points.
func (v *level) convolveLine(data []float32) {
	buf := v.columns[0]
	n := v.ny / 2
	clear(buf)
	for j, q := range data[:v.my] {
		buf[j%n*element+j/n*lanes] = q
	}
	transform(v.py, buf)
	for s := range n {
		k := v.khat[s]
		buf[s*element] *= k
		buf[s*element+lanes] *= k
	}
	transformBack(v.py, buf)
	for j := range data[:v.my] {
		data[j] = buf[j%n*element+j/n*lanes]
	}
}

// part is what a stage does to share t of r equal shares of the buffer, once the
// buffer was cut by a first stage of radix r.
func (s *stage[T]) part(t, r int) (tw []T, blocks int) {
	blocks = s.blocks / r
	w := blocks * (s.radix - 1) * 2
	return s.tw[t*w : (t+1)*w], blocks
}

// transform is p.forward. After the first stage each share of the buffer goes
// through all the rest while it is in the nearest cache.
func transform(p *plan[float32], buf []float32) {
	first := &p.stages[0]
	forward(buf, first.tw, first.radix, first.stride, 1)
	size := len(buf) / first.radix
	for t := range first.radix {
		forwardPart(p, buf[t*size:(t+1)*size], t, len(p.stages))
	}
}

func transformBack(p *plan[float32], buf []float32) {
	first := &p.stages[0]
	size := len(buf) / first.radix
	for t := range first.radix {
		inversePart(p, buf[t*size:(t+1)*size], t, len(p.stages))
	}
	inverse(buf, first.tw, first.radix, first.stride, 1)
}

// multiply transforms the row, multiplies element i by the eight real numbers
// k[8i:], and transforms back.
func multiply(p *plan[float32], row, k []float32) {
	first, last := &p.stages[0], len(p.stages)-1
	forward(row, first.tw, first.radix, first.stride, 1)
	size := len(row) / first.radix
	for t := range first.radix {
		part := row[t*size : (t+1)*size]
		forwardPart(p, part, t, last)
		tw, blocks := p.stages[last].part(t, first.radix)
		middle(part, tw, k[t*size/2:(t+1)*size/2], blocks)
		inversePart(p, part, t, last)
	}
	inverse(row, first.tw, first.radix, first.stride, 1)
}

// forwardPart does the stages from the second up to end.
func forwardPart(p *plan[float32], buf []float32, t, end int) {
	for i := 1; i < end; i++ {
		s := &p.stages[i]
		tw, blocks := s.part(t, p.stages[0].radix)
		forward(buf, tw, s.radix, s.stride, blocks)
	}
}

func inversePart(p *plan[float32], buf []float32, t, end int) {
	for i := end - 1; i > 0; i-- {
		s := &p.stages[i]
		tw, blocks := s.part(t, p.stages[0].radix)
		inverse(buf, tw, s.radix, s.stride, blocks)
	}
}

// middlePortable is the last forward stage, of radix 4, the product with k and the
// inverse of that stage.
func middlePortable(buf, tw, k []float32, blocks int) {
	forwardStage(buf, tw, 4, 1, blocks)
	times(buf, k, 4*blocks)
	inverseStage(buf, tw, 4, 1, blocks)
}

// times multiplies real and imaginary parts of elements by the same factors.
func times(buf, k []float32, elements int) {
	for i := range elements {
		e, f := buf[i*element:][:element], k[i*lanes:][:lanes]
		for l, s := range f {
			e[l] *= s
			e[l+lanes] *= s
		}
	}
}

// copyRowsPortable copies n groups of 8 floats, strides apart.
func copyRowsPortable(dst []float32, dstStride int, src []float32, srcStride, n int) {
	for j := range n {
		*(*[lanes]float32)(dst[j*dstStride:]) = *(*[lanes]float32)(src[j*srcStride:])
	}
}

// transposePortable swaps element and lane of n blocks of 8 elements, real and
// imaginary parts apart; the strides are those of blocks.
func transposePortable(dst []float32, dstStride int, src []float32, srcStride, n int) {
	for b := range n {
		d, s := dst[b*dstStride:][:lanes*element], src[b*srcStride:][:lanes*element]
		for i := range lanes {
			for j := range lanes {
				d[i*element+j] = s[j*element+i]
				d[i*element+lanes+j] = s[j*element+lanes+i]
			}
		}
	}
}
