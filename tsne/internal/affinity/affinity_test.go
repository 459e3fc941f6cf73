package affinity

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

var bg = context.Background()

// graph is the exact kNN graph of n random points in 5-D.
func graph(n, k int, seed uint64) (index []int32, dist2 []float32) {
	rng := rand.New(rand.NewPCG(seed, 1))
	x := make([][5]float64, n)
	for i := range x {
		for d := range x[i] {
			x[i][d] = rng.NormFloat64() * float64(1+i%3)
		}
	}
	type pair struct {
		d float32
		j int32
	}
	all := make([]pair, n)
	for i := range x {
		for j := range x {
			var s float64
			for d := range x[i] {
				s += (x[i][d] - x[j][d]) * (x[i][d] - x[j][d])
			}
			all[j] = pair{float32(s), int32(j)}
		}
		all[i].d = float32(math.Inf(1))
		slices.SortFunc(all, func(a, b pair) int {
			if a.d != b.d {
				if a.d < b.d {
					return -1
				}
				return 1
			}
			return int(a.j - b.j)
		})
		for _, p := range all[:k] {
			index = append(index, p.j)
			dist2 = append(dist2, p.d)
		}
	}
	return index, dist2
}

// reference is the conditional probabilities of one row by plain bisection.
func reference(d []float32, perplexity float64) []float64 {
	p := make([]float64, len(d))
	near := math.Inf(1)
	for _, v := range d {
		near = min(near, float64(v))
	}
	lo, hi := -200.0, 200.0
	for range 300 {
		beta := math.Exp((lo + hi) / 2)
		var s, h float64
		for j := range d {
			p[j] = math.Exp(-beta * (float64(d[j]) - near))
			s += p[j]
		}
		for j := range d {
			p[j] /= s
			if p[j] > 0 {
				h -= p[j] * math.Log(p[j])
			}
		}
		if h > math.Log(perplexity) {
			lo = (lo + hi) / 2
		} else {
			hi = (lo + hi) / 2
		}
	}
	return p
}

func entropy(p []float64) (h float64) {
	for _, v := range p {
		if v > 0 {
			h -= v * math.Log(v)
		}
	}
	return h
}

func (c *CSR) get(i, j int) (v float64, ok bool) {
	a, b := c.Ptr[i], c.Ptr[i+1]
	e, ok := slices.BinarySearch(c.Col[a:b], int32(j))
	if !ok {
		return 0, false
	}
	return float64(c.Val[a+int64(e)]), true
}

// law checks what every result of this package must be.
func law(t *testing.T, c *CSR) {
	t.Helper()
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	var sum float64
	for i := range c.N {
		for e := c.Ptr[i]; e < c.Ptr[i+1]; e++ {
			if e > c.Ptr[i] && c.Col[e] <= c.Col[e-1] {
				t.Fatalf("row %d: columns do not ascend: %v", i, c.Col[c.Ptr[i]:c.Ptr[i+1]])
			}
			sum += float64(c.Val[e])
			if v, ok := c.get(int(c.Col[e]), i); !ok || v != float64(c.Val[e]) {
				t.Fatalf("P[%d,%d] = %g but P[%d,%d] = %g", i, c.Col[e], c.Val[e], c.Col[e], i, v)
			}
		}
	}
	if math.Abs(sum-1) > 1e-6 {
		t.Errorf("P sums to %.9f", sum)
	}
}

func equal(a, b *CSR) bool {
	return a.N == b.N && slices.Equal(a.Ptr, b.Ptr) && slices.Equal(a.Col, b.Col) && slices.Equal(a.Val, b.Val)
}

func TestEntropyIsLogPerplexity(t *testing.T) {
	_, dist2 := graph(300, 90, 1)
	r := newRow(90)
	for _, u := range []float64{1.5, 5, 30, 80, 89.9} {
		for i := range 300 {
			r.load(dist2[i*90:][:90])
			r.add(u)
			if h := entropy(r.p); math.Abs(h-math.Log(u)) > 1e-11 {
				t.Fatalf("perplexity %g, row %d: entropy off by %g", u, i, h-math.Log(u))
			}
		}
	}
}

