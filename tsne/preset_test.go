package tsne_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// A preset is the values that docs/options.md lists, and leaves all else alone.
func TestPreset(t *testing.T) {
	byHand := tsne.Options{Affinity: tsne.AffinityUniform, K: 15, Init: tsne.InitSample, AnnealIterations: 250}
	o := must[tsne.Options](t)(tsne.Preset("atlas"))
	if !reflect.DeepEqual(o, byHand) {
		t.Errorf("got %+v", o)
	}
	x := blobs(200, 6, 5, 1)
	fit := func(o tsne.Options) []float32 {
		o.SampleSize, o.EarlyIterations, o.Iterations = 60, 20, 30
		return must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o)).Y()
	}
	if y := fit(o); !slices.Equal(y, fit(byHand)) || slices.Equal(y, fit(tsne.Options{})) {
		t.Error("another map than by hand, or that of the defaults")
	}
	o.K = 9 // of this copy alone
	if again := must[tsne.Options](t)(tsne.Preset("atlas")); again.K != 15 {
		t.Errorf("K is %d", again.K)
	}
	for _, name := range []string{"", "Atlas", "atlas "} {
		o, err := tsne.Preset(name)
		if !errors.Is(err, tsne.ErrOption) || !reflect.DeepEqual(o, tsne.Options{}) {
			t.Errorf("%q: got %+v, %v", name, o, err)
		}
	}
	if _, err := tsne.Preset("Atlas"); err == nil || err.Error() != `preset: got "Atlas", want "atlas"` {
		t.Errorf("got %v", err)
	}
}
