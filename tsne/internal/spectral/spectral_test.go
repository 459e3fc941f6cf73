package spectral

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/libtsne/libtsne/tsne/internal/affinity"
	"github.com/libtsne/libtsne/tsne/internal/cpu"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

var ctx = context.Background()

// graph makes the matrix of edges {i, j, weight}, each given once.
func graph(n int, edges [][3]float64) *affinity.CSR {
	rows := make([][][2]float64, n)
	for _, e := range edges {
		i, j := int(e[0]), int(e[1])
		rows[i] = append(rows[i], [2]float64{e[1], e[2]})
		rows[j] = append(rows[j], [2]float64{e[0], e[2]})
	}
	a := &affinity.CSR{N: n, Ptr: []int64{0}}
	for _, row := range rows {
		slices.SortFunc(row, func(a, b [2]float64) int { return int(a[0] - b[0]) })
		for _, e := range row {
			a.Col = append(a.Col, int32(e[0]))
			a.Val = append(a.Val, float32(e[1]))
		}
		a.Ptr = append(a.Ptr, int64(len(a.Col)))
	}
	return a
}

// cycle is a ring of the points [from, from+n).
func cycle(from, n int, weight float64) (edges [][3]float64) {
	for i := range n {
		edges = append(edges, [3]float64{float64(from + i), float64(from + (i+1)%n), weight})
	}
	return edges
}

// random draws a connected graph of clusters.
func random(n, clusters int, seed uint64) [][3]float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	edges := [][3]float64{}
	for i := range n {
		for j := range i {
			near := i%clusters == j%clusters
			if j == i-1 || near && r.IntN(4) == 0 || r.IntN(200) == 0 {
				edges = append(edges, [3]float64{float64(i), float64(j), 0.1 + r.Float64()})
			}
		}
	}
	return edges
}

func axes(t testing.TB, a *affinity.CSR, k, workers int) (values, vectors []float64) {
	t.Helper()
	pool := par.New(workers)
	defer pool.Close()
	values, vectors, err := Axes(ctx, pool, a, k)
	if err != nil {
		t.Fatal(err)
	}
	return values, vectors
}

// check holds vectors to their definition: eigenvectors, orthonormal under the
// row sums and to the constant, and signed.
func check(t *testing.T, a *affinity.CSR, values, vectors []float64) {
	t.Helper()
	n := a.N
	d := make([]float64, n)
	for i := range n {
		for _, v := range a.Val[a.Ptr[i]:a.Ptr[i+1]] {
			d[i] += float64(v)
		}
	}
	all := append([]float64(nil), vectors...)
	for range n {
		all = append(all, 1)
	}
	for c, lambda := range values {
		v := vectors[c*n : (c+1)*n]
		most, worst := 0.0, 0.0
		for i := range n {
			if math.Abs(v[i]) > math.Abs(most) {
				most = v[i]
			}
			sum := 0.0
			for e := a.Ptr[i]; e < a.Ptr[i+1]; e++ {
				sum += float64(a.Val[e]) * v[a.Col[e]]
			}
			worst = max(worst, math.Abs(sum-lambda*d[i]*v[i])/math.Sqrt(max(d[i], 1e-300)))
		}
		if worst > 1e-7 || most < 0 {
			t.Errorf("vector %d: residual %g, greatest element %g", c, worst, most)
		}
		for o := c; o <= len(values); o++ {
			dot, want := 0.0, 0.0
			for i := range n {
				dot += d[i] * v[i] * all[o*n+i]
			}
			if o == c {
				want = 1
			}
			if math.Abs(dot-want) > 1e-7 {
				t.Errorf("vectors %d and %d: product %g, want %g", c, o, dot, want)
			}
		}
	}
}

// oracle gives all eigenvalues, greatest first, by gonum.
func oracle(a *affinity.CSR) []float64 {
	n := a.N
	d := make([]float64, n)
	for i := range n {
		for _, v := range a.Val[a.Ptr[i]:a.Ptr[i+1]] {
			d[i] += float64(v)
		}
	}
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for e := a.Ptr[i]; e < a.Ptr[i+1]; e++ {
			if j := int(a.Col[e]); j >= i {
				s.SetSym(i, j, float64(a.Val[e])/math.Sqrt(d[i]*d[j]))
			}
		}
	}
	var e mat.EigenSym
	e.Factorize(s, false)
	v := e.Values(nil)
	slices.Reverse(v)
	return v
}

