package knn

import (
	"context"
	"math"
	"slices"
	"sort"

	"github.com/libtsne/libtsne/tsne/internal/metric"
	"github.com/libtsne/libtsne/tsne/internal/par"
	"github.com/libtsne/libtsne/tsne/internal/sparse"
)

// SparseRows is a matrix in CSR form whose columns ascend in each row.
type SparseRows struct {
	Rows, Cols int
	Ptr        []int64
	Col        []int32
	Val        []float32
}

func (s *SparseRows) row(i int) ([]int32, []float32) {
	return s.Col[s.Ptr[i]:s.Ptr[i+1]], s.Val[s.Ptr[i]:s.Ptr[i+1]]
}

const (
	abreast   = 32   // rows of x that a dense product is of
	blockRows = 1024 // whose sums lie in the nearest cache
	slab      = 4    // blocks that are laid out at a time
	sparseRun = 64   // rows of q that a worker takes through a slab

	// Columns with values in more than one of so many rows of x are dense ones.
	few = 8
)

// sums are about the cosines of a row with those of a block.
type sums [blockRows]float32

// SparseOfNew finds the k nearest rows of x to each of those of q, ties by lower
// index: index and dist are q.Rows x k.
//
// All cosines are made in float32, a block of rows of x at a time, which is laid out by
// columns: values of a new row are multiplied with dense columns, and in the others
// with what is not 0. What may be among the nearest, their rounding allowed for, is
// measured in float64, where products of float32 numbers are exact: a distance has the bits of
// a loop over two rows, and equal rows of x are equally far.
func SparseOfNew(ctx context.Context, pool *par.Pool, by metric.Inner, x, q SparseRows, k int, index []int32, dist []float32, progress func(float64)) error {
	far := make([]float64, len(dist))
	for i := range far {
		far[i] = math.Inf(1)
	}
	c := columnsOf(&x)
	blocks := par.Chunks(x.Rows, blockRows)
	work := make([]sparseScratch, pool.Workers())
	laid := make([]sparseBlock, min(slab, blocks))
	share := par.NewShare(q.Rows*par.Chunks(blocks, slab), progress)
	var err error
	for first := 0; first < blocks && err == nil; first += slab {
		some := laid[:min(slab, blocks-first)]
		err = pool.RunContext(ctx, len(some), func(_, b int) {
			some[b].lay(by, c, &x, (first+b)*blockRows)
		})
		if err != nil {
			break
		}
		err = pool.ForContext(ctx, q.Rows, sparseRun, func(worker, lo, hi int) {
			w := &work[worker]
			w.read(by, c, &q, lo, hi)
			for b := range some {
				some[b].products(w)
				for i := range w.rows {
					if ctx.Err() != nil {
						return
					}
					at := (lo + i) * k
					w.take(by, &some[b], &x, i, index[at:at+k], far[at:at+k])
				}
			}
			share.Add(worker, hi-lo)
		})
	}
	for i, v := range far {
		dist[i] = float32(v)
	}
	return share.End(err)
}

// SparseBytes is about what SparseOfNew takes beyond its arguments.
func SparseBytes(x SparseRows, m, k, workers int) int64 {
	most := int64(0) // values of a slab
	for lo := 0; lo < x.Rows; lo += slab * blockRows {
		most = max(most, x.Ptr[min(x.Rows, lo+slab*blockRows)]-x.Ptr[lo])
	}
	blocks, d := int64(min(slab, par.Chunks(x.Rows, blockRows))), int64(x.Cols)
	dense := min(d, few*x.Ptr[x.Rows]/int64(x.Rows)) // no more columns than that
	return 6*most + blocks*(8*(d+1)+blockRows*(4*dense+24)) + 4*d + 8*int64(m)*int64(k) +
		int64(workers)*(sparseRun*blockRows*4+8*d)
}

// columns says which ones are dense.
type columns struct {
	place []int32 // among the dense ones; -1 for the others
	dense int
}

