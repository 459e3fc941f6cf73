// Package pca finds the principal components of a float32 matrix.
//
// Sums are float64: the squares of float32 numbers neither overflow nor vanish
// there, so no scaling is needed. Results are the same bits on any number of
// workers, on every CPU path and on every machine.
package pca

import (
	"context"
	"fmt"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

const (
	// explicitLimit is the greatest min(n, d) for which the covariance or Gram
	// matrix is formed; above it the data are passed over instead.
	explicitLimit = 4096
	// fullLimit is the greatest order for which all eigenvectors are computed
	// however few are wanted.
	fullLimit = 128
	// blockFloats is the size of the blocks that data are converted in, so that
	// they stay in the cache.
	blockFloats = 1 << 17
	// meanChunks bounds the partial sums of the mean.
	meanChunks = 64
)

// Model is a fitted set of k components of d columns.
type Model struct {
	Mean []float64 // d column means
	// Components is k×d with orthonormal rows, in descending order of variance.
	// The loading greatest in size of each, the first if several, is positive.
	Components []float64
	// Variance is that of the k scores, with divisor n−1; 0 for a direction in
	// which the data do not vary beyond rounding.
	Variance []float64
}

// data is what the steps of one fit share.
type data struct {
	ctx  context.Context
	pool *par.Pool
	x    []float32
	n, d int
	mean []float64
}

// Fit finds the first k principal components of the n×d row-major matrix x,
// which is finite and only read. It fails if sizes are inconsistent, if k is
// not in [1, d], or with the error of ctx.
//
// Up to min(n, d) = 4096 the components are accurate to rounding or, if far
// fewer are wanted than there are, to about 1e-8 over the relative gap between
// variances; above that to about 1e-5 over it.
func Fit(ctx context.Context, pool *par.Pool, x []float32, n, d, k int) (*Model, error) {
	switch {
	case n < 1 || d < 1 || len(x)/d < n:
		return nil, fmt.Errorf("pca: %d numbers for %d rows of %d columns", len(x), n, d)
	case k < 1 || k > d:
		return nil, fmt.Errorf("pca: %d components of %d columns", k, d)
	}
	f := &data{ctx: ctx, pool: pool, x: x[:n*d], n: n, d: d}
	if err := f.means(); err != nil {
		return nil, err
	}
	m := min(n, d)
	var values, rows []float64
	var err error
	switch {
	case m > explicitLimit:
		values, rows, err = f.leading(d, k, Search{1e-5, 60}, f.passOver())
	case d <= n:
		values, rows, err = f.eigenOf(f.covariance, d, k)
	default:
		values, rows, err = f.eigenOf(f.gram, n, min(k, n))
		if err == nil {
			values, rows, err = f.fromGram(values, rows, k)
		}
	}
	if err != nil {
		return nil, err
	}
	model := &Model{Mean: f.mean, Components: rows[: k*d : k*d], Variance: make([]float64, k)}
	for i := range model.Variance {
		if values[i] > negligible(values[0], m) {
			model.Variance[i] = values[i] / float64(n-1)
		}
		fixSign(model.Components[i*d : (i+1)*d])
	}
	return model, nil
}

// negligible is the size of an eigenvalue that rounding alone can make.
func negligible(greatest float64, order int) float64 {
	return greatest * float64(order) * 0x1p-52
}

// blockSize is the number of vectors that are iterated to get k of m.
func blockSize(k, m int) int { return min(m, padded(k+max(10, k/4))) }

func fixSign(v []float64) {
	greatest := 0.0
	for _, c := range v {
		if math.Abs(c) > math.Abs(greatest) {
			greatest = c
		}
	}
	if greatest < 0 {
		for i := range v {
			v[i] = -v[i]
		}
	}
}

// Bytes is about the most memory that Fit and Transform of these sizes take
// beyond their arguments and results.
func Bytes(n, d, k int) int64 {
	m := min(n, d)
	order := int64(padded(m))
	mean := int64(min(meanChunks, n)) * int64(d)
	block := int64(blockFloats) + 48*int64(padded(d))
	components := int64(k) * int64(d)
	if m > explicitLimit {
		return LeadingBytes(d, k) + 8*(2*block+mean+components)
	}
	iterate := LeadingBytes(m, k)
	if full(m, k) {
		iterate = 8 * 3 * order * order
	}
	return iterate + 8*(order*order+block+mean+2*components)
}

func full(order, k int) bool { return order <= fullLimit || basisSize(k, order) >= order }

func (f *data) means() error {
	f.mean = make([]float64, f.d)
	grain := max(1024, par.Chunks(f.n, meanChunks))
	poll := max(1, 1<<20/f.d) // rows
	partial := make([]float64, par.Chunks(f.n, grain)*f.d)
	err := f.pool.ForContext(f.ctx, f.n, grain, func(_, lo, hi int) {
		sum := partial[lo/grain*f.d : (lo/grain+1)*f.d]
		for r := lo; r < hi; r++ {
			if r%poll == 0 && f.ctx.Err() != nil {
				return
			}
			row := f.x[r*f.d : (r+1)*f.d]
			for c, v := range row[:len(sum)] {
				sum[c] += float64(v)
			}
		}
	})
	if err != nil {
		return err
	}
	for i, v := range partial {
		f.mean[i%f.d] += v
	}
	for c := range f.mean {
		f.mean[c] /= float64(f.n)
	}
	return nil
}

// eigenOf returns the k greatest eigenvalues and their vectors, one a row, of
// the matrix that form makes.
func (f *data) eigenOf(form func() (*panels, error), order, k int) (values, rows []float64, err error) {
	s, err := form()
	if err != nil {
		return nil, nil, err
	}
	if !full(order, k) {
		return f.leading(order, k, Search{1e-9, 1000}, func(q, out *panels) error {
			return f.multiply(s, q, out)
		})
	}
	a := make([]float64, order*order)
	for c := range order {
		for r := range order {
			a[r*order+c] = s.at(r, c)
		}
	}
	return EigenSym(f.ctx, a, order)
}

// fromGram makes k components out of the eigenvectors u of the Gram matrix: the
// data's transpose times u, normalised, completed to a basis where the data
// have no more directions.
func (f *data) fromGram(values, u []float64, k int) (_, rows []float64, err error) {
	known := 0
	for known < min(k, len(u)/f.n) && values[known] > negligible(values[0], f.n) {
		known++
	}
	rows = make([]float64, k*f.d)
	if known > 0 {
		out := newPanels(f.d, known)
		if err := f.eachBlock(func(b *panels, lo, hi int) error {
			return f.addTransposed(b, toPanelsRange(u, f.n, known, lo, hi), hi-lo, out)
		}); err != nil {
			return nil, nil, err
		}
		fromPanels(out, rows)
		for i := range known {
			scale(rows[i*f.d:(i+1)*f.d], 1/math.Sqrt(values[i]))
		}
	}
	if err := f.orthonormalise(rows, f.d, 0, k); err != nil {
		return nil, nil, err
	}
	all := make([]float64, k)
	copy(all, values[:known])
	return all, rows, nil
}

// Transform writes the n×k scores of the n×d rows x to out.
func (m *Model) Transform(ctx context.Context, pool *par.Pool, x []float32, n int, out []float32) error {
	d, k := len(m.Mean), len(m.Variance)
	if n < 0 || len(x)/d < n || len(out)/k < n {
		return fmt.Errorf("pca: %d numbers in and %d out for %d rows of %d columns", len(x), len(out), n, d)
	}
	c := toPanels(m.Components, d, k)
	packs := make([][]float64, pool.Workers())
	return pool.ForContext(ctx, n, 8*width, func(w, lo, hi int) {
		if packs[w] == nil {
			packs[w] = make([]float64, d*width)
		}
		for ; lo < hi; lo += width {
			rows := min(width, hi-lo)
			packTransposed(x[lo*d:], d, rows, 0, d, m.Mean, packs[w])
			for j := range c.count() {
				var tile [width * width]float64
				addProduct(packs[w], c.panel(j), d, tile[:])
				for r := range rows {
					o := out[(lo+r)*k+j*width : (lo+r)*k+min(k, (j+1)*width)]
					for i := range o {
						o[i] = float32(tile[r*width+i])
					}
				}
			}
		}
	})
}
