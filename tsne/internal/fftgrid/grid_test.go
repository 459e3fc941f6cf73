package fftgrid

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// tolerance is what the force may be off, relative and root mean square.
const tolerance = 6.5e-3

// direct is the oracle: forces and potentials, self included, in float64.
func direct(targets, sources []float32, dims int) (force, phi []float64) {
	n := len(targets) / dims
	force, phi = make([]float64, n*dims), make([]float64, n)
	for i := range n {
		for j := range len(sources) / dims {
			var d [2]float64
			r := 1.0
			for a := range dims {
				d[a] = float64(targets[i*dims+a]) - float64(sources[j*dims+a])
				r += d[a] * d[a]
			}
			k := 1 / r
			phi[i] += k
			for a := range dims {
				force[i*dims+a] += d[a] * k * k
			}
		}
	}
	return
}

func relativeRMS[T float32 | float64](got []float32, want []T) float64 {
	var e, s float64
	for i, w := range want {
		d := float64(got[i]) - float64(w)
		e += d * d
		s += float64(w) * float64(w)
	}
	return math.Sqrt(e / s)
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

// stretched gives n points that reach the edges of a box of the given widths, a
// third of them near others, so that near and far pairs both count.
func stretched(rng *rand.Rand, n int, widths ...float64) []float32 {
	y := make([]float32, 0, n*len(widths))
	for i := range n {
		for a, w := range widths {
			v := rng.Float64() * w
			switch {
			case i == 0:
				v = 0
			case i == 1:
				v = w
			case i%3 == 0:
				v = float64(y[(i-1)*len(widths)+a]) + w/2 + rng.NormFloat64()*min(w/8, 0.7)
			}
			y = append(y, float32(min(w, max(0, v))-w/2))
		}
	}
	return y
}

// clusters looks like a t-SNE map: ten discs of even density.
func clusters(rng *rand.Rand, n int, span float64) []float32 {
	y := make([]float32, 0, 2*n)
	var cx, cy, r [10]float64
	for i := range cx {
		cx[i], cy[i] = (rng.Float64()-0.5)*span*0.8, (rng.Float64()-0.5)*span*0.8
		r[i] = span * (0.07 + 0.05*rng.Float64())
	}
	for len(y) < 2*n {
		c := len(y) / 2 % len(cx)
		if a, b := 2*rng.Float64()-1, 2*rng.Float64()-1; a*a+b*b <= 1 {
			y = append(y, float32(cx[c]+r[c]*a), float32(cy[c]+r[c]*b))
		}
	}
	return y
}

// ordered sorts points along small tiles, as an optimiser would keep them.
func ordered(y []float32, span float64) []float32 {
	type point struct {
		tile int
		at   [2]float32
	}
	p := make([]point, len(y)/2)
	for i := range p {
		at := [2]float32{y[2*i], y[2*i+1]}
		p[i].at = at
		for b := 7; b >= 0; b-- {
			for _, v := range at {
				p[i].tile = p[i].tile<<1 | int((float64(v)/span+0.5)*255)>>b&1
			}
		}
	}
	slices.SortStableFunc(p, func(a, b point) int { return cmp.Compare(a.tile, b.tile) })
	out := make([]float32, 0, len(y))
	for _, q := range p {
		out = append(out, q.at[:]...)
	}
	return out
}

// check compares all that g gives for y with the direct sums.
func check(t *testing.T, g *Grid, y []float32, dims int) {
	t.Helper()
	n := len(y) / dims
	force, phi := make([]float32, n*dims), make([]float32, n)
	wantF, wantP := direct(y, y, dims)
	z := g.Repulsion(y, force)
	if e := relativeRMS(force, wantF); !(e <= tolerance) {
		t.Errorf("n %d, fine %dx%d, coarse %dx%d: force error %.2e", n, g.fine.nx, g.fine.ny, g.coarse.nx, g.coarse.ny, e)
	}
	want := 0.0
	for _, p := range wantP {
		want += p
	}
	if e := math.Abs(z-(want-float64(n))) / want; !(e <= 1e-4) {
		t.Errorf("n %d, fine %dx%d: z error %.2e", n, g.fine.nx, g.fine.ny, e)
	}
	sum := g.Eval(y, force, phi)
	if e := relativeRMS(phi, wantP); !(e <= 1e-3) {
		t.Errorf("n %d, fine %dx%d: potential error %.2e", n, g.fine.nx, g.fine.ny, e)
	}
	if e := math.Abs(sum-float64(n)*g.Self()-z) / want; !(e <= 1e-12) {
		t.Errorf("Eval sums to %v, Repulsion to %v", sum-float64(n)*g.Self(), z)
	}
}

// reachable maps each period the code can choose for the fine and the coarse level to
// a width, in cells, that makes it do so.
func reachable(dims int) (fine, coarse map[int]int) {
	fine, coarse = map[int]int{}, map[int]int{}
	limit := maxCells
	if dims == 1 {
		limit = maxLine
	}
	for cells := minCells; cells < limit; cells++ {
		if dims == 1 || cells+4 <= oneLevel {
			fine[period(2*(cells+4)+foldMargin)] = cells
		} else {
			fine[period(cells+4+margin)] = cells
			coarse[period(2*coarseNodes(cells+4)+foldMargin)] = cells
		}
	}
	return
}

func TestEverySize(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	g := New(pool, 2)
	fine, coarse := reachable(2)
	seen := map[[2]int]bool{} // axis, period
	seenCoarse := map[[2]int]bool{}
	try := func(cells int) {
		for axis := range 2 {
			w := [2]float64{20, 20}
			w[axis] = (float64(cells) + 0.25) * Step
			check(t, g, stretched(newRand(uint64(cells)), 400, w[:]...), 2)
			seen[[2]int{axis, [2]int{g.fine.nx, g.fine.ny}[axis]}] = true
			if g.two {
				seenCoarse[[2]int{axis, [2]int{g.coarse.nx, g.coarse.ny}[axis]}] = true
			}
		}
	}
	for _, c := range fine {
		try(c)
	}
	for _, c := range coarse {
		try(c)
	}
	for axis := range 2 {
		for p := range fine {
			if !seen[[2]int{axis, p}] {
				t.Errorf("fine period %d of axis %d not tested", p, axis)
			}
		}
		for p := range coarse {
			if !seenCoarse[[2]int{axis, p}] {
				t.Errorf("coarse period %d of axis %d not tested", p, axis)
			}
		}
	}
	for _, p := range Sizes(2 * maxCells) {
		if p >= 96 && p <= 4032 && fine[p] == 0 {
			t.Errorf("period %d listed but not chosen", p)
		}
	}
}

func TestEverySizeOfALine(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	g := New(pool, 1)
	fine, _ := reachable(1)
	for p, cells := range fine {
		if p > 10000 && p < 100000 && p%5 != 0 || testing.Short() && p > 10000 {
			continue // their parts are all tested in smaller ones
		}
		check(t, g, stretched(newRand(uint64(p)), 400, (float64(cells)+0.25)*lineStep), 1)
		if g.fine.ny != p {
			t.Errorf("period %d, want %d", g.fine.ny, p)
		}
	}
}

// A run begins as a point cloud of 1e-4 and may end hundreds of units wide.
func TestEverySpan(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for dims := 1; dims <= 2; dims++ {
		g := New(pool, dims)
		for span := 1e-6; span < 900; span *= 1.7 {
			for _, n := range []int{300, 1500} {
				check(t, g, stretched(newRand(1), n, []float64{span, span * 0.7}[:dims]...), dims)
			}
		}
	}
}

// Two levels have no offset, in which the rounding of a small map drowns: the widest
// maps of each smaller step would be the first to need them.
func TestWidestMapsOfSmallSteps(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	g := New(pool, 2)
	for halvings := 1; halvings <= 8; halvings++ {
		span := (2*minCells - 1.5) * math.Ldexp(Step, -halvings)
		check(t, g, stretched(newRand(1), 500, span, span*0.7), 2)
		if g.two {
			t.Errorf("span %g has two levels", span)
		}
	}
}

func TestMaps(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for _, m := range []struct {
		n    int
		span float64
	}{{70000, 1e-3}, {70000, 5}, {70000, 60}, {70000, 170}, {70000, 250}, {10000, 90}, {2000, 60}, {500000, 350}} {
		if testing.Short() && m.n > 70000 {
			continue
		}
		y := clusters(newRand(3), m.n, m.span)
		force := make([]float32, len(y))
		New(pool, 2).Repulsion(y, force)
		sample := min(m.n, 500)
		want, _ := direct(y[:2*sample], y, 2)
		if e := relativeRMS(force[:2*sample], want); !(e <= 3e-3) {
			t.Errorf("n %d span %g: force error %.2e", m.n, m.span, e)
		}
	}
}

// The force on targets that are not sources, inside the box and on its far side.
func TestOtherTargets(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for dims := 1; dims <= 2; dims++ {
		for _, span := range []float64{2, 60} {
			sources := stretched(newRand(1), 1500, []float64{span, span}[:dims]...)
			targets := stretched(newRand(2), 300, []float64{2 * span, 1.5 * span}[:dims]...)
			lo, hi := make([]float32, dims), make([]float32, dims)
			for i, v := range targets {
				lo[i%dims], hi[i%dims] = min(lo[i%dims], v), max(hi[i%dims], v)
			}
			g := New(pool, dims)
			g.LoadBox(sources, lo, hi)
			force, phi := make([]float32, len(targets)), make([]float32, len(targets)/dims)
			g.Eval(targets, force, phi)
			wantF, wantP := direct(targets, sources, dims)
			if e := relativeRMS(force, wantF); !(e <= tolerance) {
				t.Errorf("dims %d span %g: force error %.2e", dims, span, e)
			}
			if e := relativeRMS(phi, wantP); !(e <= 1e-3) {
				t.Errorf("dims %d span %g: potential error %.2e", dims, span, e)
			}
		}
	}
}

func TestLinear(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for dims := 1; dims <= 2; dims++ {
		for _, span := range []float64{4, 70} {
			y := stretched(newRand(1), 900, []float64{span, span}[:dims]...)
			lo, hi := []float32{-40, -40}, []float32{40, 40}
			g := New(pool, dims)
			eval := func(sources []float32) []float32 {
				force := make([]float32, len(y))
				g.LoadBox(sources, lo, hi)
				g.Eval(y, force, nil)
				return force
			}
			cut := 300 * dims
			a, b, both := eval(y[:cut]), eval(y[cut:]), eval(y)
			for i := range a {
				a[i] += b[i]
			}
			if e := relativeRMS(a, both); !(e <= 2e-5) {
				t.Errorf("dims %d span %g: parts and whole differ by %.2e", dims, span, e)
			}
		}
	}
}

func TestTranslation(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	g := New(pool, 2)
	for _, span := range []float64{1, 15, 80} {
		y := clusters(newRand(5), 4000, span)
		// The box moves with the points, so one far point pins the grid.
		y[0], y[1] = float32(-span), float32(-span)
		force, moved := make([]float32, len(y)), make([]float32, len(y))
		g.Repulsion(y, force)
		for i := 2; i < len(y); i++ {
			y[i] += float32(span) * 0.0137
		}
		g.Repulsion(y, moved)
		if e := relativeRMS(moved[2:], force[2:]); !(e <= 3e-2) || e == 0 {
			t.Errorf("span %g: forces moved by %.2e", span, e)
		}
		for i := range y {
			y[i] += 1.37
		}
		g.Repulsion(y, force)
		if e := relativeRMS(moved, force); !(e <= 2e-3) {
			t.Errorf("span %g: forces of a moved map differ by %.2e", span, e)
		}
	}
}

func TestSameBits(t *testing.T) {
	defer func(l cpu.Level) { cpu.Use = l }(cpu.Use)
	for dims := 1; dims <= 2; dims++ {
		for _, m := range []struct {
			n    int
			span float64
		}{{1, 1}, {7, 3}, {5001, 0.01}, {30001, 12}, {4999, 33}, {30001, 91}, {2000, 333}} {
			y := stretched(newRand(9), m.n, []float64{m.span, m.span * 0.6}[:dims]...)
			var force []float32
			var z float64
			for _, workers := range []int{1, 2, 3, 8} {
				for l := cpu.Portable; l <= cpu.Best; l++ {
					cpu.Use = l
					pool := par.New(workers)
					g := New(pool, dims)
					if workers == 3 { // what came before must not matter
						g.Repulsion(stretched(newRand(1), 3000, []float64{150, 70}[:dims]...), make([]float32, 6000))
					}
					f := make([]float32, len(y))
					s := g.Repulsion(y, f)
					if force == nil {
						force, z = f, s
					}
					if !slices.Equal(f, force) || s != z {
						t.Errorf("dims %d n %d span %g: other bits with %d workers on %v", dims, m.n, m.span, workers, l)
					}
					pool.Close()
				}
			}
		}
	}
}

func TestAbuse(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for dims := 1; dims <= 2; dims++ {
		g := New(pool, dims)
		same := slices.Repeat([]float32{3.25, -7}[:dims], 500)
		force := make([]float32, len(same))
		if z := g.Repulsion(same, force); math.Abs(z-500*499) > 1 {
			t.Errorf("dims %d: z of 500 points in one place is %v", dims, z)
		}
		for _, f := range force {
			if math.Abs(float64(f)) > 1e-3 {
				t.Fatalf("dims %d: force %v between points in one place", dims, f)
			}
		}
		if z := g.Repulsion(nil, nil); z != 0 {
			t.Errorf("dims %d: z of nothing is %v", dims, z)
		}
		if z := g.Repulsion(same[:dims], force); math.Abs(z) > 1e-3 {
			t.Errorf("dims %d: z of one point is %v", dims, z)
		}
		for _, bad := range [][]float32{{nan}, {inf}, {-inf, inf}, {nan, inf, -inf}, {1e30}, {-3e38, 3e38}, {1e-40}, {1e5}} {
			y := append(stretched(newRand(1), 50, []float64{20, 20}[:dims]...), bad...)
			y = append(y, make([]float32, len(y)%dims)...)
			force := make([]float32, len(y))
			z := g.Repulsion(y, force)
			for _, f := range append(force, float32(z)) {
				if !(math.Abs(float64(f)) < 1e30) {
					t.Fatalf("dims %d, %v among the points: %v", dims, bad, f)
				}
			}
			if g.fine.nx*g.fine.ny > 1<<25 {
				t.Errorf("dims %d, %v among the points: grid %dx%d", dims, bad, g.fine.nx, g.fine.ny)
			}
		}
		g.Load(same)
		g.Eval([]float32{nan, inf, -inf, 1e30}, make([]float32, 4), make([]float32, 4/dims))
	}
}

func TestWarmCallsAllocateNothing(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for dims := 1; dims <= 2; dims++ {
		for _, span := range []float64{1, 80} {
			y := stretched(newRand(1), 20000, []float64{span, span}[:dims]...)
			force, phi := make([]float32, len(y)), make([]float32, len(y)/dims)
			g := New(pool, dims)
			if a := testing.AllocsPerRun(5, func() {
				g.Repulsion(y, force)
				g.Eval(y, force, phi)
			}); a != 0 {
				t.Errorf("dims %d span %g: %v allocations", dims, span, a)
			}
		}
	}
}

func TestBytes(t *testing.T) {
	pool := par.New(1)
	defer pool.Close()
	for _, span := range []float64{1, 50, 300} {
		for dims := 1; dims <= 2; dims++ {
			g := New(pool, dims)
			y := stretched(newRand(1), 20000, []float64{span, span}[:dims]...)
			g.Repulsion(y, make([]float32, len(y)))
			have := 0
			for _, s := range [][]float32{g.data, g.rest, g.temp, g.copies, g.cells, g.fine.khat, g.fine.work, g.coarse.khat, g.coarse.work, g.fine.columns[0]} {
				have += 4 * cap(s)
			}
			have += 4 * cap(g.index)
			if b := MostBytes(20000, dims, int(g.size())); float64(b) < 0.99*float64(have) {
				t.Errorf("dims %d span %g: at most %d estimated, in use %d", dims, span, b, have)
			}
			if b := Bytes(20000, []float64{span, span}[:dims]...); float64(b) < 0.8*float64(have) || float64(b) > 1.5*float64(have)+1e6 {
				t.Errorf("dims %d span %g: estimate %d, in use %d", dims, span, b, have)
			}
		}
	}
}

func (g *Grid) size() int64 {
	c := choice{fine: [2]int{g.fine.nx, g.fine.ny}}
	if g.dims == 1 {
		c.fine[0] = g.fine.ny
	}
	return c.cells(g.dims)
}

func TestExceeds(t *testing.T) {
	pool := par.New(1)
	defer pool.Close()
	for dims := 1; dims <= 2; dims++ {
		g := New(pool, dims)
		for _, span := range []float64{0.1, 20, 100, 500, 1000} {
			y := stretched(newRand(1), 500, []float64{span, span / 3}[:dims]...)
			g.Repulsion(y, make([]float32, len(y)))
			cells := int(g.size())
			if g.Exceeds(y, cells) || !g.Exceeds(y, cells-1) {
				t.Errorf("dims %d span %g: not at its %d cells", dims, span, cells)
			}
		}
		y := stretched(newRand(1), 500, []float64{20000, 20000}[:dims]...)
		if !g.Exceeds(y, math.MaxInt32) {
			t.Errorf("dims %d: a coarse grid exceeds nothing", dims)
		}
	}
}
