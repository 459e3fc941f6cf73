//go:build cgo

package main

// #include "private.h"
import "C"

import (
	"context"
	"math"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

// input is a caller's data as they lie there.
type input struct {
	floats  tsne.Matrix
	doubles *tsne.Float64Matrix
}

// newPoints is the caller's array, which may have no rows.
func newPoints(name string, x C.matrix) (in input, err error) {
	if x.doubles == 0 {
		in.floats = tsne.Matrix{Rows: int(x.n), Cols: int(x.d)}
		in.floats.Data, err = rowsOf[float32](x.at, name, x.n, x.d)
		return in, err
	}
	byColumn, err := readOrder(x.order)
	if err != nil {
		return in, err
	}
	in.doubles = &tsne.Float64Matrix{Rows: int(x.n), Cols: int(x.d), ByColumn: byColumn}
	in.doubles.Data, err = rowsOf[float64](x.at, name, x.n, x.d)
	return in, err
}

func readOrder(order C.int32_t) (byColumn bool, err error) {
	if order != C.TSNE_BY_ROW && order != C.TSNE_BY_COLUMN {
		return false, badOption("order", order, "TSNE_BY_ROW (0) or TSNE_BY_COLUMN (1)")
	}
	return order == C.TSNE_BY_COLUMN, nil
}

func (in input) rows() int {
	if in.doubles != nil {
		return in.doubles.Rows
	}
	return in.floats.Rows
}

// matrix is the data as the engine takes them; round makes that of doubles.
func (in input) matrix(round func(tsne.Float64Matrix) (tsne.Matrix, error)) (tsne.Matrix, error) {
	if in.doubles != nil {
		return round(*in.doubles)
	}
	return in.floats, nil
}

// byItself is matrix for data that stand alone.
func (in input) byItself(ctx context.Context, o tsne.Options) (tsne.Matrix, error) {
	return in.matrix(func(d tsne.Float64Matrix) (tsne.Matrix, error) { return tsne.FromFloat64(ctx, d, o) })
}

// rowsOf is view for m rows that may be none.
func rowsOf[T any](at unsafe.Pointer, name string, m, cols C.int64_t) ([]T, error) {
	switch {
	case m < 0 || m > math.MaxInt32:
		return nil, refuse(statusShape, name, "got %d rows, want 0 to 2^31 - 1", m)
	case m > 0:
		return view[T](at, name, int(m), int64(cols))
	case cols < 1 || cols > maxColumns:
		return nil, refuse(statusShape, name, "got %d columns, want at least 1", cols)
	}
	return nil, nil
}

// mapOf is the caller's map, n x dims.
func mapOf(at *C.float, name string, n C.int64_t, dims C.int32_t) ([]float32, error) {
	rows, err := points(int64(n))
	if err != nil {
		return nil, err
	}
	if dims < 1 || dims > 3 {
		return nil, badOption("dims", dims, "1, 2 or 3")
	}
	return view[float32](unsafe.Pointer(at), name, rows, int64(dims))
}

// entries are the caller's in CSR form.
type entries struct {
	ptr []int64
	col []int32
	val []float32
}

func entriesOf(ptr *C.int64_t, col *C.int32_t, val *C.float, rows int) (e entries, err error) {
	if e.ptr, err = view[int64](unsafe.Pointer(ptr), "ptr", rows+1, 1); err != nil {
		return e, err
	}
	nnz := e.ptr[rows]
	if nnz < 0 || nnz > math.MaxInt/4 || rows == 0 && nnz > 0 {
		return e, refuse(statusGraph, "ptr", "the last entry is %d, want the number of values", nnz)
	}
	e.col = unsafe.Slice((*int32)(col), int(nnz))
	e.val = unsafe.Slice((*float32)(val), int(nnz))
	return e, nil
}

// sparseOf is the caller's matrix of so many rows.
func sparseOf(x C.csr, rows int) (s tsne.SparseMatrix, err error) {
	if x.d < 1 || x.d > maxColumns {
		return s, refuse(statusShape, "x", "got %d columns, want 1 to 2^31 - 1", x.d)
	}
	in, err := entriesOf(x.ptr, x.col, x.val, rows)
	return tsne.SparseMatrix{Rows: rows, Cols: int(x.d), Ptr: in.ptr, Col: in.col, Val: in.val}, err
}
