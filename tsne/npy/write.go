package npy

import (
	"bufio"
	"context"
	"io"
	"reflect"
	"unsafe"

	"github.com/sbinet/npyio"

	"github.com/libtsne/libtsne/tsne"
	"github.com/libtsne/libtsne/tsne/internal/npz"
)

// Write writes y, rows of cols values, as the .npy file at path, such as a map by
// its Y and Dims. The file is written beside path and takes its place when it is whole; a
// device is written to. tsne.ErrShape without a row, whose columns npyio has no
// words for, or if the last is not whole; tsne.ErrIO, tsne.ErrCancelled.
func Write[T float32 | float64](ctx context.Context, path string, y []T, cols int) error {
	if err := checkShape(path, len(y), cols); err != nil {
		return err
	}
	err := npz.Replace(ctx, path, func(w io.Writer) error { return write(w, y, cols) })
	if ctx.Err() != nil && err != nil {
		return broken(path, ctx.Err())
	}
	if err != nil {
		return ioError(path, err)
	}
	return nil
}

// WriteTo is Write to w: what it says of errors holds, but that they name no file.
func WriteTo[T float32 | float64](w io.Writer, y []T, cols int) error {
	if err := checkShape("array", len(y), cols); err != nil {
		return err
	}
	if err := write(w, y, cols); err != nil {
		return ioError("array", err)
	}
	return nil
}

func checkShape(of string, values, cols int) error {
	if cols < 1 || values == 0 || values%cols != 0 {
		return fail(tsne.ErrShape, "%s: got %d values, want rows of %d, at least 1", of, values, cols)
	}
	return nil
}

func write[T float32 | float64](w io.Writer, y []T, cols int) error {
	row := reflect.ArrayOf(cols, reflect.TypeFor[T]())
	b := bufio.NewWriter(w)
	if err := npyio.Write(b, reflect.SliceAt(row, unsafe.Pointer(&y[0]), len(y)/cols).Interface()); err != nil {
		return err
	}
	return b.Flush()
}
