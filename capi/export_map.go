//go:build cgo

package main

// #include "shim.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"math"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

func putPartial(p *C.uintptr_t, v *partial) {
	*p = C.uintptr_t(handles.add(kindPartial, v))
}

func partialOf(p C.uintptr_t) (*partial, error) {
	return lookup[*partial](handles, handle(p), kindPartial, "partial")
}

// callOverModel is call for the exports that place the m rows of x on a model.
func callOverModel(m C.uintptr_t, name string, x C.shim_data, t *C.tsne_transform_options, hooks *C.tsne_options,
	text *C.char, size C.size_t, body func(ctx context.Context, v *model, in tsne.Matrix, o tsne.TransformOptions) error) C.int {
	return call(text, size, func() error {
		v, err := modelOf(m, name)
		if err != nil {
			return err
		}
		given, err := newPoints("X", x)
		if err != nil {
			return err
		}
		o, err := readTransform(t, hooks, given.rows(), v.e.Dims())
		if err != nil {
			return err
		}
		ctx, done := watch(hooks)
		defer done()
		if err := v.take(ctx, shared); err != nil {
			return err
		}
		defer v.release(shared)
		in, err := given.matrix(func(d tsne.Float64Matrix) (tsne.Matrix, error) { return v.e.FromFloat64(ctx, d, o) })
		if err != nil {
			return err
		}
		return body(ctx, v, in, o)
	})
}

//export goTsneTransform
func goTsneTransform(y *C.float, p *C.uintptr_t, m C.uintptr_t, x C.shim_data, t *C.tsne_transform_options, hooks *C.tsne_options, text *C.char, size C.size_t) C.int {
	return callOverModel(m, "model", x, t, hooks, text, size, func(ctx context.Context, v *model, in tsne.Matrix, o tsne.TransformOptions) error {
		placed, err := v.e.Transform(ctx, in, o)
		if err != nil {
			return err
		}
		if y != nil {
			placed.CopyY(unsafe.Slice((*float32)(y), placed.N()*placed.Dims()))
		}
		if p != nil {
			putPartial(p, newPartial(placed, o))
		}
		return nil
	})
}

//export goTsnePartialNew
func goTsnePartialNew(p *C.uintptr_t, m C.uintptr_t, y0 *C.float, ptr *C.int64_t, col *C.int32_t, val *C.float, rows C.int64_t, t *C.tsne_transform_options, hooks *C.tsne_options, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		v, err := modelOf(m, "model")
		if err != nil {
			return err
		}
		start, err := rowsOf[float32](unsafe.Pointer(y0), "y0", rows, C.int64_t(v.e.Dims()))
		if err != nil {
			return err
		}
		o, err := readRefinement(t, hooks)
		if err != nil {
			return err
		}
		at := unsafe.Slice((*int64)(ptr), int(rows)+1)
		nnz := at[rows]
		if nnz < 0 || nnz > math.MaxInt/4 || rows == 0 && nnz > 0 {
			return refuse(statusGraph, "ptr: the last entry is %d, want the number of values", nnz)
		}
		ctx, done := watch(hooks)
		defer done()
		if err := v.take(ctx, shared); err != nil {
			return err
		}
		defer v.release(shared)
		made, err := v.e.NewPartial(ctx, start, at,
			unsafe.Slice((*int32)(col), int(nnz)), unsafe.Slice((*float32)(val), int(nnz)), o)
		if err == nil {
			putPartial(p, newPartial(made, o))
		}
		return err
	})
}

//export goTsnePartialAffinities
func goTsnePartialAffinities(nnz, ptr *C.int64_t, col *C.int32_t, val *C.float, p C.uintptr_t, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		v, err := partialOf(p)
		if err != nil {
			return err
		}
		if nnz != nil {
			*nnz = C.int64_t(v.p.NNZ())
		}
		if ptr == nil && col == nil && val == nil {
			return nil
		}
		at, to, value := v.p.Affinities()
		if ptr != nil {
			out((*int64)(ptr), at)
		}
		if col != nil {
			out((*int32)(col), to)
		}
		if val != nil {
			out((*float32)(val), value)
		}
		return nil
	})
}

