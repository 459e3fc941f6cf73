package bhtree

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
	"github.com/libtsne/libtsne/tsne/internal/direct"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// clusters look like a map: blobs of unequal size and density over a span.
func clusters(n, dims int, span float64) []float32 {
	r := rand.New(rand.NewPCG(uint64(n), uint64(dims)))
	const blobs = 30
	var centre [blobs][3]float64
	var spread [blobs]float64
	for b := range blobs {
		for d := range dims {
			centre[b][d] = (r.Float64() - 0.5) * span
		}
		spread[b] = span * (0.01 + 0.07*r.Float64())
	}
	y := make([]float32, n*dims)
	for i := range n {
		b := min(r.IntN(blobs), r.IntN(blobs))
		for d := range dims {
			y[i*dims+d] = float32(centre[b][d] + (r.Float64()+r.Float64()+r.Float64()-1.5)*spread[b])
		}
	}
	return y
}

func onPaths(t *testing.T, f func(t *testing.T)) {
	was := cpu.Use
	defer func() { cpu.Use = was }()
	for l := cpu.Portable; l <= cpu.Best; l++ {
		cpu.Use = l
		t.Run(l.String(), f)
	}
}

// errors compares with the direct sum: the force field's relative error and z's.
func errors(pool *par.Pool, dims int, y []float32, theta float64) (force, z float64) {
	var s direct.Scratch
	want, got := make([]float32, len(y)), make([]float32, len(y))
	wantZ := direct.Repulsion(pool, dims, y, want, &s)
	t := New(pool, dims)
	t.Build(y)
	gotZ := t.Repulsion(y, got, theta)
	return rms(got, want), math.Abs(gotZ-wantZ) / (wantZ + 1e-300)
}

func rms(got, want []float32) float64 {
	e, s := 0.0, 1e-60
	for i := range want {
		d := float64(got[i]) - float64(want[i])
		e += d * d
		s += float64(want[i]) * float64(want[i])
	}
	return math.Sqrt(e / s)
}

func TestErrorByTheta(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for _, c := range []struct{ theta, force, z float64 }{
		{0, 3e-6, 5e-7},
		{0.2, 4e-3, 2e-3},
		{0.5, 2.5e-2, 1.2e-2},
		{0.8, 7e-2, 3e-2},
	} {
		for dims := 1; dims <= 3; dims++ {
			for _, span := range []float64{3, 100} {
				f, z := errors(pool, dims, clusters(6000, dims, span), c.theta)
				t.Logf("theta %g dims %d span %g: force %.2g z %.2g", c.theta, dims, span, f, z)
				if !(f <= c.force) || !(z <= c.z) {
					t.Errorf("theta %g dims %d span %g: relative error of force %g, of z %g; bounds %g, %g",
						c.theta, dims, span, f, z, c.force, c.z)
				}
			}
		}
	}
}

// TestThetaSavesWork fails if the tree only ever sums directly.
func TestThetaSavesWork(t *testing.T) {
	pool := par.New(1)
	defer pool.Close()
	y := clusters(6000, 2, 100)
	if f, _ := errors(pool, 2, y, 0.5); f < 1e-5 {
		t.Errorf("error %g at theta 0.5: no cell was taken whole", f)
	}
}

// TestEveryTargetIsFarEnough recounts one group's sources by the rule itself.
func TestEveryTargetIsFarEnough(t *testing.T) {
	pool := par.New(1)
	defer pool.Close()
	const theta = 0.5
	for dims := 1; dims <= 3; dims++ {
		y := clusters(1000, dims, 50) // no more than a list holds
		tree := New(pool, dims)
		tree.Build(y)
		l := &list{open: 1 / theta}
		l.found.grow(len(tree.blocks))
		for lo := 0; lo+groupSize <= tree.n; lo += 5 * groupSize {
			targets := tree.points[4*lo : 4*(lo+groupSize)]
			l.n = 0
			tree.collect(l, targets, lo, lo+groupSize)
			byPlace := map[[4]float32]float64{}
			for i, com := range tree.coms {
				byPlace[com] = float64(tree.blocks[i/8].width[i%8])
			}
			mass := float32(0)
			for i := range l.n {
				s := [4]float32(l.sources[4*i:])
				mass += s[3]
				if s[3] == 1 {
					continue
				}
				for k := 0; k < len(targets); k += 4 {
					d := 0.0
					for a := range dims {
						v := float64(targets[k+a] - s[a])
						d += v * v
					}
					if byPlace[s] >= theta*math.Sqrt(d)*(1+1e-6) {
						t.Fatalf("dims %d: cell of width %g taken at distance %g", dims, byPlace[s], math.Sqrt(d))
					}
				}
			}
			if mass != float32(tree.n-groupSize) {
				t.Fatalf("dims %d: sources weigh %g, want %d", dims, mass, tree.n-groupSize)
			}
		}
	}
}

