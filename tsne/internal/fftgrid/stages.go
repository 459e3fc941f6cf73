package fftgrid

import "github.com/libtsne/libtsne/tsne/internal/par"

//go:generate go run -C ../asm ./neon/fftgrid -out ../fftgrid/fftgrid_arm64.s -stubs ../fftgrid/fftgrid_arm64.go -pkg fftgrid

// sortGrain is the number of points sorted at a time: each chunk counts stripes of
// its own, which are then added up by one.
func (g *Grid) sortGrain() int { return min(max(g.n/64, 1024), 8192) }

// spreadCopies spreads a few fixed shares of the points onto grids of their own,
// which are then added in order.
func (g *Grid) spreadCopies() {
	g.nCopies = max(1, min(private, g.n/grain))
	g.copies = resize(g.copies, g.nCopies*len(g.data))
	g.pool.Run(g.nCopies, g.body.copy)
	g.pool.Weigh("copies", func(c int) int { return g.share(c+1) - g.share(c) })
	g.pool.Run(par.Chunks(len(g.data), grain), g.body.merge)
	g.pool.Weigh("merge", func(c int) int { return g.nCopies * (min(len(g.data), (c+1)*grain) - c*grain) })
}

// share is the first point of copy c.
func (g *Grid) share(c int) int { return min(g.n, c*((g.n+g.nCopies-1)/g.nCopies)) }

func (g *Grid) copyChunk(_, c int) {
	lo, hi := g.share(c)*g.dims, g.share(c+1)*g.dims
	grid := g.copies[c*len(g.data):][:len(g.data)]
	clear(grid)
	u := g.cells[lo:hi]
	if g.dims == 1 {
		toCells(u, g.y[lo:hi], &g.lo, &g.top, g.inv, 1)
		spread1(grid, u)
	} else {
		toCells2(u, g.y[lo:hi], &g.lo, &g.top, g.inv)
		spread(grid, g.fine.pitch, u)
	}
}

func (g *Grid) mergeRows(_, c int) {
	lo, hi := c*grain, min(len(g.data), (c+1)*grain)
	out := g.data[lo:hi]
	copy(out, g.copies[lo:hi])
	for k := 1; k < g.nCopies; k++ {
		for i, v := range g.copies[k*len(g.data):][lo:hi] {
			out[i] += v
		}
	}
}

// spreadStripes sorts the points by stripes of rows, then spreads even and
// odd stripes in turn: no two of a turn share a node.
func (g *Grid) spreadStripes() {
	each := g.sortGrain()
	chunks := par.Chunks(g.n, each)
	g.stripes = (g.fine.my-4)/stripe + 1
	if cap(g.count) < chunks*g.stripes {
		g.count = make([]int, chunks*g.stripes)
	}
	g.count = g.count[:chunks*g.stripes]
	if cap(g.start) < g.stripes+1 {
		g.start = make([]int, g.stripes+1)
	}
	g.start = g.start[:g.stripes+1]
	if cap(g.index) < g.n {
		g.index = make([]uint32, g.n)
	}
	g.index = g.index[:g.n]

	size := func(c int) int { return min(g.n, (c+1)*each) - c*each }
	g.pool.Run(chunks, g.body.count)
	g.pool.Weigh("cells", size)
	at := 0
	for s := range g.stripes {
		g.start[s] = at
		for c := range chunks {
			k := &g.count[c*g.stripes+s]
			*k, at = at, at+*k
		}
	}
	g.start[g.stripes] = at
	g.pool.Serial("starts", chunks*g.stripes)
	g.pool.Run(chunks, g.body.place)
	g.pool.Weigh("place", size)
	points := func(s int) int { return g.start[min(s+1, g.stripes)] - g.start[min(s, g.stripes)] }
	g.pool.Run(par.Chunks(g.fine.my, 2*stripe), g.body.even)
	g.pool.Weigh("spread", func(c int) int { return points(2 * c) })
	g.pool.Run(g.stripes/2, g.body.odd)
	g.pool.Weigh("spread", func(c int) int { return points(2*c + 1) })
}

func (g *Grid) countChunk(w, c int) {
	count := g.count[c*g.stripes:][:g.stripes]
	clear(count)
	g.eachCells(w, c, func(_ int, u []float32) {
		for i := 1; i < len(u); i += 2 {
			count[uint32(int32(u[i]))/stripe]++
		}
	})
}

func (g *Grid) placeChunk(w, c int) {
	next := g.count[c*g.stripes:][:g.stripes]
	cells, index := g.cells, g.index
	g.eachCells(w, c, func(from int, u []float32) {
		for i := uint32(from); len(u) >= 2; i++ {
			s := uint32(int32(u[1])) / stripe
			at := next[s]
			next[s] = at + 1
			*(*[2]float32)(cells[2*at:]) = *(*[2]float32)(u)
			index[at] = i
			u = u[2:]
		}
	})
}

