package tsne_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/sbinet/npyio"

	"github.com/libtsne/libtsne/tsne"
)

func readFloats(t testing.TB, name string) []float32 {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var v []float32
	if err := npyio.Read(f, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// openTSNE's gradients, of which ours are four times as large, on a map of the
// digits (testdata/README.md).
func TestDOFGradientIsOpenTSNEs(t *testing.T) {
	x, _ := digits(t)
	for i := range x.Data { // no two distances alike
		x.Data[i] = x.Data[i]*1024 + float32(i*7919%1009)
	}
	p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, tsne.Options{Neighbors: tsne.NeighborsExact}))
	y := readFloats(t, "testdata/digits_map.npy")
	want := readFloats(t, "testdata/digits_dof_gradients.npy")
	for i := range want {
		want[i] *= 4
	}
	for i, dof := range []float64{0.5, 2} {
		want := want[i*len(y) : (i+1)*len(y)]
		for _, c := range []struct {
			o     tsne.Options
			bound float64
		}{
			{tsne.Options{Repulsion: tsne.RepulsionExact}, 1e-5},
			{tsne.Options{Repulsion: tsne.RepulsionBarnesHut, Theta: 1e-6}, 1e-5},
			{tsne.Options{Repulsion: tsne.RepulsionBarnesHut, Theta: 0.2}, 0.05},
			{tsne.Options{Repulsion: tsne.RepulsionFFT}, 0.05},
		} {
			c.o.DOF = dof
			grad, kl, err := tsne.Gradient(ctx, p, y, c.o)
			if err != nil {
				t.Fatal(err)
			}
			off := relativeRMS(grad, want)
			t.Logf("dof %g, method %d, theta %g: off by %.2g, KL %.6f", dof, c.o.Repulsion, c.o.Theta, off, kl)
			if !(off <= c.bound) {
				t.Errorf("dof %g, method %d, theta %g: off by %.2g, want %g", dof, c.o.Repulsion, c.o.Theta, off, c.bound)
			}
			if w := []float64{2.9492684, 2.3785907}[i]; math.Abs(kl-w) > 1e-3*w {
				t.Errorf("dof %g, method %d: KL %v, openTSNE's %v", dof, c.o.Repulsion, kl, w)
			}
		}
	}
}

// klOfDOF is klOf for another kernel.
func klOfDOF(dof float64, p *tsne.Affinities, y []float64, dims int) float64 {
	w := func(i, j int) float64 {
		d2 := 0.0
		for c := range dims {
			d := y[i*dims+c] - y[j*dims+c]
			d2 += d * d
		}
		return math.Pow(1+d2/dof, -dof)
	}
	z, kl := 0.0, 0.0
	for i := range p.N {
		for j := range p.N {
			if i != j {
				z += w(i, j)
			}
		}
	}
	for i := range p.N {
		for e := p.Ptr[i]; e < p.Ptr[i+1]; e++ {
			v := float64(p.Val[e])
			kl += v * math.Log(v/(w(i, int(p.Col[e]))/z))
		}
	}
	return kl
}

// differences is the gradient of f at y by central differences.
func differences(y []float32, f func(y []float64) float64) []float32 {
	at := make([]float64, len(y))
	for i, v := range y {
		at[i] = float64(v)
	}
	grad := make([]float32, len(y))
	for i := range at {
		const h = 1e-5
		keep := at[i]
		at[i] = keep + h
		up := f(at)
		at[i] = keep - h
		grad[i] = float32((up - f(at)) / (2 * h))
		at[i] = keep
	}
	return grad
}

func TestDOFGradientIsTheDerivativeOfKL(t *testing.T) {
	const n = 60
	p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, blobs(n, 5, 3, 1), tsne.Options{Perplexity: 7}))
	for dims := 1; dims <= 3; dims++ {
		y := scatter(n, dims, 2, uint64(dims))
		for _, dof := range []float64{0.5, 1, 2, 5} {
			grad, kl, err := tsne.Gradient(ctx, p, y, tsne.Options{Dims: dims, DOF: dof, Repulsion: tsne.RepulsionExact})
			if err != nil {
				t.Fatal(err)
			}
			diff := differences(y, func(y []float64) float64 { return klOfDOF(dof, p, y, dims) })
			if off := relativeRMS(grad, diff); off > 1e-4 {
				t.Errorf("dof %g, %d-D: gradient differs from finite differences by %g", dof, dims, off)
			}
			at := make([]float64, len(y))
			for i, v := range y {
				at[i] = float64(v)
			}
			if want := klOfDOF(dof, p, at, dims); math.Abs(kl-want) > 1e-5*want {
				t.Errorf("dof %g, %d-D: KL %v, by definition %v", dof, dims, kl, want)
			}
		}
	}
}

