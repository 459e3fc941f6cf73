package metric

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

// each runs a test of every metric.
func each(t *testing.T, test func(t *testing.T, m *Metric)) {
	if len(All()) == 0 {
		t.Fatal("there are no metrics")
	}
	for _, m := range All() {
		t.Run(m.Name, func(t *testing.T) { test(t, m) })
	}
}

// drawn is a row of integers, so that there are ties and no rounding.
func drawn(d int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 5))
	row := make([]float64, d)
	for i := range row {
		row[i] = float64(r.IntN(9) - 2)
	}
	return row
}

// between is what a pair is ranked by.
func (m *Metric) between(t *testing.T, a, b []float64) float64 {
	t.Helper()
	a, b = slices.Clone(a), slices.Clone(b)
	if m.Normalize != nil && !(m.Normalize(a) && m.Normalize(b)) {
		t.Fatal("a row has nothing to compare")
	}
	return m.Order()(a, b)
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12*max(1, math.Abs(b)) }

func TestLaws(t *testing.T) {
	each(t, func(t *testing.T, m *Metric) {
		if m.Name == "" {
			t.Error("it has no name")
		}
		for d := 2; d < 40; d++ {
			a, b := drawn(d, uint64(d)), drawn(d, uint64(d+100))
			dist := m.between(t, a, b)
			if !(dist >= 0) || math.IsInf(dist, 0) || math.Signbit(dist) {
				t.Fatalf("a distance is %v", dist)
			}
			if back := m.between(t, b, a); back != dist {
				t.Errorf("%v there and %v back", dist, back)
			}
			if own := m.between(t, a, a); own != 0 || math.Signbit(own) {
				t.Errorf("a row is at %v from itself", own)
			}
			for i := range a {
				a[i], b[i] = a[i]*0x1p-40, b[i]*0x1p-40
			}
			by := 0x1p-40
			if m.Euclidean() {
				by *= by // squares
			}
			if small := m.between(t, a, b); !near(small, dist) && !near(small/by, dist) {
				t.Errorf("%v, of rows times 2^-40 %v", dist, small)
			}
		}
	})
}

func TestRowsWithNothingToCompare(t *testing.T) {
	each(t, func(t *testing.T, m *Metric) {
		if m.Normalize == nil {
			return
		}
		if m.Normalize(make([]float64, 5)) {
			t.Error("zeros are comparable")
		}
		if m.Lost[0] == "" || m.Lost[1] == "" {
			t.Error("nothing is said of such rows")
		}
	})
}

// Origin says what may be taken off, and all of it.
func TestOrigin(t *testing.T) {
	const d = 12
	each(t, func(t *testing.T, m *Metric) {
		common, free := make([]float64, d), make([]float64, d)
		for c := range d {
			common[c], free[c] = 20, float64(20+c*c)
		}
		for _, c := range []struct {
			centre []float64
			from   Origin
		}{{nil, Fixed}, {common, Common}, {free, Free}} {
			keeps := true
			for seed := range uint64(20) {
				a, b := drawn(d, seed), drawn(d, seed+100)
				want := m.between(t, a, b)
				for i, v := range c.centre {
					a[i], b[i] = a[i]-v, b[i]-v
				}
				keeps = keeps && near(m.between(t, a, b), want)
			}
			if said := m.Keeps(c.centre); said != keeps || said != (m.Origin >= c.from) {
				t.Errorf("less %v: it keeps its distances: %v, it is said to: %v", c.centre, keeps, said)
			}
		}
	})
}

// tiles runs a test of every tile.
func tiles(t *testing.T, test func(t *testing.T, m *Metric, tile *Tile)) {
	each(t, func(t *testing.T, m *Metric) {
		if m.Tile != nil {
			test(t, m, m.Tile)
		}
	})
}

// filled draws the lines of a tile with NaN around them.
func filled(n int, seed uint64, draw func(r *rand.Rand) float32) []float32 {
	r := rand.New(rand.NewPCG(seed, 6))
	nan := float32(math.NaN())
	v := []float32{nan, nan}
	for range n {
		v = append(v, draw(r))
	}
	return append(v, nan, nan)[2 : n+2 : n+2]
}

func normal(r *rand.Rand) float32 { return float32(r.NormFloat64()) }
func digit(r *rand.Rand) float32  { return float32(r.IntN(5)) }

func TestKernelsHaveTheBitsOfTheColumns(t *testing.T) {
	defer func(l cpu.Level) { cpu.Use = l }(cpu.Use)
	tiles(t, func(t *testing.T, m *Metric, tile *Tile) {
		for _, draw := range []func(*rand.Rand) float32{normal, digit} {
			for _, d := range []int{1, 2, 3, 7, 8, 255, 256, 257, 700} {
				q, ref := filled(d*Queries, 1, draw), filled(d*Refs, 2, draw)
				var want Sums
				cpu.Use = cpu.Portable
				tile.Sum(q, ref, d, &want)
				for cpu.Use = cpu.Portable; cpu.Use <= cpu.Best; cpu.Use++ {
					got := Sums{Of: [Queries]Lanes{{3}, {}, {0, 0, 7}}} // what was there is of no account
					tile.Sum(q, ref, d, &got)
					if got.Of != want.Of {
						t.Errorf("%v, %d columns: got %v, want %v", cpu.Use, d, got.Of, want.Of)
					}
				}
			}
		}
	})
}

func TestTilesAreTheDefinition(t *testing.T) {
	tiles(t, func(t *testing.T, m *Metric, tile *Tile) {
		for _, d := range []int{1, 40, 5000} {
			q, ref := filled(d*Queries, 3, normal), filled(d*Refs, 4, normal)
			for l := 0; l < len(ref); l += 3 * Refs {
				ref[l] = q[l/Refs*Queries] // some values are equal
			}
			var sums Sums
			tile.Sum(q, ref, d, &sums)
			row := func(lines []float32, width, at int) (row []float64) {
				for l := range d {
					row = append(row, float64(lines[l*width+at]))
				}
				return row
			}
			for r := range Queries {
				for c := range Refs {
					got := sums.Of[r][c]
					if tile.Finish != nil {
						got = tile.Finish(got, d)
					}
					want := m.Distance(row(q, Queries, r), row(ref, Refs, c))
					if math.Abs(float64(got)-want) > 1e-6*want {
						t.Fatalf("%d columns: got %v, want %v", d, got, want)
					}
				}
			}
		}
	})
}