// eachCells calls do with the cells of a few points of a chunk at a time. To work them out again takes no longer than to
// read what was kept of them.
func (g *Grid) eachCells(w, c int, do func(from int, u []float32)) {
	each := g.sortGrain()
	last := min(g.n, (c+1)*each)
	for lo := c * each; lo < last; lo += grain {
		hi := min(last, lo+grain)
		u := g.scratch[w][:2*(hi-lo)]
		toCells2(u, g.y[2*lo:2*hi], &g.lo, &g.top, g.inv)
		do(lo, u)
	}
}

func (g *Grid) evenStripe(_, c int) {
	p := g.fine.pitch
	clear(g.data[c*2*stripe*p : min(g.fine.my, (c+1)*2*stripe)*p])
	if 2*c < g.stripes {
		spread(g.data, p, g.cells[2*g.start[2*c]:2*g.start[2*c+1]])
	}
}

func (g *Grid) oddStripe(_, c int) {
	spread(g.data, g.fine.pitch, g.cells[2*g.start[2*c+1]:2*g.start[2*c+2]])
}

// gatherChunk gives the forces on a few of the sources themselves, in sorted order if
// there is one, less the force of each on itself. Their potentials it leaves where
// their cells were, which nobody needs any more.
func (g *Grid) gatherChunk(w, c int) {
	lo, hi := c*few, min(g.n, (c+1)*few)
	phi := g.scratch[w][2*grain:][:hi-lo]
	scale := -0.5 * g.inv
	pull := scale * float32(g.fine.self.slope)
	switch {
	case g.dims == 1:
		gather1(g.force[lo:hi], phi, g.data, g.cells[lo:hi], scale, pull)
	case g.two:
		gather(g.force, phi, g.index[lo:hi], g.data, g.fine.pitch, g.cells[2*lo:2*hi], scale, pull)
	default:
		gather(g.force[2*lo:2*hi], phi, nil, g.data, g.fine.pitch, g.cells[2*lo:2*hi], scale, pull)
	}
	copy(g.cells[lo*g.dims:], phi)
	// Who is last of those of a sum adds it up, in the order of the points.
	s := c / (grain / few)
	first, end := s*grain, min(g.n, (s+1)*grain)
	if int(g.gone[s].Add(1)) < par.Chunks(end-first, few) {
		return
	}
	phi = g.scratch[w][2*grain:][:end-first]
	for at := first; at < end; at += few {
		copy(phi[at-first:], g.cells[at*g.dims:][:min(few, end-at)])
	}
	g.sums[s] = sum(phi)
}

func (g *Grid) evalChunk(w, c int) {
	n := len(g.y) / g.dims
	lo, hi := c*grain, min(n, (c+1)*grain)
	u, phi := g.scratch[w][:(hi-lo)*g.dims], g.scratch[w][2*grain:][:hi-lo]
	scale := -0.5 * g.inv
	if g.dims == 1 {
		toCells(u, g.y[lo:hi], &g.lo, &g.top, g.inv, 1)
		gather1(g.force[lo:hi], phi, g.data, u, scale, 0)
	} else {
		toCells2(u, g.y[2*lo:2*hi], &g.lo, &g.top, g.inv)
		gather(g.force[2*lo:2*hi], phi, nil, g.data, g.fine.pitch, u, scale, 0)
	}
	g.sums[c] = sum(phi)
	if g.phi != nil {
		shift := float64(g.offset * float64(g.n))
		for i, p := range phi {
			g.phi[lo+i] = float32(float64(p) + shift)
		}
	}
}

// sum adds in four interleaved parts.
func sum(x []float32) float64 {
	var a, b, c, d float64
	for ; len(x) >= 4; x = x[4:] {
		a += float64(x[0])
		b += float64(x[1])
		c += float64(x[2])
		d += float64(x[3])
	}
	for _, v := range x {
		a += float64(v)
	}
	return (a + b) + (c + d)
}

// refine holds the weights of the fine splines in a coarse one: the coefficients of
// (1+z+z²+z³)⁴/64, z^6 being its centre.
var refine = [13]float32{
	1. / 64, 4. / 64, 10. / 64, 20. / 64, 31. / 64, 40. / 64, 44. / 64,
	40. / 64, 31. / 64, 20. / 64, 10. / 64, 4. / 64, 1. / 64,
}

// Coarse node S covers the fine nodes 4S-9 to 4S+3.
const firstFine = -9

// coarseNodes is the number of coarse nodes that reach one of m fine ones.
func coarseNodes(m int) int { return (m-1-firstFine)/4 + 1 }