func TestDOFMethodsAgree(t *testing.T) {
	const n = 2000
	p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, blobs(n, 5, 20, 1), tsne.Options{}))
	for dims := 1; dims <= 3; dims++ {
		for _, dof := range []float64{0.5, 2, 5} {
			for _, spread := range []float64{1e-4, 10, 60, 1e4} {
				y := scatter(n, dims, spread, 3)
				exact, kl, err := tsne.Gradient(ctx, p, y, tsne.Options{Dims: dims, DOF: dof, Repulsion: tsne.RepulsionExact})
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range []struct {
					method tsne.Repulsion
					bound  float64
				}{{tsne.RepulsionBarnesHut, 1e-2}, {tsne.RepulsionFFT, 6.5e-3}} {
					if c.method == tsne.RepulsionFFT && dims == 3 {
						continue
					}
					got, gotKL, err := tsne.Gradient(ctx, p, y, tsne.Options{Dims: dims, DOF: dof, Repulsion: c.method, Theta: 0.2})
					if err != nil {
						t.Fatal(err)
					}
					if off := relativeRMS(got, exact); !(off <= c.bound) || math.Abs(gotKL-kl) > 0.01*math.Abs(kl) {
						t.Errorf("%d-D, dof %g, spread %g, method %d: gradient off by %.2g, KL %v, exact %v", dims, dof, spread, c.method, off, gotKL, kl)
					}
				}
			}
		}
	}
}

func TestDOFFits(t *testing.T) {
	x, labels := digits(t)
	for _, dof := range []float64{0.5, 2} {
		var sums []uint64
		for _, threads := range []int{1, 2, 5} {
			e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{DOF: dof, Threads: threads}))
			sums = append(sums, checksum(e.Y()))
			if threads > 1 {
				continue
			}
			acc := accuracy(e.Y(), 2, func(i int) int { return int(labels[i]) })
			t.Logf("dof %g: KL %.4f, accuracy %.3f", dof, e.KL(), acc)
			if acc < 0.96 {
				t.Errorf("dof %g: nearest-neighbour accuracy %.3f", dof, acc)
			}
		}
		if slices.Max(sums) != slices.Min(sums) {
			t.Errorf("dof %g: thread counts give maps %x", dof, sums)
		}
	}
	if _, err := tsne.Fit(ctx, x, tsne.Options{DOF: -1}); !errors.Is(err, tsne.ErrOption) || err.Error() != "DOF: got -1, want 0.01 to 10000" {
		t.Error(err)
	}
}

func TestMaxGradNorm(t *testing.T) {
	const n = 300
	p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, blobs(n, 5, 3, 2), tsne.Options{}))
	for dims := 1; dims <= 3; dims++ {
		y := scatter(n, dims, 5, 1)
		grad, _, err := tsne.Gradient(ctx, p, y, tsne.Options{Dims: dims})
		if err != nil {
			t.Fatal(err)
		}
		norms := make([]float64, n) // of a fourth of the gradient, which a step follows
		for i, g := range grad {
			norms[i/dims] += float64(g) * float64(g) / 16
		}
		for i := range norms {
			norms[i] = math.Sqrt(norms[i])
		}
		longest := slices.Sorted(slices.Values(norms))[n/2]
		const rate = 1e4
		want, mean := make([]float32, len(y)), make([]float64, dims)
		for i, g := range grad {
			// A gain is 1.2 in the first step.
			step := 1.2 * rate * float64(g) / 4 * math.Min(1, longest/norms[i/dims])
			want[i] = float32(float64(y[i]) - step)
			mean[i%dims] += float64(want[i]) / n
		}
		for i := range want {
			want[i] -= float32(mean[i%dims])
		}
		e := must[*tsne.Embedding](t)(tsne.NewEmbedding(p, y, tsne.Options{Dims: dims, MaxGradNorm: longest, MaxStepNorm: -1}))
		if err := e.Optimize(ctx, tsne.Phase{Iterations: 1, LearningRate: rate, Momentum: tsne.NoMomentum}); err != nil {
			t.Fatal(err)
		}
		if off := relativeRMS(e.Y(), want); off > 1e-5 {
			t.Errorf("%d-D: a step with half the gradients cut is off by %g", dims, off)
		}
	}
}

