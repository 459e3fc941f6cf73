package tsne_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

var inf32 = float32(math.Inf(1))

// frames are what a pull may keep to.
var frames = []tsne.PullFrame{tsne.PullScaled, tsne.PullSimilar, tsne.PullFixed, tsne.PullGrown}

// repulsions of each number of dims.
func repulsions(dims int) []tsne.Repulsion {
	if dims == 3 {
		return []tsne.Repulsion{tsne.RepulsionExact, tsne.RepulsionBarnesHut}
	}
	return []tsne.Repulsion{tsne.RepulsionExact, tsne.RepulsionBarnesHut, tsne.RepulsionFFT}
}

func short(o tsne.Options) tsne.Options {
	o.Perplexity, o.EarlyIterations, o.Iterations = 10, 30, 60
	return o
}

func TestWithoutAPullNothingChanges(t *testing.T) {
	const n = 300
	x, y := blobs(n, 8, 5, 1), scatter(n, 2, 10, 2)
	free := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, short(tsne.Options{})))
	for name, o := range map[string]tsne.Options{
		"no pull":      {PullY: y, PullWeights: make([]float32, n), PullFrame: tsne.PullFixed},
		"all are free": {PullY: y, PullWeights: make([]float32, n), PullFrame: tsne.PullFixed, Pull: 3},
	} {
		e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, short(o)))
		if !slices.Equal(e.Y(), free.Y()) || e.KL() != free.KL() {
			t.Errorf("%s: another map", name)
		}
	}
}

// What is pulled without end lies at the reference, but for what the frame leaves
// open; where it is neighbourhoods that are held, these do.
func TestAPullWithoutEndHolds(t *testing.T) {
	const n = 300
	x := blobs(n, 8, 5, 1)
	p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, short(tsne.Options{})))
	for dims := 1; dims <= 3; dims++ {
		y := scatter(n, dims, 20, 2)
		for i := range y {
			y[i] += float32(7 + i%dims)
		}
		for _, r := range repulsions(dims) {
			for _, f := range frames {
				o := short(tsne.Options{Dims: dims, Repulsion: r, Pull: 1e30, PullY: y, PullFrame: f})
				o.Iterations = 300
				got := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o)).Y()
				off, most := relativeRMS(got, y), 1e-3
				switch f {
				case tsne.PullGrown:
					ones := slices.Repeat([]float32{1}, n)
					u := framed(got, y, ones, dims, f)
					for i, v := range got {
						u[i] = float64(v) - u[i]
					}
					means, _ := neighborMeans(p, u, ones, dims)
					off, most = norm(means)/norm(u), 0.02
				case tsne.PullScaled, tsne.PullSimilar:
					s := must[*tsne.Superposition](t)(tsne.Procrustes(y, got, dims, tsne.ProcrustesOptions{Scale: true}))
					off = math.Sqrt(s.Disparity)
				}
				if !(off < most) {
					t.Errorf("%d-D, repulsion %d, frame %d: off by %g", dims, r, f, off)
				}
			}
		}
	}
}

func TestPinnedPointsDoNotMove(t *testing.T) {
	for dims := 1; dims <= 3; dims++ {
		for _, n := range []int{300, 5000} { // the points of the latter move in memory
			x, y := blobs(n, 8, 5, 1), scatter(n, dims, 20, 2)
			w := make([]float32, n)
			for i := range w {
				w[i] = []float32{inf32, 0, 1}[i%3]
			}
			for _, r := range repulsions(dims) {
				if n > 1000 && r == tsne.RepulsionExact {
					continue
				}
				o := short(tsne.Options{Dims: dims, Repulsion: r, Pull: 0.1, PullY: y, PullWeights: w, PullFrame: tsne.PullFixed, DensityLambda: 0.1})
				e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
				if err := e.Optimize(ctx, tsne.Phase{Iterations: 5, Exaggeration: 4}); err != nil {
					t.Fatal(err)
				}
				for i, v := range e.Y() {
					same := math.Float32bits(v) == math.Float32bits(y[i])
					if pinned := i/dims%3 == 0; pinned != same {
						t.Fatalf("%d-D, n %d, repulsion %d: value %d is %v, was %v", dims, n, r, i, v, y[i])
					}
				}
			}
		}
	}
}

