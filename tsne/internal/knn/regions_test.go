package knn

import (
	"math"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// TestRegionsHoldTheNearestLists counts, of rows by regions, those that meet their nearest list, and the lists near them that they
// meet.
func TestRegionsHoldTheNearestLists(t *testing.T) {
	defer func(was, of int) { regionsFrom, regionsOfThem = was, of }(regionsFrom, regionsOfThem)
	regionsFrom, regionsOfThem = 1000, 50
	const n, count = 60_000, 6000
	pool := par.New(2)
	defer pool.Close()
	for _, dims := range []int{3, 8, 32} {
		l, err := newLists(t.Context(), pool, lead{dims: dims, y: mixture(n, dims, 40)}, n, count, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		if l.regions == nil || l.regions.start[l.regions.count] != count {
			t.Fatal("no regions")
		}
		all := make([]float32, par.Chunks(count, centerSpan)*centerSpan)
		first, close, looked, rows := 0, 0, 0, 0
		for i := 0; i < n; i += 37 {
			l.rank(i, all)
			sorted := slices.Clone(all[:count])
			slices.Sort(sorted)
			best, met := float32(math.Inf(1)), map[int]bool{}
			l.finder(func(first int, dist []float32) float32 {
				for c, v := range dist {
					if met[first+c] || v != all[first+c] {
						t.Fatalf("list %d is met twice, or at %g and not %g", first+c, v, all[first+c])
					}
					met[first+c] = true
					if v <= sorted[probes-1] {
						close++
					}
				}
				looked += len(dist)
				best = min(best, slices.Min(dist))
				return best
			}).find(l.row(i))
			if len(met) < probes {
				t.Fatalf("row %d meets %d lists", i, len(met))
			}
			if best == sorted[0] {
				first++
			}
			rows++
		}
		a, b, c := float64(first)/float64(rows), float64(close)/float64(rows*probes), float64(looked)/float64(rows*count)
		t.Logf("%d axes: %.3f %.3f %.3f", dims, a, b, c)
		if a < .985 || b < .85 || c > .15 {
			t.Errorf("%d axes: of the rows %.3f meet their nearest list, of the lists near them %.3f, of all %.3f", dims, a, b, c)
		}
	}
}

// TestRegionsFindWhatBoxesFind: neighbours by regions are as good, and the same on any threads and paths.
func TestRegionsFindWhatBoxesFind(t *testing.T) {
	defer func(was int) { regionsFrom = was }(regionsFrom)
	const n, d, k = 12_000, 20, 10
	x := mixture(n, d, 30)
	pool := par.New(3)
	defer pool.Close()
	want, err := Exact(t.Context(), pool, x, n, d, k, nil)
	if err != nil {
		t.Fatal(err)
	}
	boxes, err := Approx(t.Context(), pool, x, n, d, k, ApproxOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	regionsFrom = 50
	var before *Graph
	onPaths(t, func(t *testing.T) {
		for _, threads := range []int{1, 4} {
			pool := par.New(threads)
			defer pool.Close()
			got, err := Approx(t.Context(), pool, x, n, d, k, ApproxOptions{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if before != nil && (!slices.Equal(got.Index, before.Index) || !slices.Equal(got.Dist2, before.Dist2)) {
				t.Fatalf("%d threads: other neighbours", threads)
			}
			before = got
		}
	})
	if a, b := recall(before, want), recall(boxes, want); a < b-.003 {
		t.Errorf("recall %.4f, by boxes %.4f", a, b)
	}
}

// TestFewListsInTheNearestRegions: a row whose nearest regions are of one list each looks at further ones until it has met enough lists.
func TestFewListsInTheNearestRegions(t *testing.T) {
	const alone, together = 20, 80
	c := make([]float32, alone+together)
	r := &regions{lists: &lists{lead: lead{dims: 1}, count: alone + 2}}
	for i := range c {
		c[i] = float32(i)
	}
	for i := range alone {
		r.start = append(r.start, i)
	}
	r.start = append(r.start, alone, alone+together/2, alone+together)
	for _, at := range []float32{-5, 3, alone, 200} {
		l := &lists{lead: lead{dims: 1}, count: len(c), regions: r}
		l.set(c)
		met := map[int]bool{}
		l.finder(func(first int, dist []float32) float32 {
			for i, v := range dist {
				if met[first+i] || v != (c[first+i]-at)*(c[first+i]-at) {
					t.Fatalf("list %d is met twice, or at %g", first+i, v)
				}
				met[first+i] = true
			}
			return 0
		}).find([]float32{at})
		if len(met) < probes || !met[min(max(int(at), 0), len(c)-1)] {
			t.Errorf("a row at %g meets %d lists", at, len(met))
		}
	}
}
