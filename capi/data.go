//go:build cgo

package main

// #include "private.h"
import "C"

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

func errNoData() error {
	return refuse(statusNoData, "model", "it has no data; %v gives it some", named("tsne_model_set_data"))
}

//export goTsneModelSetData
func goTsneModelSetData(m C.uintptr_t, x C.matrix, keep C.int, why *C.failure) C.int {
	return callWith(m, kindModel, why, func(v *model) error {
		given, err := data(x)
		if err != nil {
			return err
		}
		if keep != 0 && keep != 1 {
			return badOption("copy", keep, "0 or 1")
		}
		ctx := context.Background()
		// A call that reads data lent before must be over when this one returns.
		return v.hold(ctx, alone, func() error {
			in, err := given.byItself(ctx, v.e.Settings())
			if err != nil {
				return err
			}
			if keep == 1 && !in.Double && in.Rows == v.e.N() {
				in.Data = slices.Clone(in.Data)
			}
			return v.e.SetData(in)
		})
	})
}

//export goTsneModelShareData
func goTsneModelShareData(m, from C.uintptr_t, why *C.failure) C.int {
	return callWith(m, kindModel, why, func(v *model) error {
		w, err := modelOf(from, "from")
		if err != nil || v == w {
			return err
		}
		return v.hold(context.Background(), alone, func() error {
			if _, ok := w.e.Data(); !ok {
				return refuse(statusNoData, "from", "it has no data; %v gives it some", named("tsne_model_set_data"))
			}
			return v.e.ShareData(w.e)
		})
	})
}

//export goTsneModelData
func goTsneModelData(to C.matrix, d *C.int64_t, metric *C.int32_t, m C.uintptr_t, why *C.failure) C.int {
	return callOnModel(m, shared, why, func(v *model) error {
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
			if err := in.Float64(room); err != nil {
				return err
			}
		default:
			in.CopyTo(unsafe.Slice((*float32)(to.at), len(in.Data)))
		}
		put((*int64)(d), int64(in.Cols))
		put((*int32)(metric), int32(v.e.Settings().Metric))
		return nil
	})
}

//export goTsneModelCenter
func goTsneModelCenter(center *C.double, m C.uintptr_t, why *C.failure) C.int {
	return callOnModel(m, shared, why, func(v *model) error {
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

//export goTsneModelSetNames
func goTsneModelSetNames(m C.uintptr_t, names **C.char, n C.int64_t, why *C.failure) C.int {
	return callOnModel(m, alone, why, func(v *model) error {
		if names == nil {
			return v.e.SetNames(nil)
		}
		in, ok := v.e.Data()
		if !ok {
			return errNoData()
		}
		if int64(n) != int64(in.Cols) {
			return refuse(statusShape, "n", "got %d names, want %d, one for each column of the model's data", n, in.Cols)
		}
		list, null := texts(names, int(n))
		if null >= 0 {
			return refuse(statusNull, "names", "that of column %v is NULL", tsne.Part{Kind: tsne.PartColumn, Text: strconv.Itoa(null), Index: null})
		}
		return v.e.SetNames(list)
	})
}

// texts are n of C's, or where the first is that is NULL.
func texts(names **C.char, n int) (list []string, null int) {
	list = make([]string, n)
	for i, name := range unsafe.Slice(names, n) {
		if name == nil {
			return nil, i
		}
		list[i] = C.GoString(name)
	}
	return list, -1
}

//export goTsneModelSetRowNames
func goTsneModelSetRowNames(m C.uintptr_t, names **C.char, n C.int64_t, why *C.failure) C.int {
	return callOnModel(m, alone, why, func(v *model) error {
		if names == nil {
			return v.e.SetRowNames(nil)
		}
		if int64(n) != int64(v.e.N()) {
			return refuse(statusShape, "n", "got %d names, want %d, one for each point of the model", n, v.e.N())
		}
		list, null := texts(names, int(n))
		if null >= 0 {
			return refuse(statusNull, "names", "that of row %v is NULL", tsne.Part{Kind: tsne.PartRow, Text: strconv.Itoa(null), Index: null})
		}
		return v.e.SetRowNames(list)
	})
}

//export goTsneModelRowNames
func goTsneModelRowNames(to *C.char, room *C.uint64_t, m C.uintptr_t, why *C.failure) C.int {
	return callOnModel(m, shared, why, func(v *model) error { return fillTexts(to, room, v.e.RowNames()) })
}

//export goTsneModelNames
func goTsneModelNames(to *C.char, room *C.uint64_t, m C.uintptr_t, why *C.failure) C.int {
	return callOnModel(m, shared, why, func(v *model) error {
		return fillTexts(to, room, v.e.Names())
	})
}

// fillTexts is fill with texts, each ended by a NUL.
func fillTexts(to *C.char, room *C.uint64_t, list []string) error {
	var all strings.Builder
	for _, text := range list {
		all.WriteString(text)
		all.WriteByte(0)
	}
	return fill(unsafe.Pointer(to), room, int64(all.Len()), func(to []byte) error {
		copy(to, all.String())
		return nil
	})
}

// fill has write fill the caller's buffer, if there is one, and says how many
// bytes that takes.
func fill(to unsafe.Pointer, room *C.uint64_t, need int64, write func(to []byte) error) error {
	if to != nil {
		if uint64(*room) < uint64(need) {
			return refuse(statusShape, "size", "got room for %d bytes, want %d", *room, need)
		}
		if err := write(unsafe.Slice((*byte)(to), need)); err != nil {
			return err
		}
	}
	*room = C.uint64_t(need)
	return nil
}
