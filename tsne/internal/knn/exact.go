package knn

import (
	"context"
	"math/bits"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// blockPoints is about the number of points of a block.
const blockPoints = 384

// exact is Exact of checked and scaled data.
func exact(ctx context.Context, pool *par.Pool, x []float32, n, d, k int, of *part, progress func(done float64)) (*Graph, error) {
	b, err := newBasis(ctx, pool, x, n, d)
	if err != nil {
		return nil, err
	}
	slots, start, err := kdBlocks(ctx, pool, b, x, n)
	if err != nil {
		return nil, err
	}
	g := newGraph(of.rows(n), k)
	s, err := newSearch(ctx, pool, b, x, slots, start, g, lean(n, d, k), nil)
	if err != nil {
		return nil, err
	}
	of.take(s, n)
	// Blocks meet by squads, so that what a squad holds is in cache when it is
	// needed again. In round r squad i meets squad i^r: each pair once, no squad
	// twice in a round, and those that part late in the tree first.
	blocks := len(start) - 1
	size := 1
	if blocks >= 128 {
		size = squadSize(blocks, pool.Workers())
	}
	squads := blocks / size
	half := max(squads/2, 1)
	inside := 0
	if size > 1 {
		inside = squads
	}
	return g, s.run(ctx, pool, inside+(squads-1)*half, func(w *scratch, t int) {
		i, j := t, t
		if t >= inside {
			t -= inside
			r := t/half + 1
			i = t % half
			// i counts the squads without the top bit of r.
			top := bits.Len(uint(r)) - 1
			i = i>>top<<(top+1) | i&(1<<top-1)
			j = i ^ r
		}
		for a := range size {
			for b := range size {
				if i != j || a < b {
					s.pair(w, i*size+a, j*size+b)
				}
			}
		}
	}, 1, progress)
}

// squadSize is how many blocks a squad has: four, or fewer where workers would wait for
// each other's squads. Which pairs are compared together does not show in the graph.
func squadSize(blocks, workers int) int {
	size := 4
	for size > 1 && blocks/(2*size) < 2*workers {
		size /= 2
	}
	return size
}

// kdBlocks orders the rows by a k-d tree and cuts them into blocks of about equal
// size, a power of two of them.
func kdBlocks(ctx context.Context, pool *par.Pool, b *basis, x []float32, n int) (slots []int32, start []int, err error) {
	l, err := b.lead(ctx, pool, x, n, headDims)
	if err != nil {
		return nil, nil, err
	}
	slots = make([]int32, n, n+width)
	for i := range slots {
		slots[i] = int32(i)
	}
	keys := make([]uint64, n)
	bounds := []int{0, n}
	for len(bounds) <= n/blockPoints {
		next := make([]int, 2*len(bounds)-1)
		err := pool.RunContext(ctx, len(bounds)-1, func(_, i int) {
			next[2*i] = bounds[i]
			next[2*i+1] = l.halve(slots, keys, bounds[i], bounds[i+1])
		})
		if err != nil {
			return nil, nil, err
		}
		next[len(next)-1] = n
		bounds = next
	}
	if err := l.splitAll(ctx, pool, slots, bounds); err != nil {
		return nil, nil, err
	}
	for len(slots)%width != 0 {
		slots = append(slots, -1)
	}
	for _, v := range bounds {
		start = append(start, (v+width-1)/width)
	}
	return slots, start, nil
}
