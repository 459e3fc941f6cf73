package knn

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// index is a reference laid out for queries: blocks of panels, whose reach is
// below any distance, since no row of them seeks neighbours.
type index struct {
	*search
	b      *basis
	lists  *lists // a block each; nil where all blocks are looked at
	held   []int  // rows of each list
	probes int    // lists that a row is compared with
}

// known is the number of neighbours for which probes are counted.
const known = 30

func newIndex(ctx context.Context, pool *par.Pool, x []float32, n, d int, o ReferenceOptions) (*index, error) {
	b, err := newBasis(ctx, pool, x, n, d)
	if err != nil {
		return nil, err
	}
	ix := &index{b: b}
	var slots []int32
	var start []int
	if o.Approx && n >= smallN {
		slots, start, err = ix.cut(ctx, pool, x, n, o.ApproxOptions)
	}
	if err == nil && ix.lists == nil {
		slots, start, err = kdBlocks(ctx, pool, b, x, n)
	}
	if err != nil {
		return nil, err
	}
	if ix.search, err = newSearch(ctx, pool, b, x, slots, start, nil, false, nil); err != nil {
		return nil, err
	}
	for p := range len(slots) / width {
		reach := ix.reaches(p)
		for c := range reach {
			reach[c] = float32(math.Inf(-1))
		}
	}
	return ix, nil
}

// cut makes the lists and counts how many of them, nearest first, hold the
// neighbours of a sample of rows. Where that is most of them it leaves lists
// nil.
func (ix *index) cut(ctx context.Context, pool *par.Pool, x []float32, n int, o ApproxOptions) (slots []int32, start []int, err error) {
	y, err := ix.b.lead(ctx, pool, x, n, leadDims)
	if err != nil {
		return nil, nil, err
	}
	l, err := newLists(ctx, pool, y, n, listCount(n), o.Seed, nil)
	if err != nil {
		return nil, nil, err
	}
	to := make([]int32, n)
	if err := l.assign(ctx, pool, n, func(i int) int { return i }, to, false); err != nil {
		return nil, nil, err
	}
	k := min(known, n-1)
	near, err := sampleTruth(ctx, pool, x, n, ix.b.d, k)
	if err != nil {
		return nil, nil, err
	}
	effort := o.Effort
	if effort == 0 {
		effort = 1
	}
	ix.probes = l.probesFor(to, near, k, missed/effort)
	first, members := group(to, l.count)
	if float64(ix.probes) > fullShare*float64(l.count) {
		return nil, nil, nil
	}
	if err := l.splitAll(ctx, pool, members, first); err != nil {
		return nil, nil, err
	}
	start = make([]int, l.count+1)
	ix.held = make([]int, l.count)
	for i := range l.count {
		ix.held[i] = first[i+1] - first[i]
		start[i+1] = start[i] + par.Chunks(ix.held[i], width)
	}
	slots = make([]int32, start[l.count]*width)
	for i := range l.count {
		s := slots[start[i]*width : start[i+1]*width]
		for j := copy(s, members[first[i]:first[i+1]]); j < len(s); j++ {
			s[j] = -1
		}
	}
	l.y = nil
	ix.lists = l
	return slots, start, nil
}

// probesFor is the least number of lists, nearest first, in which all but the
// given share of the known neighbours lie.
func (l *lists) probesFor(to []int32, near *truth, k int, miss float64) int {
	at := make([]int, l.count+1)
	dist := make([]float32, par.Chunks(l.count, centerSpan)*centerSpan)
	for i, row := range near.rows {
		l.rank(int(row), dist)
		for _, j := range near.index[i*k:][:k] {
			own, rank := to[j], 0
			for c, v := range dist[:l.count] {
				if farther(dist[own], own, v, int32(c)) {
					rank++
				}
			}
			at[rank]++
		}
	}
	want := int(math.Ceil((1 - miss) * float64(len(near.index))))
	got, p := 0, 0
	for got < want {
		got += at[p]
		p++
	}
	return max(p, 1)
}

