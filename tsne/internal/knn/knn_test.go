package knn

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

type data struct {
	name string
	n, d int
	x    []float32
}

func make2(name string, n, d int, f func(r *rand.Rand, i, j int) float32) data {
	r := rand.New(rand.NewPCG(uint64(n), uint64(d)))
	x := make([]float32, n*d)
	for i := range x {
		x[i] = f(r, i/d, i%d)
	}
	return data{name, n, d, x}
}

func normal(s float32) func(*rand.Rand, int, int) float32 {
	return func(r *rand.Rand, _, _ int) float32 { return s * float32(r.NormFloat64()) }
}

func clustered(sep float64) func(*rand.Rand, int, int) float32 {
	return func(r *rand.Rand, i, j int) float32 {
		c := rand.New(rand.NewPCG(uint64(i%7), uint64(j)))
		return float32(sep*c.NormFloat64() + r.NormFloat64())
	}
}

// cases are the shapes and values that break neighbour searches.
func cases() []data {
	return []data{
		make2("n2", 2, 1, normal(1)),
		make2("n4d1", 4, 1, normal(1)),
		make2("random", 1013, 7, normal(1)),
		make2("random50", 701, 50, normal(1)),
		make2("wide", 331, 203, normal(3)),
		make2("line", 1501, 1, normal(1)),
		make2("plane", 2999, 2, normal(1)),
		make2("integer", 997, 3, func(r *rand.Rand, _, _ int) float32 { return float32(r.IntN(4)) }),
		make2("binary", 803, 37, func(r *rand.Rand, _, _ int) float32 { return float32(r.IntN(2)) }),
		make2("identical", 301, 5, func(_ *rand.Rand, _, j int) float32 { return float32(j) / 3 }),
		make2("pairs", 640, 9, func(_ *rand.Rand, i, j int) float32 { return float32(math.Sin(float64(i/2*9 + j))) }),
		make2("constant", 500, 19, func(r *rand.Rand, _, j int) float32 {
			if j%3 == 0 {
				return 1e4
			}
			return float32(r.NormFloat64())
		}),
		make2("offset", 700, 21, func(r *rand.Rand, _, j int) float32 { return 1e6 + float32(r.NormFloat64()) }),
		make2("islands", 900, 33, clustered(1e4)),
		make2("clusters", 1200, 40, clustered(3)),
		make2("huge", 450, 11, normal(1e30)),
		make2("hugest", 450, 11, normal(1e38/4)),
		make2("tiny", 450, 11, normal(1e-30)),
		make2("denormal", 450, 3, normal(1e-40)),
		make2("mixed", 600, 12, func(r *rand.Rand, _, j int) float32 {
			return float32(r.NormFloat64() * math.Pow(10, float64(5*j-30)))
		}),
		make2("outlier", 600, 13, func(r *rand.Rand, i, _ int) float32 {
			if i == 17 {
				return 1e12
			}
			return float32(r.NormFloat64())
		}),
		make2("halftiny", 500, 17, func(r *rand.Rand, i, j int) float32 {
			if i%2 == 0 {
				return float32(r.NormFloat64()) * 1e-25
			}
			return float32(r.NormFloat64())
		}),
	}
}

// naive sorts all distances of a row, taken as the doc comments define them.
func naive(x []float32, n, d, k int) *Graph {
	var m float64
	for _, v := range x {
		m = max(m, math.Abs(float64(v)))
	}
	e := 0
	if m > 0 && (m < 0x1p-20 || m > 0x1p40) {
		_, e = math.Frexp(m)
	}
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(math.Ldexp(float64(v), -e))
	}
	g := &Graph{N: n, K: k}
	type nb struct {
		d float32
		j int32
	}
	for i := range n {
		var all []nb
		for j := range n {
			var s [8]float32
			for c := range d {
				t := y[i*d+c] - y[j*d+c]
				t *= t
				s[c%8] += t
			}
			s04, s15, s26, s37 := s[0]+s[4], s[1]+s[5], s[2]+s[6], s[3]+s[7]
			if i != j {
				all = append(all, nb{(s04 + s26) + (s15 + s37), int32(j)})
			}
		}
		slices.SortFunc(all, func(a, b nb) int {
			if a.d != b.d {
				if a.d < b.d {
					return -1
				}
				return 1
			}
			return int(a.j - b.j)
		})
		for _, v := range all[:k] {
			g.Index = append(g.Index, v.j)
			g.Dist2 = append(g.Dist2, float32(math.Ldexp(float64(v.d), 2*e)))
		}
	}
	return g
}

func same(a, b *Graph) error {
	if a.N != b.N || a.K != b.K || len(a.Index) != len(b.Index) || len(a.Dist2) != len(b.Dist2) {
		return fmt.Errorf("shapes differ")
	}
	for i := range a.Index {
		if a.Index[i] != b.Index[i] || math.Float32bits(a.Dist2[i]) != math.Float32bits(b.Dist2[i]) {
			return fmt.Errorf("row %d place %d: %d at %g, want %d at %g", i/a.K, i%a.K, a.Index[i], a.Dist2[i], b.Index[i], b.Dist2[i])
		}
	}
	return nil
}

