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
	if cols < 1 || len(y) == 0 || len(y)%cols != 0 {
		return fail(tsne.ErrShape, "%s: got %d values, want rows of %d, at least 1", path, len(y), cols)
	}
	row := reflect.ArrayOf(cols, reflect.TypeFor[T]())
	rows := reflect.SliceAt(row, unsafe.Pointer(&y[0]), len(y)/cols).Interface()
	err := npz.Replace(ctx, path, func(w io.Writer) error {
		b := bufio.NewWriter(w)
		if err := npyio.Write(b, rows); err != nil {
			return err
		}
		return b.Flush()
	})
	if ctx.Err() != nil && err != nil {
		return broken(path, ctx.Err())
	}
	if err != nil {
		return ioError(path, err)
	}
	return nil
}
