// Package fftgrid sums the kernel 1/(1+d²) and its gradient over many points at
// once, through a grid.
//
// Every source spreads one unit of charge with cubic B-splines on a grid of step
// 0.3; the grid is convolved with the kernel, corrected for the splines; and
// potential and force are the spline through the result and its
// gradient. The step does not depend on how far the points reach (small maps get a
// finer one), so neither does the error: 1e-3 to 2e-3 of the root mean square force
// on maps as t-SNE makes them. What the grid makes of a point's force on itself is known
// and taken out, which bounds the error by 6e-3 however sparse the points are.
//
// A convolution without wrap-around would need twice the period in each
// direction. Instead the kernel is cut in two: a short part, which needs a margin
// only, and a smooth rest, which a grid of four times the step holds. The spline of a
// coarse node is a sum of splines of fine ones, so the coarse charges come from the
// fine ones and the coarse potential adds to the fine one exactly, without
// another visit to the points.
//
// With other degrees of freedom the kernel is (1+d²/α)^-α; the force is still its
// gradient, and all of the above holds, with a step that shrinks as √α below 1.
//
// Results are the same bits for any number of workers and on every CPU path.
package fftgrid

import (
	"math"
	"sync/atomic"

	"github.com/libtsne/libtsne/tsne/internal/par"
	"github.com/libtsne/libtsne/tsne/internal/vec"
)

const (
	// Step is the distance of grid nodes for maps of ordinary size in two
	// dimensions, and lineStep in one.
	Step     = 0.3
	lineStep = 0.25

	// maxCells bounds the grid's width; past it the step doubles.
	maxCells = 4032
	// maxLine is the same in one dimension.
	maxLine = 1 << 16
	// minCells is the least width in cells: below it the step halves, so that
	// the tiny early maps do not vanish in rounding.
	minCells = 32
	// maxHalvings bounds that.
	maxHalvings = 14

	// oneLevel is the widest grid that one padded level serves.
	oneLevel = 64
	// splitRate/step² is the rate that parts slow and fast Gaussians, and
	// margin the cells over which the fast ones vanish.
	splitRate = 0.0111
	margin    = 28
	// foldMargin keeps lags clear of the fold of a padded period.
	foldMargin = 12

	stripe  = 8    // rows of cells sorted together
	grain   = 2048 // points whose potentials are one sum
	few     = 256  // points gathered at a time
	private = 8    // most copies of a small grid
)

// Grid holds the sources' potential. Its buffers grow on demand and serve every
// later call, and its kernels serve as long as the size stays. One
// goroutine may use it at a time.
type Grid struct {
	// DOF is the degrees of freedom of the kernel, which is (1+d²/DOF)^-DOF, and
	// (1+d²/DOF)^-(DOF+1) in the force; 0: 1. It is set before the first Load.
	DOF float64

	pool *par.Pool
	dims int
	plan plans

	lo, top    [2]float32 // box corner; widest cell coordinate
	inv        float32    // cells a unit
	offset     float64    // taken from the kernel, times sources
	fine       level
	coarse     level
	two        bool
	data, rest []float32   // the two levels' lattices
	temp       []float32   // between the axes of restrict and prolong
	phases     [][]float32 // a row of each worker cut by column modulo 4
	copies     []float32
	nCopies    int

	y       []float32 // the points of the call in progress
	n       int
	cells   []float32 // of the sources: of one level in their order, of two stripe by stripe
	index   []uint32  // where each was then
	count   []int     // sort chunk x stripe
	start   []int     // of each stripe in sorted
	stripes int
	boxes   [][4]float32
	sums    []float64
	gone    []atomic.Int32 // of each sum, the loops of few points that are done
	scratch [][]float32    // grain x 3 for each worker
	force   []float32
	phi     []float32
	body    bodies
}

// bodies are loop bodies made once, so that loops allocate nothing.
type bodies struct {
	box, count, place, even, odd, copy, merge, gather, eval,
	restrict, forward, product, backward, prolongX, prolongY func(worker, chunk int)
}

// New returns a grid for points of 1 or 2 dims that runs on pool.
func New(pool *par.Pool, dims int) *Grid {
	if dims != 1 && dims != 2 {
		panic("fftgrid: dims must be 1 or 2")
	}
	g := &Grid{pool: pool, dims: dims, plan: plans{}}
	g.scratch = make([][]float32, pool.Workers())
	for i := range g.scratch {
		g.scratch[i] = make([]float32, 3*grain)
	}
	g.body = bodies{
		box: g.boxChunk, count: g.countChunk, place: g.placeChunk, even: g.evenStripe, odd: g.oddStripe,
		copy: g.copyChunk, merge: g.mergeRows, gather: g.gatherChunk, eval: g.evalChunk,
		restrict: g.restrictChunk, prolongX: g.prolongColumns, prolongY: g.prolongRows,
		forward: g.forwardBoth, product: g.multiplyBoth, backward: g.backwardBoth,
	}
	return g
}