// first is a graph of the first k neighbours of g.
func first(g *Graph, k int) *Graph {
	h := &Graph{N: g.N, K: k}
	for i := range g.N {
		h.Index = append(h.Index, g.Index[i*g.K:][:k]...)
		h.Dist2 = append(h.Dist2, g.Dist2[i*g.K:][:k]...)
	}
	return h
}

// onPaths runs f on every CPU path of this machine.
func onPaths(t *testing.T, f func(t *testing.T)) {
	use := cpu.Use
	defer func() { cpu.Use = use }()
	for l := cpu.Portable; l <= cpu.Best; l++ {
		cpu.Use = l
		t.Run(l.String(), f)
	}
}

// unscale gives the distances of the data as given.
func unscale(g *Graph) {
	for i, e := range g.Exponents() {
		dist, _ := g.row(i)
		for j, v := range dist {
			dist[j] = float32(math.Ldexp(float64(v), -2*int(e)))
		}
	}
}

func TestExactIsTheDefinition(t *testing.T) {
	for _, c := range cases() {
		full := min(c.n-1, 150)
		if c.n < 700 {
			full = c.n - 1
		}
		want := naive(c.x, c.n, c.d, full)
		t.Run(c.name, func(t *testing.T) {
			onPaths(t, func(t *testing.T) {
				for h, k := range []int{1, 5, 90, full} {
					if k > full {
						continue
					}
					pool := par.New([]int{1, 2, 3, 8}[h])
					got, err := Exact(context.Background(), pool, c.x, c.n, c.d, k, nil)
					pool.Close()
					if err != nil {
						t.Fatal(err)
					}
					unscale(got)
					if err := same(got, first(want, k)); err != nil {
						t.Errorf("k = %d: %v", k, err)
					}
				}
			})
		})
	}
}

// Every row's neighbours must be the nearest of those it was compared with, so
// that only what was compared may differ between runs, and it must not.
func TestSameBitsOnAnyWorkersAndPath(t *testing.T) {
	sets := []data{
		make2("clusters", 6007, 21, clustered(2)),
		make2("wide", 3100, 75, clustered(1)),
		make2("integer", 5000, 4, func(r *rand.Rand, _, _ int) float32 { return float32(r.IntN(9)) }),
	}
	for _, c := range sets {
		t.Run(c.name, func(t *testing.T) {
			var exact, approx *Graph
			onPaths(t, func(t *testing.T) {
				for _, workers := range []int{1, 2, 3, 8} {
					pool := par.New(workers)
					a, err := Exact(context.Background(), pool, c.x, c.n, c.d, 23, nil)
					if err != nil {
						t.Fatal(err)
					}
					b, err := Approx(context.Background(), pool, c.x, c.n, c.d, 23, ApproxOptions{Seed: 3}, nil)
					pool.Close()
					if err != nil {
						t.Fatal(err)
					}
					if exact == nil {
						exact, approx = a, b
					}
					if err := same(a, exact); err != nil {
						t.Errorf("Exact with %d workers: %v", workers, err)
					}
					if err := same(b, approx); err != nil {
						t.Errorf("Approx with %d workers: %v", workers, err)
					}
				}
			})
			t.Logf("recall %.4f", recall(approx, exact))
		})
	}
}

// recall is the share of the neighbours of want that got has.
func recall(got, want *Graph) float64 {
	hits := 0
	for i := range want.N {
		has := map[int32]bool{}
		for _, j := range want.Index[i*want.K:][:want.K] {
			has[j] = true
		}
		for _, j := range got.Index[i*got.K:][:got.K] {
			if has[j] {
				hits++
			}
		}
	}
	return float64(hits) / float64(len(want.Index))
}