func TestAxesAreEigenvectors(t *testing.T) {
	for name, c := range map[string]*affinity.CSR{
		"clusters":       graph(300, random(300, 5, 1)),
		"one cluster":    graph(120, random(120, 1, 2)),
		"ring":           graph(200, cycle(0, 200, 1)), // eigenvalues come in pairs, near 1
		"long ring":      graph(1000, cycle(0, 1000, 1)),
		"weak link":      graph(60, append(append(cycle(0, 30, 1), cycle(30, 30, 1)...), [3]float64{3, 40, 1e-6})),
		"two parts":      graph(70, append(cycle(0, 30, 1), cycle(30, 40, 1)...)),
		"three parts":    graph(90, slices.Concat(cycle(0, 30, 1), cycle(30, 40, 1), cycle(70, 20, 5))),
		"equal parts":    graph(90, slices.Concat(cycle(0, 30, 1), cycle(30, 30, 1), cycle(60, 30, 1))),
		"pairs of parts": graph(8, [][3]float64{{0, 1, 1}, {2, 3, 1}, {4, 5, 1}, {6, 7, 1}}),
		"complete":       graph(30, random(30, 1, 3)),
		"four points":    graph(4, [][3]float64{{0, 1, 1}, {1, 2, 2}, {2, 3, 3}}),
	} {
		t.Run(name, func(t *testing.T) {
			want := oracle(c)
			for k := 1; k <= 3; k++ {
				values, vectors := axes(t, c, k, 2)
				check(t, c, values, vectors)
				for i, v := range values {
					if math.Abs(v-want[i+1]) > 1e-8 {
						t.Errorf("k %d: eigenvalue %d is %.12f, want %.12f", k, i, v, want[i+1])
					}
				}
			}
		})
	}
}

func TestPointsWithoutEdges(t *testing.T) {
	a := graph(40, cycle(5, 30, 1))
	values, vectors := axes(t, a, 2, 1)
	check(t, a, values, vectors)
	for _, i := range []int{0, 4, 35, 39} {
		if vectors[i] != 0 || vectors[40+i] != 0 {
			t.Errorf("point %d is at %g, %g", i, vectors[i], vectors[40+i])
		}
	}
	a.Val = make([]float32, len(a.Val))
	if _, vectors := axes(t, a, 2, 1); slices.ContainsFunc(vectors, func(v float64) bool { return v-v != 0 }) {
		t.Errorf("no weights at all: %v", vectors)
	}
}

func TestHeaviestPartsStandApart(t *testing.T) {
	a := graph(100, slices.Concat(cycle(0, 20, 1), cycle(20, 50, 1), cycle(70, 30, 1)))
	_, v := axes(t, a, 2, 1)
	if !(v[20]*v[0] < 0 && v[0] == v[70] && v[100+20] == 0 && v[100+70]*v[100] < 0) {
		t.Errorf("parts at %v", []float64{v[0], v[20], v[70], v[100], v[120], v[170]})
	}
}

func TestSameBitsOnAnyNumberOfWorkersAndPath(t *testing.T) {
	was := cpu.Use
	defer func() { cpu.Use = was }()
	for _, a := range []*affinity.CSR{graph(700, random(700, 6, 9)), graph(5000, append(random(4800, 300, 9), cycle(4800, 200, 1)...))} {
		_, want := axes(t, a, 3, 1)
		for cpu.Use = cpu.Portable; cpu.Use <= cpu.Best; cpu.Use++ {
			for _, workers := range []int{2, 3, 8} {
				if _, got := axes(t, a, 3, workers); !slices.Equal(got, want) {
					t.Errorf("n %d: %d workers, %v give other bits", a.N, workers, cpu.Use)
				}
			}
		}
		cpu.Use = was
	}
}

// TestLargeParts has two parts, of which one alone holds the axes sought, and
// points without edges.
func TestLargeParts(t *testing.T) {
	const n = 6000
	a := graph(n, append(cycle(n-900, 800, 1e-3), random(5000, 40, 5)...))
	values, vectors := axes(t, a, 3, 2)
	check(t, a, values, vectors)
	if values[0] != 1 || !(values[1] < 1 && values[2] <= values[1]) {
		t.Errorf("eigenvalues %v", values)
	}
}

func TestTooManyAxes(t *testing.T) {
	pool := par.New(1)
	defer pool.Close()
	if _, _, err := Axes(ctx, pool, graph(50, cycle(0, 50, 1)), 5); err == nil {
		t.Error("five axes are found")
	}
}

func TestCancel(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	a := graph(40000, cycle(0, 40000, 1)) // eigenvalues too close to part
	for _, after := range []time.Duration{0, 30 * time.Millisecond, 200 * time.Millisecond} {
		c, cancel := context.WithCancel(ctx)
		time.AfterFunc(after, cancel)
		begin := time.Now()
		if _, _, err := Axes(c, pool, a, 2); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		t.Logf("after %v: %v late", after, time.Since(begin)-after)
		cancel()
	}
}

func BenchmarkAxes(b *testing.B) {
	for _, n := range []int{2000, 8000} {
		a := graph(n, random(n, 8, 4))
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			for b.Loop() {
				axes(b, a, 2, 0)
			}
		})
	}
}
