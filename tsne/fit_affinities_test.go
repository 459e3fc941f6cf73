package tsne_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// A fit of data is the fit of their affinities, whatever is asked for, and so is
// what either goes on to.
func TestFitIsThatOfItsAffinities(t *testing.T) {
	const n = 300
	x := blobs(n, 12, 5, 71)
	start := func(dims int) []float32 { return scatter(n, dims, 1e-4, 72) }
	for name, o := range map[string]tsne.Options{
		"defaults":       {},
		"perplexity":     {Perplexity: 7},
		"perplexities":   {Perplexities: []float64{5, 40}},
		"lowered":        {Perplexity: 1000},
		"multiscale":     {Perplexities: []float64{5, 40}, Affinity: tsne.AffinityMultiscale},
		"uniform":        {Affinity: tsne.AffinityUniform, K: 15},
		"uniform max":    {Affinity: tsne.AffinityUniformMax, K: 15},
		"fixed sigma":    {Affinity: tsne.AffinityFixedSigma, K: 25, Sigma: 2},
		"K":              {Perplexity: 10, K: 12},
		"cosine":         {Metric: tsne.MetricCosine},
		"correlation":    {Metric: tsne.MetricCorrelation},
		"Manhattan":      {Metric: tsne.MetricManhattan},
		"Chebyshev":      {Metric: tsne.MetricChebyshev},
		"Hamming":        {Metric: tsne.MetricHamming},
		"approximate":    {Neighbors: tsne.NeighborsApprox, NeighborsEffort: 0.5, Seed: 3},
		"1-D":            {Dims: 1},
		"3-D":            {Dims: 3},
		"1-D given":      {Dims: 1, Init: tsne.InitGiven, InitY: start(1)},
		"3-D random":     {Dims: 3, Init: tsne.InitRandom, Seed: 4},
		"given":          {Init: tsne.InitGiven, InitY: start(2)},
		"random":         {Init: tsne.InitRandom, Seed: 5},
		"spectral":       {Init: tsne.InitSpectral, Seed: 6},
		"sample":         {Init: tsne.InitSample, SampleSize: 80, Seed: 7, Metric: tsne.MetricCosine, DOF: 0.7},
		"whole sample":   {Init: tsne.InitSample},
		"exact":          {Repulsion: tsne.RepulsionExact},
		"Barnes-Hut":     {Repulsion: tsne.RepulsionBarnesHut, Theta: 0.8},
		"FFT":            {Repulsion: tsne.RepulsionFFT},
		"annealing":      {AnnealIterations: 15},
		"stops":          {AutoStop: 300, EarlyIterations: 90, Iterations: 90},
		"stops annealed": {AutoStop: 300, EarlyIterations: 90, Iterations: 90, AnnealIterations: 20},
		"density":        {DensityLambda: 0.5},
		"dense early":    {DensityLambda: 0.5, DensityFraction: 0.9, DensityShift: 0.3, AutoStop: 300, AnnealIterations: 9},
		"dense spectral": {DensityLambda: 0.5, Init: tsne.InitSpectral, Affinity: tsne.AffinityUniform, K: 9},
		"heavy tails":    {DOF: 0.5},
		"momentum":       {EarlyMomentum: tsne.NoMomentum, Momentum: 0.6},
		"exaggeration":   {EarlyExaggeration: 5, Exaggeration: 2.5, LearningRate: 30},
		"clipped":        {MaxGradNorm: 0.01, MaxStepNorm: 0.5},
		"one phase":      {EarlyIterations: -1},
		"none":           {EarlyIterations: -1, Iterations: -1},
	} {
		t.Run(name, func(t *testing.T) {
			if o.EarlyIterations == 0 {
				o.EarlyIterations, o.Iterations = 30, 30
			}
			want := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
			p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, o))
			before := tsne.Affinities{N: p.N, Ptr: slices.Clone(p.Ptr), Col: slices.Clone(p.Col), Val: slices.Clone(p.Val)}
			got := must[*tsne.Embedding](t)(tsne.FitAffinities(ctx, p, x, o))
			sameFit(t, "", got, want)
			if !slices.Equal(p.Ptr, before.Ptr) || !slices.Equal(p.Col, before.Col) || !slices.Equal(p.Val, before.Val) {
				t.Error("the affinities have changed")
			}
			if a, b := fmt.Sprintf("%+v", got.Settings()), fmt.Sprintf("%+v", want.Settings()); a != b {
				t.Errorf("settings: got %s, want %s", a, b)
			}
			if startOracles[o.Init].offData {
				bare := must[*tsne.Embedding](t)(tsne.FitAffinities(ctx, p, tsne.Matrix{}, o))
				sameFit(t, "without data: ", bare, want)
				if _, ok := bare.Data(); ok {
					t.Error("it has data")
				}
			}
			ph := tsne.Phase{Iterations: 20, Exaggeration: 1.5, Anneal: 10}
			if err := errors.Join(got.Optimize(ctx, ph), want.Optimize(ctx, ph)); err != nil {
				t.Fatal(err)
			}
			sameFit(t, "going on: ", got, want)
		})
	}
}

