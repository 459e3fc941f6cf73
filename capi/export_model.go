//go:build cgo

package main

// #include "shim.h"
import "C"

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

//export goTsneModelNew
func goTsneModelNew(m *C.uintptr_t, y0 *C.float, p C.uintptr_t, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		a, err := affinitiesOf(p)
		if err != nil {
			return err
		}
		o, err := readOptions(co, a.N, false)
		if err != nil {
			return err
		}
		at, err := view[float32](unsafe.Pointer(y0), "y0", a.N, int64(o.Dims))
		if err != nil {
			return err
		}
		e, err := tsne.NewEmbedding(a, at, o)
		if err != nil {
			return err
		}
		v, err := newModel(e, forces(o))
		if err == nil {
			putModel(m, v)
		}
		return err
	})
}

//export goTsneModelOptimize
func goTsneModelOptimize(y *C.float, kl *C.double, m C.uintptr_t, iterations C.int64_t, exaggeration, learningRate, momentum C.double, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		v, err := modelOf(m, "model")
		if err != nil {
			return err
		}
		ph, err := readPhase(iterations, exaggeration, learningRate, momentum, co)
		if err != nil {
			return err
		}
		var o *tsne.Options
		if co != nil {
			o = new(tsne.Options)
			if err := fitForces(o, co); err != nil {
				return err
			}
			if err := readHooks(o, co); err != nil {
				return err
			}
		}
		ctx, done := watch(co)
		defer done()
		if err := v.take(ctx, alone); err != nil {
			return err
		}
		defer v.release(alone)
		err = v.optimize(ctx, ph, o)
		if err != nil && !errors.Is(err, tsne.ErrCancelled) {
			return err
		}
		if y != nil {
			v.e.CopyY(unsafe.Slice((*float32)(y), v.e.N()*v.e.Dims()))
		}
		if kl != nil {
			*kl = C.double(v.e.KL())
		}
		return err
	})
}

//export goTsneModelInfo
func goTsneModelInfo(n *C.int64_t, dims *C.int32_t, iterations *C.int64_t, kl *C.double, m C.uintptr_t, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		v, err := modelOf(m, "model")
		if err == nil {
			*n, *dims = C.int64_t(v.e.N()), C.int32_t(v.e.Dims())
			*iterations, *kl = C.int64_t(v.e.Iterations()), C.double(v.e.KL())
		}
		return err
	})
}

//export goTsneModelEmbedding
func goTsneModelEmbedding(y *C.float, m C.uintptr_t, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		v, err := modelOf(m, "model")
		if err == nil {
			v.e.CopyY(unsafe.Slice((*float32)(y), v.e.N()*v.e.Dims()))
		}
		return err
	})
}

//export goTsneModelAffinities
func goTsneModelAffinities(p *C.uintptr_t, m C.uintptr_t, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		v, err := modelOf(m, "model")
		if err == nil {
			putAffinities(p, v.e.Affinities())
		}
		return err
	})
}

//export goTsneModelClone
func goTsneModelClone(c *C.uintptr_t, m C.uintptr_t, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		v, err := modelOf(m, "model")
		if err != nil {
			return err
		}
		copied, err := v.clone()
		if err == nil {
			putModel(c, copied)
		}
		return err
	})
}

//export goTsneModelFree
func goTsneModelFree(m C.uintptr_t) {
	if v, ok := handles.remove(handle(m), kindModel).(*model); ok {
		giveBackLater(v.e.N())
	}
}

//export goTsneModelSetData
func goTsneModelSetData(m C.uintptr_t, x C.shim_data, keep C.int, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		v, err := modelOf(m, "model")
		if err != nil {
			return err
		}
		given, err := data(x)
		if err != nil {
			return err
		}
		if keep != 0 && keep != 1 {
			return badOption("copy", keep, "0 or 1")
		}
		// A call that reads data lent before must be over when this one returns.
		if err := v.take(context.Background(), alone); err != nil {
			return err
		}
		defer v.release(alone)
		in, err := given.matrix(func(d tsne.Float64Matrix) (tsne.Matrix, error) {
			return tsne.FromFloat64(context.Background(), d, v.e.Settings())
		})
		if err != nil {
			return err
		}
		if keep == 1 && !in.Double && in.Rows == v.e.N() {
			in.Data = slices.Clone(in.Data)
		}
		return v.e.SetData(in)
	})
}

