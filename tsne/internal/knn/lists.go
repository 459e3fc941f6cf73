package knn

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// lists cuts rows into groups of near ones: k-means of their leading
// coordinates. All of it is decided by sums of fixed order.
type lists struct {
	lead
	n       int       // rows
	count   int       // lists
	centers []float32 // spans of dims lines of centerSpan
	made    *par.Share
	boxes   []boxes // by level; none where there is one span
	around  *around // nil: lists are few
}

// set makes the centres the rows of c, count x dims. Lanes to spare are never
// nearest.
func (l *lists) set(c []float32) {
	spans := par.Chunks(l.count, centerSpan)
	l.centers = make([]float32, spans*l.dims*centerSpan)
	for i := range l.centers {
		l.centers[i] = float32(math.Inf(1))
	}
	for i := range l.count {
		for k := range l.dims {
			l.centers[(i/centerSpan*l.dims+k)*centerSpan+i%centerSpan] = c[i*l.dims+k]
		}
	}
	l.boxes = nil
	span := func(i, axis int) (lower, upper []float32) {
		line := l.centers[(i*l.dims+axis)*centerSpan:][:centerSpan]
		return line, line
	}
	for count := l.count; count > centerSpan; {
		b := over(l.dims, count, span)
		l.boxes = append(l.boxes, b)
		count, span = b.count, b.span
	}
}

// center is that of list i.
func (l *lists) center(i int) []float32 {
	c := make([]float32, l.dims)
	for k := range c {
		c[k] = l.centers[(i/centerSpan*l.dims+k)*centerSpan+i%centerSpan]
	}
	return c
}

// rank writes the squared distances of row i to all centres.
func (l *lists) rank(i int, dist []float32) { l.rankOf(l.row(i), dist) }

func (l *lists) row(i int) []float32 { return l.y[i*l.dims:][:l.dims] }

func (l *lists) rankOf(y, dist []float32) {
	for s := 0; s < len(dist); s += centerSpan {
		centers(y, l.centers[s*l.dims:], (*[centerSpan]float32)(dist[s:]))
	}
}

// assign writes the nearest centre of each row, rows(i) being the i-th; known says that to has lists that are near.
func (l *lists) assign(ctx context.Context, pool *par.Pool, n int, rows func(i int) int, to []int32, known bool) error {
	return pool.ForContext(ctx, n, 64, func(w, lo, hi int) {
		if l.around != nil {
			walker := l.walker()
			for i := lo; i < hi; i++ {
				y := l.row(rows(i))
				if !known {
					to[i] = walker.start(y)
				}
				to[i] = walker.walk(y, to[i])
			}
			l.made.Add(w, hi-lo)
			return
		}
		near := newNearest(1)
		f := l.finder(near.take)
		for i := lo; i < hi; i++ {
			near.begin(to[i : i+1])
			f.find(l.row(rows(i)))
		}
		l.made.Add(w, hi-lo)
	})
}

// newLists makes count lists from a sample; progress, if not nil, is told of the
// rows that have been held against the centres, scatter's included.
func newLists(ctx context.Context, pool *par.Pool, y lead, n, count int, seed uint64, progress func(done float64)) (*lists, error) {
	l := &lists{lead: y, n: n, count: count}
	r := rand.New(rand.NewPCG(seed, 0x6c69737473))
	m := min(n, sampled*count)
	l.made = par.NewShare(rounds*m+n+min(n, rankedRows*count), progress)
	off := r.IntN(n)
	row := func(i int) int { return (rowOf(i, m, n) + off) % n }

	// The first centres are the means of the leaves of a k-d tree.
	order := make([]int32, m)
	keys := make([]uint64, m)
	for i := range order {
		order[i] = int32(row(i))
	}
	bounds := []int{0, m}
	for len(bounds)-1 < count {
		next := []int{0}
		for i := range len(bounds) - 1 {
			// Only as many are halved as make count.
			if len(next)-1+len(bounds)-1-i < count && bounds[i+1]-bounds[i] > 1 {
				next = append(next, y.cut(order, keys, bounds[i], bounds[i+1], (bounds[i+1]-bounds[i])/2))
			}
			next = append(next, bounds[i+1])
		}
		bounds = next
	}
	c := make([]float32, count*l.dims)
	for i := range count {
		l.mean(order[bounds[i]:bounds[i+1]], c[i*l.dims:][:l.dims])
	}
	to := make([]int32, m)
	for round := range rounds {
		l.set(c)
		if err := l.surround(ctx, pool, c); err != nil {
			return nil, err
		}
		if err := l.assign(ctx, pool, m, row, to, round > 0); err != nil {
			return nil, err
		}
		start, members := group(to, count)
		pool.For(count, 8, func(_, lo, hi int) {
			for i := lo; i < hi; i++ {
				in := members[start[i]:start[i+1]]
				for h, v := range in {
					in[h] = int32(row(int(v)))
				}
				if len(in) > 0 {
					l.mean(in, c[i*l.dims:][:l.dims])
				}
			}
		})
	}
	l.set(c)
	return l, l.surround(ctx, pool, c)
}

func (l *lists) mean(rows []int32, c []float32) {
	var s [span]float64
	for _, r := range rows {
		for k, v := range l.y[int(r)*l.dims:][:l.dims] {
			s[k] += float64(v)
		}
	}
	for k := range c {
		c[k] = float32(s[k] / float64(len(rows)))
	}
}

// group lists the places of each value of to, in order.
func group(to []int32, count int) (start []int, members []int32) {
	start = make([]int, count+2)
	for _, v := range to {
		start[v+2]++
	}
	for i := 1; i < len(start); i++ {
		start[i] += start[i-1]
	}
	members = make([]int32, len(to))
	for i, v := range to {
		members[start[v+1]] = int32(i)
		start[v+1]++
	}
	return start[:count+1], members
}