// A step without momentum is along the gradient: beside it one in float64 by the
// definitions.
func TestAStepOfAPullIsThatOfItsGradient(t *testing.T) {
	const n, rate, pull = 120, 40.0, 0.7
	x := blobs(n, 8, 5, 1)
	p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, tsne.Options{Perplexity: 10}))
	w := make([]float32, n)
	for i := range w {
		w[i] = float32(i%4) / 2
	}
	for dims := 1; dims <= 3; dims++ {
		from, r := scatter(n, dims, 6, 3), scatter(n, dims, 2, 4)
		for i := range r {
			r[i] += from[i]/4 + 100
		}
		kl, _, err := tsne.Gradient(ctx, p, from, tsne.Options{Dims: dims, Repulsion: tsne.RepulsionExact})
		if err != nil {
			t.Fatal(err)
		}
		for _, frame := range frames {
			pulls, most := framed(from, r, w, dims, frame), make([]float64, n)
			for i := range pulls {
				most[i/dims] = 2 * pull * float64(w[i/dims]) / n
				pulls[i] = most[i/dims] * (float64(from[i]) - pulls[i])
			}
			if frame == tsne.PullGrown {
				pulls, most = heldTogether(p, from, framed(from, r, w, dims, frame), w, dims, pull)
			}
			want, mean := make([]float32, n*dims), [3]float64{}
			for i := range want {
				k := most[i/dims]
				g := float64(kl[i]) + pulls[i]
				// A quarter of the gradient, a first gain of 1.2, and the curvature.
				step := rate * 1.2 * g / 4 / (1 + rate*k/4)
				want[i] = float32(float64(from[i]) - step)
				mean[i%dims] += float64(want[i]) / n
			}
			if frame == tsne.PullScaled || frame == tsne.PullSimilar {
				for i := range want {
					want[i] -= float32(mean[i%dims])
				}
			}
			e := must[*tsne.Embedding](t)(tsne.NewEmbedding(p, from, tsne.Options{
				Dims: dims, Repulsion: tsne.RepulsionExact, Pull: pull, PullY: r, PullWeights: w, PullFrame: frame, MaxStepNorm: -1,
			}))
			if err := e.Optimize(ctx, tsne.Phase{Iterations: 1, LearningRate: rate, Momentum: tsne.NoMomentum}); err != nil {
				t.Fatal(err)
			}
			got := e.Y()
			for i := range got {
				if d := math.Abs(float64(got[i]) - float64(want[i])); d > 2e-5*math.Max(1, math.Abs(float64(want[i]))) {
					t.Fatalf("%d-D, frame %d: value %d is %v, want %v", dims, frame, i, got[i], want[i])
				}
			}
		}
	}
}

// neighborMeans are the means of u over the neighbours of each point, by P and
// w, and the weight that each mean has.
func neighborMeans(p *tsne.Affinities, u []float64, w []float32, dims int) (m, c []float64) {
	m, c = make([]float64, len(u)), make([]float64, p.N)
	for i := range p.N {
		for k := p.Ptr[i]; k < p.Ptr[i+1]; k++ {
			j := int(p.Col[k])
			v := float64(p.Val[k]) * float64(w[j])
			c[i] += v
			for a := range dims {
				m[i*dims+a] += v * u[j*dims+a]
			}
		}
		for a := range dims {
			if c[i] > 0 {
				m[i*dims+a] /= c[i]
			}
		}
	}
	return m, c
}

