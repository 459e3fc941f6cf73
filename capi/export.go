//go:build cgo

package main

// #cgo CFLAGS: -std=gnu99 -Wall -Wextra -fvisibility=hidden -Dcrosscall2=shim_into_go
// #cgo !windows LDFLAGS: -pthread
// #include "shim.h"
import "C"

import (
	"context"
	"errors"
	"math"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

var handles = newTable()

// call runs the body of an export: it recovers panics, turns the error into a
// status and writes its text.
func call(text *C.char, size C.size_t, body func() error) C.int {
	before := allocated()
	err := guard(body)
	if err != nil && text != nil {
		putText(unsafe.Slice((*byte)(unsafe.Pointer(text)), int(size)), textOf(err))
	}
	freeIfLarge(before)
	return C.int(statusOf(err))
}

// callOnData is call for the exports whose work is on the rows of x. start says
// whether the options' init_y is read.
func callOnData(x C.shim_data, co *C.tsne_options, start bool, text *C.char, size C.size_t,
	body func(ctx context.Context, in tsne.Matrix, o tsne.Options) error) C.int {
	return call(text, size, func() error {
		given, err := data(x)
		if err != nil {
			return err
		}
		return withOptions(co, given.rows(), start, func(ctx context.Context, o tsne.Options) error {
			in, err := given.matrix(func(d tsne.Float64Matrix) (tsne.Matrix, error) { return tsne.FromFloat64(ctx, d, o) })
			if err != nil {
				return err
			}
			return body(ctx, in, o)
		})
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

// out is the caller's buffer, cut to what it is given.
func out[T any](to *T, from []T) {
	copy(unsafe.Slice(to, len(from)), from)
}

func putAffinities(p *C.uintptr_t, a *tsne.Affinities) {
	*p = C.uintptr_t(handles.add(kindAffinities, a))
}

func putModel(m *C.uintptr_t, v *model) {
	*m = C.uintptr_t(handles.add(kindModel, v))
}

// giveModel makes the handle of an embedding, which gets a copy of data that are
// the caller's, keeps data that were made for it, or has none.
func giveModel(m *C.uintptr_t, e *tsne.Embedding, o tsne.Options, keep bool) error {
	if err := ownData(e, keep); err != nil {
		return err
	}
	v, err := newModel(e, forces(o))
	if err == nil {
		putModel(m, v)
	}
	return err
}

func affinitiesOf(p C.uintptr_t) (*tsne.Affinities, error) {
	return lookup[*tsne.Affinities](handles, handle(p), kindAffinities, "p")
}

func modelOf(m C.uintptr_t, name string) (*model, error) {
	return lookup[*model](handles, handle(m), kindModel, name)
}

//export goTsneCPU
func goTsneCPU(name *C.char, size C.size_t) {
	putText(unsafe.Slice((*byte)(unsafe.Pointer(name)), int(size)), tsne.CPU())
}

//export goTsneFit
func goTsneFit(y *C.float, m *C.uintptr_t, x C.shim_data, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return callOnData(x, co, true, text, size, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
		e, err := tsne.Fit(ctx, in, o)
		return giveFit(y, m, e, err, o, co.keep_data != 0)
	})
}

//export goTsneFitAffinities
func goTsneFitAffinities(y *C.float, m *C.uintptr_t, p C.uintptr_t, x C.shim_data, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		a, err := affinitiesOf(p)
		if err != nil {
			return err
		}
		var given input
		if x.at != nil {
			if given, err = data(x); err != nil {
				return err
			}
			if given.rows() != a.N {
				return refuse(statusShape, "X: got %d rows, want %d, as many as the affinities have", given.rows(), a.N)
			}
		}
		return withOptions(co, a.N, true, func(ctx context.Context, o tsne.Options) error {
			in, err := given.matrix(func(d tsne.Float64Matrix) (tsne.Matrix, error) { return tsne.FromFloat64(ctx, d, o) })
			if err != nil {
				return err
			}
			e, err := tsne.FitAffinities(ctx, a, in, o)
			return giveFit(y, m, e, err, o, co.keep_data != 0)
		})
	})
}

// giveFit gives what a fit came to, which is nothing unless err is none or, while
// optimising, that it was cancelled.
func giveFit(y *C.float, m *C.uintptr_t, e *tsne.Embedding, err error, o tsne.Options, keep bool) error {
	if e == nil || err != nil && !errors.Is(err, tsne.ErrCancelled) {
		return err
	}
	if m != nil {
		if bad := giveModel(m, e, o, keep); bad != nil {
			return bad
		}
	}
	e.CopyY(unsafe.Slice((*float32)(y), e.N()*e.Dims()))
	return err
}

//export goTsneEstimateMemory
func goTsneEstimateMemory(bytes *C.uint64_t, n, d C.int64_t, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		rows, err := points(int64(n))
		if err != nil {
			return err
		}
		if d < 1 || int64(d) > math.MaxInt/4/int64(rows) {
			return refuse(statusShape, "X: got %d rows and %d columns, want at least 1 column and a size within the address space", n, d)
		}
		o, err := readOptions(co, rows, false)
		if err != nil {
			return err
		}
		m, err := tsne.EstimateMemory(rows, int(d), o)
		if err != nil {
			return err
		}
		if co.keep_data != 0 && m.Kept < math.MaxUint64 {
			// The copy is made last, beside what the fit has not yet given back.
			kept := m.Kept + 4*uint64(rows)*uint64(d)
			m.Peak = max(m.Peak, kept+kept/8+12<<20)
		}
		*bytes = C.uint64_t(m.Peak)
		return nil
	})
}

