package tsne_test

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/libtsne/libtsne/tsne"
)

// startOracle is a start made in another way.
type startOracle struct {
	of      func(t *testing.T, x tsne.Matrix, o tsne.Options) []float32
	jitter  bool // that of Initialize has a hundredth of noise besides
	offData bool // it is made without the data
}

var startOracles = map[tsne.Init]startOracle{
	tsne.InitPCA: {jitter: true, of: func(t *testing.T, x tsne.Matrix, o tsne.Options) []float32 {
		return ofStartScale(principalComponents(t, x, o.Dims), o.Dims)
	}},
	tsne.InitRandom: {offData: true, of: func(_ *testing.T, x tsne.Matrix, o tsne.Options) []float32 {
		r := rand.New(rand.NewPCG(o.Seed, 0))
		y := make([]float32, x.Rows*o.Dims)
		for i := range y {
			y[i] = float32(1e-4 * r.NormFloat64())
		}
		return y
	}},
	tsne.InitGiven: {offData: true, of: func(_ *testing.T, _ tsne.Matrix, o tsne.Options) []float32 { return o.InitY }},
	tsne.InitSpectral: {jitter: true, offData: true, of: func(t *testing.T, x tsne.Matrix, o tsne.Options) []float32 {
		p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, o))
		o.Init = tsne.InitPCA
		return must[[]float32](t)(tsne.SpectralInit(ctx, p, o)) // the bare one
	}},
	tsne.InitSample: {jitter: true, of: func(t *testing.T, x tsne.Matrix, o tsne.Options) []float32 {
		e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{Dims: o.Dims, Seed: o.Seed})) // all rows are the sample
		return ofStartScale(e.Y(), o.Dims)
	}},
}

var starts = slices.Sorted(maps.Keys(startOracles))

// ofStartScale is y with the standard deviation 1e-4 on the first axis.
func ofStartScale(y []float32, dims int) []float32 {
	sd := deviations(y, dims)[0]
	for i, v := range y {
		y[i] = float32(float64(v) / sd * 1e-4)
	}
	return y
}

// principalComponents are by gonum; of each the loading greatest in size is
// positive.
func principalComponents(t *testing.T, x tsne.Matrix, dims int) []float32 {
	wide := make([]float64, len(x.Data))
	for i, v := range x.Data {
		wide[i] = float64(v)
	}
	rows := mat.NewDense(x.Rows, x.Cols, wide)
	var pc stat.PC
	if !pc.PrincipalComponents(rows, nil) {
		t.Fatal("no principal components")
	}
	var axes, scores mat.Dense
	pc.VectorsTo(&axes)
	scores.Mul(rows, &axes)
	y := make([]float32, x.Rows*dims)
	for c := range dims {
		sign := 1.0
		if loadings := mat.Col(nil, c, &axes); -slices.Min(loadings) > slices.Max(loadings) {
			sign = -1
		}
		column := mat.Col(nil, c, &scores)
		for i, v := range column {
			y[i*dims+c] = float32(sign * (v - stat.Mean(column, nil)))
		}
	}
	return y
}

func TestEveryStart(t *testing.T) {
	x := blobs(240, 7, 4, 9)
	before := slices.Clone(x.Data)
	for init := tsne.InitPCA; ; init++ {
		o := tsne.Options{
			Init: init, InitY: scatter(240, 2, 1e-4, 8),
			EarlyIterations: -1, Iterations: -1, Perplexity: 12, SampleSize: 1000, Seed: 3,
		}
		oracle, ok := startOracles[init]
		if _, err := tsne.Initialize(ctx, x, o); !ok && err != nil && int(init) == len(starts) {
			break
		} else if !ok || err != nil {
			t.Fatalf("init %d: an oracle: %v, of the engine: %v", init, ok, err)
		}
		if slices.Contains(startsOfData, init) == oracle.offData {
			t.Errorf("init %d: of_data in options.toml is not what it is made of", init)
		}
		for dims := 1; dims <= 3; dims++ {
			what := fmt.Sprintf("init %d, %d-D: ", init, dims)
			o.Dims, o.InitY = dims, scatter(240, dims, 1e-4, 8)
			o.Threads = 1
			y := must[[]float32](t)(tsne.Initialize(ctx, x, o))
			o.Threads = 3
			if !slices.Equal(y, must[[]float32](t)(tsne.Initialize(ctx, x, o))) {
				t.Error(what + "other threads give other bits")
			}
			want := oracle.of(t, x, o)
			if off := relativeRMS(y, want); oracle.jitter != (off > 1e-3) || off > 0.03 {
				t.Errorf("%sit is %g off", what, off)
			}
			if e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o)); !slices.Equal(e.Y(), y) {
				t.Error(what + "Fit starts elsewhere")
			}
			p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, o))
			switch e, err := tsne.FitAffinities(ctx, p, tsne.Matrix{}, o); {
			case !oracle.offData:
				if !errors.Is(err, tsne.ErrOption) || !strings.Contains(fmt.Sprint(err), "without data, want ") {
					t.Errorf("%swithout data: %v", what, err)
				}
			case err != nil || !slices.Equal(e.Y(), y):
				t.Errorf("%swithout data it is another: %v", what, err)
			}
			other := o
			other.Seed++
			if same := slices.Equal(y, must[[]float32](t)(tsne.Initialize(ctx, x, other))); same != (init == tsne.InitGiven) {
				t.Errorf("%sthe same by another seed: %v", what, same)
			}
		}
	}
	if !slices.Equal(x.Data, before) {
		t.Error("the data have changed")
	}
}