func TestTreeCoversThePoints(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for dims := 1; dims <= 3; dims++ {
		for _, n := range []int{1, 2, 8, 9, 10, 500, 5000} {
			y := clusters(n, dims, 10)
			for i := n / 2; i < n/2+n/10; i++ {
				copy(y[i*dims:(i+1)*dims], y[:dims])
			}
			tree := New(pool, dims)
			tree.Build(y)
			seen := make([]bool, n)
			for _, it := range tree.items {
				seen[it.index] = true
			}
			for i, s := range seen {
				if !s {
					t.Fatalf("dims %d n %d: point %d is missing", dims, n, i)
				}
			}
			next := int32(0)
			seenBlocks := 0
			var down func(id int32)
			down = func(id int32) {
				seenBlocks++
				b := &tree.blocks[id]
				if b.inner&b.leaf != 0 {
					t.Fatalf("dims %d n %d: a cell is both divided and a leaf", dims, n)
				}
				for lane := range 8 {
					switch {
					case b.leaf>>lane&1 == 1:
						if b.lo[lane] != next {
							t.Fatalf("dims %d n %d: leaf starts at %d, want %d", dims, n, b.lo[lane], next)
						}
						next = b.hi[lane]
					case b.inner>>lane&1 == 1:
						down(b.child[lane])
						if next != b.hi[lane] {
							t.Fatalf("dims %d n %d: children end at %d, want %d", dims, n, next, b.hi[lane])
						}
					default:
						continue
					}
					for i := b.lo[lane]; i < b.hi[lane]; i++ {
						for d := range dims {
							// A cell as wide as its width, wherever it stands.
							v := tree.points[4*i+int32(d)] - tree.points[4*b.lo[lane]+int32(d)]
							if float32(math.Abs(float64(v))) > b.width[lane]*1.00001 {
								t.Fatalf("dims %d n %d: points %g apart in a cell of %g", dims, n, v, b.width[lane])
							}
						}
					}
				}
			}
			down(0)
			if int(next) != n || seenBlocks != len(tree.blocks) {
				t.Fatalf("dims %d n %d: leaves end at %d; %d of %d blocks", dims, n, next, seenBlocks, len(tree.blocks))
			}
		}
	}
}

func TestOddInputs(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	all := func(n, dims int, v float32) []float32 {
		y := make([]float32, n*dims)
		for i := range y {
			y[i] = v
		}
		return y
	}
	outlier := clusters(3000, 2, 1)
	outlier[77] = 1e6
	twoHeaps := all(4000, 3, 2)
	for i := range 6000 {
		twoHeaps[i] = -1
	}
	heapAndCloud := clusters(4000, 2, 10)
	for i := 2000; i < 5000; i++ {
		heapAndCloud[i] = heapAndCloud[i%2]
	}
	tiny := clusters(500, 2, 1e-30)
	denormal := all(40, 3, 0)
	for i := range denormal {
		denormal[i] = math.Float32frombits(uint32(i % 7))
	}
	huge := clusters(500, 3, 1e30)
	for name, c := range map[string]struct {
		dims int
		y    []float32
	}{
		"one":             {2, []float32{3, 4}},
		"two":             {1, []float32{3, 4}},
		"two coincide":    {3, []float32{1, 2, 3, 1, 2, 3}},
		"all coincide":    {2, all(5000, 2, 7)},
		"two heaps":       {3, twoHeaps},
		"heap in a cloud": {2, heapAndCloud},
		"outlier":         {2, outlier},
		"tiny":            {2, tiny},
		"denormal":        {3, denormal},
		"huge":            {3, huge},
		"a line in 3-D":   {3, func() []float32 { y := all(999, 3, 1); y[0] = 0; copy(y[600:], clusters(300, 1, 4)); return y }()},
	} {
		onPaths(t, func(t *testing.T) {
			for _, theta := range []float64{0, 0.5, 3} {
				f, z := errors(pool, c.dims, c.y, theta)
				bound := map[float64]float64{0: 6e-6, 0.5: 0.03, 3: 1}[theta]
				if !(f <= bound) || !(z <= bound) {
					t.Errorf("%s, theta %g: error of force %g, of z %g", name, theta, f, z)
				}
			}
		})
	}
}

