package knn

import (
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// groupPanels is the most panels of a group: rows that stand together in the
// order of the search and most of which are each other's neighbours. They are
// compared with each other at once, without the filter, which costs less than
// to let lists grow from nothing.
const (
	groupPanels = 16
	groupRows   = groupPanels * width
)

// cohort is a worker's room for one.
type cohort struct {
	at   [groupRows + 4]int32
	dist [groupRows * groupRows]float32 // a line a row; each pair stands in both
	out  [groupRows + 4]float32
	keys [groupRows]uint64
}

// groups is the number of groups of block b, and groupEnd the panel after that
// of panel p of block b.
func (s *search) groups(b int) int { return par.Chunks(s.start[b+1]-s.start[b], groupPanels) }

func (s *search) groupEnd(b, p int) int {
	n := s.start[b+1] - s.start[b]
	each := par.Chunks(n, s.groups(b))
	return min(s.start[b]+((p-s.start[b])/each+1)*each, s.start[b+1])
}

// own compares the points of block b with each other. No other worker is at the
// block, and no row of it has been compared before.
func (s *search) own(w *scratch, b int) {
	if s.idle != nil && s.idle[b] {
		s.refresh(b)
		return
	}
	s.enter(w, b, b)
	for p := s.start[b]; p < s.start[b+1]; {
		q := s.groupEnd(b, p)
		s.begin(w, p, q)
		p = q
	}
	s.refresh(b)
	if s.groups(b) > 1 {
		s.pair(w, b, b)
	}
}

// begin gives each row of the panels from..to its nearest among them.
func (s *search) begin(w *scratch, from, to int) {
	g := w.own
	slots := s.slots[from*width : to*width]
	m := len(slots)
	for m > 0 && slots[m-1] < 0 {
		m--
	}
	size := s.vecs * 8
	x := s.of(&w.rooms[0], from, to)
	for i := range g.at {
		g.at[i] = int32(min(i, m-1))
	}
	for r := range m - 1 {
		n := m - r - 1
		out := g.out[:(n+3)&^3]
		distances(x[r*size:][:size], x, g.at[r+1:][:len(out)], out)
		copy(g.dist[r*groupRows+r+1:][:n], out)
		for i, v := range out[:n] {
			g.dist[(r+1+i)*groupRows+r] = v
		}
	}
	for r := range m {
		if !s.seeks(from+r/width, r%width) {
			continue
		}
		keys := g.keys[:0]
		line := g.dist[r*groupRows:][:m]
		for c, v := range line {
			if c != r {
				keys = append(keys, uint64(math.Float32bits(v))<<32|uint64(uint32(slots[c])))
			}
		}
		dist, index := s.list(from+r/width, r%width, slots[r])
		k := min(len(keys), len(dist))
		selectKey(keys, k)
		free := len(dist) - k // stay (+Inf, none)
		for i, v := range keys[:k] {
			dist[free+i], index[free+i] = math.Float32frombits(uint32(v>>32)), int32(uint32(v))
		}
		heapify(dist, index)
		s.reaches(from + r/width)[r%width] = s.reach(dist[0])
	}
}
