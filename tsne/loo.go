package tsne

import (
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/par"
	"github.com/libtsne/libtsne/tsne/internal/pca"
	"github.com/libtsne/libtsne/tsne/internal/vec"
)

// loo is the divergence of a map as a function of the position of one point, the
// others staying where they are: the leave-one-out loss of Liu, Ma & Zhong 2025,
//
//	L(y) = -2 x sum_j p_ij log w(y - y_j) + log(Z' + 2 phi(y)),
//
// where x is the exaggeration, phi the sum of w over the other points and Z' that
// over their pairs. p_ij is of the augmented data, so half of p_j|i + p_i|j over n.
type loo struct {
	*diagnosing
	alpha float64
	times float64 // the exaggeration
	p     *Affinities
	sums  []float64 // phi at each point, itself left out
	field *field    // nil: sums over all points in double precision
	z     float64
}

// exactSecond is the number of points up to which second derivatives are summed
// over all pairs, in about a second.
const exactSecond = 10_000

func newLOO(g *diagnosing) *loo {
	l := &loo{diagnosing: g, alpha: g.o.DOF, times: g.e.exaggerated(), p: g.e.Affinities()}
	m := &frozenMap{n: g.n, dims: g.dims, dof: g.o.DOF, y: g.y}
	l.field = m.field(g.job)
	return l
}

// kernel is w and w/(1 + d2/dof) at a squared distance.
func (l *loo) kernel(d2 float64) (w, force float64) {
	if l.alpha == 1 {
		w = 1 / (1 + d2)
		return w, float64(w * w)
	}
	u := 1 + d2/l.alpha
	w = vec.Exp(-l.alpha * vec.Log(u))
	return w, w / u
}

// point is a place in the map, and what pairs with it sum to.
type point = [3]float64

func (l *loo) at(i int) (p point) {
	for c := range l.dims {
		p[c] = float64(l.y[i*l.dims+c])
	}
	return p
}

// symmetric is the lower triangle of a matrix, unused axes 0.
type symmetric = [3][3]float64

// addSecond adds a I + b v v'.
func addSecond(m *symmetric, dims int, a, b float64, v *point) {
	for r := range dims {
		m[r][r] += a
		for c := range dims {
			m[r][c] += float64(float64(b*v[r]) * v[c])
		}
	}
}

// least is the least eigenvalue of m: of m + c I, which has none below 0, that is
// the least length of the columns once they are orthogonal (Hestenes 1958).
func least(m symmetric, dims int) float64 {
	c := 0.0
	for r := range dims {
		for s := range dims {
			c += math.Abs(m[r][s])
		}
	}
	if c == 0 {
		return 0
	}
	for r := range dims {
		m[r][r] += c
	}
	var v symmetric
	for range 60 {
		turned := false
		for p := range dims {
			for q := p + 1; q < dims; q++ {
				turned = orthogonalize(&m[p], &m[q], &v[p], &v[q]) || turned
			}
		}
		if !turned {
			break
		}
	}
	low := math.Inf(1)
	for r := range dims {
		low = min(low, math.Sqrt(dot(m[r], m[r])))
	}
	return low - c
}

// singularity is 1 over the least eigenvalue of the second derivative of the
// divergence by each point's position.
func (l *loo) singularity() ([]float32, error) {
	n, dims := l.n, l.dims
	force, second := make([]point, n), make([]symmetric, n) // of phi: sum of v w/u, and its derivative
	sums := l.summed
	if n > exactSecond {
		sums = l.differences
	}
	if err := sums(force, second); err != nil {
		return nil, err
	}
	if err := l.total(); err != nil {
		return nil, err
	}
	out := make([]float32, n)
	err := l.pool.ForContext(l.ctx, n, 256, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			var h symmetric
			here := l.at(i)
			for e := l.p.Ptr[i]; e < l.p.Ptr[i+1]; e++ {
				v, d2 := l.to(&here, int(l.p.Col[e]))
				u := 1 + d2/l.alpha
				a := 4 * l.times * float64(l.p.Val[e]) / u
				addSecond(&h, dims, a, -2*a/(l.alpha*u), &v)
			}
			for r := range dims {
				for c := range dims {
					h[r][c] -= float64(4 * second[i][r][c] / l.z)
				}
			}
			addSecond(&h, dims, 0, -16/l.z/l.z, &force[i])
			out[i] = float32(1 / least(h, dims))
		}
	})
	return out, err
}

