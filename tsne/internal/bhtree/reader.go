package bhtree

import "github.com/libtsne/libtsne/tsne/internal/direct"

// Reader looks at a built tree for one target at a time. Each goroutine that
// looks needs its own; the tree must not be built anew meanwhile.
type Reader struct {
	t *Tree
	l list
}

// NewReader looks with the accuracy that theta > 0 gives.
func (t *Tree) NewReader(theta float64) *Reader {
	r := &Reader{t: t}
	r.l.open = float32(1 / theta)
	r.l.sums.K = direct.NewKernel(t.DOF)
	r.l.found.grow(len(t.blocks))
	return r
}

// At is Tree.At for one target. What it gets does not depend on others, which
// it does in Tree.At: there targets open cells for each other.
func (r *Reader) At(target []float32) (force [3]float64, phi float64) {
	t, l := r.t, &r.l
	clear(l.targets[:4])
	copy(l.targets[:4], target[:t.dims])
	l.tile.Load(t.dims, l.targets[:4], 4)
	l.sums = direct.Sums{K: l.sums.K}
	l.n = 0
	t.collect(l, l.targets[:4], 0, 0)
	l.flush(t.dims)
	for d := range t.dims {
		force[d] = l.sums.F[d][0]
	}
	return force, l.sums.Z[0]
}
