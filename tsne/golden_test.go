package tsne_test

import (
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

var (
	writeMaps  = flag.Bool("golden-maps", false, "write tests/golden/maps.txt")
	writeModel = flag.String("golden-model", "", "save tests/golden/model-VERSION-*.npz with this code, and what it makes of them")
)

const golden = "../tests/golden"

// sums maps a name to the SHA-256 of float32 values, as the files have them.
type sums map[string]string

func (s sums) add(name string, y []float32) {
	h := sha256.New()
	if err := binary.Write(h, binary.LittleEndian, y); err != nil {
		panic(err)
	}
	s[name] = fmt.Sprintf("%x", h.Sum(nil))
}

func (s sums) write(t *testing.T, name string) {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(&b, "%s  %s\n", s[k], k)
	}
	if err := os.WriteFile(filepath.Join(golden, name), []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
}

func readSums(t *testing.T, name string) sums {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(golden, name))
	if err != nil {
		t.Fatal(err)
	}
	s := sums{}
	for line := range strings.Lines(string(text)) {
		sum, key, _ := strings.Cut(strings.TrimSpace(line), "  ")
		s[key] = sum
	}
	return s
}

// holds says which maps differ from those of the file.
func (s sums) holds(t *testing.T, want sums) {
	t.Helper()
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if s[k] != want[k] {
			t.Errorf("%s: SHA-256 %.12s…, want %.12s…", k, s[k], want[k])
		}
	}
	for k := range s {
		if want[k] == "" {
			t.Errorf("%s is not in the file", k)
		}
	}
}

// onEveryPath runs f on each CPU path of this machine.
func onEveryPath(t *testing.T, f func(t *testing.T)) {
	defer func(l cpu.Level) { cpu.Use = l }(cpu.Use)
	for l := cpu.Portable; l <= cpu.Best; l++ {
		cpu.Use = l
		t.Run(l.String(), f)
	}
}

func brief(o tsne.Options) tsne.Options {
	o.EarlyIterations, o.Iterations = 60, 90
	o.Seed = 7
	return o
}