func sameFit(t *testing.T, what string, got, want *tsne.Embedding) {
	t.Helper()
	if !slices.Equal(got.Y(), want.Y()) {
		t.Errorf("%sanother map", what)
	}
	if math.Float64bits(got.KL()) != math.Float64bits(want.KL()) || got.Iterations() != want.Iterations() {
		t.Errorf("%sKL %v after %d iterations, want %v after %d", what, got.KL(), got.Iterations(), want.KL(), want.Iterations())
	}
}

// Affinities of a graph or of distances are ones that a fit takes as it does those
// of data, density preservation included.
func TestFitAffinitiesOfAGraph(t *testing.T) {
	const n = 200
	x := blobs(n, 6, 4, 73)
	o := tsne.Options{Perplexity: 8, Init: tsne.InitSpectral, DensityLambda: 0.5, AnnealIterations: 10, EarlyIterations: 30, Iterations: 40}
	want := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
	nb := must[*tsne.Neighbors](t)(tsne.FindNeighbors(ctx, x, 24, o))
	p := must[*tsne.Affinities](t)(tsne.NewAffinities(ctx, nb, tsne.Options{Perplexity: 8}))
	sameFit(t, "", must[*tsne.Embedding](t)(tsne.FitAffinities(ctx, p, tsne.Matrix{}, o)), want)
	sameFit(t, "those of a map: ", must[*tsne.Embedding](t)(tsne.FitAffinities(ctx, want.Affinities(), tsne.Matrix{}, o)), want)
}

// What is lowered is told once, by what makes the affinities.
func TestFitAffinitiesWarnsOfNothingTwice(t *testing.T) {
	x := blobs(60, 4, 3, 74)
	warnings := 0
	o := tsne.Options{EarlyIterations: -1, Iterations: -1, Perplexity: 500, Log: func(level tsne.Level, _ tsne.Message) {
		if level == tsne.LevelWarning {
			warnings++
		}
	}}
	p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, o))
	must[*tsne.Embedding](t)(tsne.FitAffinities(ctx, p, x, o))
	if warnings != 1 {
		t.Errorf("%d warnings", warnings)
	}
}

