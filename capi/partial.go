//go:build cgo

package main

// #include "private.h"
import "C"

import (
	"context"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

// callOverModel is call for the exports that place the rows of x on a model.
func callOverModel(m C.uintptr_t, x C.matrix, t *C.tsne_transform_options, hooks *C.tsne_options, why *C.failure,
	body func(ctx context.Context, v *model, in tsne.Matrix, o tsne.TransformOptions) error) C.int {
	return callWith(m, kindModel, why, func(v *model) error {
		given, err := newPoints("x", x)
		if err != nil {
			return err
		}
		o, err := readTransform(t, hooks, given.rows(), v.e.Dims())
		if err != nil {
			return err
		}
		ctx, done := watch(hooks)
		defer done()
		return v.hold(ctx, shared, func() error {
			in, err := given.matrix(func(d tsne.Float64Matrix) (tsne.Matrix, error) { return v.e.FromFloat64(ctx, d, o) })
			if err != nil {
				return err
			}
			return body(ctx, v, in, o)
		})
	})
}

//export goTsneTransform
func goTsneTransform(y *C.float, p *C.uintptr_t, m C.uintptr_t, x C.matrix, t *C.tsne_transform_options, hooks *C.tsne_options, why *C.failure) C.int {
	return callOverModel(m, x, t, hooks, why, func(ctx context.Context, v *model, in tsne.Matrix, o tsne.TransformOptions) error {
		placed, err := v.e.Transform(ctx, in, o)
		if err != nil {
			return err
		}
		outY(y, placed)
		if p == nil {
			return nil
		}
		return putPartial(p, newPartial(placed, o), nil)
	})
}

//export goTsneBootstrap
func goTsneBootstrap(y, samples, radius *C.float, m C.uintptr_t, x C.matrix, b C.int64_t, t *C.tsne_transform_options, hooks *C.tsne_options, why *C.failure) C.int {
	return callOverModel(m, x, t, hooks, why, func(ctx context.Context, v *model, in tsne.Matrix, o tsne.TransformOptions) error {
		if b < 1 || b > maxColumns {
			return badOption("b", b, "1 to 2^31 - 1")
		}
		s, err := v.e.Bootstrap(ctx, in, int(b), o)
		if err != nil {
			return err
		}
		out((*float32)(y), s.Y)
		out((*float32)(samples), s.Samples)
		out((*float32)(radius), s.Radius)
		return nil
	})
}

//export goTsnePartialFromCSR
func goTsnePartialFromCSR(p *C.uintptr_t, m C.uintptr_t, y0 *C.float, ptr *C.int64_t, col *C.int32_t, val *C.float, rows C.int64_t, t *C.tsne_transform_options, hooks *C.tsne_options, why *C.failure) C.int {
	return callWith(m, kindModel, why, func(v *model) error {
		start, err := rowsOf[float32](unsafe.Pointer(y0), "y0", rows, C.int64_t(v.e.Dims()))
		if err != nil {
			return err
		}
		o, err := readRefinement(t, hooks)
		if err != nil {
			return err
		}
		in, err := entriesOf(ptr, col, val, int(rows))
		if err != nil {
			return err
		}
		ctx, done := watch(hooks)
		defer done()
		return v.hold(ctx, shared, func() error {
			made, err := v.e.NewPartial(ctx, start, in.ptr, in.col, in.val, o)
			if err != nil {
				return err
			}
			return putPartial(p, newPartial(made, o), nil)
		})
	})
}

//export goTsnePartialAffinities
func goTsnePartialAffinities(nnz, ptr *C.int64_t, col *C.int32_t, val *C.float, p C.uintptr_t, why *C.failure) C.int {
	return callWith(p, kindPartial, why, func(v *partial) error {
		put((*int64)(nnz), int64(v.p.NNZ()))
		if ptr == nil && col == nil && val == nil {
			return nil
		}
		at, to, value := v.p.Affinities()
		out((*int64)(ptr), at)
		out((*int32)(col), to)
		out((*float32)(val), value)
		return nil
	})
}

//export goTsnePartialOptimize
func goTsnePartialOptimize(y *C.float, kl *C.double, p C.uintptr_t, iterations C.int64_t, exaggeration, learningRate, momentum C.double, t *C.tsne_transform_options, hooks *C.tsne_options, why *C.failure) C.int {
	return callWith(p, kindPartial, why, func(v *partial) error {
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
		return v.hold(ctx, alone, func() error {
			return outStep(y, kl, v.p, v.optimize(ctx, ph, o))
		})
	})
}

//export goTsnePartialInfo
func goTsnePartialInfo(n *C.int64_t, dims *C.int32_t, iterations *C.int64_t, kl *C.double, p C.uintptr_t, why *C.failure) C.int {
	return callWith(p, kindPartial, why, func(v *partial) error {
		outInfo(n, dims, iterations, kl, v.p)
		return nil
	})
}

//export goTsnePartialEmbedding
func goTsnePartialEmbedding(y *C.float, p C.uintptr_t, why *C.failure) C.int {
	return callWith(p, kindPartial, why, func(v *partial) error {
		outY(y, v.p)
		return nil
	})
}

//export goTsnePartialClone
func goTsnePartialClone(c *C.uintptr_t, p C.uintptr_t, why *C.failure) C.int {
	return callWith(p, kindPartial, why, func(v *partial) error {
		copied, err := v.clone()
		return putPartial(c, copied, err)
	})
}

//export goTsnePartialFree
func goTsnePartialFree(p C.uintptr_t) {
	if v, ok := handles.remove(handle(p), kindPartial).(*partial); ok {
		giveBackLater(v.p.N())
	}
}
