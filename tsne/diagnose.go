package tsne

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/knn"
)

// Diagnosis says, point by point, how far to trust a map. A slice that was not
// asked for is nil.
type Diagnosis struct {
	N, K   int
	Length float64 // of the perturbation, in units of the data

	// Recall is the share of a point's K nearest in the data that are among its K
	// nearest in the map.
	Recall []float32

	// Trustworthiness and Continuity are the terms of Venna & Kaski 2001, whose
	// means over the points are theirs: 1 less what the ranks of intruders (near in
	// the map alone) or of the lost (near in the data alone) are beyond K, as a
	// share of the most they could be.
	Trustworthiness, Continuity []float32

	// Stretch is the mean distance in the map to the K nearest in the data over
	// that in the data, divided by the median of all points'.
	Stretch []float32

	// Perturbation and Singularity are the scores of map discontinuity of Liu, Ma
	// & Zhong 2025: how far a point moves in the map when its row is moved by
	// Length along either way of the first three principal components, the most of
	// them, with all others where they are; and 1 over the least eigenvalue of the
	// divergence's second derivative by the point's position, which is negative
	// where the position is no minimum.
	Perturbation, Singularity []float32

	// Reliability is scDEED's (Xia, Lee & Li 2024): the correlation of the
	// distances in the map to the half of the points nearest in the data with
	// those to the half nearest in the map, each in its order. Dubious says which
	// are under the 5 % quantile of those of data whose columns are permuted.
	Reliability []float32
	Dubious     []bool

	// Spread is the root of the mean squared distance from their mean of a point's
	// positions in this map and in others, each laid onto it.
	Spread []float32
}

// Scores are columns of a Diagnosis.
type Scores uint

const (
	ScoreRecall Scores = 1 << iota
	ScoreTrustworthiness
	ScoreContinuity
	ScoreStretch
	ScorePerturbation
	ScoreSingularity
	ScoreReliability
	ScoreDubious
	ScoreSpread // needs Maps

	allScores = 1<<iota - 1
)

// DiagnoseOptions say what a diagnosis looks at.
type DiagnoseOptions struct {
	K      int         // neighbours; 0: 15, or as many as n allows
	Length float64     // of the perturbation; 0: the median distance of the points to their K-th neighbour
	Maps   [][]float32 // other maps of the same points, each n x Dims, for Spread
	Only   Scores      // the columns that are wanted; 0: all
}

const (
	diagnoseNeighbors = 15
	// rankSample is the number of points among which ranks and orders are counted
	// where there are more: a rank is estimated with an error of n/63 at most, that
	// of a term of Trustworthiness 0.02.
	rankSample = 1000
	// nullSample is the number of rows that are permuted and embedded for the null.
	nullSample   = 5000
	nullQuantile = 0.05
	// rankBatch is the number of points whose distances to the sample are held.
	rankBatch = 2048
)

