//go:build cgo

package main

// #include "private.h"
import "C"

import (
	"context"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

//export goTsneNeighbors
func goTsneNeighbors(index *C.int32_t, distance *C.float, x C.matrix, k C.int64_t, co *C.tsne_options, why *C.failure) C.int {
	return callOnData(x, co, false, why, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
		if err := others(k, x.n); err != nil {
			return err
		}
		if _, err := view[float32](unsafe.Pointer(distance), "distance", in.Rows, int64(k)); err != nil {
			return err
		}
		nb, err := tsne.FindNeighbors(ctx, in, int(k), o)
		return outNeighbors(index, distance, nb, err)
	})
}

//export goTsneNeighborsPart
func goTsneNeighborsPart(rows, index *C.int32_t, distance, p *C.float, x C.matrix, k, first, last C.int64_t, co *C.tsne_options, why *C.failure) C.int {
	return callOnData(x, co, false, why, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
		if err := others(k, x.n); err != nil {
			return err
		}
		if first < 0 || first > x.n {
			return badOption("first", first, "0 to n")
		}
		if last < first || last > x.n {
			return badOption("last", last, "first to n")
		}
		part, err := tsne.FindNeighborsPart(ctx, in, int(k), int(first), int(last), p != nil, o)
		if err != nil || first == last {
			return err
		}
		out((*int32)(rows), part.Rows)
		out((*int32)(index), part.Neighbors.Index)
		if distance != nil {
			out((*float32)(distance), part.Neighbors.Distances())
		}
		if p != nil {
			out((*float32)(p), part.Conditional)
		}
		return nil
	})
}

//export goTsneNeighborsOfNew
func goTsneNeighborsOfNew(index *C.int32_t, distance *C.float, x, q C.matrix, k C.int64_t, co *C.tsne_options, why *C.failure) C.int {
	return callOnData(x, co, false, why, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
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
		return outNeighbors(index, distance, nb, err)
	})
}

//export goTsneNeighborsOfNewCSR
func goTsneNeighborsOfNewCSR(index *C.int32_t, distance *C.float, x, q C.csr, k C.int64_t, co *C.tsne_options, why *C.failure) C.int {
	return call(why, func() error {
		rows, err := points(int64(x.n))
		if err != nil {
			return err
		}
		if k < 1 || k > x.n {
			return badOption("k", k, "1 to n")
		}
		if _, err := rowsOf[float32](unsafe.Pointer(distance), "distance", q.n, k); err != nil {
			return err
		}
		from, err := sparseOf(x, rows)
		if err != nil {
			return err
		}
		given := tsne.SparseMatrix{Cols: int(x.d), Ptr: []int64{0}}
		if q.n > 0 {
			if given, err = sparseOf(q, int(q.n)); err != nil {
				return err
			}
		}
		return withOptions(co, rows, false, func(ctx context.Context, o tsne.Options) error {
			nb, err := tsne.FindNeighborsOfNewSparse(ctx, from, given, int(k), o)
			return outNeighbors(index, distance, nb, err)
		})
	})
}

//export goTsneNeighborsOfDistances
func goTsneNeighborsOfDistances(index *C.int32_t, distance, dist *C.float, n, k C.int64_t, co *C.tsne_options, why *C.failure) C.int {
	return callOnDistances(dist, n, co, why, func(ctx context.Context, dist []float32, rows int, o tsne.Options) error {
		if err := others(k, n); err != nil {
			return err
		}
		nb, err := tsne.NeighborsFromMatrix(ctx, dist, rows, int(k), o)
		return outNeighbors(index, distance, nb, err)
	})
}

// others checks how many neighbours are asked for of a point among n.
func others(k, n C.int64_t) error {
	if k < 1 || k >= n {
		return badOption("k", k, "1 to n - 1")
	}
	return nil
}

// callOnDistances is callOnData for the exports that take an n x n matrix of
// distances.
func callOnDistances(dist *C.float, n C.int64_t, co *C.tsne_options, why *C.failure,
	body func(ctx context.Context, dist []float32, n int, o tsne.Options) error) C.int {
	return call(why, func() error {
		rows, err := points(int64(n))
		if err != nil {
			return err
		}
		v, err := view[float32](unsafe.Pointer(dist), "dist", rows, int64(n))
		if err != nil {
			return err
		}
		return withOptions(co, rows, false, func(ctx context.Context, o tsne.Options) error {
			return body(ctx, v, rows, o)
		})
	})
}

func outNeighbors(index *C.int32_t, distance *C.float, nb *tsne.Neighbors, err error) error {
	if err == nil {
		out((*int32)(index), nb.Index)
		out((*float32)(distance), nb.Distances())
	}
	return err
}