func TestCoincidentPointsAreCheap(t *testing.T) {
	pool := par.New(1)
	defer pool.Close()
	y := make([]float32, 400000)
	tree := New(pool, 2)
	tree.Build(y)
	f := make([]float32, len(y))
	z := tree.Repulsion(y, f, 0)
	if n := float64(len(y) / 2); z != n*(n-1) {
		t.Errorf("z = %g, want %g", z, n*(n-1))
	}
	if len(tree.blocks) > 64 {
		t.Errorf("%d blocks for one place", len(tree.blocks))
	}
}

func TestEmpty(t *testing.T) {
	pool := par.New(1)
	defer pool.Close()
	tree := New(pool, 2)
	tree.Build(nil)
	if z := tree.Repulsion(nil, nil, 0.5); z != 0 {
		t.Error(z)
	}
	f, phi := []float32{1, 1}, []float32{1}
	tree.At([]float32{3, 3}, f, 0.5, phi)
	if f[0] != 0 || f[1] != 0 || phi[0] != 0 {
		t.Error(f, phi)
	}
	tree.Build([]float32{1, 1})
	tree.Build(nil)
	tree.At(nil, nil, 0.5, nil)
	tree.At([]float32{3, 3}, f, 0.5, phi)
	if phi[0] != 0 {
		t.Error("a tree rebuilt without points still has some")
	}
}

func TestAt(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	onPaths(t, func(t *testing.T) {
		for dims := 1; dims <= 3; dims++ {
			refs := clusters(5000, dims, 60)
			tree := New(pool, dims)
			tree.Build(refs)
			for _, m := range []int{1, 5, 16, 17, 1000} {
				targets := clusters(m, dims, 200) // some of them outside the root cell
				copy(targets[:dims], refs[3*dims:])
				var s direct.Scratch
				want, wantPhi := make([]float32, m*dims), make([]float32, m)
				direct.RepulsionAt(pool, dims, refs, targets, want, wantPhi, &s)
				for i, theta := range []float64{0, 0.2, 0.5} {
					got, phi := make([]float32, m*dims), make([]float32, m)
					tree.At(targets, got, theta, phi)
					bound := [...]float64{3e-6, 5e-3, 4e-2}[i]
					if f, p := rms(got, want), rms(phi, wantPhi); f > bound || p > bound {
						t.Errorf("dims %d m %d theta %g: force %g phi %g", dims, m, theta, f, p)
					}
					tree.At(targets, got, theta, nil)
				}
			}
		}
	})
}

func TestSameBits(t *testing.T) {
	was := cpu.Use
	defer func() { cpu.Use = was }()
	for dims := 1; dims <= 3; dims++ {
		for _, n := range []int{1, 17, 3000, 9001} {
			y, q := clusters(n, dims, 80), clusters(n/2, dims, 90)
			var first []uint64
			for _, workers := range []int{1, 2, 3, 8} {
				pool := par.New(workers)
				for l := cpu.Portable; l <= cpu.Best; l++ {
					cpu.Use = l
					tree := New(pool, dims)
					tree.Build(clusters(50, dims, 3)) // what was there before leaves no trace
					tree.Build(y)
					f, g, phi := make([]float32, n*dims), make([]float32, len(q)), make([]float32, n/2)
					got := []uint64{math.Float64bits(tree.Repulsion(y, f, 0.5))}
					tree.At(q, g, 0.5, phi)
					for _, v := range [][]float32{f, g, phi} {
						for _, x := range v {
							got = append(got, uint64(math.Float32bits(x)))
						}
					}
					if first == nil {
						first = got
					}
					for i := range got {
						if got[i] != first[i] {
							t.Fatalf("dims %d n %d workers %d %v: value %d differs", dims, n, workers, l, i)
						}
					}
				}
				pool.Close()
			}
		}
	}
}