// Diagnose says of each point how far to trust the map. Ranks and Reliability
// are counted among 1,000 random points where there are more, and the null of
// Dubious is the map of at most 5,000 rows, made as the embedding's options
// say; both are drawn by o.Seed, and with fewer points are what the
// definitions say. Perturbation takes P to be made of the data as the
// embedding's options say, by the bandwidths that the others have. Both scores
// of discontinuity take the divergence as the last iteration exaggerated it,
// without a pull and the density's term.
//
// Of o it reads Neighbors, NeighborsEffort, Repulsion, Theta, Seed, Threads,
// MaxMemory and the hooks. The embedding is not changed. It fails with ErrNoData
// without data, ErrShape (Maps), ErrNotFinite, ErrOption, ErrMemory or
// ErrCancelled.
func (e *Embedding) Diagnose(ctx context.Context, d DiagnoseOptions, o Options) (out *Diagnosis, err error) {
	n, dims, s := e.N(), e.Dims(), e.Settings()
	if d.Only == 0 {
		if d.Only = allScores; len(d.Maps) == 0 {
			d.Only &^= ScoreSpread
		}
	}
	most := (n - 1) / 2 // beyond, the measures have no scale
	zero(&d.K, min(diagnoseNeighbors, most))
	switch {
	case d.K < 1 || d.K > most:
		return nil, badOption("k", d.K, fmt.Sprintf("1 to %d, under half of the points", most))
	case !(d.Length >= 0) || math.IsInf(d.Length, 1):
		return nil, badOption("Length", d.Length, "above 0, or 0 for the median distance to the k-th neighbour")
	}
	if d.Only&ScoreSpread != 0 && len(d.Maps) == 0 {
		return nil, badOption("Maps", "none", "at least one other map, for the spread")
	}
	for i, y := range d.Maps {
		name := fmt.Sprintf("maps[%d]", i)
		if len(y) != n*dims {
			return nil, fail(ErrShape, name, "got %d values, want %d rows x %d columns", len(y), n, dims)
		}
		if _, err := checkMap(name, y, dims); err != nil {
			return nil, err
		}
	}
	jo, err := Options{
		Dims: dims, DOF: s.DOF, Metric: s.Metric, Affinity: s.Affinity, Sigma: s.Sigma, Perplexities: s.Perplexities, K: s.K,
		Repulsion: o.Repulsion, Theta: o.Theta, Neighbors: o.Neighbors, NeighborsEffort: o.NeighborsEffort,
		Seed: o.Seed, Threads: o.Threads, MaxMemory: o.MaxMemory,
		Progress: o.Progress, ProgressEvery: o.ProgressEvery, Log: o.Log,
	}.resolveForData(n)
	if err != nil {
		return nil, err
	}
	x, ok := e.Data()
	if !ok {
		return nil, fail(ErrNoData, "", "diagnose: the embedding has no data to hold its map against; %v gives it some", named("SetData"))
	}
	if err := jo.checkMemory(x, jo.diagnoseMemory(n, x.Cols, d)); err != nil {
		return nil, err
	}
	j := begin(ctx, &jo)
	defer j.end(&err)
	if x, err = j.in(s.Metric.frame(x.Center, nil), x); err != nil {
		return nil, err
	}
	g := &diagnosing{job: j, x: x, y: e.Y(), n: n, dims: dims, k: d.K, e: e, out: &Diagnosis{N: n, K: d.K}}
	return g.out, g.run(d)
}

// diagnoseMemory is what the data's graph, a copy of P and the sample's
// distances take, or the null's fit.
func (o *Options) diagnoseMemory(n, d int, ask DiagnoseOptions) uint64 {
	k := ask.K
	need := uint64(0)
	if ask.Only&(ScorePerturbation|ScoreSingularity) != 0 {
		k = max(k, o.neighborCount(n))
		need = 2*graphBytes(n, k) + o.repulsionMemory(n)
	}
	need += o.neighborsMemory(n, d, k) + graphBytes(n, ask.K) + uint64(n)*uint64(40+8*o.Dims)
	null := o.memory(min(n, nullSample), d).Peak
	return max(need, need/2+null) + 16*rankSample*rankBatch
}

// diagnosing is a diagnosis under way.
type diagnosing struct {
	*job
	x       Matrix // from where the search looks at it
	y       []float32
	n, dims int
	k       int
	e       *Embedding
	out     *Diagnosis

	near, nearY *Neighbors // k nearest in data and map
}

