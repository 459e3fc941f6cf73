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
func goTsneReduceCSR(to *C.float, x C.csr, k C.int64_t, co *C.tsne_options, why *C.failure) C.int {
	return call(why, func() error {
		rows, err := points(int64(x.n))
		if err != nil {
			return err
		}
		s, err := sparseOf(x, rows)
		if err != nil {
			return err
		}
		if err := axes(k, x.n, x.d); err != nil {
			return err
		}
		return withOptions(co, rows, false, func(ctx context.Context, o tsne.Options) error {
			scores, err := tsne.Reduce(ctx, s, int(k), o)
			return outAll(to, scores.Data, err)
		})
	})
}
