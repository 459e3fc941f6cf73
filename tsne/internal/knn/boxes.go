package knn

import (
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// boxes are bounds of the centres of lists, by spans, or of the spans of the level below: the lists near a row
// are found without the distances of most. Lists of near numbers are near in space (newLists).
type boxes struct {
	dims  int
	count int       // boxes
	bound []float32 // for each span of boxes, dims times centerSpan lower bounds and as many upper
}

// over makes the boxes of spans of count values in each of dims axes, given as a span of lower bounds and one
// of upper.
func over(dims, count int, span func(i, axis int) (lower, upper []float32)) boxes {
	inf := float32(math.Inf(1))
	b := boxes{dims: dims, count: par.Chunks(count, centerSpan)}
	b.bound = make([]float32, par.Chunks(b.count, centerSpan)*dims*2*centerSpan)
	for i := range b.bound {
		b.bound[i] = inf // a box to spare is out of reach
	}
	for i := range b.count {
		have := min(centerSpan, count-i*centerSpan)
		for k := range dims {
			lower, upper := span(i, k)
			lo, hi := inf, -inf
			for c := range have {
				lo, hi = min(lo, lower[c]), max(hi, upper[c])
			}
			line := b.bound[(i/centerSpan*dims+k)*2*centerSpan:]
			line[i%centerSpan], line[centerSpan+i%centerSpan] = lo, hi
		}
	}
	return b
}

// span is that of the bounds of span i in an axis.
func (b *boxes) span(i, axis int) (lower, upper []float32) {
	line := b.bound[(i*b.dims+axis)*2*centerSpan:][:2*centerSpan]
	return line[:centerSpan], line[centerSpan:]
}

// finder finds the lists near a row.
type finder struct {
	*lists
	// take is given each span of centres that has one within reach of the row, and their squared distances, those of one that is
	// likely to have the nearest first. It gives the reach from then on.
	take  func(first int, dist []float32) (reach float32)
	y     []float32
	reach float32
	dist  [][centerSpan]float32 // by level and, at the end, of the centres
}

func (l *lists) finder(take func(first int, dist []float32) float32) *finder {
	return &finder{lists: l, take: take, dist: make([][centerSpan]float32, len(l.boxes)+1)}
}

func (f *finder) find(y []float32) {
	f.y, f.reach = y, float32(math.Inf(1))
	f.look(len(f.boxes)-1, 0)
}

// look goes through a span of the boxes of a level, the nearest first, and what they hold; below level 0 are the
// centres.
func (f *finder) look(level, span int) {
	dist, first := &f.dist[level+1], span*centerSpan
	if level < 0 {
		centers(f.y, f.centers[span*f.dims*centerSpan:], dist)
		f.reach = f.take(first, dist[:min(centerSpan, f.count-first)])
		return
	}
	b := &f.boxes[level]
	outside(f.y, b.bound[span*b.dims*2*centerSpan:], dist)
	some := dist[:min(centerSpan, b.count-first)]
	nearest := 0
	for i, v := range some {
		if v < some[nearest] {
			nearest = i
		}
	}
	f.look(level-1, first+nearest)
	for i, v := range some {
		if i != nearest && v <= f.reach {
			f.look(level-1, first+i)
		}
	}
}
