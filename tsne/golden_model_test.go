package tsne_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// What a release made: it saved the models of these options, and what it made of
// each file is in models.txt.
var modelOptions = map[string]tsne.Options{
	"plain": {Perplexity: 6, Repulsion: tsne.RepulsionExact},
	"rich": {
		Perplexities: []float64{3, 9}, Affinity: tsne.AffinityMultiscale, Metric: tsne.MetricManhattan, Dims: 1, DOF: 0.8,
		Init: tsne.InitRandom, Repulsion: tsne.RepulsionFFT, MaxGradNorm: 0.1,
	},
}

func saveModels(t *testing.T, version string) {
	x, _ := digits(t)
	some := tsne.Matrix{Data: make([]float32, 0, 150*12), Rows: 150, Cols: 12}
	for i := range some.Rows {
		some.Data = append(some.Data, x.Data[i*x.Cols+26:][:some.Cols]...)
	}
	for name, o := range modelOptions {
		e, err := tsne.Fit(ctx, some, brief(o))
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Save(filepath.Join(golden, "model-"+version+"-"+name+".npz")); err != nil {
			t.Fatal(err)
		}
	}
}

// goOn is what this code makes of each model file: the map, the map some
// iterations on, and new rows on it.
func goOn(t *testing.T) sums {
	got := sums{}
	files, err := filepath.Glob(filepath.Join(golden, "model-*.npz"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".npz")
		e, err := tsne.Load(file, tsne.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got.add(name+", loaded", e.Y())
		if err := e.Optimize(ctx, tsne.Phase{Iterations: 30, Exaggeration: 1.5}); err != nil {
			t.Fatal(err)
		}
		got.add(name+", 30 iterations on", e.Y())
		x, ok := e.Data()
		if !ok {
			t.Fatalf("%s has no data", name)
		}
		fresh := tsne.Matrix{Data: make([]float32, 20*x.Cols), Rows: 20, Cols: x.Cols}
		for i := range fresh.Data {
			fresh.Data[i] = (x.Data[i] + x.Data[i+30*x.Cols]) / 2
		}
		p, err := e.Transform(ctx, fresh, tsne.TransformOptions{Iterations: 25})
		if err != nil {
			t.Fatal(err)
		}
		got.add(name+", new rows", p.Y())
	}
	return got
}

// A model that any release saved goes on with the bits that the release gave it.
func TestGoldenModels(t *testing.T) {
	if v := *writeModel; v != "" {
		saveModels(t, v)
		had := sums{}
		if _, err := os.Stat(filepath.Join(golden, "models.txt")); err == nil {
			had = readSums(t, "models.txt")
		}
		for k, sum := range goOn(t) {
			if strings.HasPrefix(k, "model-"+v+"-") {
				had[k] = sum
			}
		}
		had.write(t, "models.txt")
	}
	want := readSums(t, "models.txt")
	if len(want) == 0 {
		t.Fatal("no model is held")
	}
	onEveryPath(t, func(t *testing.T) { goOn(t).holds(t, want) })
}
