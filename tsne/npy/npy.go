// Package npy reads data from NumPy's .npy and .npz files and writes maps as .npy.
//
//	a, err := npy.Read(ctx, "data.npy")
//	x, err := a.Matrix(ctx, tsne.Options{})
//	e, err := tsne.Fit(ctx, x, tsne.Options{})
//	err = npy.Write(ctx, "map.npy", e.Y(), e.Dims())
//
// The format is npyio's work. This package adds what a program needs that does not trust
// its files: what a file claims is held against its size, and against the memory
// that the machine has left, before anything is allocated; a truncated array, a
// damaged one and one that something follows are refused.
package npy

import (
	"context"
	"errors"
	"fmt"

	"github.com/libtsne/libtsne/tsne"
)

// ErrFormat is what errors wrap that are about a file's content. Others wrap tsne's
// ErrIO, ErrShape, ErrMemory, ErrCancelled. The text is one line that names the file.
var ErrFormat = errors.New("not a NumPy file that can be read")

// Array is an array as its file has it. The values of float32, bool and of integers of
// up to 16 bits are in Float32, exactly; those of float64 and of wider integers, of
// which float64 keeps 53 bits, in Float64. The other is nil.
type Array struct {
	Type     string // NumPy's, such as "<f4"
	Shape    []int  // none is negative
	ByColumn bool   // Fortran's order: the first index runs fastest
	Float32  []float32
	Float64  []float64

	of string // the file, and the array in it
}

// Matrix is a two-dimensional array as data to fit, whose rows are points: float32 as
// they are, doubles as tsne.FromFloat64 rounds them by o. Float32 in C order is
// borrowed, anything else copied. ErrShape for other arrays, and what
// tsne.FromFloat64 refuses.
func (a *Array) Matrix(ctx context.Context, o tsne.Options) (tsne.Matrix, error) {
	return a.matrix(func(x tsne.Float64Matrix) (tsne.Matrix, error) { return tsne.FromFloat64(ctx, x, o) })
}

// MatrixFor is Matrix for new points on e, which o places; doubles as e.FromFloat64
// rounds them.
func (a *Array) MatrixFor(ctx context.Context, e *tsne.Embedding, o tsne.TransformOptions) (tsne.Matrix, error) {
	return a.matrix(func(x tsne.Float64Matrix) (tsne.Matrix, error) { return e.FromFloat64(ctx, x, o) })
}

func (a *Array) matrix(round func(tsne.Float64Matrix) (tsne.Matrix, error)) (tsne.Matrix, error) {
	if len(a.Shape) != 2 {
		return tsne.Matrix{}, fail(tsne.ErrShape, "%s: got an array of %d dimensions, want 2: rows and columns", a.of, len(a.Shape))
	}
	rows, cols := a.Shape[0], a.Shape[1]
	switch {
	case a.Float64 != nil:
		return round(tsne.Float64Matrix{Data: a.Float64, Rows: rows, Cols: cols, ByColumn: a.ByColumn})
	case a.ByColumn:
		return tsne.Matrix{Data: byRow(a.Float32, rows, cols), Rows: rows, Cols: cols}, nil
	}
	return tsne.Matrix{Data: a.Float32, Rows: rows, Cols: cols}, nil
}

// byRow is column-major data row-major.
func byRow(data []float32, rows, cols int) []float32 {
	const tile = 16 // columns read side by side
	out := make([]float32, len(data))
	for first := 0; first < cols && rows > 0; first += tile {
		end := min(first+tile, cols)
		for i := range rows {
			for c := first; c < end; c++ {
				out[i*cols+c] = data[c*rows+i]
			}
		}
	}
	return out
}

// failure is a text under a sentinel, whose own is not part of it.
type failure struct {
	kind, cause error
	text        string
}

func (f *failure) Error() string   { return f.text }
func (f *failure) Unwrap() []error { return []error{f.kind, f.cause} }

func fail(kind error, format string, args ...any) error {
	return &failure{kind: kind, text: fmt.Sprintf(format, args...)}
}
