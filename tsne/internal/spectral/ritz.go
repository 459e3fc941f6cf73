package spectral

import (
	"math"

	"github.com/libtsne/libtsne/tsne/internal/pca"
)

// matrix is of order both.
type matrix [both][both]float64

// ritz makes the columns of now and before orthonormal and sets now to the
// first Ritz vectors of their span, to to the walk's matrix times them. It
// returns the Ritz values, greatest first, of the width vectors or of as many as
// there are.
func (s *search) ritz() ([]float64, error) {
	if err := s.removeConstants(); err != nil {
		return nil, err
	}
	kept := [both]bool{}
	for range 2 {
		gram, err := s.products2(s.now, s.before)
		if err != nil {
			return nil, err
		}
		var basis matrix
		basis, kept = orthonormal(gram)
		if err := s.combine(&basis, both, [2]block{s.now, s.before}); err != nil {
			return nil, err
		}
	}
	if err := s.product(s.now, s.to); err != nil {
		return nil, err
	}
	if err := s.product(s.before, s.toBefore); err != nil {
		return nil, err
	}
	h, err := s.products2(s.to, s.toBefore)
	if err != nil {
		return nil, err
	}
	var index []int
	for j, k := range kept {
		if k {
			index = append(index, j)
		}
	}
	m := len(index)
	if m == 0 {
		return nil, nil
	}
	small := make([]float64, m*m)
	for a, i := range index {
		for b, j := range index {
			small[a*m+b] = (h[i][j] + h[j][i]) / 2
		}
	}
	values, vectors, err := pca.EigenSym(s.ctx, small, m)
	if err != nil {
		return nil, err
	}
	var turn matrix
	l := min(m, width)
	for c := range l {
		for a, i := range index {
			turn[i][c] = vectors[c*m+a]
		}
	}
	if err := s.combine(&turn, width, [2]block{s.now, s.before}, [2]block{s.to, s.toBefore}); err != nil {
		return nil, err
	}
	return values[:l], nil
}

// removeConstants makes the sums over each part 0.
func (s *search) removeConstants() error {
	parts := len(s.mass)
	means, err := s.sum(parts*both, func(i int, sum []float64) {
		if s.inverse[i] == 0 {
			return
		}
		sum, d := sum[int(s.part[i])*both:][:both], s.degree[i]
		now, before := s.now.row(i), s.before.row(i)
		for j := range now {
			sum[j] = math.FMA(d, now[j], sum[j])
			sum[width+j] = math.FMA(d, before[j], sum[width+j])
		}
	})
	if err != nil {
		return err
	}
	for i := range means {
		means[i] /= s.mass[i/both]
	}
	return s.pool.ForContext(s.ctx, s.a.N, grain, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			if s.inverse[i] == 0 {
				continue
			}
			mean := means[int(s.part[i])*both:][:both]
			now, before := s.now.row(i), s.before.row(i)
			for j := range now {
				now[j] -= mean[j]
				before[j] -= mean[width+j]
			}
		}
	})
}

// products2 gives the products of the columns of now and before with those of a
// and b.
func (s *search) products2(a, b block) (*matrix, error) {
	sums, err := s.sum(both*both, func(i int, sum []float64) {
		d := s.degree[i]
		left, right := join(s.now.row(i), s.before.row(i)), join(a.row(i), b.row(i))
		for r, v := range left {
			v *= d
			to := (*[both]float64)(sum[r*both:])
			for c, w := range right {
				to[c] = math.FMA(v, w, to[c])
			}
		}
	})
	if err != nil {
		return nil, err
	}
	m := new(matrix)
	for r := range m {
		copy(m[r][:], sums[r*both:])
	}
	return m, nil
}

func join(a, b *[width]float64) (v [both]float64) {
	*(*[width]float64)(v[:]) = *a
	*(*[width]float64)(v[width:]) = *b
	return v
}

// combine replaces pairs of blocks by the first columns of their product with
// m: those of the first block or of both.
func (s *search) combine(m *matrix, columns int, pairs ...[2]block) error {
	return s.pool.ForContext(s.ctx, s.a.N, grain, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			for _, p := range pairs {
				first, second := p[0].row(i), p[1].row(i)
				var sum [both]float64
				for r, v := range join(first, second) {
					for c, w := range m[r][:columns] {
						sum[c] = math.FMA(v, w, sum[c])
					}
				}
				*first = *(*[width]float64)(sum[:])
				if columns == both {
					*second = *(*[width]float64)(sum[width:])
				}
			}
		}
	})
}

// orthonormal gives the upper triangular matrix that makes columns with these
// products orthonormal, and tells which are independent of those before; the
// others become 0. It is Cholesky's, of columns scaled to length 1.
func orthonormal(gram *matrix) (inverse matrix, kept [both]bool) {
	var r matrix // gram = rᵀr on what is kept
	for j := range both {
		if !(gram[j][j] > 0) {
			continue
		}
		scale := 1 / math.Sqrt(gram[j][j])
		left := 1.0
		for i := range j {
			if !kept[i] {
				continue
			}
			v := gram[i][j] * scale
			for k := range i {
				v = math.FMA(-r[k][i], r[k][j], v)
			}
			r[i][j] = v / r[i][i]
			left = math.FMA(-r[i][j], r[i][j], left)
		}
		if !(left > dependent) {
			for i := range j {
				r[i][j] = 0
			}
			continue
		}
		kept[j] = true
		r[j][j] = math.Sqrt(left)
		for i := range j {
			r[i][j] /= scale
		}
		r[j][j] /= scale
	}
	for j := range both {
		if !kept[j] {
			continue
		}
		inverse[j][j] = 1 / r[j][j]
		for i := j - 1; i >= 0; i-- {
			if !kept[i] {
				continue
			}
			v := 0.0
			for k := i + 1; k <= j; k++ {
				v = math.FMA(-r[i][k], inverse[k][j], v)
			}
			inverse[i][j] = v / r[i][i]
		}
	}
	return inverse, kept
}
