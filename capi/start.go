//go:build cgo

package main

// #include "private.h"
import "C"

import (
	"context"

	"github.com/libtsne/libtsne/tsne"
)

//export goTsneInitialize
func goTsneInitialize(y *C.float, x C.matrix, co *C.tsne_options, why *C.failure) C.int {
	return callOnData(x, co, true, why, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
		y0, err := tsne.Initialize(ctx, in, o)
		return outAll(y, y0, err)
	})
}

//export goTsneSpectral
func goTsneSpectral(y *C.float, p C.uintptr_t, co *C.tsne_options, why *C.failure) C.int {
	return callOnAffinities(p, co, why, func(ctx context.Context, a *tsne.Affinities, o tsne.Options) error {
		y0, err := tsne.SpectralInit(ctx, a, o)
		return outAll(y, y0, err)
	})
}

// axes checks the number of columns asked for.
func axes(k, n, d C.int64_t) error {
	if k < 1 || k > min(n, d) {
		return badOption("k", k, "1 to min(n, d)")
	}
	return nil
}

//export goTsneReduce
func goTsneReduce(to *C.float, x C.matrix, k C.int64_t, co *C.tsne_options, why *C.failure) C.int {
	return callOnData(x, co, false, why, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
		if err := axes(k, x.n, x.d); err != nil {
			return err
		}
		scores, err := tsne.ReducePCA(ctx, in, int(k), o)
		return outAll(to, scores.Data, err)
	})
}

//export goTsneReduceCSR
func goTsneReduceCSR(to *C.float, ptr *C.int64_t, col *C.int32_t, val *C.float, n, d, k C.int64_t, co *C.tsne_options, why *C.failure) C.int {
	return call(why, func() error {
		rows, err := points(int64(n))
		if err != nil {
			return err
		}
		if d < 1 || d > maxColumns {
			return refuse(statusShape, "x", "got %d columns, want 1 to 2^31 - 1", d)
		}
		if err := axes(k, n, d); err != nil {
			return err
		}
		in, err := entriesOf(ptr, col, val, rows)
		if err != nil {
			return err
		}
		return withOptions(co, rows, false, func(ctx context.Context, o tsne.Options) error {
			s := tsne.SparseMatrix{Rows: rows, Cols: int(d), Ptr: in.ptr, Col: in.col, Val: in.val}
			scores, err := tsne.Reduce(ctx, s, int(k), o)
			return outAll(to, scores.Data, err)
		})
	})
}