// heldTogether is the gradient of pull times the sum of c |m|², by differences,
// and the bound of its curvature by which steps are damped.
func heldTogether(p *tsne.Affinities, y []float32, to []float64, w []float32, dims int, pull float64) (g, most []float64) {
	u := make([]float64, len(y))
	for i, v := range y {
		u[i] = float64(v) - to[i]
	}
	m, c := neighborMeans(p, u, w, dims)
	loss := func() (sum float64) {
		for i := range m {
			sum += pull * c[i/dims] * m[i] * m[i]
		}
		return sum
	}
	g, most = make([]float64, len(y)), make([]float64, p.N)
	const h = 1e-3
	for i := range u {
		at := u[i]
		u[i] = at + h
		m, c = neighborMeans(p, u, w, dims)
		up := loss()
		u[i] = at - h
		m, c = neighborMeans(p, u, w, dims)
		g[i] = (up - loss()) / (2 * h)
		u[i] = at
	}
	for i := range most {
		for k := p.Ptr[i]; k < p.Ptr[i+1]; k++ {
			most[i] += 2 * pull * float64(w[i]) * float64(p.Val[k])
		}
	}
	return g, most
}

func norm(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	return math.Sqrt(sum)
}

// framed is where the frame puts the reference positions of a map.
func framed(y, r, w []float32, dims int, frame tsne.PullFrame) []float64 {
	to := make([]float64, len(y))
	if frame == tsne.PullFixed {
		for i, v := range r {
			to[i] = float64(v)
		}
		return to
	}
	var sum float64
	var my, mr [3]float64
	for i := range y {
		v := float64(w[i/dims])
		sum += v / float64(dims)
		my[i%dims] += v * float64(y[i])
		mr[i%dims] += v * float64(r[i])
	}
	var yy, rr, yr float64
	a, b := make([]float32, 0, len(y)), make([]float32, 0, len(y)) // the points as often as their weights say
	for i := range y {
		c, v := i%dims, float64(w[i/dims])
		dy, dr := float64(y[i])-my[c]/sum, float64(r[i])-mr[c]/sum
		yy, rr, yr = yy+v*dy*dy, rr+v*dr*dr, yr+v*dy*dr
	}
	for i := 0; i < len(y); i += dims {
		for range int(2 * w[i/dims]) {
			a, b = append(a, y[i:i+dims]...), append(b, r[i:i+dims]...)
		}
	}
	scale, turn, onto := math.Sqrt(yy/rr), [9]float64{}, my
	for c := range dims {
		turn[c*dims+c] = 1
	}
	switch frame {
	case tsne.PullSimilar:
		s, err := tsne.Procrustes(a, b, dims, tsne.ProcrustesOptions{})
		if err != nil {
			panic(err)
		}
		turn = s.Rotation
	case tsne.PullGrown:
		scale, onto = max(1, yy/max(yr, scale*rr/2)), mr
	}
	for i := range to {
		at, c := i/dims*dims, i%dims
		to[i] = onto[c] / sum
		for k := range dims {
			to[i] += scale * turn[c*dims+k] * (float64(r[at+k]) - mr[k]/sum)
		}
	}
	return to
}

// Threads, pieces, a clone and a file give the bits of one job.
func TestAPullInPieces(t *testing.T) {
	const n = 4500 // moves in memory
	x := blobs(n, 8, 5, 1)
	w := make([]float32, n)
	for i := range w {
		w[i] = float32(i % 3)
	}
	for _, frame := range frames {
		o := tsne.Options{Perplexity: 10, EarlyIterations: 60, Iterations: 60, Pull: 0.01, PullFrame: frame, PullWeights: w, Threads: 1, PullY: scatter(n, 2, 20, 2)}
		if frame == tsne.PullFixed {
			o.PullWeights = slices.Clone(w)
			o.PullWeights[7] = inf32
		}
		p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, o))
		whole := must[*tsne.Embedding](t)(tsne.FitAffinities(ctx, p, x, o))
		o.Threads = 3
		if e := must[*tsne.Embedding](t)(tsne.FitAffinities(ctx, p, x, o)); !slices.Equal(e.Y(), whole.Y()) {
			t.Errorf("frame %d: three threads: another map", frame)
		}
		o.Iterations = -1
		e := must[*tsne.Embedding](t)(tsne.FitAffinities(ctx, p, x, o))
		for range 3 {
			e = must[*tsne.Embedding](t)(readModel(modelBytes(t, e.Clone())))
			if err := e.Optimize(ctx, tsne.Phase{Iterations: 20}); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(e.Y(), whole.Y()) || e.KL() != whole.KL() {
			t.Errorf("frame %d: in pieces: another map", frame)
		}
	}
}

