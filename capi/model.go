//go:build cgo

package main

// #include "private.h"
import "C"

import (
	"context"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

//export goTsneModelFromAffinities
func goTsneModelFromAffinities(m *C.uintptr_t, p C.uintptr_t, y0 *C.float, co *C.tsne_options, why *C.failure) C.int {
	return callOnAffinities(p, co, why, func(_ context.Context, a *tsne.Affinities, o tsne.Options) error {
		at, err := view[float32](unsafe.Pointer(y0), "y0", a.N, int64(o.Dims))
		if err != nil {
			return err
		}
		e, err := tsne.NewEmbedding(a, at, o)
		if err != nil {
			return err
		}
		v, err := newModel(e, forces(o))
		return putModel(m, v, err)
	})
}

//export goTsneModelOptimize
func goTsneModelOptimize(y *C.float, kl *C.double, m C.uintptr_t, iterations C.int64_t, exaggeration, learningRate, momentum C.double, co *C.tsne_options, why *C.failure) C.int {
	return callWith(m, kindModel, why, func(v *model) error {
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
		return v.hold(ctx, alone, func() error {
			return outStep(y, kl, v.e, v.optimize(ctx, ph, o))
		})
	})
}

//export goTsneModelInfo
func goTsneModelInfo(n *C.int64_t, dims *C.int32_t, iterations *C.int64_t, kl *C.double, m C.uintptr_t, why *C.failure) C.int {
	return callWith(m, kindModel, why, func(v *model) error {
		outInfo(n, dims, iterations, kl, v.e)
		return nil
	})
}

//export goTsneModelEmbedding
func goTsneModelEmbedding(y *C.float, m C.uintptr_t, why *C.failure) C.int {
	return callWith(m, kindModel, why, func(v *model) error {
		outY(y, v.e)
		return nil
	})
}

//export goTsneModelAffinities
func goTsneModelAffinities(p *C.uintptr_t, m C.uintptr_t, why *C.failure) C.int {
	return callWith(m, kindModel, why, func(v *model) error {
		return putAffinities(p, v.e.Affinities(), nil)
	})
}

//export goTsneModelOptions
func goTsneModelOptions(o *C.tsne_options, m C.uintptr_t, why *C.failure) C.int {
	return callOnModel(m, shared, why, func(v *model) error {
		_, lowered := v.e.Perplexities()
		writeOptions(o, v.e.Settings(), lowered[0])
		return nil
	})
}

//export goTsneModelPerplexities
func goTsneModelPerplexities(values *C.double, n *C.int64_t, m C.uintptr_t, asked C.int, why *C.failure) C.int {
	return callOnModel(m, shared, why, func(v *model) error {
		if asked != 0 && asked != 1 {
			return refuse(statusOption, "asked", "got %d, want 0 or 1", asked)
		}
		first, list := v.e.Perplexities()
		if asked == 1 {
			list = first
		}
		if values != nil && int64(*n) < int64(len(list)) {
			return refuse(statusShape, "n", "got room for %d perplexities, want %d", *n, len(list))
		}
		out((*float64)(values), list)
		*n = C.int64_t(len(list))
		return nil
	})
}

//export goTsneModelClone
func goTsneModelClone(c *C.uintptr_t, m C.uintptr_t, why *C.failure) C.int {
	return callWith(m, kindModel, why, func(v *model) error {
		copied, err := v.clone()
		return putModel(c, copied, err)
	})
}

//export goTsneModelFree
func goTsneModelFree(m C.uintptr_t) {
	if v, ok := handles.remove(handle(m), kindModel).(*model); ok {
		giveBackLater(v.e.N())
	}
}
