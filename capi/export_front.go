//go:build cgo

package main

// #include "shim.h"
import "C"

import (
	"context"
	"math"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

// distances is the caller's n x n matrix.
func distances(dist *C.float, n C.int64_t) ([]float32, error) {
	rows, err := points(int64(n))
	if err != nil {
		return nil, err
	}
	return view[float32](unsafe.Pointer(dist), "dist", rows, int64(n))
}

// callOnDistances is callOnData for the exports that take distances.
func callOnDistances(dist *C.float, n C.int64_t, co *C.tsne_options, text *C.char, size C.size_t,
	body func(ctx context.Context, dist []float32, n int, o tsne.Options) error) C.int {
	return call(text, size, func() error {
		v, err := distances(dist, n)
		if err != nil {
			return err
		}
		return withOptions(co, int(n), false, func(ctx context.Context, o tsne.Options) error {
			return body(ctx, v, int(n), o)
		})
	})
}

//export goTsneNeighborsOfDistances
func goTsneNeighborsOfDistances(index *C.int32_t, distance, dist *C.float, n, k C.int64_t, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return callOnDistances(dist, n, co, text, size, func(ctx context.Context, dist []float32, rows int, o tsne.Options) error {
		if k < 1 || k >= n {
			return badOption("k", k, "1 to n - 1")
		}
		nb, err := tsne.NeighborsFromMatrix(ctx, dist, rows, int(k), o)
		if err != nil {
			return err
		}
		putNeighbors(index, distance, nb)
		return nil
	})
}

//export goTsneAffinitiesFromDistances
func goTsneAffinitiesFromDistances(p *C.uintptr_t, dist *C.float, n C.int64_t, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return callOnDistances(dist, n, co, text, size, func(ctx context.Context, dist []float32, rows int, o tsne.Options) error {
		a, err := tsne.AffinitiesFromMatrix(ctx, dist, rows, o)
		if err == nil {
			putAffinities(p, a)
		}
		return err
	})
}

//export goTsneNeighborsOfNew
func goTsneNeighborsOfNew(index *C.int32_t, distance *C.float, x, q C.shim_data, k C.int64_t, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return callOnData(x, co, false, text, size, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
		if k < 1 || k > x.n {
			return badOption("k", k, "1 to n")
		}
		given, err := newPoints("q", q)
		if err != nil {
			return err
		}
		if _, err := rowsOf[float32](unsafe.Pointer(distance), "distance", q.n, k); err != nil {
			return err
		}
		rows, err := given.matrix(func(d tsne.Float64Matrix) (tsne.Matrix, error) { return tsne.FromFloat64Beside(ctx, d, in, o) })
		if err != nil {
			return err
		}
		nb, err := tsne.FindNeighborsOfNew(ctx, in, rows, int(k), o)
		if err == nil {
			putNeighbors(index, distance, nb)
		}
		return err
	})
}

// putNeighbors writes a graph to the caller's arrays.
func putNeighbors(index *C.int32_t, distance *C.float, nb *tsne.Neighbors) {
	out((*int32)(index), nb.Index)
	out((*float32)(distance), nb.Distances())
}

//export goTsneConditional
func goTsneConditional(p, distance *C.float, m, k C.int64_t, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		dist, err := rowsOf[float32](unsafe.Pointer(distance), "distance", m, k)
		if err != nil {
			return err
		}
		return withOptions(co, int(m), false, func(ctx context.Context, o tsne.Options) error {
			val, err := tsne.Conditional(ctx, dist, int(m), int(k), o)
			if err == nil {
				out((*float32)(p), val)
			}
			return err
		})
	})
}

//export goTsneSpectral
func goTsneSpectral(y *C.float, p C.uintptr_t, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		a, err := affinitiesOf(p)
		if err != nil {
			return err
		}
		return withOptions(co, a.N, false, func(ctx context.Context, o tsne.Options) error {
			y0, err := tsne.SpectralInit(ctx, a, o)
			if err == nil {
				out((*float32)(y), y0)
			}
			return err
		})
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
func goTsneReduce(to *C.float, x C.shim_data, k C.int64_t, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return callOnData(x, co, false, text, size, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
		if err := axes(k, x.n, x.d); err != nil {
			return err
		}
		scores, err := tsne.ReducePCA(ctx, in, int(k), o)
		if err == nil {
			out((*float32)(to), scores.Data)
		}
		return err
	})
}

//export goTsneReduceCSR
func goTsneReduceCSR(to *C.float, ptr *C.int64_t, col *C.int32_t, val *C.float, n, d, k C.int64_t, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		rows, err := points(int64(n))
		if err != nil {
			return err
		}
		if d < 1 || d > maxColumns {
			return refuse(statusShape, "X: got %d columns, want 1 to 2^31 - 1", d)
		}
		if err := axes(k, n, d); err != nil {
			return err
		}
		at, err := view[int64](unsafe.Pointer(ptr), "ptr", rows+1, 1)
		if err != nil {
			return err
		}
		nnz := at[rows]
		if nnz < 0 || nnz > math.MaxInt/4 {
			return refuse(statusGraph, "ptr: the last entry is %d, want the number of values", nnz)
		}
		return withOptions(co, rows, false, func(ctx context.Context, o tsne.Options) error {
			s := tsne.SparseMatrix{Rows: rows, Cols: int(d), Ptr: at,
				Col: unsafe.Slice((*int32)(col), int(nnz)), Val: unsafe.Slice((*float32)(val), int(nnz))}
			scores, err := tsne.Reduce(ctx, s, int(k), o)
			if err == nil {
				out((*float32)(to), scores.Data)
			}
			return err
		})
	})
}
