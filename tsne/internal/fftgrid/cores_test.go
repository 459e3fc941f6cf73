package fftgrid

import (
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// A grid of another size: spectra along the axes and their products are for several.
func TestSetupIsCutForManyCores(t *testing.T) {
	pool := par.New(1)
	defer pool.Close()
	g := New(pool, 2)
	var l par.Ledger
	pool.Count(&l)
	g.shape([2]float32{}, [2]float32{200, 180})
	pool.Count(nil)
	least := map[string]float64{"axes": 2.5, "kernel": 100, "self": 1}
	if len(l.Steps) != 2*len(least) {
		t.Errorf("%d steps", len(l.Steps))
	}
	for i := range l.Steps {
		s := &l.Steps[i]
		share := float64(s.Work()) / float64(s.Span())
		t.Logf("%7s %4d chunks, work %8d, span %7d, %.1f", s.Name, len(s.Sizes), s.Work(), s.Span(), share)
		if want, known := least[s.Name]; !known || share < want {
			t.Errorf("%q has work for %.1f cores, want %g", s.Name, share, want)
		}
	}
}