// Rows of a level are gone through a few at a time.
const (
	coarseRows = 2
	fineRows   = 8
)

// restrict turns fine charges into coarse ones.
func (g *Grid) restrict() {
	g.pool.Run(par.Chunks(g.coarse.my, coarseRows), g.body.restrict)
	g.pool.Weigh("restrict", g.coarseWork)
}

// coarseWork is how many floats of the fine level's width a chunk of coarse rows has.
func (g *Grid) coarseWork(c int) int {
	return (min(g.coarse.my, (c+1)*coarseRows) - c*coarseRows) * g.fine.pitch
}

func (g *Grid) restrictChunk(w, c int) {
	for s := c * coarseRows; s < min(g.coarse.my, (c+1)*coarseRows); s++ {
		g.restrictRow(s)
		g.restrictColumns(w, s)
	}
}

func (g *Grid) restrictRow(s int) {
	p := g.fine.pitch
	out := g.temp[s*p:][:p]
	clear(out)
	first := 4*s + firstFine
	lo, hi := max(0, first), min(g.fine.my, first+len(refine))
	combine(out, out, g.data[lo*p:hi*p], p, refine[lo-first:hi-first])
}

func (g *Grid) restrictColumns(w, s int) {
	p, q := g.fine.pitch, g.coarse.pitch
	phases, stride := g.phases[w], g.phaseStride()
	split4(phases[lanes:], stride, g.temp[s*p:][:p])
	out := g.rest[s*q:][:g.coarse.batches()*lanes]
	clear(out)
	// Fine node 4x-9+k has phase (k-1)%4 and lies (k-1)/4-2 groups off.
	combine(out, out, phases[lanes-3+3*stride:], stride, refine[:1])
	for k := 1; k < len(refine); k += 4 {
		combine(out, out, phases[lanes-2+k/4:], stride, refine[k:k+4])
	}
	clear(out[g.coarse.mx:])
}

// phaseStride leaves room around the pitch/4 floats of a phase.
func (g *Grid) phaseStride() int { return g.fine.pitch/4 + 3*lanes }

// prolong adds the coarse potential to the fine one.
func (g *Grid) prolong() {
	g.pool.Run(par.Chunks(g.coarse.my, coarseRows), g.body.prolongX)
	g.pool.Weigh("prolong", g.coarseWork)
	g.pool.Run(par.Chunks(g.fine.my, fineRows), g.body.prolongY)
	g.pool.Weigh("prolong", func(c int) int { return (min(g.fine.my, (c+1)*fineRows) - c*fineRows) * g.fine.pitch })
}

func (g *Grid) prolongColumns(w, c int) {
	p, q := g.fine.pitch, g.coarse.pitch
	phases, stride := g.phases[w], g.phaseStride()
	for s := c * coarseRows; s < min(g.coarse.my, (c+1)*coarseRows); s++ {
		for y, f := range coarsen {
			out := phases[lanes+y*stride:][:p/4]
			clear(out)
			combine(out, out, g.rest[s*q:], 1, f)
		}
		merge4(g.temp[s*p:][:p], phases[lanes:], stride)
	}
}

func (g *Grid) prolongRows(_, c int) {
	p := g.fine.pitch
	for y := c * fineRows; y < min(g.fine.my, (c+1)*fineRows); y++ {
		out := g.data[y*p:][:p]
		lo, hi := y/4, min(g.coarse.my, (y-firstFine)/4+1)
		combine(out, out, g.temp[lo*p:hi*p], p, coarsen[y%4][:hi-lo])
	}
}

// coarsen holds, for each row modulo 4, the weights in it of the coarse rows that reach
// it, in their order.
var coarsen = func() (c [4][]float32) {
	for y := range c {
		for t := 0; t <= (y-firstFine)/4; t++ {
			if k := y - 4*t - firstFine; k < len(refine) {
				c[y] = append(c[y], refine[k])
			}
		}
	}
	return
}()

// combinePortable sets out to base plus the sum of w[k] times row k of src.
func combinePortable(out, base, src []float32, stride int, w []float32) {
	copy(out, base)
	for k, f := range w {
		for i, v := range src[k*stride:][:len(out)] {
			out[i] += float32(v * f)
		}
	}
}

// split4 puts float i of src, whose length is a multiple of 32, at i/4 of row i%4
// of dst, whose rows are stride apart.
func split4Portable(dst []float32, stride int, src []float32) {
	for i, v := range src {
		dst[i%4*stride+i/4] = v
	}
}

// merge4 is the inverse of split4.
func merge4Portable(dst, src []float32, stride int) {
	for i := range dst {
		dst[i] = src[i%4*stride+i/4]
	}
}
