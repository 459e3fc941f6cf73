package knn

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// TestNearListsAreTheNearest: boxes leave out no list that all distances would give, equal ones by their numbers, and do leave out most.
func TestNearListsAreTheNearest(t *testing.T) {
	const n = 600
	onPaths(t, func(t *testing.T) {
		pool := par.New(2)
		defer pool.Close()
		for _, dims := range []int{1, 3, 32} {
			for _, count := range []int{1, 32, 33, 1024, 1025, 2500} {
				r := rand.New(rand.NewPCG(uint64(dims), uint64(count)))
				l := &lists{lead: lead{dims: dims, y: make([]float32, n*dims)}, n: n, count: count, made: par.NewShare(n, nil)}
				for i := range l.y {
					l.y[i] = float32(i/dims%20) + float32(r.IntN(3)) // many equal distances
				}
				c := make([]float32, count*dims)
				for i := range count {
					copy(c[i*dims:][:dims], l.row(i*n/count))
				}
				slices.Sort(c[:count/2*dims])
				l.set(c)

				to := make([]int32, n)
				if err := l.assign(t.Context(), pool, n, func(i int) int { return i }, to, false); err != nil {
					t.Fatal(err)
				}
				all, order := make([]float32, par.Chunks(count, centerSpan)*centerSpan), make([]int, count)
				for i := range n {
					l.rank(i, all)
					for j := range order {
						order[j] = j
					}
					slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(all[a], all[b]), cmp.Compare(a, b)) })
					if int(to[i]) != order[0] {
						t.Fatalf("%d of %d axes: row %d is in list %d, want %d", count, dims, i, to[i], order[0])
					}
					some := min(probes, count)
					reach, met := all[order[some-1]], map[int]bool{}
					l.finder(func(first int, dist []float32) float32 {
						for c, v := range dist {
							if v != all[first+c] {
								t.Fatalf("%d of %d axes: row %d is at %g from list %d, want %g", count, dims, i, v, first+c, all[first+c])
							}
							met[first+c] = true
						}
						return reach
					}).find(l.row(i))
					for j := 0; j < count && all[order[j]] <= reach; j++ {
						if !met[order[j]] {
							t.Fatalf("%d of %d axes: row %d does not meet list %d", count, dims, i, order[j])
						}
					}
				}
			}
		}
	})
}

// TestBoxesLeaveOutMost counts the centres that rows of few axes are compared with.
func TestBoxesLeaveOutMost(t *testing.T) {
	const n = 300_000
	pool := par.New(2)
	defer pool.Close()
	x := mixture(n, 3, 40)
	l, err := newLists(t.Context(), pool, lead{dims: 3, y: x}, n, listCount(n), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	met, looked := 0, 0
	for i := 0; i < n; i += 100 {
		best := float32(math.Inf(1))
		l.finder(func(_ int, dist []float32) float32 {
			met += len(dist)
			best = min(best, slices.Min(dist))
			return best
		}).find(l.row(i))
		looked++
	}
	if share := float64(met) / float64(looked*l.count); share > .2 {
		t.Errorf("a row meets %.2f of the lists", share)
	}
}
