package tsne

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// TogetherOptions say which rows of several data sets are one, and how near to
// each other's their maps are kept. The zero value is the defaults.
type TogetherOptions struct {
	// Keys has a key for each row of each set: rows of one key are one cell or
	// subject; below 0 is none. nil: sets share columns instead, and a row is
	// where the median of its 10 nearest of another set lies.
	Keys [][]int64

	Window int // sets before and after one that its map is pulled to; 0: 1
	Rounds int // times that all maps are pulled to those beside them; 0: 5; below 0: none
}

const (
	defaultWindow = 1

	// By a pull of 5e-4 five rounds brought the maps of docs/together.md's series a
	// tenth to a fifth nearer than none, at no higher divergence.
	defaultRounds   = 5
	roundIterations = 50
)

// FitTogether embeds several data sets, as of time points, donors or versions,
// each in a map near those beside it. The first is fitted as o says. Each other
// begins where its rows lie on the map before, scaled down as Align does, those
// that are not there among the nearest that are, and is pulled to the former, by
// o.Pull, or 0.0005 if that is 0, as large as it comes (PullScaled). Then, Rounds
// times, all maps go on for 50 iterations, each pulled to the mean of those beside
// it (PullSimilar), nearer ones counting more, by one over how many sets away they
// are. At last each is laid on the one before: moved, turned and scaled, so that
// KL is that of the map before it was laid. What goes on from a map is free.
//
// InitY is of the first set; PullY, PullWeights and PullFrame are of no account.
// A Checkpoint is refused: its file is of one map.
// With Keys sets may have other columns, and each must share a key with the set
// before. ErrShape, ErrNotFinite, ErrOption (Keys, Window, Rounds too), ErrMemory
// and ErrCancelled, without maps; an error about a set names it, X[1] say.
func FitTogether(ctx context.Context, sets []Matrix, t TogetherOptions, o Options) ([]*Embedding, error) {
	c := &together{ctx: ctx, sets: sets, t: t, o: o}
	if err := c.check(); err != nil {
		return nil, err
	}
	c.pool = par.New(c.o.Threads)
	defer c.pool.Close()
	for k := range sets {
		if err := c.fit(k); err != nil {
			return nil, aboutSet(k, err)
		}
	}
	for range c.t.Rounds {
		if err := c.round(); err != nil {
			return nil, err
		}
	}
	for k, e := range c.maps {
		e.moveBy(c.lay[k])
		e.held, e.o.Pull, e.o.PullFrame = nil, 0, PullScaled
	}
	return c.maps, nil
}

// together is a call under way.
type together struct {
	ctx   context.Context
	sets  []Matrix
	t     TogetherOptions
	o     Options // without pull positions
	pool  *par.Pool
	place []map[int64]int32
	pairs map[[2]int]*pairing
	maps  []*Embedding
	lay   []*Superposition // of each map on the one before
	laid  [][]float32      // each map so
}

// pairing has for each row of a set k rows of another, or -1 for none.
type pairing struct {
	of []int32
	k  int
}

func (c *together) check() error {
	t := &c.t
	if len(c.sets) < 2 {
		return fail(ErrShape, "X", "got %d data sets, want at least 2", len(c.sets))
	}
	zero(&t.Window, defaultWindow)
	zero(&t.Rounds, defaultRounds)
	t.Rounds = max(t.Rounds, 0)
	if t.Window < 1 {
		return badOption("Window", t.Window, "1 or more")
	}
	if c.o.Checkpoint != "" {
		return badOption("Checkpoint", c.o.Checkpoint, "none: a file is of one map")
	}
	c.o.PullY, c.o.PullWeights, c.o.PullFrame = nil, nil, PullScaled
	for k, x := range c.sets {
		o := c.o
		if k > 0 {
			o = o.withoutStart()
		}
		err := x.checkShape()
		if err == nil {
			_, err = o.resolve(x.Rows)
		}
		if err != nil {
			return aboutSet(k, err)
		}
		if first := c.sets[0]; t.Keys == nil && x.Cols != first.Cols {
			return fail(ErrShape, setName(k), "got %d columns, want those of %v, %d, or keys", x.Cols, named(setName(0)), first.Cols)
		}
	}
	zero(&c.o.Pull, heldPull)
	c.pairs = map[[2]int]*pairing{}
	return c.checkKeys()
}