func TestAgainstReference(t *testing.T) {
	const n, k = 400, 45
	index, dist2 := graph(n, k, 2)
	pool := par.New(2)
	defer pool.Close()
	for _, scales := range [][]float64{{15}, {3, 15, 40}} {
		c, err := Perplexity(scales).Joint(bg, pool, n, k, slices.Clone(index), slices.Clone(dist2), nil)
		if err != nil {
			t.Fatal(err)
		}
		law(t, c)
		want := map[[2]int]float64{}
		for i := range n {
			for _, u := range scales {
				for e, p := range reference(dist2[i*k:][:k], u) {
					j := int(index[i*k+e])
					p /= float64(2*n) * float64(len(scales))
					want[[2]int{i, j}] += p
					want[[2]int{j, i}] += p
				}
			}
		}
		if len(want) != c.NNZ() {
			t.Errorf("%d entries, want %d", c.NNZ(), len(want))
		}
		for ij, w := range want {
			if v, _ := c.get(ij[0], ij[1]); math.Abs(v-w) > 3e-7*w+1e-30 {
				t.Fatalf("scales %v: P%v = %g, want %g", scales, ij, v, w)
			}
		}
	}
}

func TestOddRows(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		name       string
		d          []float32
		perplexity float64
		want       []float64 // nil: only the entropy is looked at
	}{
		{"all zero", []float32{0, 0, 0, 0}, 2, []float64{.25, .25, .25, .25}},
		{"all equal", []float32{7, 7, 7, 7}, 2, []float64{.25, .25, .25, .25}},
		{"one", []float32{3}, 30, []float64{1}},
		{"one, perplexity 1", []float32{3}, 1, []float64{1}},
		{"perplexity over k", []float32{1, 2, 3}, 5, []float64{1. / 3, 1. / 3, 1. / 3}},
		{"perplexity k", []float32{1, 2, 3}, 3, []float64{1. / 3, 1. / 3, 1. / 3}},
		{"perplexity 1", []float32{1, 2, 3}, 1, []float64{1, 0, 0}},
		{"perplexity under 1", []float32{1, 2, 3}, 0.5, []float64{1, 0, 0}},
		{"as many ties as the perplexity", []float32{1, 1, 3}, 2, []float64{.5, .5, 0}},
		{"more ties", []float32{9, 1, 1, 1}, 2, []float64{0, 1. / 3, 1. / 3, 1. / 3}},
		{"one Inf", []float32{1, inf, 1}, 30, []float64{.5, 0, .5}},
		{"all Inf", []float32{inf, inf}, 30, []float64{.5, .5}},
		{"one zero, the rest huge", []float32{0, 1e30, 1.1e30, 2e30}, 2, nil},
		{"huge", []float32{1e38, 2e38, 3e38, 3.3e38}, 2, nil},
		{"tiny", []float32{1e-45, 3e-45, 1e-44, 2e-44}, 2, nil},
		{"wide", []float32{0, 1e-38, 1, 3e38}, 2, nil},
		{"far from all", []float32{1e8 + 8, 1e8 + 16, 1e8 + 32, 1e8 + 64}, 3, nil},
		{"nearly ties", []float32{1, 1.0000001, 1.0000002, 5}, 2, nil},
		{"with Inf", []float32{1, 2, inf, 3}, 2, nil},
	} {
		for _, level := range []cpu.Level{cpu.Portable, cpu.Best} {
			withCPU(level, func() {
				r := newRow(len(c.d))
				r.load(c.d)
				r.add(c.perplexity)
				for j := range c.want {
					if math.Abs(r.p[j]-c.want[j]) > 1e-12 {
						t.Errorf("%s: p = %v, want %v", c.name, r.p, c.want)
					}
				}
				if h := entropy(r.p); c.want == nil && !(math.Abs(h-math.Log(c.perplexity)) < 1e-8) {
					t.Errorf("%s: p = %v: entropy %g, want %g", c.name, r.p, h, math.Log(c.perplexity))
				}
			})
		}
	}
}

func withCPU(level cpu.Level, f func()) {
	defer func(was cpu.Level) { cpu.Use = was }(cpu.Use)
	cpu.Use = level
	f()
}

func TestSmallest(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	c, err := Perplexity([]float64{30}).Joint(bg, pool, 2, 1, []int32{1, 0}, []float32{4, 4}, nil)
	if err != nil {
		t.Fatal(err)
	}
	law(t, c)
	if !slices.Equal(c.Val, []float32{0.5, 0.5}) || !slices.Equal(c.Col, []int32{1, 0}) {
		t.Errorf("n=2: %+v", c)
	}
}

func TestFarOutlier(t *testing.T) {
	const n, k = 100, 10
	index, dist2 := graph(n, k, 3)
	for e := range k {
		dist2[e] += 1e20
	}
	pool := par.New(2)
	defer pool.Close()
	c, err := Perplexity([]float64{5}).Joint(bg, pool, n, k, slices.Clone(index), slices.Clone(dist2), nil)
	if err != nil {
		t.Fatal(err)
	}
	law(t, c)
}

