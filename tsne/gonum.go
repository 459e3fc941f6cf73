package tsne

import (
	"context"

	"gonum.org/v1/gonum/mat"
)

// FromMat is FromFloat64 for a gonum matrix, a row of which is a row of the data.
// A *mat.Dense, also a slice of one, and its transpose are read where they lie.
// Any other matrix, a sparse one say, is copied by At, row by row, which takes 8 bytes
// a value until FromMat returns. x is borrowed for the call.
//
// ErrShape for nil or fewer than 4 rows, ErrMemory, ErrCancelled, and ErrNotFinite
// with the row and the column of the first value that is NaN, infinite or beyond float32.
func FromMat(ctx context.Context, x mat.Matrix, o Options) (Matrix, error) {
	d, err := viewMat(ctx, "X", x, o)
	if err != nil {
		return Matrix{}, err
	}
	return FromFloat64(ctx, d, o)
}

// FromMatBeside is FromFloat64Beside for a gonum matrix, as FromMat reads it.
func FromMatBeside(ctx context.Context, q mat.Matrix, x Matrix, o Options) (Matrix, error) {
	d, err := viewMat(ctx, "q", q, o)
	if err != nil {
		return Matrix{}, err
	}
	return FromFloat64Beside(ctx, d, x, o)
}

// FromMat is FromFloat64 for new points in a gonum matrix, as the function FromMat
// reads it.
func (e *Embedding) FromMat(ctx context.Context, x mat.Matrix, o TransformOptions) (Matrix, error) {
	d, err := viewMat(ctx, "X", x, Options{MaxMemory: o.MaxMemory})
	if err != nil {
		return Matrix{}, err
	}
	return e.FromFloat64(ctx, d, o)
}

// viewMat is x where it lies, or a copy.
func viewMat(ctx context.Context, name string, x mat.Matrix, o Options) (d Float64Matrix, err error) {
	of := x
	if t, ok := x.(mat.Transpose); ok {
		of, d.ByColumn = t.Matrix, true
	}
	dense, ok := of.(*mat.Dense)
	if of == nil || ok && dense == nil {
		return d, fail(ErrShape, name, "got nil, want a matrix")
	}
	d.Rows, d.Cols = x.Dims()
	if ok {
		raw := dense.RawMatrix()
		d.Data, d.Stride = raw.Data, raw.Stride
		return d, nil
	}
	d.ByColumn = false
	if err := o.checkRoom(product(8+4, d.Rows, d.Cols), "%d x %d data", d.Rows, d.Cols); err != nil {
		return d, err
	}
	d.Data = make([]float64, d.Rows*d.Cols)
	for i := range d.Rows {
		if err := ctx.Err(); err != nil {
			return d, cancelled(ctx, err)
		}
		for c := range d.Cols {
			d.Data[i*d.Cols+c] = x.At(i, c)
		}
	}
	return d, nil
}

// Dense is a copy of the map as a gonum matrix, N x Dims, in the order of the input
// rows.
func (e *Embedding) Dense() *mat.Dense { return denseOf(e.Y(), e.Dims()) }

// Dense is a copy of the positions as a gonum matrix, N x Dims; an empty one, 0 x 0,
// if there are no points.
func (p *Partial) Dense() *mat.Dense { return denseOf(p.Y(), p.Dims()) }

func denseOf(y []float32, dims int) *mat.Dense {
	if len(y) == 0 {
		return &mat.Dense{}
	}
	data := make([]float64, len(y))
	for i, v := range y {
		data[i] = float64(v)
	}
	return mat.NewDense(len(y)/dims, dims, data)
}