func (g *diagnosing) run(d DiagnoseOptions) (err error) {
	const ranked = ScoreTrustworthiness | ScoreContinuity | ScoreReliability | ScoreDubious
	const graph = ScoreRecall | ScoreTrustworthiness | ScoreContinuity | ScoreStretch | ScorePerturbation
	only, out, k := d.Only, g.out, d.K
	var all *Neighbors
	if only&graph != 0 {
		if only&ScorePerturbation != 0 {
			k = max(k, g.o.neighborCount(g.n))
		}
		if all, err = g.neighbors(g.x, k); err != nil {
			return err
		}
		g.near = all.first(d.K)
		y, err := knn.Exact(g.ctx, g.pool, g.y, g.n, g.dims, d.K, nil)
		if err != nil {
			return err
		}
		g.nearY = &Neighbors{N: y.N, K: y.K, Index: y.Index, Dist2: y.Dist2, Exponents: y.Exponents()}
	}
	if only&ScoreRecall != 0 {
		out.Recall = make([]float32, g.n)
		g.pool.For(g.n, 1024, func(_, lo, hi int) {
			for i := lo; i < hi; i++ {
				out.Recall[i] = float32(sharedNeighbors(g.near.Index[i*d.K:][:d.K], g.nearY.Index[i*d.K:][:d.K], d.K))
			}
		})
	}
	if only&ScoreStretch != 0 {
		out.Stretch = g.stretch()
	}
	if only&ranked != 0 {
		if err := g.ranked(only); err != nil {
			return err
		}
	}
	if only&ScoreDubious != 0 {
		limit, err := g.null()
		if err != nil {
			return err
		}
		out.Dubious = make([]bool, g.n)
		for i, v := range out.Reliability {
			out.Dubious[i] = float64(v) < limit
		}
		if only&ScoreReliability == 0 {
			out.Reliability = nil
		}
	}
	if only&ScoreSpread != 0 {
		out.Spread = g.spread(d.Maps)
	}
	if only&(ScoreSingularity|ScorePerturbation) != 0 {
		l := newLOO(g)
		if only&ScoreSingularity != 0 {
			if out.Singularity, err = l.singularity(); err != nil {
				return err
			}
		}
		if only&ScorePerturbation != 0 {
			if out.Length = d.Length; out.Length == 0 {
				out.Length = medianOf(g.kth(g.near))
			}
			if out.Perturbation, err = l.perturbation(all, out.Length); err != nil {
				return err
			}
		}
	}
	return nil
}

// distance is that of entry e of row i, as Distances has it.
func (nb *Neighbors) distance(i, e int) float32 {
	return float32(math.Sqrt(float64(nb.Dist2[i*nb.K+e])) * math.Ldexp(1, -nb.exponent(i)))
}

// kth are the distances to the last of each row's neighbours.
func (g *diagnosing) kth(nb *Neighbors) []float32 {
	out := make([]float32, nb.N)
	for i := range out {
		out[i] = nb.distance(i, nb.K-1)
	}
	return out
}

func medianOf(v []float32) float64 {
	s := slices.Clone(v)
	slices.Sort(s)
	return (float64(s[(len(s)-1)/2]) + float64(s[len(s)/2])) / 2
}

// stretch compares the distances to the nearest in the data. A point on top of
// all of these has none, NaN.
func (g *diagnosing) stretch() []float32 {
	out := make([]float32, g.n)
	g.pool.For(g.n, 256, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			inX, inY := 0.0, 0.0
			for e, to := range g.near.Index[i*g.k:][:g.k] {
				inX += float64(g.near.distance(i, e))
				inY += distanceIn(g.y, g.dims, i, int(to))
			}
			out[i] = float32(inY / inX)
		}
	})
	known := slices.DeleteFunc(slices.Clone(out), func(v float32) bool { return v-v != 0 })
	if len(known) == 0 {
		return out
	}
	middle := medianOf(known)
	for i, v := range out {
		if out[i] = float32(float64(v) / middle); out[i]-out[i] != 0 {
			out[i] = float32(nan)
		}
	}
	return out
}

// distanceIn is that of two points of a map.
func distanceIn(y []float32, dims, i, j int) float64 {
	sum := 0.0
	for c := range dims {
		d := float64(y[i*dims+c]) - float64(y[j*dims+c])
		sum += float64(d * d)
	}
	return math.Sqrt(sum)
}

