package tsne

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/affinity"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// What an element of a stage costs one core, in nanoseconds (docs/cores.md).
var stageCosts = map[string]float64{
	"attract": 0.70, // an entry of P
	"box":     0.105,
	"cells":   2, "starts": 1, "place": 4, "spread": 8.3, // a point, a count, a point, a point
	"restrict": 1.14, "columns": 0.0444, "rows": 0.0444, "prolong": 0.257,
	"gather": 10.5, "sums": 1,
	"copies": 7.2, "merge": 0.1, // a point, a float: in the place of cells to spread on small maps
	"pairs":  0.245,
	"update": 1.25, "mean": 1, "shift": 0.95,
}

// What it costs to hand a loop out, a worker, and each of its chunks, in nanoseconds.
const (
	barrierCost = 125
	takeCost    = 50
)

// modelled is how long steps of n points take on so many cores, in nanoseconds.
func modelled(steps []par.Step, n, cores int) (t float64) {
	cores = min(cores, usefulCores(n))
	for i := range steps {
		s := &steps[i]
		if cores == 1 || s.Serial {
			t += float64(s.Work()) * stageCosts[s.Name]
			continue
		}
		t += s.Time(cores, stageCosts[s.Name], takeCost) + barrierCost*float64(cores)
	}
	return t
}

