package pca

import "math"

// removeDone takes the first done vectors out of the others: rounding leaves
// traces of them, which the filter would raise most of all.
func (f *data) removeDone(q []float64, dim, done, l int) error {
	return f.pool.ForContext(f.ctx, l-done, 1, func(_, lo, _ int) {
		v := q[(done+lo)*dim : (done+lo+1)*dim]
		for i := range done {
			axpy(-dot(q[i*dim:(i+1)*dim], v), q[i*dim:(i+1)*dim], v)
		}
	})
}

// orthonormalise makes rows [from, l) orthonormal among themselves and to those
// before, which are so already. A row that is no more than rounding apart from
// the others gives way to a pseudorandom one.
func (f *data) orthonormalise(q []float64, dim, from, l int) error {
	row := func(i int) []float64 { return q[i*dim : (i+1)*dim] }
	if err := f.removeDone(q, dim, from, l); err != nil {
		return err
	}
	for pass := range 2 {
		size := make([]float64, l)
		for i := from; i < l; i++ {
			size[i] = math.Sqrt(dot(row(i), row(i)))
		}
		for j := from; j < l; j++ {
			v := row(j)
			norm := math.Sqrt(dot(v, v))
			for salt := l; !(norm > size[j]*1e-11) && salt <= 16*l; salt += l {
				randomise(v, j+salt)
				for range 2 {
					for i := range j {
						axpy(-dot(row(i), v), row(i), v)
					}
				}
				norm = math.Sqrt(dot(v, v))
				size[j] = 1
			}
			scale(v, 1/norm)
			if err := f.pool.ForContext(f.ctx, l-j-1, 4, func(_, lo, hi int) {
				for i := j + 1 + lo; i < j+1+hi; i++ {
					axpy(-dot(v, row(i)), v, row(i))
				}
			}); err != nil {
				return err
			}
		}
		if pass == 0 {
			if err := f.removeDone(q, dim, from, l); err != nil {
				return err
			}
		}
	}
	return nil
}

func scale(v []float64, s float64) {
	for i := range v {
		v[i] *= s
	}
}

// randomise fills v with numbers in (−1, 1) that depend on the seed alone.
func randomise(v []float64, seed int) {
	state := uint64(seed+1) * 0x9e3779b97f4a7c15
	for i := range v {
		state += 0x9e3779b97f4a7c15
		z := state
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		v[i] = float64(int64(z^z>>31)) * 0x1p-63
	}
}
