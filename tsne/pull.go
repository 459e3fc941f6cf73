package tsne

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// A pull holds points near reference positions. What is minimised is the
// divergence plus Pull times the mean over the points of w |y - f(r)|², with r a
// point's reference position, w its weight, and f the frame, which is found anew
// in each iteration and held in its gradient: the reference positions as large
// as the map and about its centre, and turned as PullFrame says. It is the loss of
// DREAMS (Kury, Kobak & Damrich, arXiv:2508.13747), scale included, over 1 - λ,
// with λ = Pull / (1 + Pull).
//
// By PullGrown it is neighbourhoods that are held, in smooth.go.
//
// The term is known, and so is what it adds to the curvature. A point's whole
// gradient is divided by 1 + rate k, where k is that: what is sought stays the
// same, a weight of any size is stable, and an infinite one pins.

// held is what an embedding knows of reference positions, in the order of the
// rows; it is never changed in place.
type held struct {
	y      []float32
	weight []float32 // nil: all 1
}

// checkPull refuses reference positions that do not fit n points.
func (o *Options) checkPull(n int) error {
	if o.PullY != nil && len(o.PullY) != n*o.Dims {
		return badOption("PullY", fmt.Sprintf("%d values", len(o.PullY)), fmt.Sprintf("%d rows x %d columns", n, o.Dims))
	}
	if o.PullWeights == nil {
		return nil
	}
	if len(o.PullWeights) != n {
		return badOption("PullWeights", fmt.Sprintf("%d values", len(o.PullWeights)), fmt.Sprintf("%d, one a point", n))
	}
	pinned := 0
	for i, w := range o.PullWeights {
		if !(w >= 0) {
			return badOption("PullWeights", fmt.Sprintf("%v in row %d", w, i), "0 or more; infinity pins")
		}
		if math.IsInf(float64(w), 1) {
			pinned++
		}
	}
	if pinned == n {
		return badOption("PullWeights", "all infinite", "at least one point that may move")
	}
	return o.checkPins(pinned > 0)
}

func (o *Options) checkPins(pinned bool) error {
	if pinned && o.Pull > 0 && o.PullFrame != PullFixed {
		return badOption("PullFrame", int(o.PullFrame), "fixed (2) where a weight is infinite")
	}
	return nil
}

// hold keeps the reference positions of o, or those that the points start at,
// and puts pinned points there.
func (e *Embedding) hold(o *Options) {
	if o.Pull == 0 {
		return
	}
	h := &held{y: o.PullY, weight: slices.Clone(o.PullWeights)}
	if h.y == nil {
		h.y = e.y
	}
	h.y = slices.Clone(h.y)
	for i, w := range h.weight {
		if math.IsInf(float64(w), 1) {
			copy(e.y[i*o.Dims:(i+1)*o.Dims], h.y[i*o.Dims:])
		}
	}
	e.held = h
}

func (h *held) pins() bool {
	return h != nil && slices.ContainsFunc(h.weight, func(w float32) bool { return math.IsInf(float64(w), 1) })
}

// errNothingHeld says why a pull cannot begin.
func errNothingHeld() error {
	return fail(ErrOption, "Pull", "this embedding has no reference positions, want one that was begun with a pull above 0")
}

// pull is the part of a descent that holds points.
type pull struct {
	of        *held
	strength  float64 // a step is along a fourth of the gradient
	frame     PullFrame
	y, weight []float32 // in the order of memory
	order     []int32   // that order
	origin    [3]float64
	parts     []pullSums
	smooth    *smooth // nil: points are held one by one
	free      bool    // for now nothing is held
}

// pullSums are sums over points with their weights; positions are counted
// from the origin.
type pullSums struct {
	w      float64 // of the weights
	yy, rr float64 // of the squared lengths
	y, r   [3]float64
	cross  [3][3]float64 // [b][a]: of y_a r_b
}

const pullGrain = 1 << 10

// newPull is nil where nothing is held.
func newPull(e *Embedding) (*pull, error) {
	if e.o.Pull == 0 {
		return nil, nil
	}
	if e.held == nil {
		return nil, errNothingHeld()
	}
	h, n, dims := e.held, e.N(), e.o.Dims
	if h.weight != nil && !slices.ContainsFunc(h.weight, func(w float32) bool { return w > 0 }) {
		return nil, nil
	}
	t := &pull{
		of: h, strength: e.o.Pull / 2 / float64(n), frame: e.o.PullFrame, y: h.y, weight: h.weight,
		parts: make([]pullSums, par.Chunks(n, pullGrain)),
	}
	for c := range dims {
		t.origin[c] = float64(h.y[c])
	}
	if t.frame == PullGrown {
		t.smooth = newSmooth(n, dims)
	}
	t.follow(e)
	return t, nil
}

// follow puts the reference positions into the order of the points.
func (t *pull) follow(e *Embedding) {
	if sameOrder(t.order, e.order) {
		return
	}
	if t.smooth != nil {
		t.smooth.known = false
	}
	dims := e.o.Dims
	if t.order == nil {
		t.y = make([]float32, len(e.y))
		if t.of.weight != nil {
			t.weight = make([]float32, e.N())
		}
	}
	permuteRows(t.y, t.of.y, e.order, dims)
	if t.weight != nil {
		permuteRows(t.weight, t.of.weight, e.order, 1)
	}
	t.order = e.order
}

