package knn

import (
	"context"
	"fmt"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// Part is the rows at places First to Last - 1 of the order in which a search lays rows
// out, near ones together. It depends on the data and the search alone, so that parts of one
// search have each row once.
type Part struct {
	First, Last int
	Rows        []int32 // filled in: which rows those are, ascending by place
}

// part is a Part under way; nil is all rows, in their own order.
type part struct{ *Part }

// underWay is nil of nil.
func (p *Part) underWay() *part {
	if p == nil {
		return nil
	}
	return &part{p}
}

// rows is the number of rows that seek neighbours.
func (p *part) rows(n int) int {
	if p == nil {
		return n
	}
	return p.Last - p.First
}

// take leaves of the rows of s only those of the part to seek neighbours: the others are compared, and
// none is near enough to them.
func (p *part) take(s *search, n int) {
	if p == nil {
		return
	}
	s.place = make([]int32, n)
	p.Rows = make([]int32, 0, p.Last-p.First)
	s.idle = make([]bool, len(s.start)-1)
	at := 0
	for b := range s.idle {
		had := len(p.Rows)
		for i := s.start[b] * width; i < s.start[b+1]*width; i++ {
			row := s.slots[i]
			if row < 0 {
				continue
			}
			if p.First <= at && at < p.Last {
				s.place[row] = int32(len(p.Rows))
				p.Rows = append(p.Rows, row)
			} else {
				s.reaches(i / width)[i%width] = float32(math.Inf(-1))
			}
			at++
		}
		s.idle[b] = len(p.Rows) == had
	}
}

// seeks says whether the row at a slot does.
func (s *search) seeks(panel, slot int) bool {
	return s.place == nil || s.reaches(panel)[slot] >= 0
}

var togetherFrom = 200_000 // a variable for the tests

// list is where the neighbours of a row that seeks them are kept: those of near rows together, while there is a search.
func (s *search) list(panel, slot int, row int32) ([]float32, []int32) {
	if s.first != nil {
		return s.g.row(int(s.first[panel]) + slot)
	}
	if s.place != nil {
		row = s.place[row]
	}
	return s.g.row(int(row))
}

// together has the lists of near rows stand together, where they are so many that to come by lists far apart costs more than
// to bring them in order in the end.
func (s *search) together() {
	if s.place != nil || s.g.N < togetherFrom {
		return
	}
	s.first = make([]int32, len(s.slots)/width)
	taken := int32(0)
	for p := range s.first {
		s.first[p] = taken
		for _, row := range s.slots[p*width:][:width] {
			if row >= 0 {
				taken++
			}
		}
	}
}

// inOrder brings the lists in the order of the rows.
func (s *search) inOrder() {
	if s.first == nil {
		return
	}
	s.first = nil
	rows := s.slots[:0] // which are of no more use
	for _, row := range s.slots {
		if row >= 0 {
			rows = append(rows, row)
		}
	}
	dist, index := make([]float32, s.g.K), make([]int32, s.g.K)
	for at, row := range rows {
		if row < 0 {
			continue
		}
		// Each list goes where the one that stands there is taken from, until that is this place.
		d, i := s.g.row(at)
		copy(dist, d)
		copy(index, i)
		for to := row; ; {
			d, i := s.g.row(int(to))
			for c := range d {
				dist[c], d[c] = d[c], dist[c]
				index[c], i[c] = i[c], index[c]
			}
			if int(to) == at {
				break
			}
			to, rows[to] = rows[to], -1
		}
	}
}

// ExactOf is Exact for a part of the rows: row i of the graph is that of row of.Rows[i] of
// the graph of all. of may be nil: all rows.
func ExactOf(ctx context.Context, pool *par.Pool, x []float32, n, d, k int, of *Part, progress func(done float64)) (*Graph, error) {
	if err := of.check(x, n, d, k); err != nil {
		return nil, err
	}
	return finished(ctx, pool, x, func(x []float32) (*Graph, error) {
		return exact(ctx, pool, x, n, d, k, of.underWay(), progress)
	})
}

// ApproxOf is Approx for a part of the rows, as ExactOf.
func ApproxOf(ctx context.Context, pool *par.Pool, x []float32, n, d, k int, o ApproxOptions, of *Part, progress func(done float64)) (*Graph, error) {
	if err := of.check(x, n, d, k); err != nil {
		return nil, err
	}
	if !(o.Effort >= 0) {
		return nil, fmt.Errorf("knn: effort %g: need 0 for the default, or more", o.Effort)
	}
	return finished(ctx, pool, x, func(x []float32) (*Graph, error) {
		return approx(ctx, pool, x, n, d, k, o, of.underWay(), progress)
	})
}

func (p *Part) check(x []float32, n, d, k int) error {
	if p != nil && (p.First < 0 || p.First > p.Last || p.Last > n) {
		return fmt.Errorf("knn: places %d to %d of %d rows", p.First, p.Last, n)
	}
	return check(x, n, d, k)
}