func TestAPullIsGoneOnWithOrLeft(t *testing.T) {
	x := blobs(200, 8, 5, 1)
	free := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, short(tsne.Options{})))
	if err := free.Configure(tsne.Options{Pull: 1}); !errors.Is(err, tsne.ErrOption) || !strings.HasPrefix(fmt.Sprint(err), "Pull: this embedding has no reference") {
		t.Error(err)
	}
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, short(tsne.Options{Pull: 0.1, PullFrame: tsne.PullFixed, PullWeights: append(make([]float32, 199), inf32)})))
	if err := e.Configure(tsne.Options{Pull: 1}); !errors.Is(err, tsne.ErrOption) || !strings.HasPrefix(fmt.Sprint(err), "PullFrame: got 0") {
		t.Error(err)
	}
	at := e.Y()[398:]
	if err := errors.Join(e.Configure(tsne.Options{}), e.Optimize(ctx, tsne.Phase{Iterations: 20})); err != nil || slices.Equal(e.Y()[398:], at) {
		t.Error("still pinned", err)
	}
}

func TestBadPulls(t *testing.T) {
	x, y := blobs(50, 8, 5, 1), scatter(50, 2, 1, 1)
	bad := slices.Clone(y)
	bad[5] = float32(math.NaN())
	ones := func(v ...float32) []float32 { return append(slices.Repeat([]float32{1}, 50-len(v)), v...) }
	for says, o := range map[string]tsne.Options{
		"PullY: got 98 values, want 50 rows x 2 columns":                         {PullY: y[2:]},
		"PullY: row 2, column 1 is NaN":                                          {PullY: bad},
		"PullWeights: got 49 values, want 50, one a point":                       {PullWeights: ones()[1:]},
		"PullWeights: got -1 in row 49, want 0 or more":                          {PullWeights: ones(-1)},
		"PullWeights: got NaN in row 49, want 0 or more":                         {PullWeights: ones(bad[5])},
		"PullWeights: got all infinite, want at least one point that may move":   {PullFrame: tsne.PullFixed, PullWeights: slices.Repeat([]float32{inf32}, 50)},
		"PullFrame: got 0, want fixed (2) where a weight is infinite":            {PullWeights: ones(inf32)},
		"PullFrame: got 4, want scaled (0), similar (1), fixed (2) or grown (3)": {PullFrame: 4},
		"Pull: got +Inf, want 0 or more":                                         {Pull: math.Inf(1)},
	} {
		if o.Pull == 0 {
			o.Pull = 1
		}
		if _, err := tsne.Fit(ctx, x, short(o)); err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("%s: got %v", says, err)
		}
	}
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, short(tsne.Options{Pull: 1, PullWeights: ones(2)})))
	b := modelBytes(t, e)
	for says, edit := range map[string]func(h, p map[string]any){
		"held: value 3 is NaN":                  func(_, p map[string]any) { p["held"].([]float32)[3] = bad[5] },
		"held: shape [99]":                      func(_, p map[string]any) { p["held"] = p["held"].([]float32)[1:] },
		"held_weights: value 0 is -1, want 0":   func(_, p map[string]any) { p["held_weights"].([]float32)[0] = -1 },
		"held_weights: infinite, and the frame": func(_, p map[string]any) { p["held_weights"].([]float32)[0] = inf32 },
	} {
		got, err := readModel(edited(t, b, edit))
		if got != nil || !errors.Is(err, tsne.ErrFile) || !strings.Contains(fmt.Sprint(err), says) {
			t.Errorf("%s: got %v", says, err)
		}
	}
	var file bytes.Buffer
	free := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, short(tsne.Options{})))
	must[int64](t)(free.WriteTo(&file))
	if bytes.Contains(file.Bytes(), []byte(`"Pull`)) || !bytes.Contains(file.Bytes(), []byte(`"version":1,`)) {
		t.Error("a model without a pull is none that earlier libraries read")
	}
}