func TestSameBits(t *testing.T) {
	const n, k = 3000, 15
	index, dist2 := graph(n, k, 4)
	dist2[7] = float32(math.Inf(1))
	type result struct{ p, u, s, m *CSR }
	var first *result
	for _, level := range []cpu.Level{cpu.Portable, cpu.Best} {
		for _, workers := range []int{1, 2, 3, 8} {
			withCPU(level, func() {
				pool := par.New(workers)
				defer pool.Close()
				var r result
				var errs [4]error
				r.p, errs[0] = Perplexity([]float64{3, 9}).Joint(bg, pool, n, k, slices.Clone(index), slices.Clone(dist2), nil)
				r.u, errs[1] = Uniform().Joint(bg, pool, n, k, slices.Clone(index), slices.Clone(dist2), nil)
				r.s, errs[2] = FixedSigma(func(int) float64 { return 0.7 }).Joint(bg, pool, n, k, slices.Clone(index), slices.Clone(dist2), nil)
				r.m, errs[3] = Mixture([]float64{3, 9}).Joint(bg, pool, n, k, slices.Clone(index), slices.Clone(dist2), nil)
				for _, err := range errs {
					if err != nil {
						t.Fatal(err)
					}
				}
				if first == nil {
					first = &r
					law(t, r.p)
					law(t, r.u)
					law(t, r.s)
					law(t, r.m)
				}
				if !equal(r.p, first.p) || !equal(r.u, first.u) || !equal(r.s, first.s) || !equal(r.m, first.m) {
					t.Errorf("%v, %d workers: other bits", level, workers)
				}
			})
		}
	}
}

func TestUniformAndFixedSigma(t *testing.T) {
	const n, k = 200, 12
	index, dist2 := graph(n, k, 5)
	pool := par.New(2)
	defer pool.Close()
	u, err := Uniform().Joint(bg, pool, n, k, slices.Clone(index), slices.Clone(dist2), nil)
	if err != nil {
		t.Fatal(err)
	}
	law(t, u)
	if one, both := slices.Min(u.Val), slices.Max(u.Val); one != float32(1./(2*n*k)) || both != 2*one {
		t.Errorf("uniform values from %g to %g", one, both)
	}
	for _, sigma := range []float64{1e-30, 0.5, 2, 1e30} {
		c, err := FixedSigma(func(int) float64 { return sigma }).Joint(bg, pool, n, k, slices.Clone(index), slices.Clone(dist2), nil)
		if err != nil {
			t.Fatal(err)
		}
		law(t, c)
		if !slices.Equal(c.Ptr, u.Ptr) || !slices.Equal(c.Col, u.Col) {
			t.Errorf("sigma %g: another pattern than uniform", sigma)
		}
		if sigma < 1e-3 {
			continue
		}
		want := map[[2]int]float64{}
		for i := range n {
			p := make([]float64, k)
			var s float64
			for e := range p {
				p[e] = math.Exp(-float64(dist2[i*k+e]) / (2 * sigma * sigma))
				s += p[e]
			}
			for e := range p {
				j := int(index[i*k+e])
				want[[2]int{i, j}] += p[e] / s / (2 * n)
				want[[2]int{j, i}] += p[e] / s / (2 * n)
			}
		}
		for ij, w := range want {
			if v, _ := c.get(ij[0], ij[1]); math.Abs(v-w) > 3e-7*w+1e-30 {
				t.Fatalf("sigma %g: P%v = %g, want %g", sigma, ij, v, w)
			}
		}
	}
}

// betaOf is the beta of a row's Gaussian, from two of its probabilities.
func betaOf(d []float32, p []float64) float64 {
	last := len(d) - 1
	return math.Log(p[0]/p[last]) / (float64(d[last]) - float64(d[0]))
}