// Load makes y, n x dims interleaved coordinates, the sources. The grid
// follows from the bounding box of y alone. Points more than some 1,200 units apart
// in two dimensions (16,000 in one) get a coarser step and larger errors, not
// more memory. Coordinates that are not finite give meaningless but finite results.
func (g *Grid) Load(y []float32) {
	lo, hi := g.bounds(y)
	g.load(y, lo, hi)
}

// Coarse says whether y reaches so far that its grid has a coarser step, and so a
// larger error where points are sparse.
func (g *Grid) Coarse(y []float32) bool {
	lo, hi := g.bounds(y)
	return g.coarseBox(lo, hi)
}

// Exceeds says whether y is Coarse or its grid has more than so many cells, which
// time and memory go with.
func (g *Grid) Exceeds(y []float32, cells int) bool {
	lo, hi := g.bounds(y)
	return g.exceeds(lo, hi, cells)
}

func (g *Grid) exceeds(lo, hi [2]float32, cells int) bool {
	if g.coarseBox(lo, hi) {
		return true
	}
	c := choose(lo, hi, g.dims, g.dof())
	return c.cells(g.dims) > int64(cells)
}

func (g *Grid) coarseBox(lo, hi [2]float32) bool {
	usual, limit := usualStep(g.dims, g.dof())
	return widest(lo, hi, g.dims) > limit*usual
}

// LoadBox is Load with a box that covers at least lo to hi, one value for each
// of the dims, for targets that lie outside the sources.
func (g *Grid) LoadBox(y, lo, hi []float32) {
	l, h := g.bounds(y)
	for a := range g.dims {
		if len(y) == 0 {
			l[a], h[a] = lo[a], hi[a]
		}
		l[a], h[a] = min(l[a], lo[a]), max(h[a], hi[a])
	}
	g.load(y, l, h)
}

// Eval sets force[i] to the sum over sources s of (y_i - y_s)/(1+d²)², and
// phi[i], unless phi is nil, to the sum of 1/(1+d²), for the targets y, and
// returns the sum of phi over the targets. A target that is itself a source counts
// itself with the potential Self. Targets outside the box of the sources count as
// if they lay on its edge: see LoadBox.
func (g *Grid) Eval(y, force, phi []float32) float64 {
	n := len(y) / g.dims
	g.y, g.force, g.phi = y, force, phi
	chunks := par.Chunks(n, grain)
	g.sums = resizeSums(g.sums, chunks)
	g.pool.Run(chunks, g.body.eval)
	g.y, g.force, g.phi = nil, nil, nil
	return g.total(n)
}

// Self is the potential, averaged over positions in a cell, that the grid gives a
// unit charge at its own place. It is near 1.
func (g *Grid) Self() float64 {
	s := g.fine.self.potential + g.offset
	if g.two {
		s += g.coarse.self.potential
	}
	return s
}

// Repulsion is Load and Eval with y as both sources and targets. It returns the
// sum over pairs i != j of 1/(1+d²).
func (g *Grid) Repulsion(y, force []float32) float64 {
	lo, hi := g.bounds(y)
	return g.repulsion(y, force, lo, hi)
}

// RepulsionWithin is Repulsion, or false if y Exceeds so many cells.
func (g *Grid) RepulsionWithin(cells int, y, force []float32) (z float64, ok bool) {
	lo, hi := g.bounds(y)
	if g.exceeds(lo, hi, cells) {
		return 0, false
	}
	return g.repulsion(y, force, lo, hi), true
}

func (g *Grid) repulsion(y, force []float32, lo, hi [2]float32) float64 {
	g.load(y, lo, hi)
	g.force = force
	chunks := par.Chunks(g.n, grain)
	g.sums = resizeSums(g.sums, chunks)
	if cap(g.gone) < chunks {
		g.gone = make([]atomic.Int32, chunks)
	}
	g.gone = g.gone[:chunks]
	for i := range g.gone {
		g.gone[i].Store(0)
	}
	g.pool.Run(par.Chunks(g.n, few), g.body.gather)
	g.pool.Weigh("gather", func(c int) int { return min(g.n, (c+1)*few) - c*few })
	g.force = nil
	g.pool.Serial("sums", chunks)
	return g.total(g.n) - float64(float64(g.n)*g.Self())
}