// A map of n points as t-SNE ends with, so many units wide, and affinities of 150
// entries a row in the mean, as of 90 neighbours.
func lateMap(t *testing.T, n int, span float64, o Options) *descent {
	r := rand.New(rand.NewPCG(1, 2))
	var centre [12][2]float64
	for i := range centre {
		a, d := 2*math.Pi*r.Float64(), 0.36*math.Sqrt(r.Float64())
		centre[i] = [2]float64{d * math.Cos(a), d * math.Sin(a)}
	}
	y := make([]float32, 2*n)
	for i := range n {
		c := centre[i%len(centre)]
		for a := range 2 {
			y[2*i+a] = float32(span * max(-0.5, min(0.5, c[a]+0.07*r.NormFloat64())))
		}
	}
	y[0], y[1], y[2], y[3] = float32(-span/2), float32(-span/2), float32(span/2), float32(span/2)
	p := &affinity.CSR{N: n, Ptr: make([]int64, n+1), Levels: &[2]float32{0x1p-24, 0x1p-23}}
	for i := range n {
		p.Ptr[i+1] = p.Ptr[i] + int64(90+r.IntN(121))
	}
	p.Col = make([]int32, p.Ptr[n])
	for i := range n {
		for e := p.Ptr[i]; e < p.Ptr[i+1]; e++ {
			p.Col[e] = int32((i + 1 + int(e-p.Ptr[i])) % n)
		}
	}
	o, err := o.resolve(n)
	if err != nil {
		t.Fatal(err)
	}
	j := begin(context.Background(), &o)
	t.Cleanup(j.close)
	e := newEmbedding(j.pool, wrap(p), y, o)
	d, err := newDescent(j, e)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// steps are what one more iteration is made of.
func (d *descent) steps(t *testing.T) []par.Step {
	ph := Phase{Exaggeration: 1, LearningRate: 1e-3}
	run := func() {
		d.e.iterations = reorderFrom*250 + 1 // puts nothing in order
		if err := d.iterate(&ph, 0, false, false); err != nil {
			t.Fatal(err)
		}
	}
	run()
	var l par.Ledger
	d.pool.Count(&l)
	run()
	d.pool.Count(nil)
	return l.Steps
}

// The figures that docs/cores.md has.
func TestIterationIsCutForManyCores(t *testing.T) {
	for _, c := range []struct {
		name string
		n    int
		span float64
		by   Repulsion
		want [3]float64 // at least so many times as fast on 2, 16 and 64 cores
	}{
		{"all pairs", 500, 30, RepulsionExact, [3]float64{1.85, 8, 8}},
		{"digits", 1797, 125, RepulsionFFT, [3]float64{1.85, 7.8, 7.8}},
		{"10,000", 10000, 150, RepulsionFFT, [3]float64{1.9, 11, 12.8}},
		{"70,000", 70000, 200, RepulsionFFT, [3]float64{1.95, 14.2, 27.5}},
		{"70,000, early", 70000, 15, RepulsionFFT, [3]float64{1.95, 13.9, 28.5}},
	} {
		d := lateMap(t, c.n, c.span, Options{Threads: 1, Repulsion: c.by})
		steps := d.steps(t)
		var b strings.Builder
		one, span, loops := modelled(steps, c.n, 1), 0.0, 0
		for i := range steps {
			s := &steps[i]
			each, known := stageCosts[s.Name]
			if !known {
				t.Fatalf("%s: %q is unknown, %d chunks", c.name, s.Name, len(s.Sizes))
			}
			span += float64(s.Span()) * each
			alone := float64(s.Work()) * each
			fmt.Fprintf(&b, "\n%10s %5d chunks, %8.1f us on one core, %6.2f in the largest", s.Name, len(s.Sizes), alone/1e3, float64(s.Span())*each/1e3)
			if s.Serial {
				continue
			}
			loops++
			if s.Time(2, each, takeCost)+2*barrierCost >= alone {
				t.Errorf("%s: a second core makes %s no faster", c.name, s.Name)
			}
			at16, at64 := float64(s.Work())/s.Time(16, 1, 0), float64(s.Work())/s.Time(64, 1, 0)
			fmt.Fprintf(&b, ", %.1f times on 16, %.1f on 64", at16, at64)
			// Copies of a small grid are eight, whose order has bits.
			if alone > one/20 && c.by == RepulsionFFT && s.Name != "copies" && (at16 < 13 || at64 < 28) {
				t.Errorf("%s: %s has work for %.1f of 16 cores and %.1f of 64", c.name, s.Name, at16, at64)
			}
		}
		fmt.Fprintf(&b, "\n| %s | %g | %d | %.0f | %.1f |", c.name, c.span, loops, one/1e3, span/1e3)
		for _, cores := range []int{2, 4, 8, 16, 32, 64} {
			fmt.Fprintf(&b, " %.1f |", one/modelled(steps, c.n, cores))
		}
		t.Log(b.String())
		for cores := 2; cores <= 128; cores++ {
			if slower := modelled(steps, c.n, cores) / modelled(steps, c.n, cores-1); slower > 1.03 {
				t.Errorf("%s: %.3f times as long on %d cores as on one less", c.name, slower, cores)
			}
		}
		for i, cores := range []int{2, 16, 64} {
			if got := one / modelled(steps, c.n, cores); got < c.want[i] {
				t.Errorf("%s: %.2f times as fast on %d cores, want %.2f", c.name, got, cores, c.want[i])
			}
		}
	}
}

// Putting the points in order: what is not cut, or little, is short.
func TestReorderIsCutForManyCores(t *testing.T) {
	const n = 70000
	d := lateMap(t, n, 200, Options{Threads: 1})
	var l par.Ledger
	d.pool.Count(&l)
	d.e.reorder(d.pool)
	d.pool.Count(nil)
	work, span := 0, 0
	for i := range l.Steps {
		s := &l.Steps[i]
		if s.Name == "" {
			t.Errorf("step %d has no name", i)
		}
		work, span = work+s.Work(), span+s.Span()
		t.Logf("%15s %5d chunks, work %9d, span %7d", s.Name, len(s.Sizes), s.Work(), s.Span())
	}
	t.Logf("work %d, span %d", work, span)
	if float64(work) < 30*float64(span) {
		t.Errorf("work %d, span %d", work, span)
	}
}

func TestSortKeys(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{1, 2, 30, 31, 4095, 4096, 50000} {
		for name, key := range map[string]func(i int) uint64{
			"ascending":  func(i int) uint64 { return uint64(i) },
			"descending": func(i int) uint64 { return uint64(n - i) },
			"random":     func(i int) uint64 { return r.Uint64()<<32 | uint64(i) },
			"two places": func(i int) uint64 { return uint64(r.IntN(2))<<40 | uint64(i) },
			"skewed":     func(i int) uint64 { return uint64(math.Exp(30*r.Float64()))<<20 | uint64(i) },
		} {
			keys := make([]uint64, n)
			for i := range keys {
				keys[i] = key(i)
			}
			want := slices.Sorted(slices.Values(keys))
			pool := par.New(3)
			sortKeys(pool, keys)
			pool.Close()
			if !slices.Equal(keys, want) {
				t.Errorf("%d %s keys are not in order", n, name)
			}
		}
	}
}
