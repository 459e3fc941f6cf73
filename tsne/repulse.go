package tsne

import (
	"context"

	"github.com/libtsne/libtsne/tsne/internal/bhtree"
	"github.com/libtsne/libtsne/tsne/internal/direct"
	"github.com/libtsne/libtsne/tsne/internal/fftgrid"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// A repulser evaluates the sum over all pairs: with the kernel
// w = (1 + d_ij^2 / dof)^-dof it sets
// force[i] = sum over j of (y_i - y_j) w / (1 + d_ij^2 / dof) and returns
// Z = sum over i != j of w.
type repulser interface {
	Repulsion(y, force []float32) (z float64)
}

// Below these sizes all pairs are as quick as the grid or the tree, and exact
// (BenchmarkRepulsion).
const (
	exactBelow   = 1500
	exactBelow3D = 2500
)

// otherKernel is how much sooner they are with a kernel other than that of one
// degree of freedom, which costs the pair more.
const otherKernel = 3

// method resolves RepulsionAuto.
func (r Repulsion) method(n, dims int, dof float64) Repulsion {
	if dof != 1 {
		n *= otherKernel
	}
	switch {
	case r != RepulsionAuto:
		return r
	case dims == 3 && n >= exactBelow3D:
		return RepulsionBarnesHut
	case dims < 3 && n >= exactBelow:
		return RepulsionFFT
	}
	return RepulsionExact
}

// newRepulser makes one that may return early, with worthless sums, once ctx
// is done.
func newRepulser(ctx context.Context, pool *par.Pool, o *Options, n int) repulser {
	switch o.Repulsion.method(n, o.Dims, o.DOF) {
	case RepulsionFFT:
		r := &gridRepulser{ctx: ctx, pool: pool, grid: fftgrid.New(pool, o.Dims), dims: o.Dims}
		r.grid.DOF = o.DOF
		if worth := pairsWorth(n, o.DOF); o.Repulsion == RepulsionAuto && o.Dims == 2 && worth < largestGrid(n) {
			r.pairs, r.worth = newDirectRepulser(ctx, pool, o), worth
		}
		return r
	case RepulsionBarnesHut:
		return newTreeRepulser(ctx, pool, o.Dims, o.Theta, o.DOF)
	}
	return newDirectRepulser(ctx, pool, o)
}

// gridRepulser leaves maps whose grid would be larger than largestGrid, or coarser
// than usual, to a tree, which is more exact for points so sparse, and quick. Of few
// points, as they spread, it sums all pairs.
type gridRepulser struct {
	ctx   context.Context
	pool  *par.Pool
	grid  *fftgrid.Grid
	tree  *treeRepulser   // nil until it is needed
	pairs *directRepulser // nil: not to be taken
	worth int             // cells beyond which they are
	dims  int
}

// What a pair of points takes, of the time of a cell of the grid, and a point of its
// own (BenchmarkFewPoints; fixed, as the two differ in bits).
const (
	pairOfCell  = 1.0 / 20
	pointOfCell = 3
)

// pairsWorth is the number of cells of a grid for n points that take as long as all pairs.
func pairsWorth(n int, dof float64) int {
	pair := pairOfCell
	if dof != 1 {
		pair *= otherKernel
	}
	return int(float64(n) * max(float64(n)*pair-pointOfCell, 0))
}

// From this number of points a map beyond the usual grid is dense enough for
// a coarser one.
const denseFrom = 4_000_000

// A cell of the grid costs 8 ns and 13 bytes, a point of the tree 300 to 900 ns (two
// cores), and a point's affinities 1,100 bytes. Maps as t-SNE makes them have up to
// 450,000 cells in all, and from 10,000 points on up to 50 a point, falling with
// their number. One has more if a point flies off, or under an exaggeration below 1,
// and then forces from afar matter, of which the tree has the smaller error.
const (
	cellsOfAny   = 1 << 20
	cellsOfPoint = 32
)

// largestGrid is the number of cells beyond which a map of n points goes to the
// tree. It knows neither the machine nor the time, since the two differ in bits.
func largestGrid(n int) int { return max(cellsOfAny, cellsOfPoint*min(n, denseFrom)) }

// gridSuits says whether the points of y, or the corners of their box, take the
// grid g.
func gridSuits(g *fftgrid.Grid, n int, y []float32) bool {
	return n >= denseFrom || !g.Exceeds(y, largestGrid(n))
}

// sparseTheta keeps the tree's error below the grid's.
const sparseTheta = 0.2

func (r *gridRepulser) Repulsion(y, force []float32) float64 {
	n := len(y) / r.dims
	switch {
	case n >= denseFrom:
		return r.grid.Repulsion(y, force)
	case r.pairs != nil && r.grid.Exceeds(y, r.worth):
		return r.pairs.Repulsion(y, force)
	}
	if z, ok := r.grid.RepulsionWithin(largestGrid(n), y, force); ok {
		return z
	}
	if r.tree == nil {
		r.tree = newTreeRepulser(r.ctx, r.pool, r.dims, sparseTheta, r.grid.DOF)
	}
	return r.tree.Repulsion(y, force)
}

type treeRepulser struct {
	tree  *bhtree.Tree
	theta float64
}

func newTreeRepulser(ctx context.Context, pool *par.Pool, dims int, theta, dof float64) *treeRepulser {
	tree := bhtree.New(pool, dims)
	tree.Ctx, tree.DOF = ctx, dof
	return &treeRepulser{tree: tree, theta: theta}
}

func (r *treeRepulser) Repulsion(y, force []float32) float64 {
	r.tree.Build(y)
	return r.tree.Repulsion(y, force, r.theta)
}

type directRepulser struct {
	pool    *par.Pool
	dims    int
	scratch direct.Scratch
}

func newDirectRepulser(ctx context.Context, pool *par.Pool, o *Options) *directRepulser {
	return &directRepulser{pool: pool, dims: o.Dims, scratch: direct.Scratch{Ctx: ctx, DOF: o.DOF}}
}

func (r *directRepulser) Repulsion(y, force []float32) float64 {
	return direct.Repulsion(r.pool, r.dims, y, force, &r.scratch)
}
