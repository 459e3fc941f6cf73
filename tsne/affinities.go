package tsne

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/affinity"
	"github.com/libtsne/libtsne/tsne/internal/vec"
)

// Affinities is the matrix P of similarities in CSR form: symmetric, with
// values that sum to 1. Nothing in this package modifies one.
type Affinities struct {
	N   int
	Ptr []int64   // N + 1
	Col []int32   // Ptr[N], ascending within a row
	Val []float32 // Ptr[N]

	radius []float32   // log of the local radii of the rows (density.go); nil: not made of neighbours
	levels *[2]float32 // of a packed matrix (affinity.CSR), which a fit alone has, as it has
	short  []uint16    // the values of a short one
	form   vec.Short
}

func wrap(c *affinity.CSR) *Affinities {
	return &Affinities{N: c.N, Ptr: c.Ptr, Col: c.Col, Val: c.Val, levels: c.Levels, short: c.Short, form: c.Form}
}

func (p *Affinities) csr() *affinity.CSR {
	return &affinity.CSR{N: p.N, Ptr: p.Ptr, Col: p.Col, Val: p.Val, Levels: p.levels, Short: p.short, Form: p.form}
}

// NewAffinities turns a neighbour graph into affinities P = (P + P') / 2n of
// conditional ones p_j|i that o.Affinity names:
//
//   - AffinityPerplexity: for each row the Gaussian whose perplexity is the one
//     asked for (van der Maaten & Hinton 2008, eq. 1); the mean of several for
//     several perplexities (the paper, eq. 5);
//   - AffinityMultiscale: proportional to the mean of the normal densities of
//     several perplexities;
//   - AffinityUniform: the same for each neighbour;
//   - AffinityFixedSigma: the Gaussian of bandwidth Sigma.
//
// AffinityUniformMax instead gives the same to each pair of which either is a
// neighbour of the other.
//
// Of o it also reads the perplexities, Threads and the hooks, and K: above 0
// only the first K neighbours count. A perplexity above a third of them is a
// little off, since its Gaussian is cut.
func NewAffinities(ctx context.Context, nb *Neighbors, o Options) (p *Affinities, err error) {
	o, err = o.resolveForData(nb.N)
	if err != nil {
		return nil, err
	}
	switch want := o.neighborCount(nb.N); {
	case nb.K < want && o.K > 0:
		return nil, badOption("K", o.K, fmt.Sprintf("1 to %d, the neighbours there are", nb.K))
	case nb.K < want && o.Affinity.byPerplexity():
		o.warn("Perplexity", "%d neighbours are fewer than the %d it needs", nb.K, want)
	case o.K > 0:
		nb = nb.first(o.K)
	}
	if err := checkIndex(nb.Index, nb.N, nb.K); err != nil {
		return nil, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	return j.affinities(nb, false, true)
}

// Conditional gives the p_j|i, each row of which sums to 1, of m rows of k
// distances, 0 or more and in any order, to the neighbours of points that need
// not be among them: as NewAffinities' before they are made symmetric, with both
// uniform kinds 1/k. A perplexity above k is lowered to k, at which all are
// alike, with a warning. m may be 0. Of o it reads Affinity, the perplexities,
// Sigma, Threads, MaxMemory and the hooks.
func Conditional(ctx context.Context, dist []float32, m, k int, o Options) (p []float32, err error) {
	switch {
	case m < 0 || int64(m) > math.MaxInt32:
		return nil, fail(ErrShape, "distances", "got %d rows, want 0 to 2^31 - 1", m)
	case k < 1 || int64(k) > math.MaxInt32:
		return nil, fail(ErrShape, "distances", "got %d columns, want 1 to 2^31 - 1", k)
	case m > math.MaxInt/4/k || len(dist) != m*k:
		return nil, fail(ErrShape, "distances", "got %d values, want %d rows x %d columns", len(dist), m, k)
	}
	if o, err = o.withoutStart().resolve(m); err != nil {
		return nil, err
	}
	err = o.lowerPerplexities(float64(k), o.Affinity.byPerplexity(), func(name string, p float64) {
		o.warn(name, "%g is too large for %d neighbours, using %d", p, k, k)
	})
	if err != nil {
		return nil, err
	}
	if err := o.checkMemory(Matrix{Rows: m, Cols: k}, graphBytes(m, k)); err != nil {
		return nil, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "distances", dist, k); err != nil {
		return nil, err
	}
	switch at, err := firstOf(j.ctx, j.pool, dist, firstNegative); {
	case err != nil:
		return nil, err
	case at >= 0:
		return nil, fail(ErrGraph, "distances", "row %v, column %v is %v, want 0 or more", atRow(at/k), atColumn(at%k), value(dist[at]))
	}
	nb := &Neighbors{N: m, K: k, Dist2: slices.Clone(dist)}
	if err := j.square(nb); err != nil {
		return nil, err
	}
	p = make([]float32, m*k)
	if err := j.kind(nb).Conditional(j.ctx, j.pool, m, k, nb.Dist2, p, j.stage(StageAffinities)); err != nil {
		return nil, err
	}
	return p, nil
}

// kind is what makes p_j|i of the rows of nb, as j's options ask.
func (j *job) kind(nb *Neighbors) affinity.Kind {
	switch j.o.Affinity {
	case AffinityMultiscale:
		return affinity.Mixture(j.o.Perplexities)
	case AffinityUniform, AffinityUniformMax:
		return affinity.Uniform()
	case AffinityFixedSigma:
		return affinity.FixedSigma(func(i int) float64 { return math.Ldexp(j.o.Sigma, nb.exponent(i)) })
	}
	return affinity.Perplexity(j.o.Perplexities)
}

// byPerplexity says whether perplexities shape the affinities.
func (a AffinityKind) byPerplexity() bool {
	return a == AffinityPerplexity || a == AffinityMultiscale
}

// affinities uses the arrays of nb up if they are its own. With radii they can
// do density preservation.
func (j *job) affinities(nb *Neighbors, own, radii bool) (*Affinities, error) {
	work := nb
	if !own || radii {
		work = &Neighbors{N: nb.N, K: nb.K, Index: slices.Clone(nb.Index), Dist2: slices.Clone(nb.Dist2), Exponents: nb.Exponents}
	}
	c, err := j.joint(work)
	if err != nil {
		return nil, err
	}
	p := wrap(c)
	if radii {
		p.radius, err = j.radii(p, nb)
	}
	return p, err
}

// joint uses the arrays of nb up.
func (j *job) joint(nb *Neighbors) (*affinity.CSR, error) {
	c, err := j.kind(nb).Joint(j.ctx, j.pool, nb.N, nb.K, nb.Index, nb.Dist2, j.stage(StageAffinities))
	if err == nil {
		j.level(c)
	}
	return c, err
}

// level makes all values alike where the kind of affinities says so.
func (j *job) level(c *affinity.CSR) {
	if j.o.Affinity != AffinityUniformMax {
		return
	}
	share := float32(1 / float64(c.NNZ()))
	if c.Levels != nil {
		c.Levels = &[2]float32{share, share}
	}
	for e := range c.Val {
		c.Val[e] = share
	}
}

// AffinitiesOf is FindNeighbors, K or as many as the perplexity needs, and
// NewAffinities.
func AffinitiesOf(ctx context.Context, x Matrix, o Options) (p *Affinities, err error) {
	if err := x.checkShape(); err != nil {
		return nil, err
	}
	o, err = o.resolveForData(x.Rows)
	if err != nil {
		return nil, err
	}
	dense := o
	dense.DensityLambda = 1 // whoever fits a map to them may ask for it
	m := dense.memory(x.Rows, x.Cols)
	if err := o.checkMemory(x, max(m.Neighbors, m.Affinities)); err != nil {
		return nil, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "X", x.Data, x.Cols); err != nil {
		return nil, err
	}
	return j.affinitiesOf(x, true)
}

// AffinitiesOfEach is AffinitiesOf for each of several lists of perplexities, over
// one search, for the largest: where that is exact it has the bits of as many
// calls. Memory is held against what a fit of each takes too, one after the other,
// while all that this makes is there. Options are those of AffinitiesOf, but for the
// perplexities.
func AffinitiesOfEach(ctx context.Context, x Matrix, perplexities [][]float64, o Options) (made []*Affinities, err error) {
	if err := x.checkShape(); err != nil {
		return nil, err
	}
	if len(perplexities) == 0 {
		return nil, badOption("Perplexities", "none", "1 or more")
	}
	each := make([]Options, len(perplexities))
	widest := 0
	for i, list := range perplexities {
		if len(list) == 0 {
			return nil, badOption("Perplexities", "an empty list", "1 or more above 0")
		}
		each[i] = o
		each[i].Perplexities = list
		if each[i], err = each[i].resolveForData(x.Rows); err != nil {
			return nil, err
		}
		if each[i].neighborCount(x.Rows) > each[widest].neighborCount(x.Rows) {
			widest = i
		}
	}
	if err := each[widest].checkMemory(x, memoryOfEach(each, widest, x)); err != nil {
		return nil, err
	}
	o = each[widest]
	j := begin(ctx, &o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "X", x.Data, x.Cols); err != nil {
		return nil, err
	}
	nb, err := j.neighbors(x, o.neighborCount(x.Rows))
	if err != nil {
		return nil, err
	}
	for i := range each {
		j.o.Perplexities = each[i].Perplexities
		some := nb.first(j.o.neighborCount(x.Rows))
		collect(x.Rows, nb.K)
		p, err := j.affinities(some, true, true)
		if err != nil {
			return nil, err
		}
		made = append(made, p)
	}
	collect(x.Rows, nb.K)
	return made, nil
}

// memoryOfEach is what AffinitiesOfEach and the fits after it take at most.
func memoryOfEach(each []Options, widest int, x Matrix) uint64 {
	n := x.Rows
	kept, most := uint64(0), uint64(0)
	for i := range each {
		o := each[i]
		columns, _ := o.entriesBytes(n)
		p := 2*columns + 8*uint64(n)
		m := o.memoryWith(n, x.Cols, p, columns/4)
		if m.Peak == math.MaxUint64 {
			return m.Peak
		}
		dense := o
		dense.DensityLambda = 1 // whoever fits a map to them may ask for it
		search := dense.memory(n, x.Cols).Affinities - p
		if i == widest {
			search = max(search, m.Neighbors)
		} else {
			search += graphBytes(n, each[widest].neighborCount(n))
		}
		most = max(most, search, max(m.Init, m.Optimize)-p)
		kept += p
	}
	return (kept + most) / 16 * 17
}

func (j *job) affinitiesOf(x Matrix, radii bool) (*Affinities, error) {
	nb, err := j.neighbors(x, j.o.neighborCount(x.Rows))
	if err != nil {
		return nil, err
	}
	return j.affinitiesOfGraph(nb, radii)
}

// compact says whether nothing is asked of P but its sums over the edges.
func (o *Options) compact() bool {
	return o.DensityLambda == 0 && o.Pull == 0 && !o.Init.definition().affinities
}

// packed says whether a fit to data has P without values, at half the room.
func (o *Options) packed() bool {
	return o.compact() && (o.Affinity == AffinityUniform || o.Affinity == AffinityUniformMax)
}

// compactOfGraph uses the arrays of nb up; uniform affinities the distances first.
func (j *job) compactOfGraph(nb *Neighbors) (*Affinities, error) {
	n, k := nb.N, nb.K
	packed := j.o.packed()
	if packed {
		nb.Dist2 = nil
	}
	collect(n, k)
	if !packed {
		if err := j.kind(nb).Conditional(j.ctx, j.pool, n, k, nb.Dist2, nb.Dist2, j.stage(StageAffinities)); err != nil {
			return nil, err
		}
	}
	c, err := affinity.JointShort(j.ctx, j.pool, n, k, nb.Index, nb.Dist2)
	if err != nil {
		return nil, err
	}
	j.level(c)
	nb.Index, nb.Dist2 = nil, nil
	collect(n, k)
	return wrap(c), nil
}

// affinitiesOfGraph uses the arrays of nb up.
func (j *job) affinitiesOfGraph(nb *Neighbors, radii bool) (*Affinities, error) {
	n, k := nb.N, nb.K
	collect(n, k)
	p, err := j.affinities(nb, true, radii)
	collect(n, k)
	return p, err
}

// symmetryTolerance is how far p_ij may be from p_ji in affinities that a
// caller brings, relative to the larger: rounding, no more.
const symmetryTolerance = 1e-4

// badMatrix is a fault of affinities.
func badMatrix(err error) error {
	var f *affinity.Fault
	if !errors.As(err, &f) {
		return fail(ErrGraph, "affinities", "%v", err)
	}
	kind := ErrGraph
	if !f.Finite {
		kind = ErrNotFinite
	}
	switch {
	case f.Row < 0:
		return fail(kind, "affinities", "%s", f.Problem)
	case f.Column < 0:
		return fail(kind, "affinities", "row %v %s", atRow(f.Row), f.Problem)
	}
	return fail(kind, "affinities", "row %v, column %v %s", atRow(f.Row), atColumn(f.Column), f.Problem)
}

// AffinitiesFromCSR takes affinities from elsewhere: a symmetric matrix of
// values of at least 0, columns ascending within a row, diagonal empty. It is
// copied and scaled to sum to 1.
func AffinitiesFromCSR(ptr []int64, col []int32, val []float32) (*Affinities, error) {
	n := len(ptr) - 1
	if n < minRows {
		return nil, fail(ErrShape, "affinities", "got %d rows, want at least %d", n, minRows)
	}
	p := &Affinities{N: n, Ptr: ptr, Col: col, Val: val}
	if err := p.csr().Check(); err != nil {
		return nil, badMatrix(err)
	}
	if err := checkJoint(p.csr(), nil); err != nil {
		return nil, err
	}
	sum := 0.0
	for _, v := range val {
		sum += float64(v)
	}
	if !(sum > 0) {
		return nil, fail(ErrGraph, "affinities", "all values are 0")
	}
	q := &Affinities{N: n, Ptr: append([]int64(nil), ptr...), Col: append([]int32(nil), col...), Val: make([]float32, len(val))}
	for e, v := range val {
		q.Val[e] = float32(float64(v) / sum)
	}
	return q, nil
}