// affinitiesOfEdges are those of a graph on n points, weight(i, j) for i < j.
func affinitiesOfEdges(t testing.TB, n int, weight func(i, j int) float64) *tsne.Affinities {
	t.Helper()
	ptr, col, val := []int64{0}, []int32{}, []float32{}
	for i := range n {
		for j := range n {
			if w := weight(min(i, j), max(i, j)); i != j && w > 0 {
				col, val = append(col, int32(j)), append(val, float32(w))
			}
		}
		ptr = append(ptr, int64(len(col)))
	}
	return must[*tsne.Affinities](t)(tsne.AffinitiesFromCSR(ptr, col, val))
}

// deviations are the standard deviations of the columns of a map.
func deviations(y []float32, dims int) []float64 {
	sd := make([]float64, dims)
	n := float64(len(y) / dims)
	for c := range sd {
		mean := 0.0
		for i := c; i < len(y); i += dims {
			mean += float64(y[i]) / n
		}
		for i := c; i < len(y); i += dims {
			d := float64(y[i]) - mean
			sd[c] += d * d / n
		}
		sd[c] = math.Sqrt(sd[c])
	}
	return sd
}

func greatest(y []float32) (m float64) {
	for _, v := range y {
		m = max(m, math.Abs(float64(v)))
	}
	return m
}

// distinct is the number of points of a map that differ.
func distinct(y []float32, dims int) int {
	seen := map[[3]float32]bool{}
	for i := 0; i < len(y); i += dims {
		var p [3]float32
		copy(p[:], y[i:i+dims])
		seen[p] = true
	}
	return len(seen)
}

func edge(here bool) float64 {
	if here {
		return 1
	}
	return 0
}

// Whatever the eigenvalues of the graph, tied, 0 or negative, and however many parts
// it has, the start has its scale, and the map that comes of it stays within what
// t-SNE makes.
func TestSpectralStartOfAnyGraph(t *testing.T) {
	for name, g := range map[string]struct {
		n      int
		weight func(i, j int) float64
	}{
		"complete":             {120, func(i, j int) float64 { return 1 }},
		"complete, few":        {4, func(i, j int) float64 { return 1 }},
		"hubs":                 {200, func(i, j int) float64 { return edge(i < 90) }}, // the graph of one-hot rows
		"star":                 {90, func(i, j int) float64 { return edge(i == 0) }},
		"bipartite":            {80, func(i, j int) float64 { return edge((i+j)%2 == 1) }},
		"tripartite":           {81, func(i, j int) float64 { return edge(i%3 != j%3) }},
		"pairs":                {200, func(i, j int) float64 { return edge(i%2 == 0 && j == i+1) }},
		"two pairs":            {4, func(i, j int) float64 { return edge(i%2 == 0 && j == i+1) }},
		"a pair":               {30, func(i, j int) float64 { return edge(i == 3 && j == 7) }},
		"triples":              {90, func(i, j int) float64 { return edge(i/3 == j/3) }},
		"cliques":              {120, func(i, j int) float64 { return edge(i/12 == j/12) }},
		"a clique and pairs":   {100, func(i, j int) float64 { return edge(j < 60 || i >= 60 && i%2 == 0 && j == i+1) }},
		"ring":                 {150, func(i, j int) float64 { return edge(j == i+1 || i == 0 && j == 149) }},
		"points without edges": {100, func(i, j int) float64 { return edge(j < 50) }},
		"weights far apart":    {100, func(i, j int) float64 { return math.Pow(10, -float64(i+j)/25) }},
		"a point all but free": {100, func(i, j int) float64 { return math.Pow(10, -6*edge(i == 0)) }},
	} {
		t.Run(name, func(t *testing.T) {
			p := affinitiesOfEdges(t, g.n, g.weight)
			for dims := 1; dims <= 3; dims++ {
				o := tsne.Options{Dims: dims, Threads: 1}
				bare := must[[]float32](t)(tsne.SpectralInit(ctx, p, o))
				o.Threads = 3
				if !slices.Equal(bare, must[[]float32](t)(tsne.SpectralInit(ctx, p, o))) {
					t.Errorf("%d-D: other threads give other bits", dims)
				}
				for c, sd := range deviations(bare, dims) {
					// There may be fewer axes than columns.
					if c == 0 && !(math.Abs(sd-1e-4) < 1e-9) || sd != 0 && !(sd > 0.99e-5 && sd < 1.01e-3) {
						t.Errorf("%d-D: axis %d has standard deviation %g", dims, c, sd)
					}
				}
				o.Init = tsne.InitSpectral
				y := must[[]float32](t)(tsne.SpectralInit(ctx, p, o))
				if parts := distinct(y, dims); parts != g.n {
					t.Errorf("%d-D: %d of %d points are apart", dims, parts, g.n)
				}
				e := must[*tsne.Embedding](t)(tsne.NewEmbedding(p, y, o))
				for _, ph := range []tsne.Phase{{Iterations: 100, Exaggeration: 12, Momentum: 0.5}, {Iterations: 150}} {
					if err := e.Optimize(ctx, ph); err != nil {
						t.Fatal(err)
					}
				}
				if m := greatest(e.Y()); !(m < 1000) {
					t.Errorf("%d-D: the map reaches to %g", dims, m)
				}
			}
		})
	}
}