//export goTsneBootstrap
func goTsneBootstrap(y, samples, radius *C.float, m C.uintptr_t, x C.shim_data, b C.int64_t, t *C.tsne_transform_options, hooks *C.tsne_options, text *C.char, size C.size_t) C.int {
	return callOverModel(m, "model", x, t, hooks, text, size, func(ctx context.Context, v *model, in tsne.Matrix, o tsne.TransformOptions) error {
		if b < 1 || b > maxColumns {
			return badOption("b", b, "1 to 2^31 - 1")
		}
		s, err := v.e.Bootstrap(ctx, in, int(b), o)
		if err != nil {
			return err
		}
		out((*float32)(y), s.Y)
		if samples != nil {
			out((*float32)(samples), s.Samples)
		}
		if radius != nil {
			out((*float32)(radius), s.Radius)
		}
		return nil
	})
}

//export goTsneAlign
func goTsneAlign(y *C.float, made *C.uintptr_t, disparity, overlap *C.double, reference C.uintptr_t, x C.shim_data, t *C.tsne_transform_options, unread, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return callOnData(x, co, false, text, size, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
		v, err := modelOf(reference, "reference")
		if err != nil {
			return err
		}
		if o.Dims != v.e.Dims() {
			return badOption("dims", o.Dims, fmt.Sprintf("%d, as the reference has", v.e.Dims()))
		}
		placing, err := readTransform(t, unread, in.Rows, o.Dims)
		if err != nil {
			return err
		}
		placing.Threads, placing.Progress, placing.ProgressEvery, placing.Log = o.Threads, o.Progress, o.ProgressEvery, o.Log
		if err := v.take(ctx, shared); err != nil {
			return err
		}
		defer v.release(shared)
		e, how, err := tsne.Align(ctx, v.e, in, placing, o)
		if err := giveFit(y, made, e, err, o, co.keep_data != 0); err != nil {
			return err
		}
		if disparity != nil {
			*disparity = C.double(how.Disparity)
		}
		if overlap != nil {
			*overlap = C.double(how.NeighborOverlap)
		}
		return nil
	})
}

//export goTsnePartialOptimize
func goTsnePartialOptimize(y *C.float, kl *C.double, p C.uintptr_t, iterations C.int64_t, exaggeration, learningRate, momentum C.double, t *C.tsne_transform_options, hooks *C.tsne_options, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		v, err := partialOf(p)
		if err != nil {
			return err
		}
		ph, err := readPhase(iterations, exaggeration, learningRate, momentum, nil)
		if err != nil {
			return err
		}
		var o *tsne.TransformOptions
		if t != nil {
			read, err := readRefinement(t, hooks)
			if err != nil {
				return err
			}
			o = &read
		}
		ctx, done := watch(hooks)
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
			v.p.CopyY(unsafe.Slice((*float32)(y), v.p.N()*v.p.Dims()))
		}
		if kl != nil {
			*kl = C.double(v.p.KL())
		}
		return err
	})
}

//export goTsnePartialInfo
func goTsnePartialInfo(n *C.int64_t, dims *C.int32_t, iterations *C.int64_t, kl *C.double, p C.uintptr_t, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		v, err := partialOf(p)
		if err == nil {
			*n, *dims = C.int64_t(v.p.N()), C.int32_t(v.p.Dims())
			*iterations, *kl = C.int64_t(v.p.Iterations()), C.double(v.p.KL())
		}
		return err
	})
}

//export goTsnePartialEmbedding
func goTsnePartialEmbedding(y *C.float, p C.uintptr_t, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		v, err := partialOf(p)
		if err == nil {
			v.p.CopyY(unsafe.Slice((*float32)(y), v.p.N()*v.p.Dims()))
		}
		return err
	})
}

//export goTsnePartialClone
func goTsnePartialClone(c *C.uintptr_t, p C.uintptr_t, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		v, err := partialOf(p)
		if err != nil {
			return err
		}
		copied, err := v.clone()
		if err == nil {
			putPartial(c, copied)
		}
		return err
	})
}

//export goTsnePartialFree
func goTsnePartialFree(p C.uintptr_t) {
	if v, ok := handles.remove(handle(p), kindPartial).(*partial); ok {
		giveBackLater(v.p.N())
	}
}
