package spectral

import (
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
	"github.com/libtsne/libtsne/tsne/internal/pca"
	"github.com/libtsne/libtsne/tsne/internal/sparse"
)

const (
	width = 8
	// both is the number of columns of the two last terms of the filter.
	both = 2 * width
	// tolerance bounds the error of a vector, relative to its length.
	tolerance = 1e-6
	// maxProducts ends a search among eigenvalues too close to part. What it has
	// got by then serves as a start all the same.
	maxProducts = 1200
	maxDegree   = 100
	// maxGrowth bounds the filter over its columns, which stay apart so.
	maxGrowth = 1e6
)

// block is n rows of width columns.
type block []float64

func (b block) row(i int) *[width]float64 { return (*[width]float64)(b[i*width:]) }

// search finds leading eigenvectors of the walk in the space that is orthogonal
// to the constants on the parts, products being weighted with the row sums.
//
// It iterates a block of vectors: the Chebyshev polynomial of the walk's matrix
// that damps all up to the least of the block's Ritz values, then Ritz's values
// and vectors in the span of the polynomial and the one of a degree less (Zhou,
// Saad, Tiago & Chelikowsky 2006; the span of two is LOBPCG's idea, and saves a
// quarter of the products).
type search struct {
	*walk
	now, before  block // the block, and the filter's term before it
	to, toBefore block // the walk's matrix times them
	sums         []float64
	products     int
}

func newSearch(w *walk) *search {
	n := w.a.N
	s := &search{walk: w, sums: make([]float64, par.Chunks(n, grain)*max(both*both, len(w.mass)*both))}
	for _, b := range []*block{&s.now, &s.before, &s.to, &s.toBefore} {
		*b = make(block, n*width)
	}
	return s
}

// leading gives k eigenvalues, greatest first, and leaves their vectors in the
// first columns of s.now. What the space is too small for is 0.
func (s *search) leading(k int) ([]float64, error) {
	if err := s.pool.ForContext(s.ctx, s.a.N, grain, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			if s.inverse[i] == 0 {
				continue
			}
			now, before := s.now.row(i), s.before.row(i)
			for j := range now {
				now[j], before[j] = pca.Uniform(i*both+j), pca.Uniform(i*both+width+j)
			}
		}
	}); err != nil {
		return nil, err
	}
	for {
		values, err := s.ritz()
		if err != nil {
			return nil, err
		}
		short, err := s.shortfall(values, k)
		if err != nil {
			return nil, err
		}
		if short <= 1 || s.products >= maxProducts {
			return append(values, make([]float64, k)...)[:k], nil
		}
		if err := s.filter(values[len(values)-1], values[min(k, len(values))-1], short); err != nil {
			return nil, err
		}
	}
}

// multiply sets to's rows to f(walk's matrix times from, from, to).
func (s *search) multiply(from, to block, f func(product, from, to *[width]float64)) error {
	s.products++
	return s.pool.ForContext(s.ctx, s.a.N, rows, func(_, lo, hi int) {
		var sum [width]float64
		for i := lo; i < hi; i++ {
			e, end := s.a.Ptr[i], s.a.Ptr[i+1]
			sparse.Gather8(s.a.Col[e:end], s.a.Val[e:end], from, &sum)
			inverse := s.inverse[i]
			for j := range sum {
				sum[j] *= inverse
			}
			f(&sum, from.row(i), to.row(i))
		}
	})
}

func (s *search) product(from, to block) error {
	return s.multiply(from, to, func(product, _, to *[width]float64) { *to = *product })
}

// filter applies Chebyshev's polynomial on [-1, cut] to s.now, of which s.to is
// the product. Its degree is what raises a vector of the eigenvalue wanted by
// so much over the rest, within bounds.
func (s *search) filter(cut, wanted, much float64) error {
	half := max((cut+1)/2, 1e-6)
	mid := half - 1
	degree := 1
	grow, most := chebyshev{1, (wanted - mid) / half}, chebyshev{1, (1 - mid) / half}
	step, greatest := grow[1], most[1]
	for degree < maxDegree && grow[1] < 2*much && most[1] < maxGrowth {
		grow, most = grow.next(step), most.next(greatest)
		degree++
	}
	if err := s.pool.ForContext(s.ctx, len(s.now), width*grain, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			s.to[i] = math.FMA(-mid, s.now[i], s.to[i]) / half
		}
	}); err != nil {
		return err
	}
	s.before, s.now, s.to = s.now, s.to, s.before
	for range degree - 1 {
		if err := s.multiply(s.now, s.before, func(product, now, before *[width]float64) {
			for j, v := range product {
				before[j] = float64(math.FMA(-mid, now[j], v)*(2/half)) - before[j]
			}
		}); err != nil {
			return err
		}
		s.before, s.now = s.now, s.before
	}
	return nil
}

// chebyshev is the last two polynomials at a point.
type chebyshev [2]float64

func (c chebyshev) next(at float64) chebyshev {
	return chebyshev{c[1], float64(2*at*c[1]) - c[0]}
}

// shortfall is by how much the first k vectors miss the tolerance. The error of
// a vector is its residual over the distance to what lies outside of the block,
// and, within the block, the residual's square over that distance and the one to
// the next value.
func (s *search) shortfall(values []float64, k int) (float64, error) {
	m := len(values)
	k = min(k, m)
	if k == 0 {
		return 0, nil
	}
	norms, err := s.sum(k, func(i int, sum []float64) {
		now, to := s.now.row(i), s.to.row(i)
		for j := range sum {
			e := math.FMA(-values[j], now[j], to[j])
			sum[j] = math.FMA(s.degree[i]*e, e, sum[j])
		}
	})
	if err != nil {
		return 0, err
	}
	const rounding = 1e-13
	short := 0.0
	for j := range k {
		outside := max(values[j]-values[m-1], rounding)
		within := math.Inf(1)
		for i, v := range values {
			if i != j {
				within = min(within, math.Abs(values[j]-v))
			}
		}
		enough := tolerance * min(1, outside, math.Sqrt(max(within, rounding)*outside/tolerance))
		short = max(short, math.Sqrt(norms[j])/max(enough, rounding))
	}
	return short, nil
}

// sum adds up what add makes of each point, in the order of the points.
func (s *search) sum(size int, add func(i int, sum []float64)) ([]float64, error) {
	if err := s.pool.ForContext(s.ctx, s.a.N, grain, func(_, lo, hi int) {
		sum := s.sums[lo/grain*size:][:size]
		clear(sum)
		for i := lo; i < hi; i++ {
			add(i, sum)
		}
	}); err != nil {
		return nil, err
	}
	total := make([]float64, size)
	for i, v := range s.sums[:par.Chunks(s.a.N, grain)*size] {
		total[i%size] += v
	}
	return total, nil
}