// to is the way from point j, and its square.
func (l *loo) to(here *point, j int) (v point, d2 float64) {
	for c := range l.dims {
		v[c] = here[c] - float64(l.y[j*l.dims+c])
		d2 += float64(v[c] * v[c])
	}
	return v, d2
}

// summed goes over all pairs.
func (l *loo) summed(force []point, second []symmetric) error {
	n, dims := l.n, l.dims
	return l.pool.ForContext(l.ctx, n, 8, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			here := l.at(i)
			for j := range n {
				if j == i {
					continue
				}
				v, d2 := l.to(&here, j)
				_, f := l.kernel(d2)
				for c := range dims {
					force[i][c] += float64(v[c] * f)
				}
				addSecond(&second[i], dims, f, -2*(1+1/l.alpha)*f/(1+d2/l.alpha), &v)
			}
		}
	})
}

// differences takes the field's force at steps on either side along each axis;
// the error of the step's fourth power is below the field's.
func (l *loo) differences(force []point, second []symmetric) error {
	const step = 0.125
	n, dims := l.n, l.dims
	readers := make([]*fieldReader, l.pool.Workers())
	return l.pool.ForContext(l.ctx, n, 64, func(worker, lo, hi int) {
		if readers[worker] == nil {
			readers[worker] = l.field.reader()
		}
		m := hi - lo
		y, f, phi := make([]float32, m*dims), make([]float32, m*dims), make([]float32, m)
		copy(y, l.y[lo*dims:hi*dims])
		readers[worker].at(l.ctx, y, f, phi)
		for i := range m {
			for c := range dims {
				force[lo+i][c] = float64(f[i*dims+c])
			}
		}
		for axis := range dims {
			for _, s := range [4]struct{ by, weight float64 }{{-2, 1}, {-1, -8}, {1, 8}, {2, -1}} {
				by := s.by * step
				copy(y, l.y[lo*dims:hi*dims])
				for i := range m {
					y[i*dims+axis] += float32(by)
				}
				readers[worker].at(l.ctx, y, f, phi)
				for i := range m {
					moved := float64(y[i*dims+axis]) - float64(l.y[(lo+i)*dims+axis])
					_, own := l.kernel(float64(moved * moved))
					for c := range dims {
						v := float64(f[i*dims+c])
						if c == axis {
							v -= float64(moved * own)
						}
						second[lo+i][axis][c] += float64(s.weight * v / (12 * step))
					}
				}
			}
		}
		for i := lo; i < hi; i++ {
			for r := range dims {
				for c := range r {
					mean := (second[i][r][c] + second[i][c][r]) / 2
					second[i][r][c], second[i][c][r] = mean, mean
				}
			}
		}
	})
}

// total sums w over the pairs.
func (l *loo) total() error {
	if l.sums != nil {
		return nil
	}
	const grain = 256
	phi, parts := make([]float64, l.n), make([]float64, par.Chunks(l.n, grain))
	readers := make([]*fieldReader, l.pool.Workers())
	err := l.pool.ForContext(l.ctx, l.n, grain, func(worker, lo, hi int) {
		if readers[worker] == nil {
			readers[worker] = l.field.reader()
		}
		f, p := make([]float32, (hi-lo)*l.dims), make([]float32, hi-lo)
		readers[worker].at(l.ctx, l.y[lo*l.dims:hi*l.dims], f, p)
		for i, v := range p {
			phi[lo+i] = max(float64(v)-1, 0)
			parts[lo/grain] += phi[lo+i]
		}
	})
	l.sums, l.z = phi, total(parts)
	return err
}

// directions are the first three principal axes, as rows.
func (l *loo) directions() ([][]float64, error) {
	k := min(3, l.x.Cols, l.n-1)
	m, err := pca.Fit(l.ctx, l.pool, l.x.Data, l.n, l.x.Cols, k)
	if err != nil {
		return nil, err
	}
	var out [][]float64
	for c := range k {
		out = append(out, m.Components[c*l.x.Cols:][:l.x.Cols])
	}
	return out, nil
}

