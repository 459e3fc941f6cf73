package knn

import (
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// TestLean: a search that gathers rows block by block, and keeps the lists of near rows together, finds what one with a copy of them finds.
func TestLean(t *testing.T) {
	defer func(was func(n, d, k int) bool, from int) { lean, togetherFrom = was, from }(lean, togetherFrom)
	for _, threads := range []int{1, 3} {
		pool := par.New(threads)
		defer pool.Close()
		for _, c := range []struct{ n, d, same int }{{9000, 2, 0}, {9000, 50, 0}, {5000, 77, 0}, {9000, 9, 4000}} {
			x := mixture(c.n, c.d, 40)
			for i := range c.same { // a list of them is too large for a room
				copy(x[i*c.d:], x[:c.d])
			}
			for name, search := range map[string]func() (*Graph, error){
				"approx": func() (*Graph, error) { return Approx(t.Context(), pool, x, c.n, c.d, 15, ApproxOptions{}, nil) },
				"exact":  func() (*Graph, error) { return Exact(t.Context(), pool, x, c.n, c.d, 15, nil) },
			} {
				lean, togetherFrom = func(int, int, int) bool { return false }, c.n+1
				whole, err := search()
				if err != nil {
					t.Fatal(err)
				}
				lean, togetherFrom = func(int, int, int) bool { return true }, c.n
				lean, err := search()
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(whole.Index, lean.Index) || !slices.Equal(whole.Dist2, lean.Dist2) {
					t.Errorf("%s of %d x %d on %d threads: other neighbours", name, c.n, c.d, threads)
				}
			}
		}
	}
}
