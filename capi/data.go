//go:build cgo

package main

// #include "shim.h"
import "C"

import (
	"context"
	"math"
	"strings"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

// input is a caller's data as they lie there.
type input struct {
	floats  tsne.Matrix
	doubles *tsne.Float64Matrix
}

// newPoints is the caller's array, which may have no rows.
func newPoints(name string, x C.shim_data) (in input, err error) {
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

func errNoData() error {
	return refuse(statusNoData, "model: it has no data; give it some with tsne_model_set_data")
}

//export goTsneModelData
func goTsneModelData(to C.shim_data, d *C.int64_t, metric *C.int32_t, m C.uintptr_t, text *C.char, size C.size_t) C.int {
	return callOnModel(m, text, size, func(v *model) error {
		in, ok := v.e.Data()
		if !ok {
			return errNoData()
		}
		byColumn, err := readOrder(to.order)
		if err != nil {
			return err
		}
		switch {
		case to.at == nil:
		case to.doubles != 0:
			room := tsne.Float64Matrix{Data: unsafe.Slice((*float64)(to.at), len(in.Data)), Rows: in.Rows, Cols: in.Cols, ByColumn: byColumn}
			err = in.Float64(room)
		default:
			in.CopyTo(unsafe.Slice((*float32)(to.at), len(in.Data)))
		}
		*d, *metric = C.int64_t(in.Cols), C.int32_t(v.e.Settings().Metric)
		return err
	})
}

//export goTsneModelCenter
func goTsneModelCenter(center *C.double, m C.uintptr_t, text *C.char, size C.size_t) C.int {
	return callOnModel(m, text, size, func(v *model) error {
		in, ok := v.e.Data()
		if !ok {
			return errNoData()
		}
		to := unsafe.Slice((*float64)(center), in.Cols)
		clear(to)
		copy(to, in.Center)
		return nil
	})
}

//export goTsneModelShareData
func goTsneModelShareData(m, from C.uintptr_t, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		v, err := modelOf(m, "model")
		if err != nil {
			return err
		}
		w, err := modelOf(from, "from")
		if err != nil || v == w {
			return err
		}
		if err := v.take(context.Background(), alone); err != nil {
			return err
		}
		defer v.release(alone)
		if _, ok := w.e.Data(); !ok {
			return refuse(statusNoData, "from: it has no data; tsne_model_set_data gives it some")
		}
		return v.e.ShareData(w.e)
	})
}

//export goTsneModelSetNames
func goTsneModelSetNames(m C.uintptr_t, names **C.char, n C.int64_t, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		v, err := modelOf(m, "model")
		if err != nil {
			return err
		}
		if err := v.take(context.Background(), alone); err != nil {
			return err
		}
		defer v.release(alone)
		if names == nil {
			return v.e.SetNames(nil)
		}
		in, ok := v.e.Data()
		if !ok {
			return errNoData()
		}
		if int64(n) != int64(in.Cols) {
			return refuse(statusShape, "n: got %d names, want %d, one for each column of the model's data", n, in.Cols)
		}
		list := make([]string, n)
		for c, name := range unsafe.Slice(names, int(n)) {
			if name == nil {
				return refuse(statusNull, "names: that of column %d is NULL", c)
			}
			list[c] = C.GoString(name)
		}
		return v.e.SetNames(list)
	})
}

//export goTsneModelNames
func goTsneModelNames(to *C.char, room *C.uint64_t, m C.uintptr_t, text *C.char, size C.size_t) C.int {
	return callOnModel(m, text, size, func(v *model) error {
		var all strings.Builder
		for _, name := range v.e.Names() {
			all.WriteString(name)
			all.WriteByte(0)
		}
		need := all.Len()
		if to != nil {
			if uint64(*room) < uint64(need) {
				return refuse(statusShape, "size: got room for %d bytes, want %d", *room, need)
			}
			copy(unsafe.Slice((*byte)(unsafe.Pointer(to)), need), all.String())
		}
		*room = C.uint64_t(need)
		return nil
	})
}

// rowsOf is view for m rows that may be none.
func rowsOf[T any](at unsafe.Pointer, name string, m, cols C.int64_t) ([]T, error) {
	switch {
	case m < 0 || m > math.MaxInt32:
		return nil, refuse(statusShape, "%s: got %d rows, want 0 to 2^31 - 1", name, m)
	case m > 0:
		return view[T](at, name, int(m), int64(cols))
	case cols < 1 || cols > maxColumns:
		return nil, refuse(statusShape, "%s: got %d columns, want at least 1", name, cols)
	}
	return nil, nil
}
