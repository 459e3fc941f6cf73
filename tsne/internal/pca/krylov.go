package pca

import (
	"context"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// Search says how far Leading goes.
type Search struct {
	Tolerance float64 // of a residual, relative to its eigenvalue
	Steps     int     // products with a block at most
}

const (
	// Width is the number of columns of the block that Leading multiplies.
	Width = width
	// room is the number of blocks of the basis beyond the vectors that a restart
	// keeps, at least.
	room = 9
	// between is the number of blocks between two looks at the residuals.
	between = 3
	// rounding is the part of a product that may remain of it where nothing does.
	rounding = 1e-14
)

// Leading returns the k greatest eigenvalues of a positive semi-definite matrix
// of order dim, and their eigenvectors, orthonormal, one a row. apply sets out
// to the matrix times q; both are dim×Width, row by row. A search that ends
// before its tolerance gives what it has: Ritz's values and vectors. Of a value
// with more than Width copies, among many others, some copies may be missed.
func Leading(ctx context.Context, pool *par.Pool, dim, k int, s Search, apply func(q, out []float64) error) (values, rows []float64, err error) {
	f := &data{ctx: ctx, pool: pool}
	return f.leading(dim, k, s, func(q, out *panels) error {
		return apply(q.data[:dim*width], out.data[:dim*width])
	})
}

// LeadingBytes is about the most memory that Leading takes.
func LeadingBytes(dim, k int) int64 {
	n, l := int64(padded(dim)), int64(basisSize(k, dim))
	if basisSize(k, dim) >= dim {
		return 8 * (3*n*n + 4*width*n)
	}
	return 8 * (n*(l+2*width+int64(k)) + 4*l*l)
}

// basisSize is the most vectors of the basis for k of dim.
func basisSize(k, dim int) int {
	keep := padded(blockSize(k, dim))
	return min(dim, keep+max(room*width, padded(keep/2))+width)
}

// leading is Leading on panels of one block. It is the block Lanczos method
// with full orthogonalisation and thick restarts (Golub & Underwood 1977; Wu &
// Simon 2000), or, for a small matrix, all eigenvectors.
func (f *data) leading(dim, k int, s Search, apply func(q, out *panels) error) (values, rows []float64, err error) {
	if basisSize(k, dim) >= dim {
		return f.allOf(dim, k, apply)
	}
	b := f.newBasis(dim, k)
	for i := range dim {
		for c := range width {
			b.panel(0)[i*width+c] = Uniform(i*width + c)
		}
	}
	if err := b.orthonormalise(0, new([width]float64)); err != nil {
		return nil, nil, err
	}
	settled := math.Inf(-1)
	for step := 1; ; step++ {
		if err := b.grow(apply); err != nil {
			return nil, nil, err
		}
		full := b.blocks == b.v.count()-1
		if !full && (b.blocks < b.keep+between || (b.blocks-b.keep)%between != 0) {
			if step < s.Steps || b.blocks*width < k {
				continue
			}
		}
		values, vectors, err := b.ritz()
		if err != nil {
			return nil, nil, err
		}
		// Where the space ended, the vectors that were drawn to go on may belong
		// to values that had more copies than the block has columns.
		done := b.converged(values, vectors, k, s.Tolerance)
		if done && b.drawn {
			b.drawn = false
			least := values[k-1]
			done, settled = least <= settled, float64(least*(1+s.Tolerance))+negligible(values[0], dim)
		}
		if done || step >= s.Steps {
			rows, err := b.rows(vectors, k)
			return values[:k], rows, err
		}
		if full {
			if err := b.restart(values, vectors); err != nil {
				return nil, nil, err
			}
		}
	}
}

// allOf finds all eigenvectors of the matrix.
func (f *data) allOf(dim, k int, apply func(q, out *panels) error) (values, rows []float64, err error) {
	a := make([]float64, dim*dim)
	q, out := newPanels(dim, width), newPanels(dim, width)
	for lo := 0; lo < dim; lo += width {
		q.clear()
		columns := min(width, dim-lo)
		for c := range columns {
			q.set(lo+c, c, 1)
		}
		if err := apply(q, out); err != nil {
			return nil, nil, err
		}
		for c := range columns {
			out.column(c, a[(lo+c)*dim:(lo+c+1)*dim])
		}
	}
	for i := range dim {
		for j := range i {
			mean := (a[i*dim+j] + a[j*dim+i]) / 2
			a[i*dim+j], a[j*dim+i] = mean, mean
		}
	}
	values, rows, err = EigenSym(f.ctx, a, dim)
	if err != nil {
		return nil, nil, err
	}
	return values[:k], rows[:k*dim], nil
}

// basis is an orthonormal basis, and the matrix in it.
type basis struct {
	*data
	v      *panels
	blocks int       // that h knows; the panel after them is what they lead to
	keep   int       // blocks that a restart keeps
	h      []float64 // order×order
	order  int
	link   [width * width]float64 // the next panel times this is what the last left over
	drawn  bool                   // columns were, at random, since the last look
	draws  int
	coef   *panels // order×width
	packs  [][]float64
}

func (f *data) newBasis(dim, k int) *basis {
	size := basisSize(k, dim) / width * width
	b := &basis{data: f, v: newPanels(dim, size), keep: padded(blockSize(k, dim)) / width, order: size - width}
	b.h = make([]float64, b.order*b.order)
	b.coef = newPanels(b.order, width)
	b.packs = make([][]float64, f.pool.Workers())
	for w := range b.packs {
		b.packs[w] = make([]float64, b.order*width)
	}
	return b
}

func (b *basis) panel(j int) []float64 { return b.v.panel(j) }

// block is a panel of the basis as a matrix.
func (b *basis) block(j int) *panels {
	return &panels{rows: b.v.rows, cols: width, stride: b.v.stride, data: b.panel(j)}
}

// grow multiplies the last panel, and makes the next one of what is new.
func (b *basis) grow(apply func(q, out *panels) error) error {
	last := b.blocks
	if err := apply(b.block(last), b.block(last+1)); err != nil {
		return err
	}
	b.blocks++
	column := func(r, c int) *float64 { return &b.h[r*b.order+last*width+c] }
	m := b.blocks * width
	for range 2 {
		if err := b.project(b.blocks); err != nil {
			return err
		}
		for r := range m {
			for c := range width {
				*column(r, c) -= b.coef.data[r*width+c]
			}
		}
	}
	var size [width]float64 // squares of the products' lengths within the basis
	for r := range m {
		for c := range width {
			v := *column(r, c)
			size[c] = math.FMA(v, v, size[c])
			b.h[(last*width+c)*b.order+r] = v
		}
	}
	return b.orthonormalise(b.blocks, &size)
}

// project takes the panels before panel j out of it, and leaves the negatives
// of their products with it in coef.
func (b *basis) project(j int) error {
	w := b.panel(j)
	if err := b.pool.RunContext(b.ctx, j, func(_, i int) {
		tile := b.coef.data[i*width*width : (i+1)*width*width]
		clear(tile)
		addProduct(b.panel(i), w, b.v.rows, tile)
		for t := range tile {
			tile[t] = -tile[t]
		}
	}); err != nil {
		return err
	}
	return b.combine(j, b.coef, b.block(j), false)
}

// combine adds the first panels times coef to to, or sets to to it, which may be
// of those panels.
func (b *basis) combine(first int, coef, to *panels, set bool) error {
	const grain = 8
	return b.pool.ForContext(b.ctx, b.v.stride/(width*width), grain, func(w, lo, hi int) {
		pack := b.packs[w][:first*width*width]
		for g := lo; g < hi; g++ {
			for p := range first {
				transposeTile(b.panel(p)[g*width*width:], pack[p*width*width:])
			}
			for i := range coef.count() {
				tile := to.panel(i)[g*width*width : (g+1)*width*width]
				if set {
					clear(tile)
				}
				addProduct(pack, coef.panel(i), first*width, tile)
			}
		}
	})
}

func transposeTile(from, to []float64) {
	from, to = from[:width*width], to[:width*width]
	for r := range width {
		for c := range width {
			to[c*width+r] = from[r*width+c]
		}
	}
}

// orthonormalise makes the columns of panel j so, which are orthogonal to the
// panels before it; size is of what has been taken out of them. Columns of
// rounding alone give way to random ones. link leads back to the columns given.
func (b *basis) orthonormalise(j int, size *[width]float64) error {
	w := b.panel(j)
	var lost [width]bool
	for pass := range 2 {
		gram := make([]float64, width*width)
		addProduct(w, w, b.v.rows, gram)
		if pass == 0 {
			for c := range size {
				size[c] += gram[c*width+c]
				lost[c] = !(gram[c*width+c] > rounding*rounding*size[c])
			}
		}
		for c, l := range lost {
			if l {
				clear(gram[c*width : (c+1)*width])
				for i := range width {
					gram[i*width+c] = 0
				}
			}
		}
		r, inverse, kept := Orthonormal(gram, width)
		for c, k := range kept {
			if !k {
				lost[c] = true
				r[c*width+c], inverse[c*width+c] = 1, 1
			}
		}
		if err := b.turn(w, inverse); err != nil {
			return err
		}
		if pass == 0 {
			copy(b.link[:], r)
			continue
		}
		first := b.link
		clear(b.link[:])
		addMultiple(r, first[:], b.link[:])
	}
	for c, l := range lost {
		if l {
			if err := b.settle(j, c, &lost, math.Sqrt(size[c])); err != nil {
				return err
			}
			lost[c] = false
		}
	}
	return nil
}

// addMultiple adds the product of two matrices of order width to c.
func addMultiple(x, y, c []float64) {
	for i := range width {
		for k := range width {
			for j := range width {
				c[i*width+j] = math.FMA(x[i*width+k], y[k*width+j], c[i*width+j])
			}
		}
	}
}

// turn replaces a panel by its product with a matrix of order width.
func (b *basis) turn(w, by []float64) error {
	const grain = 64
	return b.pool.ForContext(b.ctx, len(w)/(width*width), grain, func(_, lo, hi int) {
		var pack [width * width]float64
		for g := lo; g < hi; g++ {
			tile := w[g*width*width : (g+1)*width*width]
			transposeTile(tile, pack[:])
			clear(tile)
			addProduct(pack[:], by, width, tile)
		}
	})
}

// settle makes column c of panel j, nearly dependent on the others, orthonormal
// to those that are not lost, or draws another.
func (b *basis) settle(j, c int, lost *[width]bool, size float64) error {
	v := make([]float64, b.v.rows)
	b.block(j).column(c, v)
	other := make([]float64, b.v.rows)
	for i := range width {
		b.link[i*width+c] = 0
	}
	remove := func(note bool) float64 {
		for range 2 {
			for i := range width {
				if i == c || lost[i] {
					continue
				}
				b.block(j).column(i, other)
				d := dot(other, v)
				axpy(-d, other, v)
				if note {
					b.link[i*width+c] += d
				}
			}
		}
		return math.Sqrt(dot(v, v))
	}
	norm := remove(true)
	if norm > rounding*size {
		b.link[c*width+c] = norm
	} else {
		b.drawn, b.draws = true, b.draws+1
		for i := range v {
			v[i] = Uniform((width+b.draws)*len(v) + i)
		}
		norm = math.Sqrt(dot(v, v))
	}
	for range 2 {
		scale(v, 1/norm)
		b.block(j).loadColumn(c, v)
		if err := b.project(j); err != nil {
			return err
		}
		b.block(j).column(c, v)
		norm = remove(false)
	}
	scale(v, 1/norm)
	b.block(j).loadColumn(c, v)
	return nil
}

// ritz gives the eigenvalues and vectors of the matrix in the basis.
func (b *basis) ritz() (values, vectors []float64, err error) {
	m := b.blocks * width
	a := make([]float64, m*m)
	for i := range m {
		copy(a[i*m:(i+1)*m], b.h[i*b.order:])
	}
	return EigenSym(b.ctx, a, m)
}

// converged tells whether the first k residuals are within the tolerance.
func (b *basis) converged(values, vectors []float64, k int, tolerance float64) bool {
	m := b.blocks * width
	floor := negligible(values[0], b.v.rows)
	for j := range k {
		last := vectors[(j+1)*m-width : (j+1)*m]
		sum := 0.0
		for i := range width {
			r := dot(b.link[i*width:(i+1)*width], last)
			sum = math.FMA(r, r, sum)
		}
		if !(math.Sqrt(sum) <= max(tolerance*values[j], floor)) {
			return false
		}
	}
	return true
}

// coefficients are the first vectors as the columns of a matrix.
func (b *basis) coefficients(vectors []float64, count int) *panels {
	return toPanels(vectors, b.blocks*width, count)
}

// rows gives the first k of Ritz's vectors.
func (b *basis) rows(vectors []float64, k int) ([]float64, error) {
	out := newPanels(b.v.rows, k)
	if err := b.combine(b.blocks, b.coefficients(vectors, k), out, true); err != nil {
		return nil, err
	}
	rows := make([]float64, k*b.v.rows)
	fromPanels(out, rows)
	return rows, nil
}

// restart shrinks the basis to the first of Ritz's vectors.
func (b *basis) restart(values, vectors []float64) error {
	if err := b.combine(b.blocks, b.coefficients(vectors, b.keep*width), b.v, true); err != nil {
		return err
	}
	copy(b.panel(b.keep), b.panel(b.blocks))
	b.blocks = b.keep
	clear(b.h)
	for i, v := range values[:b.keep*width] {
		b.h[i*b.order+i] = v
	}
	return nil
}

// Orthonormal gives the upper triangular r with rᵀr = gram, the products of n
// columns with one another, and its inverse, which makes these columns
// orthonormal. Columns that add next to nothing to those before them are not
// kept: r and its inverse have columns of zeros for them.
func Orthonormal(gram []float64, n int) (r, inverse []float64, kept []bool) {
	const dependent = 1e-11 // the square of what a column adds, over that of its length
	r, inverse, kept = make([]float64, n*n), make([]float64, n*n), make([]bool, n)
	for j := range n {
		square := gram[j*n+j]
		left := square
		for i := range j {
			if !kept[i] {
				continue
			}
			v := gram[i*n+j]
			for k := range i {
				v = math.FMA(-r[k*n+i], r[k*n+j], v)
			}
			v /= r[i*n+i]
			r[i*n+j] = v
			left = math.FMA(-v, v, left)
		}
		if !(left > dependent*square) {
			for i := range j {
				r[i*n+j] = 0
			}
			continue
		}
		kept[j] = true
		r[j*n+j] = math.Sqrt(left)
		inverse[j*n+j] = 1 / r[j*n+j]
		for i := j - 1; i >= 0; i-- {
			if !kept[i] {
				continue
			}
			v := 0.0
			for k := i + 1; k <= j; k++ {
				v = math.FMA(-r[i*n+k], inverse[k*n+j], v)
			}
			inverse[i*n+j] = v / r[i*n+i]
		}
	}
	return r, inverse, kept
}

// Uniform is a number in (-1, 1) that depends on the seed alone.
func Uniform(seed int) float64 {
	z := (uint64(seed) + 1) * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64(int64(z^z>>31)) * 0x1p-63
}
