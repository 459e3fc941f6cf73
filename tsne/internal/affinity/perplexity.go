package affinity

import (
	"context"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
	"github.com/libtsne/libtsne/tsne/internal/vec"
)

// Kind is a way from the distances of a row to its p_j|i, which sum to 1. A
// neighbour at infinite distance has p = 0; where all are, all are alike.
type Kind struct {
	fill func(r *row, i int) // nil: all alike, whatever the distances
}

// Perplexity gives each row the Gaussian whose bandwidth makes the entropy of
// p_j|i the perplexity's logarithm; p_j|i is the mean over the perplexities.
// There must be one, and all must be positive. One that the distances cannot
// reach gives the nearest that they can: all neighbours alike, or all those at
// the smallest distance alike.
func Perplexity(perplexities []float64) Kind {
	return Kind{func(r *row, _ int) {
		for _, u := range perplexities {
			r.add(u)
		}
	}}
}

// Mixture is Perplexity with p_j|i proportional to the mean of the normal
// densities at j, one for each perplexity, rather than the mean of what each
// gives when scaled to 1.
func Mixture(perplexities []float64) Kind {
	return Kind{func(r *row, _ int) { r.addMixture(perplexities) }}
}

// FixedSigma gives row i the Gaussian of bandwidth sigma(i), in the unit of its
// distances.
func FixedSigma(sigma func(i int) float64) Kind {
	return Kind{func(r *row, i int) {
		s := sigma(i)
		r.addAt(min(1/(2*s*s), r.limit()))
	}}
}

// Uniform gives all neighbours of a row the same.
func Uniform() Kind { return Kind{} }

// Conditional writes p_j|i to p, n x k like dist2 or dist2 itself, whose row i
// holds squared distances, not NaN, in any order. n counts the rows, whatever they are
// neighbours of.
//
// progress, if not nil, is called on the calling goroutine with the share of
// rows done. A cancelled ctx is the only error.
func (kind Kind) Conditional(ctx context.Context, pool *par.Pool, n, k int, dist2 []float32, p []float32, progress func(float64)) error {
	if kind.fill == nil {
		share := float32(1 / float64(k))
		for e := range p {
			p[e] = share
		}
		return ctx.Err()
	}
	return rows(ctx, pool, n, k, dist2, progress, kind.fill, p)
}

// Joint returns the symmetric affinities (P + P^T) / 2n, whose sum is 1, of a
// graph of k neighbours of each of n points: row i of index holds those of point
// i, without i itself, and row i of dist2 their squared distances. It works in
// both arrays, which mean nothing afterwards. See Conditional for the rest.
func (kind Kind) Joint(ctx context.Context, pool *par.Pool, n, k int, index []int32, dist2 []float32, progress func(float64)) (*CSR, error) {
	if err := kind.Conditional(ctx, pool, n, k, dist2, dist2, progress); err != nil {
		return nil, err
	}
	return Joint(ctx, pool, n, k, index, dist2)
}

// Bytes is an upper bound of the memory that Joint takes beside the graph and
// the result, on up to 16 workers.
func Bytes(n, k int) int64 {
	edges := int64(n) * int64(k+1)
	const others, sets = 4 + 4 + 8, 16. / 8 // a point
	counts := int64(4 * partsFor(n, 16))
	return 8*edges/int64(ranges(int(edges))) + int64(n)*(counts+others+sets) + 1<<20
}

// Beside is about the most bytes that the graph and the affinities of n points take together while these are made of it.
func Beside(n, k int, graph, p uint64) uint64 {
	edges := n * k
	if !gives || edges < consumeFrom {
		return graph + p
	}
	// Of the first part x of the rows P is there, and of the graph a part x^2 is not; and a range is made before it goes.
	most := float64(p)
	if p < 2*graph {
		most = float64(graph) + most*most/4/float64(graph)
	}
	return uint64(most + float64(p)/float64(ranges(edges)))
}

// rows runs fill on each row of dist2 and writes the mean of what it added to p.
func rows(ctx context.Context, pool *par.Pool, n, k int, dist2 []float32, progress func(float64), fill func(r *row, i int), p []float32) error {
	const grain = 64
	scratch := make([]*row, pool.Workers())
	share := par.NewShare(n, progress)
	return share.End(pool.ForContext(ctx, n, grain, func(w, lo, hi int) {
		r := scratch[w]
		if r == nil {
			r = newRow(k)
			scratch[w] = r
		}
		for i := lo; i < hi; i++ {
			r.load(dist2[i*k:][:k])
			fill(r, i)
			r.store(p[i*k:][:k])
		}
		share.Add(w, hi-lo)
	}))
}

// row is one row of distances, relative to the nearest, and the probabilities
// that come of them.
type row struct {
	base   float64   // the nearest
	d      []float64 // the finite ones
	at     []int32   // their places in the row; nil for all
	w      []float64
	p      []float64
	scales int
	ties   int // how many are
	// Smallest and largest d that is not zero.
	near, far float64
	sum       float64 // of all d
	places    []int32
	// Of the scales of a mixture.
	betas, logs, sums []float64
}

func newRow(k int) *row {
	b := make([]float64, 3*k)
	return &row{d: b[:k], w: b[k : 2*k], p: b[2*k:], places: make([]int32, k)}
}