// pairDistance gives the distance of two rows, normalized, in the units of
// Distances.
func (g *diagnosing) pairDistance() func(a, b []float64) float64 {
	by := g.o.Metric.definition()
	order := by.Order()
	return func(a, b []float64) float64 {
		d := order(a, b)
		if !by.Euclidean() {
			return d
		}
		if by.Squares != nil {
			one := [1]float32{float32(d)}
			by.Squares(one[:])
			d = float64(one[0])
		}
		return math.Sqrt(d)
	}
}

// sampled is a sample of the points, and how to find the distances to it.
type sampled struct {
	rows []int32
	at   []int32 // place in the sample of each point, -1 for none
	inX  *rowSearch
	inY  *knn.Reference
	job  *job
	dims int
}

func (g *diagnosing) sample() (*sampled, error) {
	s := &sampled{rows: drawRows(g.n, rankSample, g.o.Seed), at: make([]int32, g.n), dims: g.dims}
	for i := range s.at {
		s.at[i] = -1
	}
	x := g.x
	x.Data, x.Rows = make([]float32, 0, len(s.rows)*x.Cols), len(s.rows)
	y := make([]float32, 0, len(s.rows)*g.dims)
	for l, i := range s.rows {
		s.at[i] = int32(l)
		x.Data = append(x.Data, g.x.Data[int(i)*x.Cols:][:x.Cols]...)
		y = append(y, g.y[int(i)*g.dims:][:g.dims]...)
	}
	exact := *g.o
	exact.Neighbors = NeighborsExact
	s.job = g.quiet()
	s.job.o = &exact
	exact.Progress = nil
	var err error
	if s.inX, err = s.job.newRowSearch("X", x, g.o.Metric, nil); err != nil {
		return nil, err
	}
	s.inY, err = knn.NewReference(y, len(s.rows), g.dims, knn.ReferenceOptions{})
	return s, err
}

// ordered is a point's sample, nearest first.
type ordered struct {
	index []int32   // places in the sample
	dist  []float32 // distances
	of    []float32 // by place
}

func (o *ordered) load(nb *Neighbors, i int) {
	o.index = nb.Index[i*nb.K:][:nb.K]
	if o.dist == nil {
		o.dist, o.of = make([]float32, nb.K), make([]float32, nb.K)
	}
	unit := math.Ldexp(1, -nb.exponent(i))
	for e, d2 := range nb.Dist2[i*nb.K:][:nb.K] {
		o.dist[e] = float32(math.Sqrt(float64(d2)) * unit)
		o.of[o.index[e]] = o.dist[e]
	}
}

// rank estimates how many of n points are as near as one at distance d, itself
// included; own is 1 where the point that looks is in the sample.
func (o *ordered) rank(d float32, own, n int) float64 {
	closer, _ := slices.BinarySearch(o.dist, d)
	if closer > 0 {
		closer -= own
	}
	return 1 + float64(closer)*(float64(n-1)/float64(len(o.dist)-own))
}

