package bhtree

// A branch is a cell of few enough points that several workers have some each, with
// all below it. What a tree gives does not depend on where its blocks are.
type branch struct {
	lo, hi int
	first  int // of its blocks
	blocks int
	sum    [3]float64
	root   block // its cell, in lane 0
	com    [4]float32
}

const (
	// growTogether is from how many points on several workers make the cells.
	growTogether = 8192
	branches     = 256 // so many, or a few times that
)

// growBranches makes the cells: it counts the blocks of each branch, gives it room
// for them, and makes at last the cells above.
func (t *Tree) growBranches() {
	t.limit = max(t.n/branches, leafSize)
	t.grown = t.grown[:0]
	above := t.cut(0, t.n)
	size := func(c int) int { return t.grown[c].hi - t.grown[c].lo }
	t.pool.Run(len(t.grown), t.count)
	t.pool.Weigh("cells counted", size)
	at := 1 + above
	for i := range t.grown {
		t.grown[i].first = at
		at += t.grown[i].blocks
	}
	t.blocks, t.coms = grow(t.blocks, at), grow(t.coms, 8*at)
	t.pool.Run(len(t.grown), t.branch)
	t.pool.Weigh("cells", size)
	b := t.builder(0, 0, true)
	b.branches = t.grown
	b.fill(b.newBlock(), 0, 0, t.n)
	t.pool.Serial("cells above", len(t.grown)+above)
}

// cut lists the branches of the cell of points [lo, hi) and counts the blocks above
// them.
func (t *Tree) cut(lo, hi int) (above int) {
	if hi-lo <= t.limit {
		t.grown = append(t.grown, branch{lo: lo, hi: hi})
		return 0
	}
	if !t.divided(lo, hi) {
		return 0
	}
	above = 1
	for from, end := range t.children(lo, hi, t.level(lo, hi)) {
		above += t.cut(from, end)
	}
	return above
}

func (t *Tree) countBranch(_, c int) {
	b := &t.grown[c]
	b.blocks = t.blocksOf(b.lo, b.hi)
}

// blocksOf counts the blocks below the cell of points [lo, hi).
func (t *Tree) blocksOf(lo, hi int) int {
	if !t.divided(lo, hi) {
		return 0
	}
	n := 1
	for from, end := range t.children(lo, hi, t.level(lo, hi)) {
		n += t.blocksOf(from, end)
	}
	return n
}

func (t *Tree) fillBranch(worker, c int) {
	r := &t.grown[c]
	b := t.builder(worker, r.first, true)
	r.sum = b.fill(rooted, 0, r.lo, r.hi)
	r.root, r.com = b.root, b.com
}

// graft puts the next branch into a lane of a block.
func (b *builder) graft(at, lane int) [3]float64 {
	r := &b.branches[0]
	b.branches = b.branches[1:]
	p, q := b.block(at), &r.root
	p.x[lane], p.y[lane], p.z[lane], p.width[lane] = q.x[0], q.y[0], q.z[0], q.width[0]
	p.lo[lane], p.hi[lane], p.child[lane] = q.lo[0], q.hi[0], q.child[0]
	p.inner |= q.inner << lane
	p.leaf |= q.leaf << lane
	b.t.coms[8*at+lane] = r.com
	return r.sum
}