// load takes the squared distances of a row.
func (r *row) load(dist2 []float32) {
	k := len(dist2)
	inf := float32(math.Inf(1))
	nearest, farthest := inf, float32(0)
	for _, d := range dist2 {
		nearest, farthest = min(nearest, d), max(farthest, d)
	}
	r.d, r.p = r.d[:k], r.p[:k]
	r.at, r.scales = nil, 0
	clear(r.p)
	base := float64(nearest)
	r.base = base
	switch {
	case nearest == inf: // all alike
		clear(r.d)
	case farthest < inf:
		for j, d := range dist2 {
			r.d[j] = float64(d) - base
		}
	default:
		r.d, r.at = r.d[:0], r.places[:0]
		for j, d := range dist2 {
			if d < inf {
				r.d = append(r.d, float64(d)-base)
				r.at = append(r.at, int32(j))
			}
		}
	}
	r.ties, r.near, r.far, r.sum = 0, math.Inf(1), 0, 0
	for _, d := range r.d {
		r.sum += d
		if d == 0 {
			r.ties++
			continue
		}
		r.near, r.far = min(r.near, d), max(r.far, d)
	}
}

// add adds the probabilities at the beta at which their entropy is the
// logarithm of the perplexity, as one more scale.
func (r *row) add(perplexity float64) {
	_, sum := r.fit(perplexity)
	r.mix(sum)
}

// addMixture adds what is proportional to the sum of sqrt(beta) exp(-beta d²)
// over the betas of the perplexities, as one scale.
func (r *row) addMixture(perplexities []float64) {
	r.betas, r.logs, r.sums = r.betas[:0], r.logs[:0], r.sums[:0]
	most := math.Inf(-1)
	for _, u := range perplexities {
		beta, sum := r.fit(u)
		if beta == 0 {
			continue
		}
		l := vec.Log(beta)/2 - float64(beta*r.base)
		most = max(most, l)
		r.betas, r.logs, r.sums = append(r.betas, beta), append(r.logs, l), append(r.sums, sum)
	}
	if len(r.betas) == 0 {
		r.addAt(0)
		return
	}
	total := 0.0
	for s, l := range r.logs {
		r.logs[s] = vec.Exp(l - most)
		total += float64(r.logs[s] * r.sums[s])
	}
	for s, beta := range r.betas {
		r.gauss(beta)
		r.mix(total / r.logs[s])
	}
	r.scales = 1
}

// fit leaves the weights at the beta of a perplexity in r.w and gives beta and
// their sum.
func (r *row) fit(perplexity float64) (beta, sum float64) {
	n := float64(len(r.d))
	limit := r.limit()
	switch {
	case limit == 0 || perplexity >= n:
		return 0, r.gauss(0)
	case perplexity <= float64(r.ties):
		return limit, r.gauss(limit)
	}
	entropy := vec.Log(perplexity)
	// Newton's method on the logarithm of beta, kept within a bracket. The
	// entropy falls from log n to log ties over it.
	lo, hi := vec.Log(1e-17/r.far), vec.Log(limit)
	x := max(lo, min(hi, r.start(n/perplexity)))
	w := r.w[:len(r.d)]
	for range 200 {
		beta = vec.Exp(x)
		s0, s1, s2 := vec.Gauss(w, r.d, beta)
		sum = s0
		mean := s1 / s0
		excess := vec.Log(s0) + float64(beta*mean) - entropy
		if excess > 0 {
			lo = x
		} else {
			hi = x
		}
		step := excess / (beta * beta * (s2/s0 - float64(mean*mean)))
		// The step is the error of x, give or take its square.
		if math.Abs(excess) <= 1e-13 || math.Abs(step) <= 1e-12 {
			break
		}
		next := x + step
		if !(next > lo && next < hi) { // also where the slope is 0
			next = lo + (hi-lo)/2
			if next == lo || next == hi {
				break
			}
		}
		x = next
	}
	return beta, sum
}

// limit is a beta at which all but the nearest vanish; 0 if there are no others.
func (r *row) limit() float64 {
	if r.far == 0 {
		return 0
	}
	return 750 / r.near
}

// start guesses the logarithm of beta from the ratio of neighbours to
// perplexity: it is near e*ratio/far for many distances spread evenly from 0
// to far, and goes to 0 with the square root of ratio-1.
func (r *row) start(ratio float64) float64 {
	return vec.Log(math.E * ratio * math.Sqrt(1-1/(ratio*ratio)) * float64(len(r.d)) / (2 * r.sum))
}

// addAt adds the probabilities at beta as one more scale.
func (r *row) addAt(beta float64) { r.mix(r.gauss(beta)) }

// gauss leaves the weights at beta in r.w and gives their sum.
func (r *row) gauss(beta float64) float64 {
	s0, _, _ := vec.Gauss(r.w[:len(r.d)], r.d, beta)
	return s0
}

// mix adds the weights in r.w, of the given sum, as one more scale.
func (r *row) mix(sum float64) {
	inv := 1 / sum
	r.scales++
	if r.at == nil {
		for j, v := range r.w[:len(r.p)] {
			r.p[j] = math.FMA(v, inv, r.p[j])
		}
		return
	}
	for j, at := range r.at {
		r.p[at] = math.FMA(r.w[j], inv, r.p[at])
	}
}

// store writes the mean of the scales.
func (r *row) store(p []float32) {
	inv := 1 / float64(r.scales)
	for j, v := range r.p {
		p[j] = float32(v * inv)
	}
}
