package fftgrid

import "github.com/libtsne/libtsne/tsne/internal/par"

// A level convolves a lattice of mx x my with a kernel whose spectrum it holds,
// on a period of nx x ny. Rows (y) are transformed as real columns, eight at a
// time; the x axis as complex rows, eight y slots at a time. The y axis is
// periodic with a change of sign, which the room left in ny makes invisible.
// In one dimension nx, mx and pitch are 1.
type level struct {
	nx, ny, mx, my int
	pitch          int // floats a row, a multiple of 8
	px, py         *plan[float32]
	khat           []float32 // ny/16 blocks x nx x 8
	work           []float32 // ny/16 blocks x nx elements
	key            kernelKey
	self           float64 // a unit charge on itself, mean over positions
	columns        [][]float32
	forward        func(worker, chunk int)
	multiply       func(worker, chunk int)
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
		v.pitch = (mx + lanes - 1) / lanes * lanes
	}
}

// kernelKey tells what khat was made for.
type kernelKey struct {
	nx, ny                     int
	step, lo, hi, reach, shift float64
}

// kernel makes the level convolve, at the given step, with the nodes whose rates
// lie in [lo, hi), less shift.
func (v *level) kernel(pool *par.Pool, cache plans, step, lo, hi, reach, shift float64) {
	key := kernelKey{v.nx, v.ny, step, lo, hi, reach, shift}
	if v.key == key {
		return
	}
	v.key = key
	list := nodes(lo, hi, reach)
	if lo == 0 {
		list[len(list)-1].weight -= shift
	}
	if v.nx > 1 {
		v.px = cache.get(v.nx, false)
		v.work = resize(v.work, v.ny*v.nx)
	}
	v.py = cache.get(v.ny/2, true)
	v.khat = resize(v.khat, v.ny/2*v.nx)
	v.self = spectrum(pool, v.khat, list, v.nx, v.ny, step)
	if v.columns == nil {
		v.columns = make([][]float32, pool.Workers())
		v.forward, v.multiply, v.backward = v.forwardColumns, v.multiplyRows, v.backwardColumns
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
	} else {
		pool.Run(v.pitch/lanes, v.forward)
		pool.Run(v.ny/(2*lanes), v.multiply)
		pool.Run(v.pitch/lanes, v.backward)
	}
	v.data = nil
}

func (v *level) forwardColumns(worker, batch int) {
	buf := v.columns[worker]
	n := v.ny / 2
	loadColumns(buf, v.data[batch*lanes:], v.pitch, v.my, n)
	v.py.run(buf, false)
	for b := range n / lanes {
		transposeOut(v.work[(b*v.nx+batch*lanes)*element:][:lanes*element], buf[b*lanes*element:][:lanes*element])
	}
}

func (v *level) multiplyRows(_, b int) {
	row := v.work[b*v.nx*element:][:v.nx*element]
	clear(row[v.pitch*element:])
	v.px.run(row, false)
	scaleRow(row, v.khat[b*v.nx*lanes:][:v.nx*lanes])
	v.px.run(row, true)
}

func (v *level) backwardColumns(worker, batch int) {
	buf := v.columns[worker]
	n := v.ny / 2
	for b := range n / lanes {
		transposeOut(buf[b*lanes*element:][:lanes*element], v.work[(b*v.nx+batch*lanes)*element:][:lanes*element])
	}
	v.py.run(buf, true)
	storeColumns(v.data[batch*lanes:], buf, v.pitch, v.my, n)
}

// convolveLine uses one lane of eight: a line is short next to its points.
func (v *level) convolveLine(data []float32) {
	buf := v.columns[0]
	n := v.ny / 2
	clear(buf)
	for j, q := range data[:v.my] {
		buf[j%n*element+j/n*lanes] = q
	}
	v.py.run(buf, false)
	for s := range n {
		k := v.khat[s]
		buf[s*element] *= k
		buf[s*element+lanes] *= k
	}
	v.py.run(buf, true)
	for j := range data[:v.my] {
		data[j] = buf[j%n*element+j/n*lanes]
	}
}

// loadColumns puts rows j and j+n of eight columns into the real and imaginary
// part of element j; rows from my on are zero.
func loadColumns(buf, data []float32, pitch, my, n int) {
	for j := range n {
		e := buf[j*element:][:element]
		if j < my {
			copy(e[:lanes], data[j*pitch:][:lanes])
		} else {
			clear(e[:lanes])
		}
		if j+n < my {
			copy(e[lanes:], data[(j+n)*pitch:][:lanes])
		} else {
			clear(e[lanes:])
		}
	}
}

func storeColumns(data, buf []float32, pitch, my, n int) {
	for j := range min(n, my) {
		copy(data[j*pitch:][:lanes], buf[j*element:][:lanes])
	}
	for j := n; j < my; j++ {
		copy(data[j*pitch:][:lanes], buf[(j-n)*element+lanes:][:lanes])
	}
}

// transposeOut swaps element and lane of 8 elements, real and imaginary parts
// apart.
func transposeOut(dst, src []float32) {
	dst, src = dst[:lanes*element], src[:lanes*element]
	for i := range lanes {
		for j := range lanes {
			dst[i*element+j] = src[j*element+i]
			dst[i*element+lanes+j] = src[j*element+lanes+i]
		}
	}
}

// scaleRow multiplies element i by the eight real numbers k[8i:].
func scaleRow(row, k []float32) {
	for i := range len(k) / lanes {
		e, f := row[i*element:][:element], k[i*lanes:][:lanes]
		for l, s := range f {
			e[l] *= s
			e[l+lanes] *= s
		}
	}
}

func (p *plan[T]) run(buf []T, inverse bool) {
	if inverse {
		p.inverse(buf)
	} else {
		p.forward(buf)
	}
}
