package knn

import (
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// So many workers that squads have four blocks, two and one.
func TestSquadsDoNotShow(t *testing.T) {
	x := make2("many", 50000, 3, clustered(2))
	var want *Graph
	for i, workers := range []int{1, 30, 64} {
		if got := squadSize(256, workers); got != []int{4, 2, 1}[i] {
			t.Errorf("squads of %d for %d workers", got, workers)
		}
		pool := par.New(workers)
		got, err := Exact(t.Context(), pool, x.x, x.n, x.d, 2, nil)
		pool.Close()
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if err := same(got, want); err != nil {
			t.Errorf("%d workers: %v", workers, err)
		}
	}
	for blocks := 128; blocks <= 1<<20; blocks *= 2 {
		for workers := 1; workers <= 64; workers++ {
			if s := squadSize(blocks, workers); s > 4 || s < 1 || blocks%s != 0 || s > 1 && blocks/(2*s) < 2*workers {
				t.Errorf("%d blocks, %d workers: squads of %d", blocks, workers, s)
			}
		}
	}
}