func TestMixtureIsMeanOfDensities(t *testing.T) {
	const n, k = 300, 40
	index, dist2 := graph(n, k, 6)
	pool := par.New(2)
	defer pool.Close()
	scales := []float64{8, 30}
	c, err := Mixture(scales).Joint(bg, pool, n, k, slices.Clone(index), slices.Clone(dist2), nil)
	if err != nil {
		t.Fatal(err)
	}
	law(t, c)
	want := map[[2]int]float64{}
	for i := range n {
		d := dist2[i*k:][:k]
		p := make([]float64, k)
		var sum float64
		for _, u := range scales {
			beta := betaOf(d, reference(d, u))
			for e, v := range d {
				w := math.Sqrt(beta) * math.Exp(-beta*float64(v))
				p[e] += w
				sum += w
			}
		}
		for e, w := range p {
			j := int(index[i*k+e])
			want[[2]int{i, j}] += w / sum / (2 * n)
			want[[2]int{j, i}] += w / sum / (2 * n)
		}
	}
	for ij, w := range want {
		if v, _ := c.get(ij[0], ij[1]); math.Abs(v-w) > 3e-7*w+1e-12 {
			t.Fatalf("P%v = %g, want %g", ij, v, w)
		}
	}
	one, err := Mixture(scales[:1]).Joint(bg, pool, n, k, slices.Clone(index), slices.Clone(dist2), nil)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := Perplexity(scales[:1]).Joint(bg, pool, n, k, slices.Clone(index), slices.Clone(dist2), nil)
	if err != nil {
		t.Fatal(err)
	}
	for e, v := range plain.Val {
		if math.Abs(float64(one.Val[e]-v)) > 1e-6*float64(v) {
			t.Fatalf("one scale: %g, want %g", one.Val[e], v)
		}
	}
}

func TestMixtureOfOddRows(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, d := range [][]float32{
		{0, 0, 0, 0}, {3}, {1, 1, 1, 3}, {0, 0, 0, 1}, {inf, inf}, {1, inf, 2}, {1e38, 2e38, 3e38, 3.3e38},
		{1e-45, 3e-45, 1e-44, 2e-44}, {0, 1e-38, 1, 3e38}, {1e8 + 8, 1e8 + 16, 1e8 + 32, 1e8 + 64},
	} {
		r := newRow(len(d))
		r.load(d)
		r.addMixture([]float64{1.5, 2, 3})
		p := make([]float32, len(d))
		r.store(p)
		var sum float64
		for _, v := range p {
			sum += float64(v)
		}
		if !(math.Abs(sum-1) < 1e-6) {
			t.Errorf("%v: p = %v", d, p)
		}
	}
}

func TestCancelAndProgress(t *testing.T) {
	const n, k = 2000, 10
	index, dist2 := graph(n, k, 9)
	pool := par.New(1) // of several the others may do it all before the first tells of it
	defer pool.Close()
	ctx, cancel := context.WithCancel(bg)
	last := 0.0
	_, err := Perplexity([]float64{3}).Joint(ctx, pool, n, k, slices.Clone(index), slices.Clone(dist2), func(f float64) {
		if f <= last || f > 1 {
			t.Errorf("progress went from %g to %g", last, f)
		}
		last = f
		cancel()
	})
	if err != context.Canceled {
		t.Errorf("err = %v", err)
	}
	if c, err := Joint(ctx, pool, n, k, index, dist2); err != context.Canceled || c != nil {
		t.Errorf("made symmetric: %v, err = %v", c, err)
	}
}

func TestBytes(t *testing.T) {
	const n, k = 20000, 60
	index, dist2 := made(n, k)
	pool := par.New(2)
	defer pool.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c, err := Perplexity([]float64{20}).Joint(bg, pool, n, k, index, dist2, nil)
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	got := int64(after.TotalAlloc-before.TotalAlloc) - 8*int64(len(c.Col)+len(c.Ptr))
	if bound := Bytes(n, k); got > bound || got < bound/3 {
		t.Errorf("allocated %d bytes beside the result, Bytes says %d", got, bound)
	}
}

// The same bits on every architecture: inputs are exact, the hash is fixed.
func TestGolden(t *testing.T) {
	const n, k = 500, 20
	rng := rand.New(rand.NewPCG(12, 1))
	index, dist2 := make([]int32, n*k), make([]float32, n*k)
	for i := range n {
		for e := range k {
			index[i*k+e] = int32((i + 1 + e*(1+i%5)) % n)
			dist2[i*k+e] = 1 + float32(30*rng.Float32())
		}
	}
	pool := par.New(2)
	defer pool.Close()
	c, err := Perplexity([]float64{3, 7.5}).Joint(bg, pool, n, k, slices.Clone(index), slices.Clone(dist2), nil)
	if err != nil {
		t.Fatal(err)
	}
	law(t, c)
	h := fnv.New64a()
	binary.Write(h, binary.LittleEndian, c.Ptr)
	binary.Write(h, binary.LittleEndian, c.Col)
	binary.Write(h, binary.LittleEndian, c.Val)
	if got := h.Sum64(); got != 0xc688386ea6fad9f0 {
		t.Errorf("hash %#x", got)
	}
}