// TestSortOutBits compares the lists of the kernel with those of its portable
// twin, and looks for what it may write behind them.
func TestSortOutBits(t *testing.T) {
	was := cpu.Use
	defer func() { cpu.Use = was }()
	if cpu.Best < cpu.SIMD {
		t.Skip("no vectors here")
	}
	pool := par.New(1)
	defer pool.Close()
	for dims := 1; dims <= 3; dims++ {
		for _, n := range []int{1, 8, 9, 300, 5000} {
			tree := New(pool, dims)
			tree.Build(clusters(n, dims, 50))
			for _, s := range []sight{
				{open: 2, radius: 1},
				{open: float32(math.Inf(1)), radius: 1, mid: [3]float32{3}},
				{open: 0.1, hi: 16, mid: [3]float32{tree.points[0], tree.points[1], tree.points[2]}},
				{open: 0, lo: int32(n / 2), hi: int32(n/2 + 1), radius: 0.5},
			} {
				var lists [2]found
				for i := range lists {
					l := &lists[i]
					l.grow(len(tree.blocks))
					for _, v := range []*[]int32{&l.queue, &l.near, &l.far} {
						*v = append(*v, -7)
						(*v) = (*v)[:len(*v)-1]
					}
					cpu.Use = cpu.Portable
					if i == 1 {
						cpu.Use = cpu.SIMD
					}
					l.sortOut(tree.blocks, &s)
					for _, v := range [][]int32{l.queue, l.near, l.far} {
						if v[:len(v)+1][len(v)] != -7 {
							t.Fatal("written past a list")
						}
					}
				}
				a, b := &lists[0], &lists[1]
				if a.n != b.n || !slices.Equal(a.queue[:a.n[0]], b.queue[:b.n[0]]) ||
					!slices.Equal(a.near[:a.n[1]], b.near[:b.n[1]]) || !slices.Equal(a.far[:a.n[2]], b.far[:b.n[2]]) {
					t.Fatalf("dims %d n %d %v: lengths %v, want %v", dims, n, s, b.n, a.n)
				}
				if a.n[1]+a.n[2] == 0 {
					t.Fatalf("dims %d n %d %v: nothing found", dims, n, s)
				}
			}
		}
	}
}

func TestWarmCallsDoNotAllocate(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	y := clusters(9000, 3, 80)
	f, phi := make([]float32, len(y)), make([]float32, len(y)/3)
	tree := New(pool, 3)
	once := func() {
		tree.Build(y)
		tree.Repulsion(y, f, 0.5)
		tree.At(y, f, 0.5, phi)
	}
	once()
	if a := testing.AllocsPerRun(5, once); a > 0 {
		t.Errorf("%v allocations", a)
	}
}

func BenchmarkBuild(b *testing.B) {
	for _, c := range []struct{ n, dims int }{{70000, 1}, {70000, 2}, {70000, 3}, {1000000, 2}} {
		b.Run(fmt.Sprintf("n=%d/dims=%d", c.n, c.dims), func(b *testing.B) {
			pool := par.New(0)
			defer pool.Close()
			y := clusters(c.n, c.dims, 150)
			t := New(pool, c.dims)
			for b.Loop() {
				t.Build(y)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(c.n), "ns/point")
		})
	}
}

func BenchmarkRepulsion(b *testing.B) {
	for _, c := range []struct {
		n, dims int
		theta   float64
	}{{70000, 1, 0.5}, {70000, 2, 0.5}, {70000, 2, 0.25}, {70000, 3, 0.5}} {
		b.Run(fmt.Sprintf("n=%d/dims=%d/theta=%g", c.n, c.dims, c.theta), func(b *testing.B) {
			pool := par.New(0)
			defer pool.Close()
			y := clusters(c.n, c.dims, 150)
			f := make([]float32, len(y))
			t := New(pool, c.dims)
			t.Build(y)
			for b.Loop() {
				t.Repulsion(y, f, c.theta)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(c.n), "ns/point")
		})
	}
}
