package knn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

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
				t := float32(math.Ldexp(float64(x[i*d+c]), -e)) - float32(math.Ldexp(float64(x[j*d+c]), -e))
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

func TestExactIsTheDefinition(t *testing.T) {
	pool := par.New(3)
	defer pool.Close()
	for _, c := range cases() {
		for _, k := range []int{1, 5, 90, c.n - 1} {
			if k >= c.n || k == c.n-1 && c.n > 1000 {
				continue
			}
			t.Run(fmt.Sprintf("%s/k%d", c.name, k), func(t *testing.T) {
				want := naive(c.x, c.n, c.d, k)
				got, err := Exact(context.Background(), pool, c.x, c.n, c.d, k, nil)
				if err != nil {
					t.Fatal(err)
				}
				if err := same(got, want); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