func TestApproxRecall(t *testing.T) {
	pool := par.New(0)
	defer pool.Close()
	n, d, k := 20011, 50, 90
	r := rand.New(rand.NewPCG(7, 7))
	means := make([]float64, 40*d)
	for i := range means {
		means[i] = 1.5 * r.NormFloat64()
	}
	c := make2("clusters", n, d, func(r *rand.Rand, i, j int) float32 {
		return float32(means[i%40*d+j] + r.NormFloat64())
	})
	want, err := Exact(context.Background(), pool, c.x, n, d, k, nil)
	if err != nil {
		t.Fatal(err)
	}
	last := 0.0
	for _, effort := range []float64{0.25, 0, 4} {
		got, err := Approx(context.Background(), pool, c.x, n, d, k, ApproxOptions{Effort: effort}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got2 := recall(got, want)
		t.Logf("effort %g: recall %.4f", effort, got2)
		if floor := map[float64]float64{0.25: 0.95, 0: 0.98, 4: 0.99}[effort]; got2 < floor || got2 < last {
			t.Errorf("effort %g: recall %.4f, want at least %g and %.4f", effort, got2, floor, last)
		}
		last = got2
		checkLists(t, c, got)
	}
}

// checkLists holds g to what its doc comment says.
func checkLists(t *testing.T, c data, g *Graph) {
	t.Helper()
	for i := range g.N {
		seen := map[int32]bool{int32(i): true}
		for p := range g.K {
			j, v := g.Index[i*g.K+p], g.Dist2[i*g.K+p]
			if j < 0 || int(j) >= g.N || seen[j] {
				t.Fatalf("row %d lists %d wrongly or twice", i, j)
			}
			seen[j] = true
			if w := dist2(c.x[i*c.d:][:c.d], c.x[int(j)*c.d:][:c.d]); w != v {
				t.Fatalf("row %d: %d at %g, want %g", i, j, v, w)
			}
			if p > 0 && !farther(v, j, g.Dist2[i*g.K+p-1], g.Index[i*g.K+p-1]) {
				t.Fatalf("row %d: places %d and %d out of order", i, p-1, p)
			}
		}
	}
}

func TestApproxFindsKHoweverLarge(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for _, c := range []data{
		make2("islands", 4001, 6, clustered(1e3)),
		make2("identical", 3300, 3, func(*rand.Rand, int, int) float32 { return 1 }),
		make2("line", 3001, 1, normal(1)),
		make2("fat tails", 3999, 9, func(r *rand.Rand, _, _ int) float32 { return float32(math.Exp(4 * r.NormFloat64())) }),
	} {
		for _, k := range []int{1, 700, c.n - 1} {
			g, err := Approx(context.Background(), pool, c.x, c.n, c.d, k, ApproxOptions{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			checkLists(t, c, g)
		}
	}
}

func TestCancel(t *testing.T) {
	pool := par.New(0)
	defer pool.Close()
	c := make2("random", 60000, 100, normal(1))
	for name, f := range map[string]func(context.Context) error{
		"exact": func(ctx context.Context) error {
			_, err := Exact(ctx, pool, c.x, c.n, c.d, 90, nil)
			return err
		},
		"approx": func(ctx context.Context) error {
			_, err := Approx(ctx, pool, c.x, c.n, c.d, 90, ApproxOptions{}, nil)
			return err
		},
	} {
		for _, wait := range []time.Duration{0, 30 * time.Millisecond, 200 * time.Millisecond, time.Second} {
			ctx, cancel := context.WithCancel(context.Background())
			var at time.Time
			if wait == 0 {
				at = time.Now()
				cancel()
			} else {
				time.AfterFunc(wait, func() { at = time.Now(); cancel() })
			}
			err := f(ctx)
			if err == nil && wait > 0 {
				cancel()
				continue // done before
			}
			// How late is logged, not judged: this machine may be busy.
			t.Logf("%s cancelled after %v: %v late", name, wait, time.Since(at))
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s cancelled after %v: %v", name, wait, err)
			}
			cancel()
		}
	}
}

func TestProgress(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	c := make2("random", 5000, 10, normal(1))
	last, calls := 0.0, 0
	report := func(v float64) {
		if v < last || v > 1 {
			t.Errorf("progress %g after %g", v, last)
		}
		last = v
		calls++
	}
	if _, err := Exact(context.Background(), pool, c.x, c.n, c.d, 5, report); err != nil || last != 1 || calls < 2 {
		t.Errorf("Exact: %v, %d reports, the last %g", err, calls, last)
	}
	last, calls = 0, 0
	first := 1.0
	lists := func(v float64) { first = min(first, v); report(v) }
	if _, err := Approx(context.Background(), pool, c.x, c.n, c.d, 5, ApproxOptions{}, lists); err != nil || last != 1 {
		t.Errorf("Approx: %v, the last report %g", err, last)
	}
	if !(first < listed/2) {
		t.Errorf("Approx: of the lists nothing is told, the first report is %g", first)
	}
}

func TestAbuse(t *testing.T) {
	pool := par.New(1)
	defer pool.Close()
	x := make([]float32, 12)
	for _, c := range []struct{ n, d, k int }{
		{0, 3, 1}, {1, 12, 1}, {4, 0, 1}, {4, 3, 0}, {4, 3, 4}, {4, 2, 1}, {-4, -3, 1}, {math.MaxInt, 2, 1}, {4, 3, -1},
	} {
		if g, err := Exact(context.Background(), pool, x, c.n, c.d, c.k, nil); err == nil || g != nil {
			t.Errorf("Exact of %v: %v, %v", c, g, err)
		}
		if g, err := Approx(context.Background(), pool, x, c.n, c.d, c.k, ApproxOptions{}, nil); err == nil || g != nil {
			t.Errorf("Approx of %v: %v, %v", c, g, err)
		}
	}
	for _, e := range []float64{-1, math.NaN()} {
		if _, err := Approx(context.Background(), pool, x, 4, 3, 2, ApproxOptions{Effort: e}, nil); err == nil {
			t.Errorf("effort %g passed", e)
		}
	}
}

func TestBytes(t *testing.T) {
	if b := Bytes(70000, 50, 90, true); b < 70000*(90*8+50*8) || b > 120<<20 {
		t.Errorf("%d bytes for MNIST", b)
	}
	if b := Bytes(20_000_000, 50, 90, false); b < 20_000_000*(90*8+50) || b > 40<<30 {
		t.Errorf("%d bytes for 20 million rows", b)
	}
}