func columnsOf(x *SparseRows) columns {
	c := columns{place: make([]int32, x.Cols)}
	for _, col := range x.Col {
		c.place[col]++
	}
	for i, count := range c.place {
		if c.place[i] = -1; int(count) > x.Rows/few {
			c.place[i] = int32(c.dense)
			c.dense++
		}
	}
	return c
}

// inner is what a distance asks of a row beside its inner products.
type inner struct {
	mean float64 // 0 unless rows are centred
	size float64 // the length about the mean; the square of it for Euclidean distances
	unit float64 // the length, by which values are divided; 1 of a row of zeros
}

func innerOf(by metric.Inner, val []float32, d int) (r inner) {
	if by.Centred {
		for _, v := range val {
			r.mean += float64(v)
		}
		r.mean /= float64(d)
	}
	for _, v := range val {
		t := float64(v) - r.mean
		r.size += float64(t * t)
		r.unit += float64(v) * float64(v)
	}
	r.size += float64(float64(d-len(val)) * float64(r.mean*r.mean))
	if by.Angle {
		r.size = math.Sqrt(r.size)
	}
	if r.unit = math.Sqrt(r.unit); r.unit == 0 {
		r.unit = 1
	}
	return r
}

// distance of two rows of d columns by their inner product.
func (r inner) distance(by metric.Inner, to inner, product float64, d int) float64 {
	if !by.Angle {
		return math.Sqrt(max(0, r.size+to.size-2*product))
	}
	product -= float64(float64(float64(d)*r.mean) * to.mean)
	return max(0, 1-product/float64(r.size*to.size))
}

// doubt is more than the rounding of a comparison in float64, relative to what is compared.
const doubt = 0x1p-44

// least bounds the inner products of the rows of a size that are nearer than far to r.
func (r inner) least(by metric.Inner, far, size float64) float64 {
	if by.Angle {
		return (1 - far - doubt*(1+far)) * r.size * size
	}
	return (r.size+size-far*far)/2 - doubt*(r.size+size+far*far)
}

// sparseScratch is what a worker needs: some rows of q, whose values in dense columns
// are told from the others, their sums, and one of them as a dense row.
type sparseScratch struct {
	q             *SparseRows
	first         int
	rows          []inner
	denseEnd, end []int // of each row
	denseCol, col []int32
	denseVal, val []float32

	sums [sparseRun]sums
	wide []float64
}

func (w *sparseScratch) read(by metric.Inner, c columns, q *SparseRows, first, last int) {
	w.q, w.first = q, first
	w.rows, w.denseEnd, w.end = w.rows[:0], w.denseEnd[:0], w.end[:0]
	w.denseCol, w.denseVal, w.col, w.val = w.denseCol[:0], w.denseVal[:0], w.col[:0], w.val[:0]
	for i := first; i < last; i++ {
		col, val := q.row(i)
		row := innerOf(by, val, q.Cols)
		for e, at := range col {
			v := float32(float64(val[e]) / row.unit)
			if place := c.place[at]; place >= 0 {
				w.denseCol, w.denseVal = append(w.denseCol, place), append(w.denseVal, v)
			} else {
				w.col, w.val = append(w.col, at), append(w.val, v)
			}
		}
		w.rows = append(w.rows, row)
		w.denseEnd, w.end = append(w.denseEnd, len(w.denseCol)), append(w.end, len(w.col))
	}
}

// sparseBlock is some rows of length 1 by columns.
type sparseBlock struct {
	first int
	rows  []inner
	dense []float32 // for each of the rows abreast the dense columns
	start []int     // of each column's values in at and val
	at    []uint16
	val   []float32
}

