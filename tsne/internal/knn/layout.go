package knn

import (
	"context"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// A lean search keeps no copy of the rows in the order of its slots, but gathers those of two blocks when they
// are compared, and has coarse coordinates. With 15 neighbours that takes
// no longer; with 90 it takes a sixth longer, which is for those alone that may have no room otherwise. Of wide rows it takes a third longer.
var lean = func(n, d, k int) bool {
	if d <= fullDims {
		return n >= 200_000 && k <= 32 || n >= 4_000_000
	}
	return n*d >= 1<<28
}

// layout has the rows of a search by slot, padded with zeros to whole vectors.
type layout struct {
	d, vecs int // columns, and vectors of eight of them
	x       []float32
	data    []float32 // the rows as they were given, where x is nil
	*aside            // or nil: they are read there instead
}

func newLayout(ctx context.Context, pool *par.Pool, data []float32, d int, slots []int32, lean bool, rows *aside) (*layout, error) {
	l := &layout{d: d, vecs: (d + 7) / 8, data: data, aside: rows}
	if lean {
		return l, ctx.Err()
	}
	l.data, l.x = nil, make([]float32, len(slots)*l.vecs*8)
	return l, pool.ForContext(ctx, len(slots), 64, func(_, lo, hi int) { l.gather(data, l.x[lo*l.vecs*8:], slots[lo:hi]) })
}

// gather copies the rows of slots.
func (l *layout) gather(data, x []float32, slots []int32) {
	size := l.vecs * 8
	for i, row := range slots {
		if row >= 0 {
			copy(x[i*size:][:size], data[int(row)*l.d:][:l.d])
		}
	}
}

// fetch is gather of the panels from..to of a lean search.
func (s *search) fetch(x []float32, from, to int) {
	if s.aside != nil {
		s.aside.read(x[:(to-from)*width*s.vecs*8], from*width, s.vecs*8)
		return
	}
	s.gather(s.data, x, s.slots[from*width:to*width])
}

// room is a worker's, for the rows of one block. A block that is too large for it is gathered as it is asked for.
type room struct {
	block, first int
	have         []bool // by panel of the block; none for a block too large
	x            []float32
	seen         []bool // as have, of panels
	panels       []float32
}

// roomPanels is the number of panels of a room. All rooms together take a quarter of a copy of the rows, or little.
func roomPanels(pool *par.Pool, widest, panels int) int {
	return min(widest, max(groupPanels, panels/(8*pool.Workers())))
}

// enter makes a and b the blocks of the worker's rooms.
func (s *search) enter(w *scratch, a, b int) {
	if s.x != nil {
		return
	}
	r := &w.rooms
	if r[0].block != a && r[1].block == a {
		r[0], r[1] = r[1], r[0]
	}
	s.take(&r[0], a)
	s.renew(&r[0])
	w.other = 0
	if a != b || len(r[0].have) == 0 {
		w.other = 1
		s.take(&r[1], b)
		s.renew(&r[1])
	}
}

func (s *search) take(r *room, block int) {
	if r.x == nil {
		r.x = make([]float32, s.room*width*s.vecs*8)
		r.have, r.seen = make([]bool, s.room), make([]bool, s.room)
		r.panels = make([]float32, s.room*s.stride)
	} else if r.block == block {
		return
	}
	r.block, r.first = block, s.start[block]
	r.have, r.seen = r.have[:0], r.seen[:0]
	if n := s.start[block+1] - r.first; n <= s.room {
		r.have, r.seen = r.have[:n], r.seen[:n]
		clear(r.have)
		clear(r.seen)
	}
}

// of gives the rows of the panels from..to, which are of the room's block.
func (s *search) of(r *room, from, to int) []float32 {
	size := width * s.vecs * 8
	if s.x != nil {
		return s.x[from*size : to*size]
	}
	if len(r.have) == 0 {
		s.fetch(r.x, from, to)
		return r.x[:(to-from)*size]
	}
	if s.aside != nil && !r.have[from-r.first] {
		// One long reading of the whole block takes little longer than one of a panel.
		s.fetch(r.x, r.first, r.first+len(r.have))
		for at := range r.have {
			r.have[at] = true
		}
	}
	for p := from; p < to; p++ {
		if at := p - r.first; !r.have[at] {
			r.have[at] = true
			s.fetch(r.x[at*size:], p, p+1)
		}
	}
	return r.x[(from-r.first)*size : (to-r.first)*size]
}