func (g *Grid) total(targets int) (sum float64) {
	for _, s := range g.sums {
		sum += s
	}
	return sum + float64(g.offset*float64(g.n)*float64(targets))
}

func resizeSums(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}

func (g *Grid) bounds(y []float32) (lo, hi [2]float32) {
	g.y = y
	chunks := par.Chunks(len(y), boxGrain)
	if cap(g.boxes) < chunks {
		g.boxes = make([][4]float32, chunks)
	}
	g.boxes = g.boxes[:chunks]
	g.pool.RunIf(len(y) >= boxAlone, chunks, g.body.box)
	g.pool.Weigh("box", func(c int) int { return min(len(y), (c+1)*boxGrain) - c*boxGrain })
	g.y = nil
	for a := range g.dims {
		l, h := float32(math.Inf(1)), float32(math.Inf(-1))
		for _, b := range g.boxes {
			l, h = min(l, b[a]), max(h, b[2+a])
		}
		if !(l <= h) {
			l, h = 0, 0
		}
		lo[a], hi[a] = l, h
	}
	return lo, hi
}

const (
	boxGrain = 8192  // floats
	boxAlone = 32768 // of fewer others are not worth waking
)

func (g *Grid) boxChunk(_, c int) {
	y := g.y[c*boxGrain : min(len(g.y), (c+1)*boxGrain)]
	var lo, hi [8]float32
	for i := range lo {
		lo[i], hi[i] = float32(math.Inf(1)), float32(math.Inf(-1))
	}
	n := len(y) &^ 7
	narrow8(&lo, &hi, y[:n])
	var rest [8]float32
	for i := range rest {
		rest[i] = float32(math.NaN())
	}
	copy(rest[:], y[n:])
	narrow8(&lo, &hi, rest[:])
	b := [4]float32{lo[0], lo[1], hi[0], hi[1]}
	for i := range lo {
		a := i % g.dims
		b[a], b[2+a] = min(b[a], lo[i]), max(b[2+a], hi[i])
	}
	g.boxes[c] = b
}

// narrowPortable passes over NaN.
func narrowPortable(lo, hi *[8]float32, y []float32) {
	for i, v := range y {
		if v < lo[i%8] {
			lo[i%8] = v
		}
		if v > hi[i%8] {
			hi[i%8] = v
		}
	}
}

func (g *Grid) load(y []float32, lo, hi [2]float32) {
	g.n = len(y) / g.dims
	g.lo = lo
	g.shape(lo, hi)
	g.y = y
	g.cells = resize(g.cells, len(y))
	switch {
	case g.dims == 1 || !g.two:
		g.spreadCopies()
	default:
		g.spreadStripes()
	}
	g.y = nil
	if !g.two {
		g.fine.convolve(g.pool, g.data)
		return
	}
	g.restrict()
	g.convolveBoth()
	g.prolong()
}

// shape chooses step and sizes from the box.
func (g *Grid) shape(lo, hi [2]float32) {
	dof := g.dof()
	c := choose(lo, hi, g.dims, dof)
	g.inv, g.top, g.two = float32(1/c.step), c.top, c.two
	f := &g.fine
	if g.dims == 1 {
		f.shape(1, c.fine[0], 1, c.nodes[0])
	} else {
		f.shape(c.fine[0], c.fine[1], c.nodes[0], c.nodes[1])
	}
	g.data = resize(g.data, f.pitch*f.my)
	reach := c.step * float64(f.nx+f.ny)
	g.offset = 0
	if g.two {
		rate := splitRate / (c.step * c.step)
		f.kernel(g.pool, g.plan, dof, c.step, rate, math.Inf(1), 0, 0)
		r := &g.coarse
		r.shape(c.coarse[0], c.coarse[1], coarseNodes(c.nodes[0]), coarseNodes(c.nodes[1]))
		r.kernel(g.pool, g.plan, dof, 4*c.step, 0, rate, reach, 0)
		// prolong reads a little past the end.
		g.rest = resize(g.rest, r.pitch*r.my+f.pitch)
		if g.phases == nil {
			g.phases = make([][]float32, g.pool.Workers())
		}
		for w := range g.phases {
			if n := 4*g.phaseStride() + lanes; len(g.phases[w]) != n {
				g.phases[w] = resize(g.phases[w], n)
				clear(g.phases[w])
			}
		}
		g.temp = resize(g.temp, f.pitch*r.my)
		return
	}
	mid := reach / 4
	g.offset = vec.Exp(-dof * vec.Log(1+float64(mid*mid)/dof))
	f.kernel(g.pool, g.plan, dof, c.step, 0, math.Inf(1), reach, g.offset)
}