func (c *together) checkKeys() error {
	keys := c.t.Keys
	if keys == nil {
		return nil
	}
	if len(keys) != len(c.sets) {
		return badOption("Keys", fmt.Sprintf("those of %d sets", len(keys)), fmt.Sprintf("those of %d", len(c.sets)))
	}
	for k, of := range keys {
		name := fmt.Sprintf("Keys[%d]", k)
		if len(of) != c.sets[k].Rows {
			return badOption(name, fmt.Sprintf("%d keys", len(of)), fmt.Sprintf("%d, one for each row of %s", c.sets[k].Rows, setName(k)))
		}
		place := make(map[int64]int32, len(of))
		shared := k == 0
		for i, key := range of {
			if err := c.still(i); err != nil {
				return err
			}
			if key < 0 {
				continue
			}
			if at, twice := place[key]; twice {
				return fail(ErrOption, name, "rows %v and %v have the same key", atRow(at), atRow(i))
			}
			place[key] = int32(i)
			if k > 0 && !shared {
				_, shared = c.place[k-1][key]
			}
		}
		if !shared {
			return fail(ErrOption, name, "no key is one of %v", named(fmt.Sprintf("Keys[%d]", k-1)))
		}
		c.place = append(c.place, place)
	}
	return nil
}

// fit makes the map of set k, and lays it.
func (c *together) fit(k int) error {
	x, o := c.sets[k], c.o
	o.Settle(0) // pulled maps have not been tried by the schedule
	if k == 0 {
		o.Pull = 0
	} else {
		o = o.withoutStart()
		y, weight, err := c.places(k)
		if err != nil {
			return err
		}
		o.Pull, o.PullY, o.PullWeights = c.o.Pull, slices.Clone(y), weight
		asStart(y, c.maps[0].Dims(), o.Seed)
		o = o.startingAt(y)
	}
	e, err := Fit(c.ctx, x, o)
	if err != nil {
		return err
	}
	c.maps = append(c.maps, e)
	c.lay, c.laid = append(c.lay, nil), append(c.laid, nil)
	return c.layOn(k)
}

// places are those of set k's rows on the map before, and which of them another
// row gave: the others are the medians of their nearest of those.
func (c *together) places(k int) (y, weight []float32, err error) {
	dims := c.maps[0].Dims()
	p, err := c.pair(k, k-1)
	if err != nil {
		return nil, nil, err
	}
	y, there, err := c.on(p, c.laid[k-1])
	if err != nil {
		return nil, nil, err
	}
	var known, unknown []int32
	for i, ok := range there {
		if ok {
			known = append(known, int32(i))
		} else {
			unknown = append(unknown, int32(i))
		}
	}
	if unknown == nil {
		return y, nil, nil
	}
	x := c.sets[k]
	near, err := c.nearest("X", x.rows(known), x.rows(unknown))
	if err != nil {
		return nil, nil, err
	}
	at, _, err := c.on(near, pickRows(y, known, dims))
	if err != nil {
		return nil, nil, err
	}
	weight = make([]float32, x.Rows)
	for _, i := range known {
		weight[i] = 1
	}
	for j, i := range unknown {
		copy(y[int(i)*dims:][:dims], at[j*dims:])
	}
	return y, weight, nil
}

// pair finds the rows of set b that stand for those of a.
func (c *together) pair(a, b int) (*pairing, error) {
	if p := c.pairs[[2]int{a, b}]; p != nil {
		return p, nil
	}
	p := &pairing{k: 1}
	if c.t.Keys != nil {
		p.of = make([]int32, c.sets[a].Rows)
		for i, key := range c.t.Keys[a] {
			if err := c.still(i); err != nil {
				return nil, err
			}
			at, ok := c.place[b][key]
			if !ok {
				at = -1
			}
			p.of[i] = at
		}
	} else {
		var err error
		if p, err = c.nearest(setName(b), c.sets[b], c.sets[a]); err != nil {
			return nil, err
		}
	}
	c.pairs[[2]int{a, b}] = p
	return p, nil
}

// nearest are the rows of x, so called, that place those of q.
func (c *together) nearest(name string, x, q Matrix) (p *pairing, err error) {
	o, err := c.o.withoutStart().resolve(x.Rows)
	if err != nil {
		return nil, err
	}
	j := begin(c.ctx, &o)
	defer j.end(&err)
	p = &pairing{k: min(papersK, x.Rows)}
	if err := o.checkMemory(q, product(4, q.Rows, p.k)+o.searchMemory(x, nil, min(q.Rows, transformBatch))); err != nil {
		return nil, err
	}
	if q, err = j.in(o.Metric.frame(x.Center, nil), q); err != nil {
		return nil, err
	}
	if err := checkFinite(j.ctx, j.pool, "X", q.Data, q.Cols); err != nil {
		return nil, err
	}
	if err := j.checkComparable("X", q, o.Metric); err != nil {
		return nil, err
	}
	s, err := j.newRowSearch(name, x, o.Metric, nil)
	if err != nil {
		return nil, err
	}
	p.of = make([]int32, q.Rows*p.k)
	err = s.batches(j, q, p.k, func(lo, _ int, nb *Neighbors) error {
		copy(p.of[lo*p.k:], nb.Index)
		return nil
	})
	return p, err
}