// sameOrder says whether two orders are one.
func sameOrder(a, b []int32) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// add changes both forces so that a step reads the whole gradient in them,
// by the learning rate and exaggeration of that step.
func (t *pull) add(d *descent, rate, exaggeration float64) {
	e, dims := d.e, d.e.o.Dims
	t.follow(e)
	f := t.fit(d.pool, e)
	if t.smooth != nil {
		t.smooth.add(d, t, f, rate, exaggeration)
		return
	}
	d.pool.For(e.N(), pullGrain, func(_, lo, hi int) {
		w := float32(1)
		for i := lo; i < hi; i++ {
			if t.weight != nil {
				w = t.weight[i]
			}
			k := float64(t.strength*float64(w)) * exaggeration
			if k == 0 {
				continue
			}
			var damp, pulls float64
			if !math.IsInf(float64(w), 1) {
				damp = 1 / (1 + float64(rate*k))
				pulls = 1 / (1/t.strength/float64(w) + float64(rate*exaggeration))
			}
			y, attract, repulse := e.y[i*dims:][:dims], d.attract[i*dims:][:dims], d.repulse[i*dims:][:dims]
			to := f.of(t.y[i*dims:][:dims])
			for c := range y {
				attract[c] = float32(float64(damp*float64(attract[c])) + float64(pulls*(float64(y[c])-to[c])))
				repulse[c] = float32(damp * float64(repulse[c]))
			}
		}
	})
}

// frame is a similarity.
type frame struct {
	fixed      bool
	turn       [3][3]float64 // [a][b]
	size       float64       // of the map, beside the positions; 1 or more
	from, onto [3]float64
}

func (f *frame) of(r []float32) (to [3]float64) {
	if f.fixed {
		for c, v := range r {
			to[c] = float64(v)
		}
		return to
	}
	for a := range r {
		sum := f.onto[a]
		for b, v := range r {
			sum += float64(f.turn[a][b] * (float64(v) - f.from[b]))
		}
		to[a] = sum
	}
	return to
}

// fit is the frame of the map as it stands.
func (t *pull) fit(pool *par.Pool, e *Embedding) *frame {
	if t.frame == PullFixed {
		return &frame{fixed: true}
	}
	dims := e.o.Dims
	pool.For(e.N(), pullGrain, func(_, lo, hi int) {
		var s pullSums
		w := 1.0
		for i := lo; i < hi; i++ {
			if t.weight != nil {
				w = float64(t.weight[i])
			}
			s.w += w
			y, r := e.y[i*dims:][:dims], t.y[i*dims:][:dims]
			for b, v := range r {
				wr := float64(w * (float64(v) - t.origin[b]))
				s.r[b] += wr
				s.rr += float64(wr * (float64(v) - t.origin[b]))
				wy := float64(w * float64(y[b]))
				s.y[b] += wy
				s.yy += float64(wy * float64(y[b]))
				for a, u := range y {
					s.cross[b][a] += float64(wr * float64(u))
				}
			}
		}
		t.parts[lo/pullGrain] = s
	})
	var s pullSums
	for i := range t.parts {
		p := &t.parts[i]
		s.w += p.w
		s.yy += p.yy
		s.rr += p.rr
		for b := range dims {
			s.y[b] += p.y[b]
			s.r[b] += p.r[b]
			for a := range dims {
				s.cross[b][a] += p.cross[b][a]
			}
		}
	}
	f := &frame{}
	for b := range dims {
		f.onto[b] = s.y[b] / s.w
		f.from[b] = s.r[b]/s.w + t.origin[b]
		s.yy -= float64(s.y[b] * f.onto[b])
		s.rr -= float64(s.r[b] * s.r[b] / s.w)
		for a := range dims {
			s.cross[b][a] -= float64(s.r[b] * s.y[a] / s.w)
		}
	}
	scale := 0.0
	if s.yy > 0 && s.rr > 0 {
		scale = math.Sqrt(s.yy / s.rr)
	}
	turn := [3][3]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	switch t.frame {
	case PullSimilar:
		turn, _ = nearestRotation(s.cross, dims, false)
	case PullGrown:
		// Over this scale the map lies best on the positions. They on the map would
		// lie best at a smaller one, by what is of no account here: how points lie
		// among their neighbours. A map that has little to do with the positions
		// does not blow them up.
		f.onto = f.from
		f.size = 1
		if size := scale; size > 0 {
			both := s.cross[0][0] + s.cross[1][1] + s.cross[2][2]
			scale, f.size = s.yy/max(both, size*s.rr/2), max(1, both/s.rr)
		}
		scale = max(1, scale)
	}
	for a := range dims {
		for b := range dims {
			f.turn[a][b] = scale * turn[a][b]
		}
	}
	return f
}

// centres says whether the map is still centred: not where the positions say
// where it lies.
func (t *pull) centres() bool { return t.frame != PullFixed && t.frame != PullGrown }

// lay puts a map that outgrew its reference positions among them, says how many
// times as large it was, and lets go of them.
func (e *Embedding) lay() (scale float64, err error) {
	o := e.o
	o.Progress, o.Log = nil, nil
	j := begin(context.Background(), &o)
	defer j.end(&err)
	t, err := newPull(e)
	if err != nil || t == nil || t.frame != PullGrown {
		return 1, err
	}
	f := t.fit(j.pool, e)
	dims := e.o.Dims
	scale = f.size
	for i, v := range e.y {
		c := i % dims
		e.y[i] = float32(f.from[c] + (float64(v)-f.onto[c])/scale)
		e.velocity[i] = float32(float64(e.velocity[i]) / scale)
	}
	return scale, nil
}
