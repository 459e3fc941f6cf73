package knn

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// strange are data that 8 bits do not suit: outliers of every size, heavy tails, columns that are all but constant, and
// clusters that are narrow beside what parts them.
func strange(n, d int) map[string][]float32 {
	r := rand.New(rand.NewPCG(3, 4))
	all := map[string][]float32{}
	of := func(name string, f func(i, j int) float64) {
		x := make([]float32, n*d)
		for e := range x {
			x[e] = float32(f(e/d, e%d))
		}
		all[name] = x
	}
	of("even", func(int, int) float64 { return r.NormFloat64() })
	of("outliers", func(i, _ int) float64 { return r.NormFloat64() * math.Pow(10, float64(max(0, i%97-80))/3) })
	of("heavy tails", func(int, int) float64 { return math.Tan(math.Pi * (r.Float64() - 0.5)) })
	of("one column", func(i, j int) float64 { return r.NormFloat64() * math.Pow(1e-4, float64(min(j, 1))) })
	of("nearly constant", func(i, j int) float64 {
		if i%(n/3) == 0 {
			return r.NormFloat64()
		}
		return float64(j)
	})
	of("narrow clusters", func(i, j int) float64 { return 1000*float64(i%7*(j+1)%5) + r.NormFloat64() })
	return all
}

// No pair of rows that is within the threshold of either fails the filter, and of ordinary data most others do.
func TestCoarseFilterLetsNeighborsThrough(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for _, d := range []int{2, 12, 50, 77} {
		const n = 600
		for name, x := range strange(n, d) {
			b, err := newBasis(t.Context(), pool, x, n, d)
			if err != nil {
				t.Fatal(err)
			}
			slots := make([]int32, n)
			for i := range slots {
				slots[i] = int32(i)
			}
			start := []int{0, 1, 3, 9, 17, n / width}
			f, err := newFilter(t.Context(), pool, b, x, slots, start, true, nil)
			if err != nil {
				t.Fatal(err)
			}
			block := func(p int) int { return sort.SearchInts(start, p+1) - 1 }
			dist := make([]float32, n)
			panels := [2][]float32{make([]float32, f.stride), make([]float32, f.stride)}
			passed, within := 0, 0
			size := (d + 7) / 8 * 8
			rows := make([]float32, n*size)
			for i := range n {
				copy(rows[i*size:], x[i*d:][:d])
			}
			for p := range n / width {
				f.widened(block(p), p, panels[0])
				for r := range width {
					i := p*width + r
					for j := range dist {
						dist[j] = dist2(rows[i*size:][:size], rows[j*size:][:size])
					}
					order := slices.Clone(dist)
					slices.Sort(order)
					panels[0][(f.rows+2)*width+r] = f.reach(order[15])
				}
				for q := range n / width {
					f.widened(block(q), q, panels[1])
					for c := range width {
						panels[1][(f.rows+2)*width+c] = float32(math.Inf(-1))
					}
					var hits [width]uint32
					tile(panels[0], panels[1], f.head, f.rows, &hits)
					for r := range width {
						i := p*width + r
						for c := range width {
							j := q*width + c
							hit := hits[r]>>c&1 == 1
							near := f.reach(dist2(rows[i*size:][:size], rows[j*size:][:size])) <= panels[0][(f.rows+2)*width+r]
							if near && !hit {
								t.Fatalf("%s, %d columns: row %d is near row %d and does not pass", name, d, j, i)
							}
							if hit {
								passed++
							}
							if near {
								within++
							}
						}
					}
				}
			}
			if name == "even" && d <= fullDims && passed > within*5/2 {
				t.Errorf("%d columns: %d pairs pass, %d are near", d, passed, within)
			}
		}
	}
}

// A search with coarse coordinates finds what any other finds.
func TestCoarseSearchOfStrangeData(t *testing.T) {
	defer func(was func(n, d, k int) bool) { lean = was }(lean)
	pool := par.New(2)
	defer pool.Close()
	const n, d, k = 4000, 30, 15
	for name, x := range strange(n, d) {
		var found [2]*Graph
		for i := range found {
			lean = func(int, int, int) bool { return i == 1 }
			g, err := Exact(t.Context(), pool, x, n, d, k, nil)
			if err != nil {
				t.Fatal(err)
			}
			found[i] = g
		}
		if !slices.Equal(found[0].Index, found[1].Index) || !slices.Equal(found[0].Dist2, found[1].Dist2) {
			t.Errorf("%s: other neighbours", name)
		}
	}
}
