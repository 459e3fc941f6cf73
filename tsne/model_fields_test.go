package tsne

import (
	"reflect"
	"slices"
	"testing"
)

// A field that an Embedding gains is saved and loaded, or need not be.
func TestModelHasEveryField(t *testing.T) {
	saved := []string{"o", "order", "y", "velocity", "gains", "p", "radius", "plogp", "iterations", "planned", "exaggeration", "kl", "x", "names", "rowNames", "asked", "held"}
	made := []string{"mu", "room", "pShared", "frozen", "warnings"}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Embedding]()) {
		if !slices.Contains(saved, f.Name) && !slices.Contains(made, f.Name) {
			t.Errorf("Embedding.%s: is it part of a model? See model.go", f.Name)
		}
	}
}

// Every option comes back as it was, whatever its value.
func TestModelHasEveryOption(t *testing.T) {
	e := Embedding{p: pairs().csr(), y: make([]float32, 8), velocity: make([]float32, 8), gains: make([]float32, 8), held: &held{y: make([]float32, 8)}}
	var err error
	e.o, err = Options{
		Metric: MetricCosine, K: 2, Sigma: 0.1, Init: InitRandom, Perplexities: []float64{1.0 / 3, 1e-300},
		EarlyIterations: -1, Iterations: -1, EarlyMomentum: NoMomentum, Momentum: NoMomentum,
		MaxStepNorm: -1, Seed: 1<<64 - 1, DOF: 1.0 / 3, AutoStop: 5e-324, MomentumIterations: 7, Pull: 1.0 / 3, PullFrame: PullGrown,
	}.resolve(4)
	if err != nil {
		t.Fatal(err)
	}
	text, err := e.header(nil)
	if err != nil {
		t.Fatal(err)
	}
	h, err := decodeHeader(text)
	if err != nil {
		t.Fatal(err)
	}
	var back Embedding
	if err := h.restore(&back, Options{}); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back.o, e.o) {
		t.Errorf("got  %+v\nwant %+v", back.o, e.o)
	}
	n := 0
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Options]()) {
		if !unsaved[f.Name] && f.Name != "MomentumIterations" { // which has a place of its own
			n++
		}
	}
	if n != len(h.Options) {
		t.Errorf("%d options of %d", len(h.Options), n)
	}
}

// pairs are four points that attract in pairs.
func pairs() *Affinities {
	return &Affinities{N: 4, Ptr: []int64{0, 1, 2, 3, 4}, Col: []int32{1, 0, 3, 2}, Val: []float32{0.25, 0.25, 0.25, 0.25}}
}
