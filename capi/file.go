//go:build cgo

package main

// #include "private.h"
import "C"

import (
	"bytes"
	"context"
	"io"
	"math"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

//export goTsneModelSave
func goTsneModelSave(m C.uintptr_t, path *C.char, co *C.tsne_options, why *C.failure) C.int {
	return callWith(m, kindModel, why, func(v *model) error {
		ctx, done := watch(co)
		defer done()
		return v.hold(ctx, shared, func() error { return v.e.SaveContext(ctx, C.GoString(path)) })
	})
}

//export goTsneModelLoad
func goTsneModelLoad(m *C.uintptr_t, path *C.char, co *C.tsne_options, why *C.failure) C.int {
	return callToLoad(m, co, why, func(ctx context.Context, o tsne.Options) (*tsne.Embedding, error) {
		return tsne.LoadContext(ctx, C.GoString(path), o)
	})
}

//export goTsneModelSaveBytes
func goTsneModelSaveBytes(to unsafe.Pointer, room *C.uint64_t, m C.uintptr_t, why *C.failure) C.int {
	return callOnModel(m, shared, why, func(v *model) error {
		need, err := v.e.WriteTo(io.Discard)
		if err != nil {
			return err
		}
		return fill(to, room, need, func(to []byte) error {
			_, err := v.e.WriteTo(&filler{to})
			return err
		})
	})
}

//export goTsneModelLoadBytes
func goTsneModelLoadBytes(m *C.uintptr_t, from unsafe.Pointer, length C.uint64_t, co *C.tsne_options, why *C.failure) C.int {
	return callToLoad(m, co, why, func(ctx context.Context, o tsne.Options) (*tsne.Embedding, error) {
		if length < 1 || uint64(length) > math.MaxInt || uintptr(from)+uintptr(length) < uintptr(from) {
			return nil, refuse(statusShape, "size", "got %d bytes, want at least 1 and at most the address space", length)
		}
		b := bytes.NewReader(unsafe.Slice((*byte)(from), int(length)))
		return tsne.ReadContext(ctx, b, b.Size(), o)
	})
}

// callToLoad is call for the exports that make a model of what read gives; of co
// the hooks and max_memory count.
func callToLoad(m *C.uintptr_t, co *C.tsne_options, why *C.failure, read func(ctx context.Context, o tsne.Options) (*tsne.Embedding, error)) C.int {
	return call(why, func() error {
		var o tsne.Options
		if err := readHooks(&o, co); err != nil {
			return err
		}
		ctx, done := watch(co)
		defer done()
		e, err := read(ctx, o)
		if err != nil {
			return err
		}
		kept := forces(e.Settings())
		kept.Threads = o.Threads
		v, err := newModel(e, kept)
		return putModel(m, v, err)
	})
}