//export goTsneNeighbors
func goTsneNeighbors(index *C.int32_t, distance *C.float, x C.shim_data, k C.int64_t, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return callOnData(x, co, false, text, size, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
		if k < 1 || k >= x.n {
			return badOption("k", k, "1 to n - 1")
		}
		if _, err := view[float32](unsafe.Pointer(distance), "distance", in.Rows, int64(k)); err != nil {
			return err
		}
		nb, err := tsne.FindNeighbors(ctx, in, int(k), o)
		if err != nil {
			return err
		}
		putNeighbors(index, distance, nb)
		return nil
	})
}

//export goTsneAffinitiesFromData
func goTsneAffinitiesFromData(p *C.uintptr_t, x C.shim_data, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return callOnData(x, co, false, text, size, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
		a, err := tsne.AffinitiesOf(ctx, in, o)
		if err == nil {
			putAffinities(p, a)
		}
		return err
	})
}

//export goTsneAffinitiesFromNeighbors
func goTsneAffinitiesFromNeighbors(p *C.uintptr_t, index *C.int32_t, distance *C.float, n, k C.int64_t, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		rows, err := points(int64(n))
		if err != nil {
			return err
		}
		idx, err := view[int32](unsafe.Pointer(index), "index", rows, int64(k))
		if err != nil {
			return err
		}
		dist, err := view[float32](unsafe.Pointer(distance), "distance", rows, int64(k))
		if err != nil {
			return err
		}
		o, err := readOptions(co, rows, false)
		if err != nil {
			return err
		}
		nb, err := tsne.NeighborsFromDistances(rows, int(k), idx, dist)
		if err != nil {
			return err
		}
		ctx, done := watch(co)
		defer done()
		a, err := tsne.NewAffinities(ctx, nb, o)
		if err == nil {
			putAffinities(p, a)
		}
		return err
	})
}

//export goTsneAffinitiesFromCSR
func goTsneAffinitiesFromCSR(p *C.uintptr_t, ptr *C.int64_t, col *C.int32_t, val *C.float, n C.int64_t, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		rows, err := points(int64(n))
		if err != nil {
			return err
		}
		at, err := view[int64](unsafe.Pointer(ptr), "ptr", rows+1, 1)
		if err != nil {
			return err
		}
		nnz := at[rows]
		if nnz < 1 || nnz > math.MaxInt/4 {
			return refuse(statusGraph, "ptr: the last entry is %d, want the number of values", nnz)
		}
		a, err := tsne.AffinitiesFromCSR(at,
			unsafe.Slice((*int32)(col), int(nnz)), unsafe.Slice((*float32)(val), int(nnz)))
		if err == nil {
			putAffinities(p, a)
		}
		return err
	})
}

//export goTsneAffinitiesSize
func goTsneAffinitiesSize(n, nnz *C.int64_t, p C.uintptr_t, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		a, err := affinitiesOf(p)
		if err == nil {
			*n, *nnz = C.int64_t(a.N), C.int64_t(len(a.Val))
		}
		return err
	})
}

//export goTsneAffinitiesCopy
func goTsneAffinitiesCopy(ptr *C.int64_t, col *C.int32_t, val *C.float, p C.uintptr_t, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		a, err := affinitiesOf(p)
		if err == nil {
			out((*int64)(ptr), a.Ptr)
			out((*int32)(col), a.Col)
			out((*float32)(val), a.Val)
		}
		return err
	})
}

//export goTsneAffinitiesFree
func goTsneAffinitiesFree(p C.uintptr_t) {
	if a, ok := handles.remove(handle(p), kindAffinities).(*tsne.Affinities); ok {
		giveBackLater(a.N)
	}
}

//export goTsneInitialize
func goTsneInitialize(y *C.float, x C.shim_data, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return callOnData(x, co, true, text, size, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
		y0, err := tsne.Initialize(ctx, in, o)
		if err == nil {
			out((*float32)(y), y0)
		}
		return err
	})
}

//export goTsneGradient
func goTsneGradient(gradient *C.float, kl *C.double, y *C.float, p C.uintptr_t, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		a, err := affinitiesOf(p)
		if err != nil {
			return err
		}
		o, err := readOptions(co, a.N, false)
		if err != nil {
			return err
		}
		at, err := view[float32](unsafe.Pointer(y), "y", a.N, int64(o.Dims))
		if err != nil {
			return err
		}
		ctx, done := watch(co)
		defer done()
		g, divergence, err := tsne.Gradient(ctx, a, at, o)
		if err != nil {
			return err
		}
		if gradient != nil {
			out((*float32)(gradient), g)
		}
		if kl != nil {
			*kl = C.double(divergence)
		}
		return nil
	})
}

//export goTsneLiveHandles
func goTsneLiveHandles() C.int64_t { return C.int64_t(handles.len()) }
