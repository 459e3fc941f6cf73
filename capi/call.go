//go:build cgo

package main

// #cgo CFLAGS: -std=gnu99 -Wall -Wextra -fvisibility=hidden -Dcrosscall2=tsne__into_go
// #cgo !windows LDFLAGS: -pthread
// #include "private.h"
import "C"

import (
	"context"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

var handles = newTable()

// call runs the body of an export: it recovers panics, turns the error into a
// status and says in why what it was; why may be nil.
func call(why *C.failure, body func() error) C.int {
	before := allocated()
	err := guard(body)
	if err != nil && why != nil {
		putMessage(why, statusOf(err), messageOf(err))
	}
	freeIfLarge(before)
	return C.int(statusOf(err))
}

// callOnData is call for the exports whose work is on the rows of x. start says
// whether the options' init_y is read.
func callOnData(x C.matrix, co *C.tsne_options, start bool, why *C.failure,
	body func(ctx context.Context, in tsne.Matrix, o tsne.Options) error) C.int {
	return call(why, func() error {
		given, err := data(x)
		if err != nil {
			return err
		}
		return withOptions(co, given.rows(), start, func(ctx context.Context, o tsne.Options) error {
			in, err := given.byItself(ctx, o)
			if err != nil {
				return err
			}
			return body(ctx, in, o)
		})
	})
}

// callWith is call for the exports that have a handle.
func callWith[T any](h C.uintptr_t, k kind, why *C.failure, body func(v T) error) C.int {
	return call(why, func() error {
		v, err := lookup[T](handles, handle(h), k, k.argument())
		if err != nil {
			return err
		}
		return body(v)
	})
}

// callOnAffinities is callOnData for work on affinities.
func callOnAffinities(p C.uintptr_t, co *C.tsne_options, why *C.failure,
	body func(ctx context.Context, a *tsne.Affinities, o tsne.Options) error) C.int {
	return callWith(p, kindAffinities, why, func(a *tsne.Affinities) error {
		return withOptions(co, a.N, false, func(ctx context.Context, o tsne.Options) error { return body(ctx, a, o) })
	})
}

// callOnModel is callWith for the exports that hold a model, shared or alone.
func callOnModel(m C.uintptr_t, weight int64, why *C.failure, body func(v *model) error) C.int {
	return callWith(m, kindModel, why, func(v *model) error {
		return v.hold(context.Background(), weight, func() error { return body(v) })
	})
}

// withOptions runs body with co as read for n points, under its cancel flag.
func withOptions(co *C.tsne_options, n int, start bool, body func(ctx context.Context, o tsne.Options) error) error {
	o, err := readOptions(co, n, start)
	if err != nil {
		return err
	}
	ctx, done := watch(co)
	defer done()
	return body(ctx, o)
}

// modelOf is the model that an argument of another name stands for.
func modelOf(m C.uintptr_t, name string) (*model, error) {
	return lookup[*model](handles, handle(m), kindModel, name)
}

func putAffinities(p *C.uintptr_t, a *tsne.Affinities, err error) error {
	return putHandle(p, kindAffinities, a, err)
}

func putModel(m *C.uintptr_t, v *model, err error) error { return putHandle(m, kindModel, v, err) }

func putPartial(p *C.uintptr_t, v *partial, err error) error {
	return putHandle(p, kindPartial, v, err)
}

// putHandle makes the handle of v unless making v has failed.
func putHandle(to *C.uintptr_t, k kind, v any, err error) error {
	if err == nil {
		*to = C.uintptr_t(handles.add(k, v))
	}
	return err
}

// put writes a value to where the caller wants it, if it does.
func put[T any](to *T, v T) {
	if to != nil {
		*to = v
	}
}

// out is put for a buffer.
func out[T any](to *T, from []T) {
	if to != nil {
		copy(unsafe.Slice(to, len(from)), from)
	}
}

// outAll is out of what was computed, if it was.
func outAll(to *C.float, from []float32, err error) error {
	if err == nil {
		out((*float32)(to), from)
	}
	return err
}

// positions are those of an embedding or of new points.
type positions interface {
	N() int
	Dims() int
	Iterations() int
	KL() float64
	CopyY([]float32)
}

func outY(y *C.float, of positions) {
	if y != nil {
		of.CopyY(unsafe.Slice((*float32)(y), of.N()*of.Dims()))
	}
}

// outStep gives where an optimising call has come to, if it keeps that.
func outStep(y *C.float, kl *C.double, of positions, err error) error {
	if keeps(err) {
		outY(y, of)
		put((*float64)(kl), of.KL())
	}
	return err
}

func outInfo(n *C.int64_t, dims *C.int32_t, iterations *C.int64_t, kl *C.double, of positions) {
	put((*int64)(n), int64(of.N()))
	put((*int32)(dims), int32(of.Dims()))
	put((*int64)(iterations), int64(of.Iterations()))
	put((*float64)(kl), of.KL())
}