// ranked does what takes a point's order of the others.
func (g *diagnosing) ranked(only Scores) error {
	s, err := g.sample()
	if err != nil {
		return err
	}
	out, n, dims := g.out, g.n, g.dims
	column := func(want Scores) []float32 {
		if only&want == 0 {
			return nil
		}
		return make([]float32, n)
	}
	out.Trustworthiness, out.Continuity = column(ScoreTrustworthiness), column(ScoreContinuity)
	out.Reliability = column(ScoreReliability | ScoreDubious)
	rows, err := g.searchRows("X", g.x, g.o.Metric)
	if err != nil {
		return err
	}
	distance := g.pairDistance()
	scale := 2 / (float64(g.k) * float64(2*n-3*g.k-1))
	type scratch struct {
		x, y    ordered
		a, b    []float64
		from, w []float64
	}
	work := make([]*scratch, g.pool.Workers())
	for first := 0; first < n; first += rankBatch {
		last := min(n, first+rankBatch)
		some := g.x
		some.Data, some.Rows = g.x.Data[first*g.x.Cols:last*g.x.Cols], last-first
		nbX, err := s.inX.nearest(s.job, some, len(s.rows), nil)
		if err != nil {
			return err
		}
		q, err := s.inY.Query(g.ctx, g.pool, g.y[first*dims:last*dims], last-first, len(s.rows), nil)
		if err != nil {
			return err
		}
		nbY := &Neighbors{N: q.N, K: q.K, Index: q.Index, Dist2: q.Dist2, Exponents: q.Exponents()}
		err = g.pool.ForContext(g.ctx, last-first, 16, func(worker, lo, hi int) {
			w := work[worker]
			if w == nil {
				w = &scratch{from: make([]float64, rows.Cols), w: make([]float64, rows.Cols)}
				work[worker] = w
			}
			for l := lo; l < hi; l++ {
				i := first + l
				w.x.load(nbX, l)
				w.y.load(nbY, l)
				own := 0
				if s.at[i] >= 0 {
					own = 1
				}
				if out.Reliability != nil {
					w.a, w.b = reliable(w.a[:0], w.b[:0], &w.x, &w.y, s.at[i])
					out.Reliability[i] = float32(correlation(w.a, w.b))
				}
				if g.near == nil {
					continue
				}
				near, nearY := g.near.Index[i*g.k:][:g.k], g.nearY.Index[i*g.k:][:g.k]
				if out.Trustworthiness != nil {
					widen(w.from, rows.Data[i*rows.Cols:])
					out.Trustworthiness[i] = float32(1 - float64(scale*excess(nearY, near, g.k, func(to int32) float64 {
						if at := s.at[to]; at >= 0 {
							return w.x.rank(w.x.of[at], own, n)
						}
						widen(w.w, rows.Data[int(to)*rows.Cols:])
						return w.x.rank(float32(distance(w.from, w.w)), own, n)
					})))
				}
				if out.Continuity != nil {
					out.Continuity[i] = float32(1 - float64(scale*excess(near, nearY, g.k, func(to int32) float64 {
						if at := s.at[to]; at >= 0 {
							return w.y.rank(w.y.of[at], own, n)
						}
						return w.y.rank(float32(distanceIn(g.y, dims, i, int(to))), own, n)
					})))
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// excess is how far in all the ranks of those of a that are not in b are beyond k.
func excess(a, b []int32, k int, rank func(int32) float64) float64 {
	sum := 0.0
	for _, to := range a {
		if !slices.Contains(b, to) {
			sum += max(rank(to), float64(k+1)) - float64(k)
		}
	}
	return sum
}

// reliable lists the distances in the map to the half of the sample nearest in the
// data, and to the half nearest in the map, each in its order, but for the point
// itself.
func reliable(a, b []float64, x, y *ordered, own int32) (_, _ []float64) {
	half := len(x.index) / 2
	if own < 0 {
		half = (len(x.index) + 1) / 2
	}
	for _, to := range x.index {
		if to != own && len(a) < half {
			a = append(a, float64(y.of[to]))
		}
	}
	for e, to := range y.index {
		if to != own && len(b) < half {
			b = append(b, float64(y.dist[e]))
		}
	}
	return a, b
}

// correlation is Pearson's; NaN where either does not vary.
func correlation(a, b []float64) float64 {
	var meanA, meanB, aa, bb, ab float64
	for i := range a {
		meanA += a[i]
		meanB += b[i]
	}
	meanA /= float64(len(a))
	meanB /= float64(len(b))
	for i := range a {
		da, db := a[i]-meanA, b[i]-meanB
		aa += float64(da * da)
		bb += float64(db * db)
		ab += float64(da * db)
	}
	return ab / math.Sqrt(aa) / math.Sqrt(bb)
}

// null is the quantile of the reliability of points of data whose columns are
// permuted, and so have nothing to do with each other, on a map made as this one.
func (g *diagnosing) null() (float64, error) {
	rows := drawRows(g.n, nullSample, g.o.Seed)
	x := g.x
	d := x.Cols
	x.Data, x.Rows = make([]float32, len(rows)*d), len(rows)
	r := rand.New(rand.NewPCG(g.o.Seed, 0x6e756c6c))
	for c := range d {
		order := slices.Clone(rows)
		r.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
		for i, from := range order {
			x.Data[i*d+c] = g.x.Data[int(from)*d+c]
		}
	}
	x = comparable64(x, g.o.Metric)
	if x.Rows < minRows {
		return nan, nil
	}
	s := g.e.Settings()
	o := Options{
		Dims: g.dims, DOF: s.DOF, Metric: s.Metric, Affinity: s.Affinity, Sigma: s.Sigma, Perplexities: s.Perplexities,
		Exaggeration: g.e.exaggerated(), Seed: g.o.Seed, Threads: g.o.Threads, MaxMemory: g.o.MaxMemory,
	}
	if s.K > 0 {
		o.K = min(s.K, x.Rows-1)
	}
	e, err := Fit(g.ctx, x, o)
	if err != nil {
		return 0, err
	}
	of := &diagnosing{job: g.job, x: x, y: e.Y(), n: x.Rows, dims: g.dims, k: g.k, e: e, out: &Diagnosis{}}
	if err := of.ranked(ScoreReliability); err != nil {
		return 0, err
	}
	scores := slices.DeleteFunc(of.out.Reliability, func(v float32) bool { return v != v })
	slices.Sort(scores)
	return quantileOf(scores, nullQuantile), nil
}

// quantileOf sorted values is R's of type 7; NaN of none.
func quantileOf(v []float32, q float64) float64 {
	if len(v) == 0 {
		return nan
	}
	at := q * float64(len(v)-1)
	lo := int(at)
	hi := min(lo+1, len(v)-1)
	return float64(v[lo]) + float64((at-float64(lo))*(float64(v[hi])-float64(v[lo])))
}

// comparable64 leaves out the rows that the metric cannot compare.
func comparable64(x Matrix, m Metric) Matrix {
	normalize := m.definition().Normalize
	if normalize == nil {
		return x
	}
	out := x
	out.Data, out.Rows = nil, 0
	row := make([]float64, x.Cols)
	for i := range x.Rows {
		if widen(row, x.Data[i*x.Cols:]); normalize(row) {
			out.Data = append(out.Data, x.Data[i*x.Cols:][:x.Cols]...)
			out.Rows++
		}
	}
	return out
}

// exaggerated is what the last iteration multiplied the attraction by.
func (e *Embedding) exaggerated() float64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.exaggeration > 0 {
		return e.exaggeration
	}
	return 1
}

// spread lays the maps onto this one.
func (g *diagnosing) spread(maps [][]float32) []float32 {
	laid := make([]*Superposition, len(maps))
	g.pool.For(len(maps), 1, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			laid[i] = superpose(g.y, maps[i], g.dims, ProcrustesOptions{Scale: true})
		}
	})
	out := make([]float32, g.n)
	g.pool.For(g.n, 256, func(_, lo, hi int) {
		at := make([][3]float64, len(maps)+1)
		for i := lo; i < hi; i++ {
			var mean [3]float64
			for c := range g.dims {
				at[0][c] = float64(g.y[i*g.dims+c])
			}
			for k, s := range laid {
				at[k+1] = move(s, maps[k][i*g.dims:][:g.dims])
			}
			for _, p := range at {
				for c := range g.dims {
					mean[c] += p[c] / float64(len(at))
				}
			}
			sum := 0.0
			for _, p := range at {
				for c := range g.dims {
					d := p[c] - mean[c]
					sum += float64(d * d)
				}
			}
			out[i] = float32(math.Sqrt(sum / float64(len(at))))
		}
	})
	return out
}
