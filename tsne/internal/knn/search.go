package knn

import (
	"context"
	"math"
	"math/bits"
	"sync"
	"sync/atomic"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// search compares pairs of blocks of panels. Each pair of points is looked at
// once, for both of its rows, under the locks of their blocks.
type search struct {
	*filter
	g     *Graph
	place []int32 // where a row stands in g; nil: at its number
	first []int32 // for each panel where its first row stands in g while run is at work, the others behind it; nil: as place says
	idle  []bool  // blocks of which no row seeks neighbours; nil: none
	*layout
	start  []int           // first panel of each block, and the end
	near   []float32       // for each panel the largest reach
	most   []atomic.Uint32 // for each block the bits of the largest reach, or more
	locks  []sync.Mutex
	boxes  []float32 // of the blocks, as filter.boxes
	wide   []float32 // for each block the largest slack
	widest int       // panels of the largest block
	room   int       // panels of a worker's room
}

// newSearch takes the rows of x in the order of slots, whose blocks of panels
// begin at start. A lean one may read them from x, which is then not to change, or from where they are set aside while it runs.
func newSearch(ctx context.Context, pool *par.Pool, b *basis, x []float32, slots []int32, start []int, g *Graph, lean bool, rows *aside) (*search, error) {
	f, err := newFilter(ctx, pool, b, x, slots, start, lean, rows)
	if err != nil {
		return nil, err
	}
	s := &search{filter: f, g: g, start: start}
	blocks := len(start) - 1
	s.near = make([]float32, len(slots)/width)
	s.locks = make([]sync.Mutex, blocks)
	s.most = make([]atomic.Uint32, blocks)
	s.boxes = make([]float32, blocks*2*boxDims)
	s.wide = make([]float32, blocks)
	for b := range blocks {
		s.most[b].Store(math.Float32bits(float32(math.Inf(1))))
		box := s.boxes[b*2*boxDims:][:2*boxDims]
		for p := start[b]; p < start[b+1]; p++ {
			c := s.filter.boxes[p*2*boxDims:][:2*boxDims]
			for k := range boxDims {
				if p == start[b] {
					box[k], box[boxDims+k] = c[k], c[boxDims+k]
				}
				box[k], box[boxDims+k] = min(box[k], c[k]), max(box[boxDims+k], c[boxDims+k])
			}
			s.wide[b] = max(s.wide[b], s.slack[p])
		}
		s.widest = max(s.widest, start[b+1]-start[b])
	}
	s.layout, err = newLayout(ctx, pool, x, b.d, slots, lean, rows)
	s.room = roomPanels(pool, s.widest, len(s.near))
	return s, err
}

// scratch of a worker.
type scratch struct {
	hits   [width]uint32
	at     [width]int32
	dist   [width]float32
	gaps   []float32
	visits int // tiles of a pair of blocks that had candidates
	own    *cohort
	rooms  [2]room // of the blocks that are compared, which are one where other is 0
	other  int
}

// run compares each block with itself and then does the given number of tasks, in about their order. Of the
// progress a block counts as own tasks.
func (s *search) run(ctx context.Context, pool *par.Pool, tasks int, do func(w *scratch, task int), own float64, progress func(float64)) error {
	work := make([]scratch, pool.Workers())
	for i := range work {
		work[i].gaps = make([]float32, s.widest)
		work[i].own = new(cohort)
	}
	s.together()
	blocks := len(s.start) - 1
	first, rest := parts(progress, own*float64(blocks)/(own*float64(blocks)+float64(tasks)))
	if err := s.each(ctx, pool, blocks, func(w, i int) { s.own(&work[w], i) }, first); err != nil {
		return err
	}
	for i := range work {
		work[i].own = nil
	}
	if err := s.each(ctx, pool, tasks, func(w, i int) { do(&work[w], i) }, rest); err != nil {
		return err
	}
	s.inOrder()
	return nil
}

// each does n pieces of work, unless rows that are set aside cannot be read.
func (s *search) each(ctx context.Context, pool *par.Pool, n int, do func(w, i int), progress func(float64)) error {
	share := par.NewShare(n, progress)
	grain := max(1, min(16, n/(64*pool.Workers())))
	err := pool.ForContext(ctx, n, grain, func(w, lo, hi int) {
		for i := lo; i < hi && s.aside.err() == nil; i++ {
			do(w, i)
		}
		share.Add(w, hi-lo)
	})
	if err == nil {
		err = s.aside.err()
	}
	return share.End(err)
}

// pair compares all points of block a with all of block b.
func (s *search) pair(w *scratch, a, b int) {
	a, b = min(a, b), max(a, b) // the order in which they are locked
	if s.idle != nil && s.idle[a] && s.idle[b] {
		return
	}
	if a != b {
		most := math.Float32frombits(max(s.most[a].Load(), s.most[b].Load()))
		gaps(s.boxes[a*2*boxDims:], s.boxes[b*2*boxDims:], w.gaps[:1])
		if apart(w.gaps[0], most, s.wide[a]+s.wide[b]) {
			return
		}
	}
	s.locks[a].Lock()
	defer s.locks[a].Unlock()
	s.refresh(a)
	if a != b {
		s.locks[b].Lock()
		defer s.locks[b].Unlock()
		s.refresh(b)
	}
	w.visits = 0
	s.enter(w, a, b)
	for p := s.start[a]; p < s.start[a+1]; p++ {
		first, last := s.start[b], s.start[b+1]
		if a == b {
			first = s.groupEnd(a, p) // begin did those before
		}
		gap := w.gaps[:last-first]
		if len(gap) == 0 {
			continue
		}
		gaps(s.filter.boxes[p*2*boxDims:], s.filter.boxes[first*2*boxDims:], gap)
		var vp []float32 // panel p, once it is looked at
		for i, g := range gap {
			q := first + i
			if apart(g, max(s.near[p], s.near[q]), s.slack[p]+s.slack[q]) {
				continue
			}
			if vp == nil {
				vp = s.seen(&w.rooms[0], p)
			}
			vq := s.seen(&w.rooms[w.other], q)
			if tile(vp, vq, s.head, s.rows, &w.hits) != 0 {
				s.visit(w, p, q)
				s.renewOne(p, vp)
				s.renewOne(q, vq)
				w.visits++
			}
		}
	}
	if w.visits > 0 {
		s.refresh(a)
		s.refresh(b)
	}
}

// apart says that no pair of two boxes at the squared distance gap is within
// reach.
func apart(gap, reach, slack float32) bool {
	return gap*(1-0x1p-18) > 2*reach+slack
}

// refresh brings near and most of a block up to date.
func (s *search) refresh(b int) {
	var most float32
	for p := s.start[b]; p < s.start[b+1]; p++ {
		r := s.reaches(p)
		m := r[0]
		for _, v := range r[1:] {
			m = max(m, v)
		}
		s.near[p] = m
		most = max(most, m)
	}
	s.most[b].Store(math.Float32bits(most))
}

// visit takes the distances of the pairs that the filter let through.
func (s *search) visit(w *scratch, p, q int) {
	size := s.vecs * 8
	rp, rq := s.reaches(p), s.reaches(q)
	xp, xq := s.of(&w.rooms[0], p, p+1), s.of(&w.rooms[w.other], q, q+1)
	for r, m := range w.hits {
		if m == 0 {
			continue
		}
		n := 0
		for ; m != 0; m &= m - 1 {
			w.at[n] = int32(bits.TrailingZeros32(m))
			n++
		}
		fours := (n + 3) &^ 3
		for i := n; i < fours; i++ {
			w.at[i] = w.at[0]
		}
		a := p*width + r
		distances(xp[r*size:][:size], xq, w.at[:fours], w.dist[:fours])
		i := s.slots[a]
		for h, c := range w.at[:n] {
			d := w.dist[h]
			j := s.slots[q*width+int(c)]
			t := s.reach(d)
			if t <= rp[r] {
				rp[r] = s.offer(p, r, i, j, d, rp[r])
			}
			if t <= rq[c] {
				rq[c] = s.offer(q, int(c), j, i, d, rq[c])
			}
		}
	}
}

// offer makes j a neighbour of row i, in a slot of a panel, if it is nearer than the farthest, and
// returns the row's reach, which was r.
func (s *search) offer(panel, slot int, i, j int32, d, r float32) float32 {
	dist, index := s.list(panel, slot, i)
	if !farther(dist[0], index[0], d, j) {
		return r
	}
	replaceRoot(dist, index, d, j)
	return s.reach(dist[0])
}
