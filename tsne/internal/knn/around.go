package knn

import (
	"context"
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// around has, where lists are many, those around each, and lists of lists. The list of a row is then sought in the two lists
// of lists that are nearest, and from there by going from one to a nearer one around it until there is none. What it takes
// hardly grows with the lists; what it finds is seldom not the nearest of all.
type around struct {
	size    int       // values of a centre, in whole vectors
	centers []float32 // of the lists, one after the other
	lists   []int32   // for each those around it, nearest first, itself among them
	of      *lists    // of the centres
	held    [][]int32 // by each, the first repeated until they are fours; those nearest to one that holds none
	most    int       // lists that are looked at together
}

const (
	aroundOne  = 48
	firstLists = 2
)

var manyLists = 4096 // a variable for the tests

// surround finds the lists around each, whose centres are the rows of c.
func (l *lists) surround(ctx context.Context, pool *par.Pool, c []float32) (err error) {
	l.around = nil
	if l.count < manyLists {
		return nil
	}
	a := &around{size: (l.dims + 7) / 8 * 8, lists: make([]int32, l.count*aroundOne)}
	a.centers = make([]float32, l.count*a.size)
	for i := range l.count {
		copy(a.centers[i*a.size:], c[i*l.dims:][:l.dims])
	}
	if a.of, err = newLists(ctx, pool, lead{l.dims, c}, l.count, int(4*math.Sqrt(float64(l.count))), 0, nil); err != nil {
		return err
	}
	to := make([]int32, l.count)
	if err := a.of.assign(ctx, pool, l.count, func(i int) int { return i }, to, false); err != nil {
		return err
	}
	start, members := group(to, a.of.count)
	a.held = make([][]int32, a.of.count)
	a.most = aroundOne
	t := newNearest(4)
	for i := range a.held {
		held := slices.Clone(members[start[i]:start[i+1]])
		if len(held) == 0 {
			held = make([]int32, len(t.best))
			t.begin(held)
			l.finder(t.take).find(a.of.center(i))
		}
		for len(held)%4 != 0 {
			held = append(held, held[0])
		}
		a.held[i], a.most = held, max(a.most, len(held))
	}
	l.around = a
	return pool.ForContext(ctx, l.count, 16, func(_, lo, hi int) {
		t := newNearest(aroundOne)
		f := l.finder(t.take)
		for i := lo; i < hi; i++ {
			t.begin(a.lists[i*aroundOne:][:aroundOne])
			f.find(c[i*l.dims:][:l.dims])
		}
	})
}

// walker goes from list to list, for one worker.
type walker struct {
	*around
	y     []float32 // of a row, and zeros
	dist  []float32
	first *nearest // lists of lists
	find  *finder
	best  *nearest // list
}

func (l *lists) walker() *walker {
	w := &walker{around: l.around, y: make([]float32, l.around.size), first: newNearest(firstLists), best: newNearest(1)}
	w.dist = make([]float32, w.most)
	w.first.top, w.best.top = make([]int32, firstLists), make([]int32, 1)
	w.find = w.of.finder(w.first.take)
	return w
}

// start gives a list near the row y.
func (w *walker) start(y []float32) int32 {
	copy(w.y, y)
	w.first.begin(w.first.top)
	w.find.find(y)
	w.best.begin(w.best.top)
	for _, of := range w.first.top {
		w.best.among(w.held[of], w.distances(w.held[of]))
	}
	return w.best.top[0]
}

// distances are the squared ones of the row from some lists.
func (w *walker) distances(lists []int32) []float32 {
	dist := w.dist[:len(lists)]
	distances(w.y, w.centers, lists, dist)
	return dist
}

// look gives the lists around one and their squared distances from the row y.
func (w *walker) look(y []float32, list int32) (lists []int32, dist []float32) {
	copy(w.y, y)
	lists = w.lists[int(list)*aroundOne:][:aroundOne]
	return lists, w.distances(lists)
}

// walk gives the list that the row y gets to.
func (w *walker) walk(y []float32, list int32) int32 {
	for {
		w.best.begin(w.best.top)
		w.best.among(w.look(y, list))
		if w.best.top[0] == list {
			return list
		}
		list = w.best.top[0]
	}
}

// nearest keeps the lists nearest to a row, nearest first, equal ones by their numbers.
type nearest struct {
	best []float32
	top  []int32
}

func newNearest(count int) *nearest { return &nearest{best: make([]float32, count)} }

// begin has those of another row go to top.
func (t *nearest) begin(top []int32) {
	t.top = top
	for i := range t.best {
		t.best[i] = float32(math.Inf(1))
	}
}

// add takes a list that is not farther than the farthest that it has.
func (t *nearest) add(list int32, v float32) {
	last := len(t.best) - 1
	if v == t.best[last] && list > t.top[last] {
		return
	}
	i := last
	for ; i > 0 && (v < t.best[i-1] || v == t.best[i-1] && list < t.top[i-1]); i-- {
		t.best[i], t.top[i] = t.best[i-1], t.top[i-1]
	}
	t.best[i], t.top[i] = v, list
}

// reach is the distance of the farthest.
func (t *nearest) reach() float32 { return t.best[len(t.best)-1] }

// among takes lists at those distances.
func (t *nearest) among(lists []int32, dist []float32) {
	for i, v := range dist {
		if v <= t.reach() {
			t.add(lists[i], v)
		}
	}
}

// take is a finder's.
func (t *nearest) take(first int, dist []float32) (reach float32) {
	reach = t.reach()
	for c, v := range dist {
		if v <= reach {
			t.add(int32(first+c), v)
			reach = t.reach()
		}
	}
	return reach
}