// lay takes the rows of x from first on.
func (b *sparseBlock) lay(by metric.Inner, c columns, x *SparseRows, first int) {
	last := min(x.Rows, first+blockRows)
	if b.start == nil {
		b.start = make([]int, x.Cols+1)
		b.dense = make([]float32, blockRows*c.dense)
	}
	clear(b.start)
	clear(b.dense)
	count := 0
	for _, col := range x.Col[x.Ptr[first]:x.Ptr[last]] {
		if c.place[col] < 0 {
			b.start[col]++
			count++
		}
	}
	if cap(b.at) < count {
		b.at, b.val = make([]uint16, count), make([]float32, count)
	}
	end := 0
	for col, n := range b.start {
		b.start[col] = end
		end += n
	}
	b.first, b.rows = first, slices.Grow(b.rows[:0], last-first)
	for i := range last - first {
		col, val := x.row(first + i)
		row := innerOf(by, val, x.Cols)
		b.rows = append(b.rows, row)
		for e, at := range col {
			v := float32(float64(val[e]) / row.unit)
			if place := int(c.place[at]); place >= 0 {
				b.dense[(i/abreast*c.dense+place)*abreast+i%abreast] = v
				continue
			}
			to := b.start[at]
			b.at[to], b.val[to] = uint16(i), v
			b.start[at]++
		}
	}
	// Each start is now where the next column begins.
	copy(b.start[1:], b.start)
	b.start[0] = 0
}

// products sets w's sums of its rows with those of the block.
func (b *sparseBlock) products(w *sparseScratch) {
	panel := len(b.dense) / blockRows * abreast
	for g := range par.Chunks(len(b.rows), abreast) {
		columns, lo := b.dense[g*panel:][:panel], 0
		for i, hi := range w.denseEnd {
			to := (*[abreast]float32)(w.sums[i][g*abreast:])
			sparse.Gather32(w.denseCol[lo:hi], w.denseVal[lo:hi], columns, to)
			lo = hi
		}
	}
	lo := 0
	for i, hi := range w.end {
		sums, val := &w.sums[i], w.val[lo:hi]
		for e, c := range w.col[lo:hi] {
			v := val[e]
			at := b.at[b.start[c]:b.start[c+1]]
			with := b.val[b.start[c]:][:len(at)]
			for i, r := range at {
				sums[r%blockRows] += float32(v * with[i])
			}
		}
		lo = hi
	}
}

// take keeps the nearest rows of the block among those that were found before for row i of
// w, nearest first.
func (w *sparseScratch) take(by metric.Inner, b *sparseBlock, x *SparseRows, i int, index []int32, far []float64) {
	own, d := w.rows[i], x.Cols
	col, val := w.q.row(w.first + i)
	// The error of a sum of so many products of rounded numbers, of rows of length 1.
	slack := float64(len(col)+8) * 0x1p-24 * 1.001
	shift, least := float64(d)*own.mean, own.least(by, far[len(far)-1], 1)
	wide := false
	for j := range b.rows {
		r := &b.rows[j]
		most := (float64(w.sums[i][j])+slack)*own.unit*r.unit - shift*r.mean
		if by.Angle {
			if most < least*r.size {
				continue
			}
		} else if most < own.least(by, far[len(far)-1], r.size) {
			continue
		}
		if !wide {
			wide = true
			if w.wide == nil {
				w.wide = make([]float64, d)
			}
			for e, c := range col {
				w.wide[c] = float64(val[e])
			}
		}
		product := 0.0
		to, with := x.row(b.first + j)
		for e, c := range to {
			product += float64(float64(with[e]) * w.wide[c])
		}
		dist := own.distance(by, *r, product, d)
		if !(dist < far[len(far)-1]) {
			continue
		}
		at := sort.Search(len(far), func(e int) bool { return far[e] > dist })
		copy(far[at+1:], far[at:])
		copy(index[at+1:], index[at:])
		far[at], index[at] = dist, int32(b.first+j)
		least = own.least(by, far[len(far)-1], 1)
	}
	if wide {
		for _, c := range col {
			w.wide[c] = 0
		}
	}
}