func TestFitAffinitiesRefuses(t *testing.T) {
	x := blobs(40, 3, 2, 75)
	p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, tsne.Options{}))
	csr := must[*tsne.Affinities](t)(tsne.AffinitiesFromCSR(p.Ptr, p.Col, p.Val))
	bad := x
	bad.Data = slices.Clone(x.Data)
	bad.Data[7] = float32(math.NaN())
	for want, c := range map[string]struct {
		p *tsne.Affinities
		x tsne.Matrix
		o tsne.Options
	}{
		"Init: got pca without data":             {p, tsne.Matrix{}, tsne.Options{}},
		"Init: got sample without data":          {p, tsne.Matrix{}, tsne.Options{Init: tsne.InitSample}},
		"DensityLambda: these affinities":        {csr, x, tsne.Options{DensityLambda: 1}},
		"X: got 39 rows, want 40":                {p, tsne.Matrix{Data: x.Data[:39*3], Rows: 39, Cols: 3}, tsne.Options{}},
		"X: got 0 rows, want at least 4":         {p, tsne.Matrix{Cols: 3}, tsne.Options{}},
		"X: row 2, column 1 is NaN":              {p, bad, tsne.Options{}},
		"InitY: got 3 values":                    {p, x, tsne.Options{Init: tsne.InitGiven, InitY: make([]float32, 3)}},
		"Perplexity: got -1":                     {p, x, tsne.Options{Perplexity: -1}},
		"memory: 40 points of":                   {p, x, tsne.Options{MaxMemory: 1}},
		"LearningRate: got 1e+30, want less":     {p, x, tsne.Options{LearningRate: 1e30, MaxStepNorm: -1}},
		"Repulsion: got fft with Dims 3, want b": {p, x, tsne.Options{Dims: 3, Repulsion: tsne.RepulsionFFT}},
	} {
		e, err := tsne.FitAffinities(ctx, c.p, c.x, c.o)
		if err == nil || e != nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, %v", want, e, err)
		}
	}
}

// Affinities of several perplexities over one search are those of as many searches.
func TestAffinitiesOfEach(t *testing.T) {
	const n = 200
	x := blobs(n, 6, 4, 73)
	lists := [][]float64{{8}, {3, 20}, {1000}, {20}}
	for name, o := range map[string]tsne.Options{
		"default":    {},
		"cosine":     {Metric: tsne.MetricCosine},
		"Manhattan":  {Metric: tsne.MetricManhattan},
		"multiscale": {Affinity: tsne.AffinityMultiscale},
		"K":          {K: 30},
		"told":       {Log: func(tsne.Level, tsne.Message) {}},
	} {
		made := must[[]*tsne.Affinities](t)(tsne.AffinitiesOfEach(ctx, x, lists, o))
		for i, p := range made {
			o.Perplexities = lists[i]
			want := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, o))
			if !slices.Equal(p.Ptr, want.Ptr) || !slices.Equal(p.Col, want.Col) || !slices.Equal(p.Val, want.Val) {
				t.Errorf("%s, %v: other affinities", name, lists[i])
			}
			o.DensityLambda, o.EarlyIterations, o.Iterations = 0.5, 10, 10
			sameFit(t, name+": ", must[*tsne.Embedding](t)(tsne.FitAffinities(ctx, p, x, o)), must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o)))
			o.DensityLambda = 0
		}
	}
	for want, lists := range map[string][][]float64{"none": {}, "empty list": {{8}, {}}, "-1": {{8}, {3, -1}}} {
		if _, err := tsne.AffinitiesOfEach(ctx, x, lists, tsne.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", lists, err)
		}
	}
}

// What fits one by one does not fit with all of it kept, and that is said at once.
func TestAffinitiesOfEachHoldMemoryAgainstTheFits(t *testing.T) {
	const n = 5000
	x := blobs(n, 4, 4, 74)
	one := must[tsne.Memory](t)(tsne.EstimateMemory(n, 4, tsne.Options{Perplexity: 100}))
	o := tsne.Options{MaxMemory: one.Peak}
	must[[]*tsne.Affinities](t)(tsne.AffinitiesOfEach(ctx, x, [][]float64{{100}}, o))
	o.Progress = func(tsne.Progress) bool { t.Error("it has begun"); return true }
	_, err := tsne.AffinitiesOfEach(ctx, x, [][]float64{{100}, {90}, {80}, {70}}, o)
	if !errors.Is(err, tsne.ErrMemory) {
		t.Errorf("got %v", err)
	}
	if tsne.AvailableMemory() < 1<<20 {
		t.Errorf("%d bytes are left to this process", tsne.AvailableMemory())
	}
}
