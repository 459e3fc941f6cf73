package knn

import (
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// Loops that are cut by the clock leave workers idle at each end where pieces are long.
func TestASearchHasTheSameLoopsOfAnyNumberOfRows(t *testing.T) {
	var loops []int
	for _, n := range []int{6_000, 24_000} {
		x := make2("rows", n, 5, clustered(2))
		pool := par.New(2)
		var l par.Ledger
		pool.Count(&l)
		told := 0
		_, err := Approx(t.Context(), pool, x.x, x.n, x.d, 5, ApproxOptions{}, func(float64) { told++ })
		pool.Close()
		if err != nil {
			t.Fatal(err)
		}
		loops = append(loops, len(l.Steps))
		if told < 10 {
			t.Errorf("%d rows: told %d times", n, told)
		}
	}
	if loops[0] != loops[1] {
		t.Errorf("%d loops of 6,000 rows, %d of 24,000", loops[0], loops[1])
	}
}