// perturbation moves each row by length along both ways of each direction, and
// finds where the least loss takes the point: from where it is, and from where
// the two are that draw it most.
func (l *loo) perturbation(nb *Neighbors, length float64) ([]float32, error) {
	if err := l.total(); err != nil {
		return nil, err
	}
	axes, err := l.directions()
	if err != nil {
		return nil, err
	}
	search, err := l.newRowSearch("X", l.x, l.o.Metric, nil)
	if err != nil {
		return nil, err
	}
	rows, err := l.searchRows("X", l.x, l.o.Metric)
	if err != nil {
		return nil, err
	}
	given := &given{nb: nb, p: make([]float32, len(nb.Dist2))}
	if err := l.kind(nb).Conditional(l.ctx, l.pool, nb.N, nb.K, nb.Dist2, given.p, nil); err != nil {
		return nil, err
	}
	out := make([]float32, l.n)
	quiet := l.quiet()
	d, ways := l.x.Cols, 2*len(axes)
	work := make([]*mover, l.pool.Workers())
	const batch = 2048
	k := min(nb.K+1, l.n)
	for first := 0; first < l.n; first += batch {
		last := min(l.n, first+batch)
		q := Matrix{Data: make([]float32, (last-first)*ways*d), Rows: (last - first) * ways, Cols: d, Center: l.x.Center}
		for i := first; i < last; i++ {
			for w := range ways {
				to := q.Data[((i-first)*ways+w)*d:][:d]
				by := length
				if w%2 == 1 {
					by = -length
				}
				for c, v := range l.x.Data[i*d:][:d] {
					to[c] = float32(float64(v) + float64(by*axes[w/2][c]))
				}
			}
		}
		if len(comparable64(q, l.o.Metric).Data) < len(q.Data) {
			return nil, fail(ErrOption, "Length", "got %g, want another: a row moved by it has no direction, which the metric needs", length)
		}
		found, err := search.nearest(quiet, q, k, nil)
		if err != nil {
			return nil, err
		}
		near := without(found, func(row int) int32 { return int32(first + row/ways) }, min(nb.K, l.n-1))
		p := make([]float32, len(near.Dist2))
		if err := l.kind(near).Conditional(l.ctx, l.pool, near.N, near.K, near.Dist2, p, nil); err != nil {
			return nil, err
		}
		moved, err := l.searchRows("X", q, l.o.Metric)
		if err != nil {
			return nil, err
		}
		err = l.pool.ForContext(l.ctx, last-first, 4, func(worker, lo, hi int) {
			m := work[worker]
			if m == nil {
				m = &mover{loo: l, field: l.field.reader(), seen: make([]int32, l.n), distance: l.pairDistance(), a: make([]float64, d), b: make([]float64, d)}
				work[worker] = m
			}
			for i := lo; i < hi && l.ctx.Err() == nil; i++ {
				most := 0.0
				for w := range ways {
					row := i*ways + w
					m.load(first+i, near, p, row, given, rows, moved.Data[row*d:][:d])
					most = max(most, m.away())
				}
				out[first+i] = float32(most)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return out, l.ctx.Err()
}

// without is the k nearest of each row's but itself.
func without(nb *Neighbors, self func(row int) int32, k int) *Neighbors {
	out := &Neighbors{N: nb.N, K: k, Index: make([]int32, 0, nb.N*k), Dist2: make([]float32, 0, nb.N*k), Exponents: nb.Exponents}
	for i := range nb.N {
		kept := 0
		for e, to := range nb.Index[i*nb.K:][:nb.K] {
			if to != self(i) && kept < k {
				out.Index, out.Dist2 = append(out.Index, to), append(out.Dist2, nb.Dist2[i*nb.K+e])
				kept++
			}
		}
	}
	return out
}

// given are the p_i|j that rows have given to their neighbours.
type given struct {
	nb *Neighbors
	p  []float32
}

// to is what row j gives to a row at squared distance d2 that takes the place of
// row i, by its bandwidth: a Gaussian's is a line in the logarithm, of which the
// neighbours have points.
func (g *given) to(j, i int32, d2 float64) float64 {
	k := g.nb.K
	unit := math.Ldexp(1, 2*g.nb.exponent(int(j)))
	dist, p := g.nb.Dist2[int(j)*k:][:k], g.p[int(j)*k:][:k]
	d := float32(d2 * unit)
	if d > dist[k-1] {
		return 0
	}
	hi, _ := slices.BinarySearch(dist, d)
	lo := max(hi-1, 0)
	for hi < k-1 && dist[hi] <= dist[lo] {
		hi++
	}
	v := float64(p[lo])
	if dist[hi] > dist[lo] && p[hi] > 0 && p[lo] > 0 {
		slope := (vec.Log(float64(p[hi])) - vec.Log(v)) / (float64(dist[hi]) - float64(dist[lo]))
		v = vec.Exp(vec.Log(v) + float64(slope*(float64(d)-float64(dist[lo]))))
	} else if float64(d) > float64(dist[lo]) {
		v = float64(p[hi])
	}
	gone := float64(p[k-1]) // the last gives way to a row that was not among them
	if at := slices.Index(g.nb.Index[int(j)*k:][:k], i); at >= 0 {
		gone = float64(p[at])
	}
	return v / (1 - gone + v)
}

// mover moves one point at a time.
type mover struct {
	*loo
	field    *fieldReader
	distance func(a, b []float64) float64
	a, b     []float64
	seen     []int32 // by point: 1 more than the last row that it was near
	row      int32

	i      int
	here   point
	col    []int32
	pull   []float32 // 2 n x p_ij, exaggerated
	starts [2]int32
	rest   float64 // Z'

	// The point and those that draw it, as the kernels of the attraction want them.
	y            []float32
	ptr          [2]int64
	enter        []int32
	force, repel [3]float32
	phi          [1]float32
}

// load takes the point and a moved row of it: who draws it, and how much.
func (m *mover) load(i int, near *Neighbors, p []float32, row int, g *given, rows Matrix, moved []float32) {
	m.i, m.here = i, m.at(i)
	m.rest = m.z - 2*m.sums[i]
	m.col, m.pull = m.col[:0], m.pull[:0]
	m.row++
	add := func(j int32, v float64) {
		if v *= m.times; m.o.Affinity == AffinityUniformMax {
			v = m.times * 2 * float64(m.n) / float64(len(m.p.Val))
		}
		m.col, m.pull = append(m.col, j), append(m.pull, float32(v))
	}
	for e, j := range near.Index[row*near.K:][:near.K] {
		d := float64(near.distance(row, e))
		m.seen[j] = m.row
		add(j, float64(p[row*near.K+e])+g.to(j, int32(i), float64(d*d)))
	}
	// Whoever had the row among its neighbours may still have it.
	widen(m.a, moved)
	for _, j := range m.p.Col[m.p.Ptr[i]:m.p.Ptr[i+1]] {
		if m.seen[j] == m.row {
			continue
		}
		widen(m.b, rows.Data[int(j)*rows.Cols:])
		d := m.distance(m.a, m.b)
		if v := g.to(j, int32(i), float64(d*d)); v > 0 {
			add(j, v)
		}
	}
	m.y = append(m.y[:0], m.force[:m.dims]...)
	for e, j := range m.col {
		m.y = append(m.y, m.loo.y[int(j)*m.dims:][:m.dims]...)
		if e == len(m.enter) {
			m.enter = append(m.enter, int32(e+1))
		}
	}
	m.ptr[1] = int64(len(m.col))
	m.starts = [2]int32{-1, -1}
	first, second := float32(-1), float32(-1)
	for e, v := range m.pull {
		switch {
		case v > first:
			first, second = v, first
			m.starts = [2]int32{m.col[e], m.starts[0]}
		case v > second:
			second = v
			m.starts[1] = m.col[e]
		}
	}
}

// loss is n times L at y, which it rounds to float32, but for a constant, and its
// gradient.
func (m *mover) loss(y *point) (loss float64, grad point) {
	dims := m.dims
	at := m.y[:dims]
	for c := range dims {
		at[c] = float32(y[c])
		y[c] = float64(at[c])
	}
	col := m.enter[:len(m.col)]
	if m.alpha == 1 {
		vec.Attract(dims, m.force[:dims], m.y, m.ptr[:], col, m.pull, 0, 1)
		loss = vec.SumPLog(dims, m.y, m.ptr[:], col, m.pull, 0, 1)
	} else {
		vec.AttractDOF(dims, m.alpha, m.force[:dims], m.y, m.ptr[:], col, m.pull, 0, 1)
		loss = vec.SumPLogDOF(dims, m.alpha, m.y, m.ptr[:], col, m.pull, 0, 1)
	}
	for c := range dims {
		grad[c] = 2 * float64(m.force[c])
	}
	m.field.at(m.ctx, at, m.repel[:dims], m.phi[:])
	v, d2 := m.to(y, m.i)
	w, f := m.kernel(d2)
	rest := max(float64(m.phi[0])-w, 0)
	n := float64(m.n)
	loss += float64(n * vec.Log(1+2*rest/m.rest))
	for c := range dims {
		grad[c] -= 4 * n * (float64(m.repel[c]) - float64(v[c]*f)) / (m.rest + 2*rest)
	}
	return loss, grad
}

// away is how far from its place the best of the minima lies that the starts
// lead to.
func (m *mover) away() float64 {
	best, at := m.descend(m.here)
	for _, s := range m.starts {
		if s < 0 {
			continue
		}
		if loss, y := m.descend(m.at(int(s))); loss < best {
			best, at = loss, y
		}
	}
	sum := 0.0
	for c := range m.dims {
		d := at[c] - m.here[c]
		sum += float64(d * d)
	}
	return math.Sqrt(sum)
}

// descend goes down to a minimum by BFGS.
func (m *mover) descend(y point) (float64, point) {
	const steps, halvings = 60, 20
	const short, flat = 1e-3, 1e-5 // in the map's units, and of the loss
	dims := m.dims
	loss, grad := m.loss(&y)
	var inv symmetric
	fresh := true
	for range steps {
		if fresh {
			inv = symmetric{{1}, {0, 1}, {0, 0, 1}}
		}
		var to point
		slope := 0.0
		for r := range dims {
			for c := range dims {
				to[r] -= float64(inv[r][c] * grad[c])
			}
			slope += float64(to[r] * grad[r])
		}
		if !(slope < 0) {
			if fresh {
				break
			}
			fresh = true
			continue
		}
		size, rate := math.Sqrt(dot(to, to)), 1.0
		if most := 2.0; size > most {
			rate = most / size
		}
		var next point
		var lower float64
		var slopeThere point
		found := false
		for range halvings {
			for c := range dims {
				next[c] = y[c] + float64(rate*to[c])
			}
			lower, slopeThere = m.loss(&next)
			if lower <= loss+float64(1e-4*rate*slope) {
				found = true
				break
			}
			rate /= 2
		}
		if !found {
			if fresh {
				break
			}
			fresh = true
			continue
		}
		var s, t point
		st := 0.0
		for c := range dims {
			s[c], t[c] = next[c]-y[c], slopeThere[c]-grad[c]
			st += float64(s[c] * t[c])
		}
		fell := loss - lower
		y, loss, grad = next, lower, slopeThere
		if float64(rate*size) < short || fell < flat {
			break
		}
		if fresh = !(st > 1e-12); fresh {
			continue
		}
		if update := quasiNewton(&inv, &s, &t, st, dims); !update {
			fresh = true
		}
	}
	return loss, y
}

// quasiNewton updates the inverse of the second derivative by a step s along
// which the gradient changed by t, st being their product.
func quasiNewton(inv *symmetric, s, t *point, st float64, dims int) bool {
	var it point
	tit := 0.0
	for r := range dims {
		for c := range dims {
			it[r] += float64(inv[r][c] * t[c])
		}
	}
	for c := range dims {
		tit += float64(t[c] * it[c])
	}
	k := (1 + tit/st) / st
	for r := range dims {
		for c := range dims {
			inv[r][c] += float64(k*float64(s[r]*s[c])) - float64((float64(it[r]*s[c])+float64(s[r]*it[c]))/st)
		}
	}
	return k-k == 0
}
