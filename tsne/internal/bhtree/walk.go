package bhtree

import (
	"math"

	"github.com/libtsne/libtsne/tsne/internal/direct"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

const (
	groupSize      = direct.Lanes
	groupsPerChunk = 16
	listSize       = 1024 // sources gathered before they are summed: 16 KiB
)

// walk is what a pass over all targets works on.
type walk struct {
	items      []item    // the targets' order
	y          []float32 // the targets, if they are not the tree's points
	force, phi []float32
	self       bool
	z          []float64 // by group
	lists      []list    // by worker
	body       func(worker, chunk int)
}

type list struct {
	sources [4 * listSize]float32
	n       int
	open    float32 // 1/theta
	found   found
	targets [4 * groupSize]float32
	tile    direct.Targets
	sums    direct.Sums
	_       [64]byte
}

// Repulsion sets force[i] = Σ_{j≠i} (y_i−y_j)/(1+|y_i−y_j|²)² over the points
// of Build and returns z = Σ_{i≠j} 1/(1+|y_i−y_j|²), both to the accuracy that
// theta ≥ 0 gives. y must be what Build was given; force is n×dims.
func (t *Tree) Repulsion(y, force []float32, theta float64) (z float64) {
	w := &t.walk
	w.items, w.y, w.force, w.phi, w.self = t.items, y, force, nil, true
	return t.run(theta)
}

// At sets, for each of the m×dims targets, force to Σ_j (t−y_j)/(1+|t−y_j|²)²
// and phi to Σ_j 1/(1+|t−y_j|²) over all points of the tree. phi may be nil.
func (t *Tree) At(targets, force []float32, theta float64, phi []float32) {
	m := len(targets) / t.dims
	if m == 0 {
		return
	}
	t.queries = grow(t.queries, m)
	t.sortByKey(targets, t.queries)
	t.y = nil
	w := &t.walk
	w.items, w.y, w.force, w.phi, w.self = t.queries, targets, force, phi, false
	t.run(theta)
}

func (t *Tree) run(theta float64) float64 {
	w := &t.walk
	if t.made != t.DOF {
		t.kernel, t.made = direct.NewKernel(t.DOF), t.DOF
	}
	groups := par.Chunks(len(w.items), groupSize)
	w.z = grow(w.z, groups)
	for i := range w.lists {
		w.lists[i].open = float32(1 / theta)
		w.lists[i].found.grow(len(t.blocks))
	}
	_ = t.pool.RunContext(t.Ctx, par.Chunks(groups, groupsPerChunk), w.body) // the caller knows its context
	t.pool.Weigh("walk", func(c int) int { return min(groups, (c+1)*groupsPerChunk) - c*groupsPerChunk })
	t.pool.Serial("sums", groups)
	w.items, w.y, w.force, w.phi = nil, nil, nil, nil
	z := 0.0
	for _, v := range w.z {
		z += v
	}
	return z
}

func (t *Tree) groupChunk(worker, chunk int) {
	for g := chunk * groupsPerChunk; g < min(len(t.walk.z), (chunk+1)*groupsPerChunk); g++ {
		t.walk.z[g] = t.group(&t.walk.lists[worker], g*groupSize)
	}
}

// group does the targets [lo, lo+groupSize) in Morton order and returns the sum
// of their z.
func (t *Tree) group(l *list, lo int) float64 {
	w := &t.walk
	dims := t.dims
	hi := min(lo+groupSize, len(w.items))
	targets := l.targets[:4*(hi-lo)]
	for i, it := range w.items[lo:hi] {
		copy(targets[4*i:4*i+dims], w.y[int(it.index)*dims:])
	}
	l.tile.Load(dims, targets, 4)
	l.sums = direct.Sums{K: t.kernel}
	l.n = 0
	if w.self {
		t.collect(l, targets, lo, hi)
	} else {
		t.collect(l, targets, 0, 0)
	}
	l.flush(dims)
	if w.self {
		l.sums.AddSelf(dims, &l.tile, targets, 4)
	}
	z := 0.0
	for i, it := range w.items[lo:hi] {
		z += l.sums.Z[i]
		for d := range dims {
			w.force[int(it.index)*dims+d] = float32(l.sums.F[d][i])
		}
		if w.phi != nil {
			w.phi[it.index] = float32(l.sums.Z[i])
		}
	}
	return z
}

// collect sums or lists all sources for the targets but the points [lo, hi),
// which are the targets themselves.
func (t *Tree) collect(l *list, targets []float32, lo, hi int) {
	if len(t.blocks) == 0 {
		return
	}
	s := sight{open: l.open, lo: int32(lo), hi: int32(hi)}
	s.mid, s.radius = t.ball(targets)
	l.found.sortOut(t.blocks, &s)
	far := l.found.far[:l.found.n[2]]
	for len(far) > 0 {
		if l.n == listSize {
			l.flush(t.dims)
		}
		k := min(len(far), listSize-l.n)
		to := l.sources[4*l.n : 4*(l.n+k)]
		for i, cell := range far[:k] {
			*(*[4]float32)(to[4*i:]) = t.coms[cell]
		}
		l.n += k
		far = far[k:]
	}
	for _, cell := range l.found.near[:l.found.n[1]] {
		b, lane := &t.blocks[cell/8], cell%8
		from, to := int(b.lo[lane]), int(b.hi[lane])
		apart := to <= lo || from >= hi
		switch {
		case b.width[lane] == 0 && to-from > 1:
			com := t.coms[cell]
			if !apart {
				com[3] = float32(to - from - (min(hi, to) - max(lo, from)))
			}
			if com[3] > 0 {
				l.add(t.dims, com[:])
			}
		case apart && to-from <= leafSize:
			if l.n+leafSize > listSize {
				l.flush(t.dims)
			}
			*(*[4 * leafSize]float32)(l.sources[4*l.n:]) = *(*[4 * leafSize]float32)(t.points[4*from:])
			l.n += to - from
		case apart:
			l.add(t.dims, t.points[4*from:4*to])
		default:
			l.add(t.dims, t.points[4*from:4*max(from, lo)])
			l.add(t.dims, t.points[4*min(to, hi):4*to])
		}
	}
}

// ball returns the middle of the targets' bounding box and their greatest
// distance from it.
func (t *Tree) ball(targets []float32) (mid [3]float32, radius float32) {
	for d := range t.dims {
		a, b := targets[d], targets[d]
		for i := d; i < len(targets); i += 4 {
			a, b = min(a, targets[i]), max(b, targets[i])
		}
		mid[d] = a + (b-a)/2
	}
	for i := 0; i < len(targets); i += 4 {
		dx, dy, dz := targets[i]-mid[0], targets[i+1]-mid[1], targets[i+2]-mid[2]
		radius = max(radius, float32(dx*dx)+float32(dy*dy)+float32(dz*dz))
	}
	return mid, float32(math.Sqrt(float64(radius)))
}

func (l *list) flush(dims int) {
	l.sums.AddWeighted(dims, &l.tile, l.sources[:4*l.n])
	l.n = 0
}

// add lists sources of four floats, after it has summed those listed if there
// is no room.
func (l *list) add(dims int, sources []float32) {
	n := len(sources) / 4
	if l.n+n > listSize {
		l.flush(dims)
		if n > listSize {
			l.sums.AddWeighted(dims, &l.tile, sources)
			return
		}
	}
	copy(l.sources[4*l.n:], sources)
	l.n += n
}
