//go:build cgo

package main

// #include "private.h"
import "C"

import (
	"context"
	"math"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

//export goTsneQuality
func goTsneQuality(knn, knc, cpd *C.double, x C.matrix, y *C.float, dims C.int32_t, labels *C.int32_t, co *C.tsne_options, why *C.failure) C.int {
	return callOnData(x, co, false, why, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
		at, err := mapOf(y, "y", x.n, dims)
		if err != nil {
			return err
		}
		var classes []int32
		if labels != nil {
			classes = unsafe.Slice((*int32)(labels), in.Rows)
		}
		q, err := tsne.MeasureQuality(ctx, in, at, int(dims), classes, o)
		if err != nil {
			return err
		}
		put((*float64)(knn), q.KNN)
		put((*float64)(knc), q.KNC)
		put((*float64)(cpd), q.CPD)
		return nil
	})
}

//export goTsneSharedNeighbors
func goTsneSharedNeighbors(share *C.double, a, b *C.float, n C.int64_t, dims C.int32_t, k C.int64_t, co *C.tsne_options, why *C.failure) C.int {
	return call(why, func() error {
		one, err := mapOf(a, "a", n, dims)
		if err != nil {
			return err
		}
		two, err := mapOf(b, "b", n, dims)
		if err != nil {
			return err
		}
		if err := others(k, n); err != nil {
			return err
		}
		var o tsne.Options
		if err := readHooks(&o, co); err != nil {
			return err
		}
		ctx, done := watch(co)
		defer done()
		got, err := tsne.SharedNeighbors(ctx, one, two, int(dims), int(k), o.Threads)
		if err == nil {
			*share = C.double(got)
		}
		return err
	})
}

//export goTsneSharedClasses
func goTsneSharedClasses(share, a, b *C.double, n, d C.int64_t, dims C.int32_t, co *C.tsne_options, why *C.failure) C.int {
	return call(why, func() error {
		if n < 1 || n > math.MaxInt32 {
			return refuse(statusShape, "n", "got %d classes, want 1 to 2^31 - 1", n)
		}
		if dims < 1 || dims > 3 {
			return badOption("dims", dims, "1, 2 or 3")
		}
		rows := int(n)
		one, err := view[float64](unsafe.Pointer(a), "a", rows, int64(d))
		if err != nil {
			return err
		}
		two, err := view[float64](unsafe.Pointer(b), "b", rows, int64(dims))
		if err != nil {
			return err
		}
		return withOptions(co, rows, false, func(_ context.Context, o tsne.Options) error {
			got, err := tsne.SharedClasses(one, two, rows, o.Metric)
			if err == nil {
				*share = C.double(got)
			}
			return err
		})
	})
}
