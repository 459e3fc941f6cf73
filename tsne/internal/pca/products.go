package pca

import "github.com/libtsne/libtsne/tsne/internal/par"

// packTransposed converts columns [lo, hi) of up to width rows of x to one
// panel whose rows are those columns, less their means.
func packTransposed(x []float32, d, rows, lo, hi int, mean, panel []float64) {
	if rows < width {
		clear(panel[:(hi-lo)*width])
	}
	for r := range rows {
		at := r
		for c, v := range x[r*d+lo : r*d+hi] {
			panel[at] = float64(v) - mean[lo+c]
			at += width
		}
	}
}

// blockRows is the number of rows of c columns in a block.
func blockRows(c int) int { return max(48, blockFloats/padded(c)/width*width) }

// eachBlock calls do for blocks of rows [lo, hi) of the centred data.
func (f *data) eachBlock(do func(b *panels, lo, hi int) error) error {
	size := min(padded(f.n), blockRows(f.d))
	b := newPanels(size, f.d)
	for lo := 0; lo < f.n; lo += size {
		hi := min(f.n, lo+size)
		const grain = 16
		if err := f.pool.ForContext(f.ctx, hi-lo, grain, func(_, from, to int) {
			for r := from; r < to; r++ {
				row := f.x[(lo+r)*f.d : (lo+r+1)*f.d]
				for c := 0; c < f.d; c += width {
					p := b.data[c/width*b.stride+r*width:][:width]
					mean := f.mean[c:min(c+width, f.d)]
					for i, v := range row[c : c+len(mean)] {
						p[i] = float64(v) - mean[i]
					}
				}
			}
		}); err != nil {
			return err
		}
		if err := do(b, lo, hi); err != nil {
			return err
		}
	}
	return nil
}

// addSquare adds bᵀb, over k rows of b, to the tiles of s on and above the
// diagonal.
func (f *data) addSquare(b *panels, k int, s *panels) error {
	m := b.count()
	return f.pool.RunContext(f.ctx, m*m, func(_, t int) {
		if i, j := t/m, t%m; i <= j {
			addProduct(b.panel(i), b.panel(j), k, s.panel(j)[i*width*width:])
		}
	})
}

// mirror fills s below the diagonal.
func (f *data) mirror(s *panels) error {
	return f.pool.RunContext(f.ctx, s.cols, func(_, c int) {
		for r := range c {
			s.set(c, r, s.at(r, c))
		}
	})
}

// covariance is the sum of squares and products of the columns.
func (f *data) covariance() (*panels, error) {
	s := newPanels(f.d, f.d)
	if err := f.eachBlock(func(b *panels, lo, hi int) error { return f.addSquare(b, hi-lo, s) }); err != nil {
		return nil, err
	}
	return s, f.mirror(s)
}

// gram is the sum of squares and products of the rows.
func (f *data) gram() (*panels, error) {
	s := newPanels(f.n, f.n)
	size := min(padded(f.d), blockRows(f.n))
	b := newPanels(size, f.n)
	for lo := 0; lo < f.d; lo += size {
		hi := min(f.d, lo+size)
		if err := f.pool.RunContext(f.ctx, b.count(), func(_, i int) {
			rows := min(width, f.n-i*width)
			packTransposed(f.x[i*width*f.d:], f.d, rows, lo, hi, f.mean, b.panel(i))
		}); err != nil {
			return nil, err
		}
		if err := f.addSquare(b, hi-lo, s); err != nil {
			return nil, err
		}
	}
	return s, f.mirror(s)
}

// multiply sets out to s·q for a symmetric s.
func (f *data) multiply(s, q, out *panels) error {
	out.clear()
	return f.addTransposed(s, q, s.rows, out)
}

// addTransposed adds aᵀb, over k rows of each, to out.
func (f *data) addTransposed(a, b *panels, k int, out *panels) error {
	m := b.count()
	return f.pool.RunContext(f.ctx, a.count()*m, func(_, t int) {
		i, j := t/m, t%m
		addProduct(a.panel(i), b.panel(j), k, out.panel(j)[i*width*width:])
	})
}

// passOver returns the multiplication by the matrix that covariance would make,
// without making it: two products with each block of the data.
func (f *data) passOver() func(q, out *panels) error {
	var packs [][]float64
	var y *panels
	return func(q, out *panels) error {
		if packs == nil {
			packs = make([][]float64, f.pool.Workers())
			for w := range packs {
				packs[w] = make([]float64, f.d*width)
			}
			y = newPanels(min(padded(f.n), blockRows(f.d)), q.cols)
		}
		out.clear()
		return f.eachBlock(func(b *panels, lo, hi int) error {
			y.clear()
			if err := f.pool.RunContext(f.ctx, par.Chunks(hi-lo, width), func(w, i int) {
				at := lo + i*width
				packTransposed(f.x[at*f.d:], f.d, min(width, hi-at), 0, f.d, f.mean, packs[w])
				for j := range q.count() {
					addProduct(packs[w], q.panel(j), f.d, y.panel(j)[i*width*width:])
				}
			}); err != nil {
				return err
			}
			return f.addTransposed(b, y, hi-lo, out)
		})
	}
}

// toPanels makes panels of l columns out of the l rows v of dim numbers.
func toPanels(v []float64, dim, l int) *panels { return toPanelsRange(v, dim, l, 0, dim) }

// toPanelsRange is toPanels of elements [lo, hi) of each row.
func toPanelsRange(v []float64, dim, l, lo, hi int) *panels {
	p := newPanels(hi-lo, l)
	p.load(v, dim, lo)
	return p
}

// load fills p with the elements from lo of rows of dim numbers.
func (p *panels) load(v []float64, dim, lo int) {
	for c := range p.cols {
		p.loadColumn(c, v[c*dim+lo:c*dim+lo+p.rows])
	}
}

func (p *panels) loadColumn(c int, v []float64) {
	to := p.data[c/width*p.stride+c%width:]
	for r, x := range v {
		to[r*width] = x
	}
}

// fromPanels writes the columns of p as rows to v.
func fromPanels(p *panels, v []float64) {
	for c := range p.cols {
		p.column(c, v[c*p.rows:(c+1)*p.rows])
	}
}

func (p *panels) column(c int, to []float64) {
	from := p.data[c/width*p.stride+c%width:]
	for r := range to {
		to[r] = from[r*width]
	}
}