// queryScratch is what a worker needs.
type queryScratch struct {
	hits  [width]uint32
	at    [width]int32
	dist  [width]float32
	gaps  []float32
	slot  [width]int32 // of the query in each column of the panel at hand
	order []nearBlock  // all: the blocks
	rank  []float32    // probe: distances of the lists
	keys  []uint64     // of the lists in order of distance
	panel []float32    // queries that ask for the same list
	asked []int32      // lists
	by    []int32      // queries that ask for them
}

type nearBlock struct {
	gap   float32
	block int32
}

// all compares every query with every block that is near enough.
func (ix *index) all(ctx context.Context, pool *par.Pool, q []float32, g *Graph, progress func(float64)) error {
	slots, _, err := kdBlocks(ctx, pool, ix.b, q, g.N)
	if err != nil {
		return err
	}
	panels := len(slots) / width
	some := max(1, min(panels/8, blockPoints/width))
	start := []int{0}
	for start[len(start)-1] < panels {
		start = append(start, min(panels, start[len(start)-1]+some))
	}
	s, err := newSearch(ctx, pool, ix.b, q, slots, start, g, false, nil)
	if err != nil {
		return err
	}
	work := make([]queryScratch, pool.Workers())
	blocks := len(start) - 1
	share := par.NewShare(blocks, progress)
	return share.End(pool.RunContext(ctx, blocks, func(w, a int) {
		ix.allOf(ctx, &work[w], s, a)
		share.Add(w, 1)
	}))
}

// allOf looks at the blocks for block a of the queries in s, near ones first:
// they make the reach of the queries small.
func (ix *index) allOf(ctx context.Context, w *queryScratch, s *search, a int) {
	blocks := len(ix.start) - 1
	if w.gaps == nil {
		w.gaps = make([]float32, ix.widest)
		w.order = make([]nearBlock, blocks)
	}
	box := s.boxes[a*2*boxDims:][:2*boxDims]
	for b := range w.order {
		w.order[b] = nearBlock{middles(box, ix.boxes[b*2*boxDims:]), int32(b)}
	}
	slices.SortFunc(w.order, func(x, y nearBlock) int {
		return cmp.Or(cmp.Compare(x.gap, y.gap), cmp.Compare(x.block, y.block))
	})
	s.refresh(a)
	for _, o := range w.order {
		if ctx.Err() != nil {
			return
		}
		b := int(o.block)
		most := math.Float32frombits(s.most[a].Load())
		gaps(box, ix.boxes[b*2*boxDims:], w.gaps[:1])
		if apart(w.gaps[0], most, s.wide[a]+ix.wide[b]) {
			continue
		}
		visited := false
		for p := s.start[a]; p < s.start[a+1]; p++ {
			for c := range w.slot {
				w.slot[c] = int32(p*width + c)
			}
			if ix.panelOf(w, s, s.panel(p), s.filter.boxes[p*2*boxDims:], s.near[p], s.slack[p], b) {
				visited = true
			}
		}
		if visited {
			s.refresh(a)
		}
	}
}

// middles is about the squared distance between the middles of two boxes.
func middles(a, b []float32) (sum float32) {
	for l := range boxDims {
		t := (a[l] + a[boxDims+l]) - (b[l] + b[boxDims+l])
		sum += float32(t * t)
	}
	return sum
}

// panelOf compares a panel of queries, of the given box, reach and slack, with
// the rows of block b, and says whether any came near.
func (ix *index) panelOf(w *queryScratch, s *search, panel, box []float32, near, slack float32, b int) (visited bool) {
	first, last := ix.start[b], ix.start[b+1]
	gap := w.gaps[:last-first]
	if box != nil {
		gaps(box, ix.filter.boxes[first*2*boxDims:], gap)
	}
	for i, v := range gap {
		r := first + i
		if box != nil && apart(v, near, slack+ix.slack[r]) {
			continue
		}
		if tile(panel, ix.panel(r), ix.head, ix.rows, &w.hits) != 0 {
			ix.visitFor(w, s, panel, r)
			visited = true
		}
	}
	return visited
}

