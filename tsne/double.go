package tsne

import (
	"context"
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/metric"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// Float64Matrix is a borrowed view of double-precision data: row i, column j is
// Data[i*Stride+j] or, ByColumn, as R and Fortran have it, Data[j*Stride+i].
type Float64Matrix struct {
	Data     []float64
	Rows     int
	Cols     int
	ByColumn bool
	Stride   int // 0: without gaps, Cols or, ByColumn, Rows
}

// farFromZero is how many times nearer to their middle than to zero the values of
// a column must be, in the mean, to be counted from there: rounded as they are,
// those of others keep 19 of float32's 24 bits for their differences, and a heavy
// tail does not blur what lies about zero.
const farFromZero = 32

// FromFloat64 rounds data to a Matrix of its own. Columns that float32 holds
// exactly are converted as they are, so that the same numbers give the same bits
// whatever type they came in, and so are those that lie about zero; from a
// column far from zero its median is taken off first, in double precision, and kept
// in Center. That is for the metrics that differences make; of correlation one
// number is taken off all columns, and of cosine, where zero has a meaning,
// none. Of o it reads Metric, MaxMemory and Threads.
//
// ErrNotFinite names the first value that is NaN, infinite or beyond float32.
func FromFloat64(ctx context.Context, x Float64Matrix, o Options) (m Matrix, err error) {
	if err := x.check("X", size.check); err != nil {
		return Matrix{}, err
	}
	return x.round(ctx, "X", o, nil, true)
}

// FromFloat64Beside is FromFloat64 for rows that go with those of x, from whose
// Center they are counted. There may be none.
func FromFloat64Beside(ctx context.Context, q Float64Matrix, x Matrix, o Options) (m Matrix, err error) {
	zero(&o.Metric, MetricEuclidean)
	if err := q.checkNew("q", x.Cols); err != nil {
		return Matrix{}, err
	}
	return q.round(ctx, "q", o, o.Metric.frame(x.Center, nil), false)
}

// FromFloat64 is FromFloat64Beside for new points that o places on the embedding.
func (e *Embedding) FromFloat64(ctx context.Context, x Float64Matrix, o TransformOptions) (m Matrix, err error) {
	of, ok := e.Data()
	if !ok {
		return Matrix{}, errNoData()
	}
	if err := checkColumns(o.Columns, of.Cols); err != nil {
		return Matrix{}, err
	}
	cols := of.Cols
	if o.Columns != nil {
		cols = len(o.Columns)
	}
	if err := x.checkNew("X", cols); err != nil {
		return Matrix{}, err
	}
	jo, err := o.options(e.N(), e.Settings())
	if err != nil {
		return Matrix{}, err
	}
	return x.round(ctx, "X", jo, jo.Metric.frame(of.Center, o.Columns), false)
}

// check holds the shape by what is given and then, where there may be gaps, Data
// against it.
func (x Float64Matrix) check(name string, shape func(size) error) error {
	if x.Stride == 0 {
		return shape(size{x.Rows, x.Cols, len(x.Data)})
	}
	if err := shape(size{x.Rows, x.Cols, x.Rows * x.Cols}); err != nil || x.Rows == 0 {
		return err
	}
	lines, length := x.Rows, x.Cols
	if x.ByColumn {
		lines, length = length, lines
	}
	switch {
	case x.Stride < length:
		return fail(ErrShape, name, "got a stride of %d, want at least %d", x.Stride, length)
	case len(x.Data) < length || (len(x.Data)-length)/x.Stride < lines-1:
		return fail(ErrShape, name, "got %d values, want %d rows x %d columns with a stride of %d", len(x.Data), x.Rows, x.Cols, x.Stride)
	}
	return nil
}

func (x Float64Matrix) checkNew(name string, cols int) error {
	return x.check(name, func(s size) error { return s.checkNew(name, cols) })
}

// round is x less a centre that is given or, with find, found.
func (x Float64Matrix) round(ctx context.Context, name string, o Options, centre []float64, find bool) (m Matrix, err error) {
	o = Options{Metric: o.Metric, MaxMemory: o.MaxMemory, Threads: o.Threads}
	if o, err = o.resolve(minRows); err != nil {
		return Matrix{}, err
	}
	m = Matrix{Rows: x.Rows, Cols: x.Cols, Center: centre, Double: true}
	if err := o.checkMemory(m, 4*uint64(x.Rows)*uint64(x.Cols)); err != nil {
		return Matrix{}, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	m.Data = make([]float32, x.Rows*x.Cols)
	if find {
		m.Center, err = j.convert(m, x)
	} else {
		columns := make([]int, x.Cols)
		for c := range columns {
			columns[c] = c
		}
		err = j.takeOff(m, x, columns)
	}
	if err != nil {
		return Matrix{}, err
	}
	at, err := firstOf(j.ctx, j.pool, m.Data, firstNotFinite)
	if err != nil {
		return Matrix{}, err
	}
	if at >= 0 {
		row, column := at/x.Cols, at%x.Cols
		v := x.at(row, column)
		if v-v == 0 {
			return Matrix{}, fail(ErrNotFinite, name, "row %v, column %v is %v, beyond the %.4g that float32 reaches", atRow(row), atColumn(column), value(v), math.MaxFloat32)
		}
		return Matrix{}, fail(ErrNotFinite, name, "row %v, column %v is %v, want a finite value", atRow(row), atColumn(column), value(v))
	}
	return m, nil
}

func (x Float64Matrix) strides() (row, column int) {
	switch {
	case x.ByColumn && x.Stride == 0:
		return 1, x.Rows
	case x.ByColumn:
		return 1, x.Stride
	case x.Stride == 0:
		return x.Cols, 1
	}
	return x.Stride, 1
}

func (x Float64Matrix) at(i, c int) float64 {
	row, column := x.strides()
	return x.Data[i*row+c*column]
}

const doubleGrain = 1024 // rows of a chunk

// tile is the number of columns that are read side by side.
func (x Float64Matrix) tile() int {
	if x.ByColumn {
		return 16
	}
	return x.Cols
}

// medianRows is how many rows, evenly spread, a column's median is that of.
const medianRows = 101

// middles are medians of the columns, each of them a value of its column: one
// that is taken off leaves 0 there, and so is found again when it is put back.
func (j *job) middles(x Float64Matrix) ([]float64, error) {
	middle := make([]float64, x.Cols)
	m := min(x.Rows, medianRows)
	err := j.pool.ForContext(j.ctx, x.Cols, 64, func(_, lo, hi int) {
		some := make([]float64, m)
		for c := lo; c < hi; c++ {
			for i := range some {
				some[i] = x.at(i*x.Rows/m, c)
			}
			middle[c] = median(some)
		}
	})
	if j.o.Metric.definition().Origin == metric.Common {
		of := median(slices.Clone(middle))
		for c := range middle {
			middle[c] = of
		}
	}
	return middle, err
}

// median is the lower one; it sorts v.
func median(v []float64) float64 {
	slices.Sort(v)
	return v[(len(v)-1)/2]
}

// extents are sums over some rows of how far the columns are from zero and from
// their middles.
type extents struct {
	zero, middle []float64
	rounded      []bool // some value is not a float32's
}

func newExtents(cols int) extents {
	return extents{make([]float64, cols), make([]float64, cols), make([]bool, cols)}
}

// convert writes x to m as it is, but for columns far from zero; those are given
// less the centre that it returns, nil if there is none.
func (j *job) convert(m Matrix, x Float64Matrix) ([]float64, error) {
	middle, err := j.middles(x)
	if err != nil {
		return nil, err
	}
	row, column := x.strides()
	parts := make([]extents, par.Chunks(x.Rows, doubleGrain))
	err = j.pool.ForContext(j.ctx, x.Rows, doubleGrain, func(_, lo, hi int) {
		part := newExtents(x.Cols)
		// What is added up in a column is so in the order of the rows, however x lies.
		tile := x.tile()
		for first := 0; first < x.Cols; first += tile {
			end := min(first+tile, x.Cols)
			for i := lo; i < hi; i++ {
				out := m.Data[i*x.Cols:][:x.Cols]
				for c := first; c < end; c++ {
					v := x.Data[i*row+c*column]
					to := float32(v)
					out[c] = to
					if float64(to) != v {
						part.rounded[c] = true
					}
					part.zero[c] += math.Abs(v)
					part.middle[c] += math.Abs(v - middle[c])
				}
			}
		}
		parts[lo/doubleGrain] = part
	})
	if err != nil {
		return nil, err
	}
	all := newExtents(x.Cols)
	for _, part := range parts {
		for c := range all.zero {
			all.zero[c] += part.zero[c]
			all.middle[c] += part.middle[c]
			all.rounded[c] = all.rounded[c] || part.rounded[c]
		}
	}
	columns := all.far(j.o.Metric.definition().Origin)
	if columns == nil {
		return nil, nil
	}
	m.Center = make([]float64, x.Cols)
	for _, c := range columns {
		m.Center[c] = middle[c]
	}
	return m.Center, j.takeOff(m, x, columns)
}

// far lists the columns to be counted from their middles.
func (s *extents) far(origin metric.Origin) (columns []int) {
	switch origin {
	case metric.Fixed:
		return nil
	case metric.Common:
		if !slices.Contains(s.rounded, true) || !(farFromZero*total(s.middle) < total(s.zero)) {
			return nil
		}
		for c := range s.zero {
			columns = append(columns, c)
		}
		return columns
	}
	for c, away := range s.middle {
		// Of a constant column there are no differences to keep.
		if s.rounded[c] && away > 0 && farFromZero*away < s.zero[c] {
			columns = append(columns, c)
		}
	}
	return columns
}

// takeOff writes some columns of x to m less m's centre.
func (j *job) takeOff(m Matrix, x Float64Matrix, columns []int) error {
	row, column := x.strides()
	centre := m.Center
	if centre == nil {
		centre = make([]float64, x.Cols)
	}
	return j.pool.ForContext(j.ctx, x.Rows, doubleGrain, func(_, lo, hi int) {
		for tile := range slices.Chunk(columns, x.tile()) {
			for i := lo; i < hi; i++ {
				for _, c := range tile {
					m.Data[i*x.Cols+c] = float32(x.Data[i*row+c*column] - centre[c])
				}
			}
		}
	})
}

// in is x as seen from another centre, nil for zero; a copy if that is not its own.
func (j *job) in(frame []float64, x Matrix) (Matrix, error) {
	if slices.Equal(x.Center, frame) {
		return x, nil
	}
	shift := make([]float64, x.Cols)
	for c := range shift {
		if x.Center != nil {
			shift[c] = x.Center[c]
		}
		if frame != nil {
			shift[c] -= frame[c]
		}
	}
	out := x
	out.Data, out.Center = make([]float32, len(x.Data)), frame
	err := j.pool.ForContext(j.ctx, x.Rows, doubleGrain, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			row, to := x.Data[i*x.Cols:][:x.Cols], out.Data[i*x.Cols:][:x.Cols]
			for c, v := range row {
				to[c] = float32(float64(v) + shift[c])
			}
		}
	})
	return out, err
}

// Float64 writes the data as they were before Center was taken off, but for what
// rounding took, to a view of the same shape.
func (x Matrix) Float64(to Float64Matrix) error {
	if to.Rows != x.Rows || to.Cols != x.Cols || to.checkNew("X", x.Cols) != nil {
		return fail(ErrShape, "X", "got room for %d rows x %d columns, want %d x %d", to.Rows, to.Cols, x.Rows, x.Cols)
	}
	row, column := to.strides()
	for c := range x.Cols {
		centre := 0.0
		if x.Center != nil {
			centre = x.Center[c]
		}
		for i := range x.Rows {
			to.Data[i*row+c*column] = float64(x.Data[i*x.Cols+c]) + centre
		}
	}
	return nil
}

// CopyTo writes the data as they were before Center was taken off, rounded to
// float32, to an array of the same size, row-major.
func (x Matrix) CopyTo(dst []float32) {
	if x.Center == nil {
		copy(dst, x.Data)
		return
	}
	for i, v := range x.Data {
		dst[i] = float32(float64(v) + x.Center[i%x.Cols])
	}
}