// A choice is the grid for a box.
type choice struct {
	step         float64
	top          [2]float32
	nodes        [2]int // lattice of the fine level
	two          bool
	fine, coarse [2]int // periods
}

// cells are those of the fine level, its margin included.
func (c *choice) cells(dims int) int64 {
	if dims == 1 {
		return int64(c.fine[0])
	}
	return int64(c.fine[0]) * int64(c.fine[1])
}

// usualStep is the step of ordinary maps, and the most cells that a grid has.
// The kernel's pole, at i√dof, moves nearer with fewer degrees of freedom.
func usualStep(dims int, dof float64) (step, limit float64) {
	finer := math.Sqrt(min(dof, 1))
	if dims == 1 {
		return lineStep * finer, maxLine
	}
	return Step * finer, maxCells
}

func (g *Grid) dof() float64 {
	if g.DOF == 0 {
		return 1
	}
	return g.DOF
}

func widest(lo, hi [2]float32, dims int) (span float64) {
	for a := range dims {
		span = max(span, float64(hi[a])-float64(lo[a]))
	}
	return span
}

func choose(lo, hi [2]float32, dims int, dof float64) (c choice) {
	span := min(widest(lo, hi, dims), 2*math.MaxFloat32)
	usual, limit := usualStep(dims, dof)
	c.step = usual
	for k := 0; k < maxHalvings && span < minCells*c.step; k++ {
		c.step /= 2
	}
	for span > limit*c.step {
		c.step *= 2
	}
	inv := float32(1 / c.step)
	wide := 0
	for a := range dims {
		c.top[a] = min((hi[a]-lo[a])*inv, float32(limit))
		if !(c.top[a] >= 0) {
			c.top[a] = 0
		}
		c.nodes[a] = int(c.top[a]) + 4
		wide = max(wide, c.nodes[a])
	}
	c.two = dims == 2 && wide > oneLevel
	if c.step < usual {
		c.two = false // two levels have no offset, and a small map drowns in rounding
	}
	for a := range dims {
		if c.two {
			c.fine[a] = period(c.nodes[a] + margin)
			c.coarse[a] = period(2*coarseNodes(c.nodes[a]) + foldMargin)
		} else {
			c.fine[a] = period(2*c.nodes[a] + foldMargin)
		}
	}
	return c
}

// period is the least length the transforms can do that is not below n: 16 times
// a product of twos, threes and fives.
func period(n int) int {
	for p := max(1, (n+15)/16); ; p++ {
		rest := p
		for _, f := range [...]int{2, 3, 5} {
			for rest%f == 0 {
				rest /= f
			}
		}
		if rest == 1 {
			return 16 * p
		}
	}
}

// Sizes lists the periods up to limit that a grid's axis can have.
func Sizes(limit int) (list []int) {
	for p := period(1); p <= limit; p = period(p + 1) {
		list = append(list, p)
	}
	return list
}

// Bytes estimates the memory in bytes for n points whose box has the given spans,
// one for each of the dims.
func Bytes(n int, spans ...float64) int64 {
	var hi [2]float32
	for a, s := range spans {
		hi[a] = float32(s)
	}
	c := choose([2]float32{}, hi, len(spans), 1)
	if len(spans) == 1 {
		return int64(n)*4 + c.cells(1)*lineCell
	}
	b := int64(n)*12 + c.cells(2)*(4+2+4)
	if c.two {
		b += int64(c.coarse[0])*int64(c.coarse[1])*(4+2+1) + int64(c.nodes[0])*int64(coarseNodes(c.nodes[1]))*4
	}
	return b
}

// lineCell is the bytes of a cell in one dimension.
const lineCell = 8*4 + 2 + private*2

// MostBytes is the memory in bytes for n points whose grid does not exceed so many
// cells.
func MostBytes(n, dims, cells int) int64 {
	if dims == 1 {
		return int64(n)*4 + int64(min(cells, period(2*(maxLine+4)+foldMargin)))*lineCell + edges
	}
	most := int64(period(maxCells + 4 + margin))
	// The fine level, and a coarser one of a quarter of the cells with what goes
	// between them.
	const fine, coarse = 4 + 2 + 4, 4 + 2 + 1 + 4
	return int64(n)*12 + min(int64(cells), most*most)*(4*fine+coarse)/4 + edges
}

// edges are what lies around the lattices of small grids.
const edges = 1 << 14