// visitFor takes the distances of the pairs that the filter let through.
func (ix *index) visitFor(w *queryScratch, s *search, panel []float32, r int) {
	size := ix.vecs * 8
	reach := panel[len(panel)-width:]
	for c, m := range w.hits {
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
		slot := int(w.slot[c])
		distances(s.x[slot*size:][:size], ix.x[r*width*size:], w.at[:fours], w.dist[:fours])
		for h, to := range w.at[:n] {
			if d := w.dist[h]; s.reach(d) <= reach[c] {
				reach[c] = s.offer(slot/width, slot%width, s.slots[slot], ix.slots[r*width+int(to)], d, reach[c])
			}
		}
	}
}

// probeGrain is the number of queries that a worker sorts by the lists they
// ask for.
const probeGrain = 1536

// probe compares every query with the rows of the lists nearest to it.
func (ix *index) probe(ctx context.Context, pool *par.Pool, q []float32, g *Graph, progress func(float64)) error {
	y, err := ix.b.lead(ctx, pool, q, g.N, leadDims)
	if err != nil {
		return err
	}
	panels := par.Chunks(g.N, width)
	slots := make([]int32, panels*width)
	for i := range slots {
		slots[i] = int32(i)
		if i >= g.N {
			slots[i] = -1
		}
	}
	s, err := newSearch(ctx, pool, ix.b, q, slots, []int{0, panels}, g, false, nil)
	if err != nil {
		return err
	}
	work := make([]queryScratch, pool.Workers())
	grain := max(1, min(probeGrain, g.N/(4*pool.Workers()))/width) * width
	share := par.NewShare(g.N, progress)
	return share.End(pool.ForContext(ctx, g.N, grain, func(w, lo, hi int) {
		ix.probeFor(ctx, &work[w], s, y, lo, hi)
		share.Add(w, hi-lo)
	}))
}

// probeFor does queries [lo, hi).
func (ix *index) probeFor(ctx context.Context, w *queryScratch, s *search, y lead, lo, hi int) {
	l := ix.lists
	if w.rank == nil {
		w.gaps = make([]float32, ix.widest)
		w.rank = make([]float32, par.Chunks(l.count, centerSpan)*centerSpan)
		w.keys = make([]uint64, l.count)
		w.panel = make([]float32, ix.stride)
	}
	w.asked, w.by = w.asked[:0], w.by[:0]
	for i := lo; i < hi; i++ {
		l.rankOf(y.y[i*y.dims:][:y.dims], w.rank)
		for _, key := range ix.nearLists(w, s.g.K) {
			w.asked, w.by = append(w.asked, int32(uint32(key))), append(w.by, int32(i))
		}
	}
	start, members := group(w.asked, l.count)
	for b := range l.count {
		if ctx.Err() != nil {
			return
		}
		for at := start[b]; at < start[b+1]; at += width {
			some := members[at:min(at+width, start[b+1])]
			ix.gather(w, s, some)
			if ix.panelOf(w, s, w.panel, nil, 0, 0, b) {
				for c := range some {
					slot := int(w.slot[c])
					s.reaches(slot / width)[slot%width] = w.panel[len(w.panel)-width+c]
				}
			}
		}
	}
}

// nearLists gives the lists nearest by w.rank, in the low halves of keys: probes
// of them, or twice as many until they hold k rows.
func (ix *index) nearLists(w *queryScratch, k int) []uint64 {
	for c := range w.keys {
		w.keys[c] = uint64(ordered(w.rank[c]))<<32 | uint64(c)
	}
	for p := ix.probes; ; p *= 2 {
		p = min(p, len(w.keys))
		selectKey(w.keys, p)
		rows := 0
		for _, key := range w.keys[:p] {
			rows += ix.held[uint32(key)]
		}
		if rows >= k || p == len(w.keys) {
			return w.keys[:p]
		}
	}
}

// gather makes a panel of the queries that w.by holds at some of its places.
func (ix *index) gather(w *queryScratch, s *search, some []int32) {
	need, reach := w.panel[len(w.panel)-2*width:], w.panel[len(w.panel)-width:]
	for c := range width {
		need[c], reach[c] = float32(math.Inf(1)), float32(math.Inf(-1))
	}
	for c, at := range some {
		slot := int(w.by[at])
		w.slot[c] = int32(slot)
		from := s.panel(slot / width)[slot%width:]
		for k := 0; k < len(from); k += width {
			w.panel[k+c] = from[k]
		}
	}
}