// callOnModel is call for the exports that only read a model, beside others
// that do.
func callOnModel(m C.uintptr_t, text *C.char, size C.size_t, body func(v *model) error) C.int {
	return call(text, size, func() error {
		v, err := modelOf(m, "model")
		if err != nil {
			return err
		}
		if err := v.take(context.Background(), shared); err != nil {
			return err
		}
		defer v.release(shared)
		return body(v)
	})
}

//export goTsneModelSave
func goTsneModelSave(m C.uintptr_t, path *C.char, text *C.char, size C.size_t) C.int {
	return callOnModel(m, text, size, func(v *model) error {
		return v.e.Save(C.GoString(path))
	})
}

//export goTsneModelSaveWith
func goTsneModelSaveWith(m C.uintptr_t, path *C.char, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		v, err := modelOf(m, "model")
		if err != nil {
			return err
		}
		ctx, done := watch(co)
		defer done()
		if err := v.take(ctx, shared); err != nil {
			return err
		}
		defer v.release(shared)
		return v.e.SaveContext(ctx, C.GoString(path))
	})
}

// loaded makes the handle of a model that read gives; o has its hooks.
func loaded(m *C.uintptr_t, co *C.tsne_options, read func(ctx context.Context, o tsne.Options) (*tsne.Embedding, error)) error {
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
	if err == nil {
		putModel(m, v)
	}
	return err
}

//export goTsneModelLoad
func goTsneModelLoad(m *C.uintptr_t, path *C.char, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		return loaded(m, co, func(ctx context.Context, o tsne.Options) (*tsne.Embedding, error) {
			return tsne.LoadContext(ctx, C.GoString(path), o)
		})
	})
}

//export goTsneModelSaveBytes
func goTsneModelSaveBytes(to unsafe.Pointer, room *C.uint64_t, m C.uintptr_t, text *C.char, size C.size_t) C.int {
	return callOnModel(m, text, size, func(v *model) error {
		need, err := v.e.WriteTo(io.Discard)
		if err != nil {
			return err
		}
		if to != nil {
			if uint64(*room) < uint64(need) {
				return refuse(statusShape, "size: got room for %d bytes, want %d", *room, need)
			}
			if _, err := v.e.WriteTo(&filler{unsafe.Slice((*byte)(to), need)}); err != nil {
				return err
			}
		}
		*room = C.uint64_t(need)
		return nil
	})
}

//export goTsneModelLoadBytes
func goTsneModelLoadBytes(m *C.uintptr_t, from unsafe.Pointer, length C.uint64_t, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		if length < 1 || uint64(length) > math.MaxInt || uintptr(from)+uintptr(length) < uintptr(from) {
			return refuse(statusShape, "size: got %d bytes, want at least 1 and at most the address space", length)
		}
		b := bytes.NewReader(unsafe.Slice((*byte)(from), int(length)))
		return loaded(m, co, func(ctx context.Context, o tsne.Options) (*tsne.Embedding, error) {
			return tsne.ReadContext(ctx, b, b.Size(), o)
		})
	})
}

//export goTsneModelOptions
func goTsneModelOptions(o *C.tsne_options, m C.uintptr_t, text *C.char, size C.size_t) C.int {
	return callOnModel(m, text, size, func(v *model) error {
		_, lowered := v.e.Perplexities()
		writeOptions(o, v.e.Settings(), lowered[0])
		return nil
	})
}

//export goTsneModelPerplexities
func goTsneModelPerplexities(values *C.double, n *C.int64_t, asked C.int, m C.uintptr_t, text *C.char, size C.size_t) C.int {
	return callOnModel(m, text, size, func(v *model) error {
		if asked != 0 && asked != 1 {
			return refuse(statusOption, "asked: got %d, want 0 or 1", asked)
		}
		first, list := v.e.Perplexities()
		if asked == 1 {
			list = first
		}
		if values != nil {
			if int64(*n) < int64(len(list)) {
				return refuse(statusShape, "n: got room for %d perplexities, want %d", *n, len(list))
			}
			copy(unsafe.Slice((*float64)(values), len(list)), list)
		}
		*n = C.int64_t(len(list))
		return nil
	})
}
