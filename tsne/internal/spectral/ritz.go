package spectral

import (
	"math"

	"github.com/libtsne/libtsne/tsne/internal/pca"
)

// ritz makes the columns of now and before orthonormal and sets now to the
// first Ritz vectors of their span, to to the walk's matrix times them. It
// returns the Ritz values, greatest first, of the width vectors or of as many as
// there are.
func (s *search) ritz() ([]float64, error) {
	if err := s.removeConstants(); err != nil {
		return nil, err
	}
	var kept []bool
	for range 2 {
		gram, err := s.gram(s.now, s.before)
		if err != nil {
			return nil, err
		}
		var basis []float64
		_, basis, kept = pca.Orthonormal(gram, both)
		if err := s.combine(basis, both, [2]block{s.now, s.before}); err != nil {
			return nil, err
		}
	}
	if err := s.product(s.now, s.to); err != nil {
		return nil, err
	}
	if err := s.product(s.before, s.toBefore); err != nil {
		return nil, err
	}
	h, err := s.gram(s.to, s.toBefore)
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
			small[a*m+b] = (h[i*both+j] + h[j*both+i]) / 2
		}
	}
	values, vectors, err := pca.EigenSym(s.ctx, small, m)
	if err != nil {
		return nil, err
	}
	turn := make([]float64, both*both)
	l := min(m, width)
	for c := range l {
		for a, i := range index {
			turn[i*both+c] = vectors[c*m+a]
		}
	}
	if err := s.combine(turn, width, [2]block{s.now, s.before}, [2]block{s.to, s.toBefore}); err != nil {
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

// gram gives the products of the columns of now and before with those of a
// and b.
func (s *search) gram(a, b block) ([]float64, error) {
	return s.sum(both*both, func(i int, sum []float64) {
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
}

func join(a, b *[width]float64) (v [both]float64) {
	*(*[width]float64)(v[:]) = *a
	*(*[width]float64)(v[width:]) = *b
	return v
}

// combine replaces pairs of blocks by the first columns of their product with
// m: those of the first block or of both.
func (s *search) combine(m []float64, columns int, pairs ...[2]block) error {
	return s.pool.ForContext(s.ctx, s.a.N, grain, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			for _, p := range pairs {
				first, second := p[0].row(i), p[1].row(i)
				var sum [both]float64
				for r, v := range join(first, second) {
					for c, w := range m[r*both:][:columns] {
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
