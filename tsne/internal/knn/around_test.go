package knn

import (
	"math"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// Where lists are many, nearly every row is in the list that is nearest of all, and few of those near it are missed.
func TestWalksEndAtTheNearestList(t *testing.T) {
	defer func(was int) { manyLists = was }(manyLists)
	manyLists = 300
	const n = 60_000
	var found [2][]int32
	onPaths(t, func(t *testing.T) {
		for i, threads := range []int{1, 3} {
			pool := par.New(threads)
			defer pool.Close()
			x := mixture(n, 20, 50)
			l, err := newLists(t.Context(), pool, lead{20, x}, n, 600, 1, nil)
			if err != nil {
				t.Fatal(err)
			}
			to := make([]int32, n)
			if err := l.assign(t.Context(), pool, n, func(i int) int { return i }, to, false); err != nil {
				t.Fatal(err)
			}
			if was := found[0]; was != nil && !slices.Equal(was, to) {
				t.Error("other lists on other threads or another path")
			}
			found[i] = to

			near, f, w := newNearest(probes), (*finder)(nil), l.walker()
			f = l.finder(near.take)
			top := make([]int32, probes)
			wrong, far, missed := 0, 0.0, 0
			for i := 0; i < n; i += 30 {
				near.begin(top)
				f.find(l.row(i))
				if to[i] != top[0] {
					wrong++
					lists, dist := w.look(l.row(i), to[i])
					far = max(far, math.Sqrt(float64(dist[slices.Index(lists, to[i])]/near.best[0])))
				}
				lists, _ := w.look(l.row(i), top[0])
				for _, list := range top {
					if !slices.Contains(lists, list) {
						missed++
					}
				}
			}
			if wrong > n/30/50 || far > 1.5 {
				t.Errorf("%d of %d rows are not in the nearest list, one %.2g times as far", wrong, n/30, far)
			}
			if share := float64(missed) / (n / 30 * probes); share > .25 {
				t.Errorf("%.3f of the lists near a row are not around its own", share)
			}
		}
	})
}

// The neighbours of a search with many lists are as good as those of one with few.
func TestSearchOfManyLists(t *testing.T) {
	defer func(was int) { manyLists = was }(manyLists)
	manyLists = 100
	onPaths(t, func(t *testing.T) {
		x := make2("rows", 20_000, 15, clustered(60))
		pool := par.New(2)
		defer pool.Close()
		g, err := Approx(t.Context(), pool, x.x, x.n, x.d, 15, ApproxOptions{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		all, err := Exact(t.Context(), pool, x.x, x.n, x.d, 15, nil)
		if err != nil {
			t.Fatal(err)
		}
		hit := 0
		for i := range x.n {
			_, some := g.row(i)
			_, want := all.row(i)
			for _, j := range want {
				if slices.Contains(some, j) {
					hit++
				}
			}
		}
		if recall := float64(hit) / float64(len(all.Index)); recall < .985 {
			t.Errorf("recall %.4f", recall)
		}
	})
}