// Data whose directions vanish or tie.
func TestStartsOfDegenerateData(t *testing.T) {
	data := func(d int, f func(i, c int) float64) tsne.Matrix {
		x := tsne.Matrix{Rows: 150, Cols: d, Data: make([]float32, 150*d)}
		for i := range x.Data {
			x.Data[i] = float32(f(i/d, i%d))
		}
		return x
	}
	for name, x := range map[string]tsne.Matrix{
		"equal rows":  data(5, func(_, c int) float64 { return 0.1 * float64(c+1) }),
		"zeros":       data(1, func(_, _ int) float64 { return 0 }),
		"large":       data(3, func(_, _ int) float64 { return 3e38 }),
		"two rows":    data(4, func(i, _ int) float64 { return float64(i % 2) }),
		"one other":   data(4, func(i, _ int) float64 { return edge(i == 77) }),
		"rank one":    data(6, func(i, c int) float64 { return 0.1 * float64(i*(c+1)) }),
		"one-hot":     data(150, func(i, c int) float64 { return edge(i == c) }),
		"ten one-hot": data(10, func(i, c int) float64 { return edge(i%10 == c) }),
	} {
		t.Run(name, func(t *testing.T) {
			for _, init := range starts {
				if init == tsne.InitGiven {
					continue
				}
				for dims := 1; dims <= 3; dims++ {
					o := tsne.Options{Init: init, Dims: dims, EarlyIterations: 100, Iterations: 100, SampleSize: 100, Threads: 1}
					y := must[[]float32](t)(tsne.Initialize(ctx, x, o))
					if parts := distinct(y, dims); parts < 140 {
						t.Errorf("init %d, %d-D: %d of 150 points are apart", init, dims, parts)
					}
					if init != tsne.InitSample {
						for c, sd := range deviations(y, dims) {
							if !(sd > 0.5e-6 && sd < 1.1e-3) {
								t.Errorf("init %d, %d-D: axis %d has standard deviation %g", init, dims, c, sd)
							}
						}
					}
					e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
					o.Threads = 3
					if same := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o)); !slices.Equal(e.Y(), same.Y()) {
						t.Errorf("init %d, %d-D: other threads give other bits", init, dims)
					}
					if m := greatest(e.Y()); !(m < 1000) {
						t.Errorf("init %d, %d-D: the map reaches to %g", init, dims, m)
					}
				}
			}
		})
	}
}

// A map whose first axis hardly varies is a start no wider than any.
func TestAlignToALine(t *testing.T) {
	x := blobs(200, 4, 3, 51)
	for _, width := range []float32{0, 1e-6, 1} {
		y := make([]float32, 400)
		for i := range 200 {
			y[2*i], y[2*i+1] = width*float32(i%7), float32(i%3)*100+float32(i)/50
		}
		p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, tsne.Options{}))
		e := must[*tsne.Embedding](t)(tsne.NewEmbedding(p, y, tsne.Options{}))
		if err := e.SetData(x); err != nil {
			t.Fatal(err)
		}
		a, _, err := tsne.Align(ctx, e, x, tsne.TransformOptions{}, tsne.Options{EarlyIterations: -1, Iterations: -1})
		if err != nil {
			t.Fatal(err)
		}
		if sd := deviations(a.Y(), 2); !(sd[1] > 0.9e-4 && sd[1] < 1.1e-3) || !(sd[0] > 0.5e-6 && sd[0] < 1.1e-4) {
			t.Errorf("first axis %g wide: deviations %g", width, sd)
		}
	}
}