// goldenMaps fits the same rows in all ways there are, and more than one option
// at a time where they do not stand in each other's way.
func goldenMaps(t *testing.T) sums {
	x, _ := digits(t)
	x = tsne.Matrix{Data: x.Data[:400*x.Cols], Rows: 400, Cols: x.Cols}
	rest := tsne.Matrix{Data: x.Data[320*x.Cols:], Rows: 80, Cols: x.Cols}
	start := make([]float32, 2*x.Rows)
	for i := range start {
		start[i] = float32(i*7919%1009) / 4096
	}
	start3, wide := make([]float32, 3*x.Rows), make([]float32, 2*x.Rows)
	some, pins := make([]float32, x.Rows), make([]float32, x.Rows)
	for i := range start3 {
		start3[i] = float32(i * 7919 % 1009)
	}
	for i := range some {
		wide[2*i], wide[2*i+1] = 16*start[2*i], 16*start[2*i+1]
		some[i], pins[i] = float32(i%3), 1
		if i%5 == 0 {
			pins[i] = float32(math.Inf(1))
		}
	}
	got := sums{}
	for name, o := range map[string]tsne.Options{
		"defaults":                        {EarlyIterations: 250, Iterations: 500},
		"exact":                           {Repulsion: tsne.RepulsionExact},
		"tree":                            {Repulsion: tsne.RepulsionBarnesHut, Theta: 0.4},
		"grid":                            {Repulsion: tsne.RepulsionFFT},
		"tree, 3 dims, random start":      {Repulsion: tsne.RepulsionBarnesHut, Dims: 3, Init: tsne.InitRandom},
		"grid, 1 dim, spectral start":     {Repulsion: tsne.RepulsionFFT, Dims: 1, Init: tsne.InitSpectral},
		"cosine, multiscale":              {Repulsion: tsne.RepulsionExact, Metric: tsne.MetricCosine, Affinity: tsne.AffinityMultiscale, Perplexities: []float64{5, 40}},
		"correlation, fixed sigma":        {Repulsion: tsne.RepulsionExact, Metric: tsne.MetricCorrelation, Affinity: tsne.AffinityFixedSigma, Sigma: 0.1, K: 20},
		"Manhattan, uniform":              {Repulsion: tsne.RepulsionFFT, Metric: tsne.MetricManhattan, Affinity: tsne.AffinityUniform, K: 12},
		"Hamming, uniform by either":      {Repulsion: tsne.RepulsionBarnesHut, Metric: tsne.MetricHamming, Affinity: tsne.AffinityUniformMax, K: 12},
		"Chebyshev, averaged, given":      {Repulsion: tsne.RepulsionExact, Metric: tsne.MetricChebyshev, Perplexities: []float64{5, 40}, Init: tsne.InitGiven, InitY: start},
		"heavy tails, annealed, grid":     {Repulsion: tsne.RepulsionFFT, DOF: 0.6, AnnealIterations: 40},
		"light tails, limits, tree":       {Repulsion: tsne.RepulsionBarnesHut, DOF: 3, MaxStepNorm: 0.5, MaxGradNorm: 0.01, LearningRate: 60},
		"densities, stops by itself":      {Repulsion: tsne.RepulsionExact, DensityLambda: 0.1, AutoStop: 50},
		"sample start, approximate":       {Repulsion: tsne.RepulsionFFT, Init: tsne.InitSample, SampleSize: 200, Neighbors: tsne.NeighborsApprox},
		"exaggerated, without momentum":   {Repulsion: tsne.RepulsionFFT, Exaggeration: 4, Momentum: tsne.NoMomentum, EarlyMomentum: tsne.NoMomentum},
		"perplexity 10, chosen repulsion": {Perplexity: 10},
		"pulled to the start":             {Repulsion: tsne.RepulsionFFT, Pull: 0.01},
		"pulled, turned, some free":       {Repulsion: tsne.RepulsionBarnesHut, Dims: 3, Pull: 0.1, PullFrame: tsne.PullSimilar, PullY: start3, PullWeights: some},
		"pinned":                          {Repulsion: tsne.RepulsionExact, Pull: 0.01, PullFrame: tsne.PullFixed, PullY: wide, PullWeights: pins},
		"pulled, grown":                   {Repulsion: tsne.RepulsionExact, Pull: 0.01, PullFrame: tsne.PullGrown, PullY: wide},
	} {
		if o.Iterations == 0 {
			o = brief(o)
		}
		e, err := tsne.Fit(ctx, x, o)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got.add(name, e.Y())
		if name != "grid" {
			continue
		}
		p, err := e.Transform(ctx, rest, tsne.TransformOptions{
			Placement: tsne.PlaceWeighted, Iterations: 40, Perplexities: []float64{3, 12},
			Affinity: tsne.AffinityMultiscale, Repulsion: tsne.RepulsionBarnesHut,
		})
		if err != nil {
			t.Fatal(err)
		}
		got.add("transform", p.Y())
		b, err := e.Bootstrap(ctx, rest, 5, tsne.TransformOptions{Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		got.add("bootstrap", b.Samples)
		a, _, err := tsne.Align(ctx, e, rest, tsne.TransformOptions{}, brief(tsne.Options{Repulsion: tsne.RepulsionExact}))
		if err != nil {
			t.Fatal(err)
		}
		got.add("align", a.Y())
	}
	return got
}

// A map that is no longer the same is a decision, and in the changelog.
func TestGoldenMaps(t *testing.T) {
	if *writeMaps {
		goldenMaps(t).write(t, "maps.txt")
	}
	want := readSums(t, "maps.txt")
	onEveryPath(t, func(t *testing.T) { goldenMaps(t).holds(t, want) })
}