// still fails once the call is cancelled; it looks at some rows.
func (c *together) still(row int) error {
	if row%(1<<14) == 0 && c.ctx.Err() != nil {
		return cancelled(c.ctx, c.ctx.Err())
	}
	return nil
}

// on is where the rows of a pairing lie on the map y of the other set: the
// medians, column by column, and whether there is one.
func (c *together) on(p *pairing, y []float32) (at []float32, there []bool, err error) {
	n, dims := len(p.of)/p.k, c.maps[0].Dims()
	at, there = make([]float32, n*dims), make([]bool, n)
	err = c.pool.ForContext(c.ctx, n, 1<<10, func(_, lo, hi int) {
		column := make([]float32, p.k)
		for i := lo; i < hi; i++ {
			of := p.of[i*p.k:][:p.k]
			if there[i] = of[0] >= 0; !there[i] {
				continue
			}
			for a := range dims {
				for k, to := range of {
					column[k] = y[int(to)*dims+a]
				}
				at[i*dims+a] = middle(column)
			}
		}
	})
	if err != nil {
		err = cancelled(c.ctx, err)
	}
	return at, there, err
}

// layOn lays map k on the one before: through rows that are one or, of sets that
// share columns, through those of both and their places on the other map, so that
// medians, which lie closer together, make neither smaller.
func (c *together) layOn(k int) error {
	y, dims := c.maps[k].Y(), c.maps[0].Dims()
	c.lay[k] = superpose(y, y, dims, ProcrustesOptions{NoReflection: true})
	if k > 0 {
		var source, target []float32
		add := func(a, b int, own, other []float32, mine, theirs *[]float32) error {
			p, err := c.pair(a, b)
			if err != nil {
				return err
			}
			at, there, err := c.on(p, other)
			for i, ok := range there {
				if ok {
					*mine = append(*mine, own[i*dims:][:dims]...)
					*theirs = append(*theirs, at[i*dims:][:dims]...)
				}
			}
			return err
		}
		if err := add(k, k-1, y, c.laid[k-1], &source, &target); err != nil {
			return err
		}
		if c.t.Keys == nil {
			if err := add(k-1, k, c.laid[k-1], y, &target, &source); err != nil {
				return err
			}
		}
		c.lay[k] = layOver(target, source, dims)
	}
	c.lay[k].Apply(y)
	c.laid[k] = y
	return nil
}

// round has every map go on, pulled to where those beside it lay before.
func (c *together) round() error {
	targets := make([]*held, len(c.maps))
	for k := range c.maps {
		var err error
		if targets[k], err = c.beside(k); err != nil {
			return aboutSet(k, err)
		}
	}
	for k, e := range c.maps {
		e.held, e.o.Pull, e.o.PullFrame = targets[k], c.o.Pull, PullSimilar
		e.o.Progress, e.o.Log = c.o.Progress, c.o.Log
		err := e.Optimize(c.ctx, Phase{
			Iterations: roundIterations, Exaggeration: c.o.Exaggeration, LearningRate: c.o.LearningRate, Momentum: c.o.Momentum,
		})
		if err == nil {
			err = c.layOn(k)
		}
		if err != nil {
			return aboutSet(k, err)
		}
	}
	return nil
}

// beside is where the maps within the window of set k have its rows.
func (c *together) beside(k int) (*held, error) {
	n, dims := c.maps[k].N(), c.maps[0].Dims()
	sum, weight := make([]float64, n*dims), make([]float64, n)
	for b := max(k-c.t.Window, 0); b <= min(k+c.t.Window, len(c.maps)-1); b++ {
		if b == k {
			continue
		}
		p, err := c.pair(k, b)
		if err != nil {
			return nil, err
		}
		at, there, err := c.on(p, c.laid[b])
		if err != nil {
			return nil, err
		}
		w := 1 / float64(max(b-k, k-b))
		for i, ok := range there {
			if ok {
				weight[i] += w
				for a := range dims {
					sum[i*dims+a] += float64(w * float64(at[i*dims+a]))
				}
			}
		}
	}
	h := &held{y: make([]float32, n*dims), weight: make([]float32, n)}
	for i, w := range weight {
		if w > 0 {
			h.weight[i] = 1
			for a := range dims {
				h.y[i*dims+a] = float32(sum[i*dims+a] / w)
			}
		}
	}
	return h, nil
}

func (x Matrix) rows(of []int32) Matrix {
	x.Data, x.Rows = pickRows(x.Data, of, x.Cols), len(of)
	return x
}

func setName(k int) string { return fmt.Sprintf("X[%d]", k) }

// aboutSet has an error about data say which.
func aboutSet(k int, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Argument() != "X" {
		return err
	}
	return &Error{e.Kind, e.Cause, e.Renamed(setName(k))}
}
