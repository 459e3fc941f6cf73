package pca

import (
	"context"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

const (
	maxDegree = 12  // of the Chebyshev filter
	maxGrowth = 1e8 // of the filter over the iterated vectors: half the digits
)

// Search says how far Leading goes.
type Search struct {
	Tolerance float64 // of a residual, relative to its eigenvalue
	Rounds    int     // at most
	Degree    int     // of the filter, the products of a round, at most
}

// Width is the number of columns of a block that Leading multiplies at once.
const Width = width

// Leading returns the k greatest eigenvalues of a positive semi-definite matrix
// of order dim, and their eigenvectors, orthonormal, one a row. apply sets out
// to the matrix times q; both are dim×Width, row by row. A search that ends
// before its tolerance gives what it has: Ritz's values and vectors.
func Leading(ctx context.Context, pool *par.Pool, dim, k int, s Search, apply func(q, out []float64) error) (values, rows []float64, err error) {
	f := &data{ctx: ctx, pool: pool}
	return f.subspace(dim, k, blockSize(k, dim), s, func(q, out *panels) error {
		for j := range q.count() {
			if err := apply(q.panel(j)[:dim*width], out.panel(j)[:dim*width]); err != nil {
				return err
			}
		}
		return nil
	})
}

// LeadingBytes is about the most memory that Leading takes.
func LeadingBytes(dim, k int) int64 {
	return 8 * 5 * int64(padded(blockSize(k, dim))) * int64(padded(dim))
}

// subspace returns the k greatest eigenvalues of a positive semi-definite
// matrix of order dim, known by apply, with their eigenvectors, one a row.
//
// It iterates a block of l vectors: Rayleigh and Ritz's values in the block,
// then a Chebyshev polynomial of the matrix that damps what lies below the
// least of them. It stops when every residual is below the tolerance, or
// after so many rounds. Vectors that have got there are left alone.
func (f *data) subspace(dim, k, l int, s Search, apply func(q, out *panels) error) (values, rows []float64, err error) {
	q := make([]float64, l*dim) // the block, one vector a row
	y := make([]float64, l*dim) // the matrix times it
	spare := make([]float64, l*dim)
	in, out := newPanels(dim, l), newPanels(dim, l)
	product := func(v, into []float64) error {
		if err := f.pool.RunContext(f.ctx, l, func(_, c int) {
			in.loadColumn(c, v[c*dim:(c+1)*dim])
		}); err != nil {
			return err
		}
		if err := apply(in, out); err != nil {
			return err
		}
		return f.pool.RunContext(f.ctx, l, func(_, c int) {
			out.column(c, into[c*dim:(c+1)*dim])
		})
	}
	for i := range l {
		randomise(q[i*dim:(i+1)*dim], i)
	}
	if err := f.orthonormalise(q, dim, 0, l); err != nil {
		return nil, nil, err
	}
	// One plain step first: a random block says too little of the spectrum.
	if err := product(q, spare); err != nil {
		return nil, nil, err
	}
	q, spare = spare, q
	done := 0
	for round := 0; ; round++ {
		if err := f.orthonormalise(q, dim, done, l); err != nil {
			return nil, nil, err
		}
		if err := product(q, y); err != nil {
			return nil, nil, err
		}
		w, vectors, err := f.project(q, y, dim, l)
		if err != nil {
			return nil, nil, err
		}
		values = w
		if q, spare, err = f.combine(vectors, q, spare, dim, l); err != nil {
			return nil, nil, err
		}
		if y, spare, err = f.combine(vectors, y, spare, dim, l); err != nil {
			return nil, nil, err
		}
		floor := negligible(values[0], dim)
		for done = 0; done < k; done++ {
			r := 0.0
			for i, v := range q[done*dim : (done+1)*dim] {
				e := math.FMA(-values[done], v, y[done*dim+i])
				r = math.FMA(e, e, r)
			}
			if !(math.Sqrt(r) <= max(s.Tolerance*values[done], floor)) {
				break
			}
		}
		if done == k || round == s.Rounds {
			return values[:k], q[:k*dim], nil
		}
		if q, y, spare, err = f.filter(q, y, spare, values, dim, done, s.Degree, product); err != nil {
			return nil, nil, err
		}
	}
}

// filter replaces the vectors from done on by a polynomial of the matrix
// applied to them: Chebyshev's on [0, the least value], whose degree the growth
// at the greatest value bounds. y is the matrix times q.
func (f *data) filter(q, y, spare, values []float64, dim, done, most int, product func(v, into []float64) error) (_, _, _ []float64, err error) {
	l := len(values)
	half := max(values[l-1], values[done]*1e-10, math.SmallestNonzeroFloat64) / 2
	degree := 1
	before, growth := 1.0, values[done]/half-1
	for step := growth; degree < most && growth < maxGrowth; degree++ {
		before, growth = growth, float64(2*step*growth)-before
	}
	// Rows of q and prior are the last two terms.
	prior := spare
	copy(prior[:done*dim], q[:done*dim])
	for i := done; i < l; i++ {
		// (A − half)q / half becomes the newer term, in y.
		for t, v := range q[i*dim : (i+1)*dim] {
			y[i*dim+t] = math.FMA(-half, v, y[i*dim+t]) / half
		}
	}
	copy(y[:done*dim], q[:done*dim])
	prior, q, y = q, y, prior
	for range degree - 1 {
		if err := f.removeDone(q, dim, done, l); err != nil {
			return nil, nil, nil, err
		}
		if err := product(q, y); err != nil {
			return nil, nil, nil, err
		}
		if err := f.pool.ForContext(f.ctx, l-done, 1, func(_, lo, _ int) {
			i := done + lo
			for t, v := range q[i*dim : (i+1)*dim] {
				next := math.FMA(-half, v, y[i*dim+t]) * (2 / half)
				y[i*dim+t] = next - prior[i*dim+t]
			}
		}); err != nil {
			return nil, nil, nil, err
		}
		copy(y[:done*dim], q[:done*dim])
		prior, q, y = q, y, prior
	}
	return q, y, prior, f.removeDone(q, dim, done, l)
}

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

// project returns the eigenvalues and vectors of q·yᵀ.
func (f *data) project(q, y []float64, dim, l int) (values, vectors []float64, err error) {
	h := make([]float64, l*l)
	if err := f.pool.RunContext(f.ctx, l, func(_, i int) {
		for j := range i + 1 {
			h[i*l+j] = dot(q[i*dim:(i+1)*dim], y[j*dim:(j+1)*dim])
		}
	}); err != nil {
		return nil, nil, err
	}
	for i := range l {
		for j := range i {
			h[j*l+i] = h[i*l+j]
		}
	}
	return EigenSym(f.ctx, h, l)
}

// combine returns vectors·q, in spare's place, and q as the new spare.
func (f *data) combine(vectors, q, spare []float64, dim, l int) (_, _ []float64, err error) {
	err = f.pool.RunContext(f.ctx, l, func(_, i int) {
		v := spare[i*dim : (i+1)*dim]
		clear(v)
		for j := range l {
			axpy(vectors[i*l+j], q[j*dim:(j+1)*dim], v)
		}
	})
	return spare, q, err
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