func TestAnnealing(t *testing.T) {
	x := blobs(1600, 6, 8, 3)
	var seen []float64
	o := tsne.Options{EarlyIterations: 40, Iterations: 60, AnnealIterations: 40, Exaggeration: 2, ProgressEvery: 10, Progress: func(p tsne.Progress) bool {
		if p.Stage == tsne.StageOptimize {
			seen = append(seen, math.Round(p.Exaggeration*1000)/1000)
		}
		return false
	}}
	fit := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
	// Iteration 9 of the second phase comes after 9 of 40 shares of the way.
	if want := []float64{12, 12, 12, 12, 9.75, 7.25, 4.75, 2.25, 2, 2}; !slices.Equal(seen, want) {
		t.Errorf("exaggerations %v, want %v", seen, want)
	}
	if !finite(fit.Y()) {
		t.Error("the map is not finite")
	}
	p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, o))
	y0 := must[[]float32](t)(tsne.Initialize(ctx, x, o))
	for _, from := range []float64{0, 12} { // 0: what the phase before had
		e := must[*tsne.Embedding](t)(tsne.NewEmbedding(p, y0, tsne.Options{}))
		for _, ph := range []tsne.Phase{
			{Iterations: 40, Exaggeration: 12, Momentum: 0.5}, {Iterations: 60, Exaggeration: 2, From: from, Anneal: 40},
		} {
			if err := e.Optimize(ctx, ph); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(e.Y(), fit.Y()) {
			t.Errorf("from %g: phases differ from Fit", from)
		}
	}
	for _, ph := range []tsne.Phase{{Anneal: -1}, {From: -2}, {AutoStop: -1}, {From: math.NaN()}} {
		e := must[*tsne.Embedding](t)(tsne.NewEmbedding(p, y0, tsne.Options{}))
		if err := e.Optimize(ctx, ph); !errors.Is(err, tsne.ErrOption) {
			t.Errorf("%+v: %v", ph, err)
		}
	}
}

func TestAutoStop(t *testing.T) {
	x, labels := digits(t)
	fit := func(threads int, stop float64) (e *tsne.Embedding, lines []string, last tsne.Progress) {
		e = must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{
			AutoStop: stop, Threads: threads, EarlyIterations: 1000, Iterations: 5000, ProgressEvery: 1,
			Log: func(_ tsne.Level, s tsne.Message) { lines = append(lines, s.String()) },
			Progress: func(p tsne.Progress) bool {
				last = p
				return false
			},
		}))
		return
	}
	first, lines, last := fit(1, 5000)
	t.Logf("%d iterations, KL %.4f; %q", first.Iterations(), first.KL(), lines)
	if n := first.Iterations(); n < 60 || n > 2000 || last.Iteration != n {
		t.Errorf("stopped after %d iterations, the last report says %d", n, last.Iteration)
	}
	if acc := accuracy(first.Y(), 2, func(i int) int { return int(labels[i]) }); acc < 0.97 || first.KL() > 0.8 {
		t.Errorf("accuracy %.3f, KL %.3f", acc, first.KL())
	}
	if again, _, _ := fit(2, 5000); again.Iterations() != first.Iterations() || checksum(again.Y()) != checksum(first.Y()) {
		t.Errorf("another thread count stops after %d iterations, not %d", again.Iterations(), first.Iterations())
	}
	if sooner, _, _ := fit(2, 500); sooner.Iterations() >= first.Iterations() || sooner.KL() < first.KL() {
		t.Errorf("auto_stop 500 stops after %d iterations at KL %.4f, 5000 after %d at %.4f", sooner.Iterations(), sooner.KL(), first.Iterations(), first.KL())
	}
}

func TestAutoStopLeavesDensityItsIterations(t *testing.T) {
	var last tsne.Progress
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, blobs(600, 6, 5, 2), tsne.Options{
		AutoStop: 100, DensityLambda: 0.1, EarlyIterations: 100, Iterations: 900, ProgressEvery: 1,
		Progress: func(p tsne.Progress) bool {
			if p.Stage == tsne.StageOptimize {
				last = p
			}
			return false
		},
	}))
	if n := e.Iterations(); n < 300+30 || n > 600 || last.Iteration != n || last.Iterations != n || last.Done != 1 {
		t.Errorf("%d iterations, last report %d of %d", n, last.Iteration, last.Iterations)
	}
}

func ExampleOptions_dof() {
	// Heavier tails part clusters further: Kobak et al. 2019.
	e, err := tsne.Fit(ctx, blobs(500, 10, 5, 1), tsne.Options{DOF: 0.5, EarlyIterations: 50, Iterations: 50})
	fmt.Println(e.N(), err)
	// Output: 500 <nil>
}
