//go:build cgo

package main

// #include "private.h"
import "C"

import (
	"context"
	"fmt"
	"slices"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

//export goTsneAffinitiesFromData
func goTsneAffinitiesFromData(p *C.uintptr_t, x C.matrix, co *C.tsne_options, why *C.failure) C.int {
	return callOnData(x, co, false, why, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
		a, err := tsne.AffinitiesOf(ctx, in, o)
		return putAffinities(p, a, err)
	})
}

//export goTsneAffinitiesOfEach
func goTsneAffinitiesOfEach(p *C.uintptr_t, x C.matrix, perplexities *C.double, lengths *C.int64_t, count C.int64_t, co *C.tsne_options, why *C.failure) C.int {
	return callOnData(x, co, false, why, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
		lists, err := readLists(perplexities, unsafe.Slice((*int64)(lengths), int(count)))
		if err != nil {
			return err
		}
		made, err := tsne.AffinitiesOfEach(ctx, in, lists, o)
		if err != nil {
			return err
		}
		for i, a := range made {
			unsafe.Slice(p, len(made))[i] = C.uintptr_t(handles.add(kindAffinities, a))
		}
		return nil
	})
}

// readLists gives copies of the caller's lists, which lie one after the other.
func readLists(values *C.double, lengths []int64) (lists [][]float64, err error) {
	left := int64(maxPerplexities)
	for i, length := range lengths {
		if length < 1 || length > left {
			return nil, badOption("lengths", length, fmt.Sprintf("1 or more, and at most %d in all, in list %d", maxPerplexities, i))
		}
		left -= length
	}
	all := unsafe.Slice((*float64)(values), int(maxPerplexities-left))
	for _, length := range lengths {
		lists = append(lists, slices.Clone(all[:length]))
		all = all[length:]
	}
	return lists, nil
}

//export goTsneAffinitiesFromNeighbors
func goTsneAffinitiesFromNeighbors(p *C.uintptr_t, index *C.int32_t, distance *C.float, n, k C.int64_t, co *C.tsne_options, why *C.failure) C.int {
	return callOnGraph(index, distance, "distance", n, k, co, why, func(ctx context.Context, rows int, index []int32, distance []float32, o tsne.Options) error {
		nb, err := tsne.NeighborsFromDistances(rows, int(k), index, distance)
		if err != nil {
			return err
		}
		a, err := tsne.NewAffinities(ctx, nb, o)
		return putAffinities(p, a, err)
	})
}

//export goTsneAffinitiesFromConditional
func goTsneAffinitiesFromConditional(a *C.uintptr_t, index *C.int32_t, p *C.float, n, k C.int64_t, co *C.tsne_options, why *C.failure) C.int {
	return callOnGraph(index, p, "p", n, k, co, why, func(ctx context.Context, rows int, index []int32, p []float32, o tsne.Options) error {
		made, err := tsne.AffinitiesFromConditional(ctx, rows, int(k), index, p, o)
		return putAffinities(a, made, err)
	})
}

// callOnGraph is call for n rows of k neighbours and as many values, which have a name.
func callOnGraph(index *C.int32_t, values *C.float, name string, n, k C.int64_t, co *C.tsne_options, why *C.failure, do func(ctx context.Context, rows int, index []int32, values []float32, o tsne.Options) error) C.int {
	return call(why, func() error {
		rows, err := points(int64(n))
		if err != nil {
			return err
		}
		idx, err := view[int32](unsafe.Pointer(index), "index", rows, int64(k))
		if err != nil {
			return err
		}
		val, err := view[float32](unsafe.Pointer(values), name, rows, int64(k))
		if err != nil {
			return err
		}
		return withOptions(co, rows, false, func(ctx context.Context, o tsne.Options) error { return do(ctx, rows, idx, val, o) })
	})
}

//export goTsneAffinitiesFromDistances
func goTsneAffinitiesFromDistances(p *C.uintptr_t, dist *C.float, n C.int64_t, co *C.tsne_options, why *C.failure) C.int {
	return callOnDistances(dist, n, co, why, func(ctx context.Context, dist []float32, rows int, o tsne.Options) error {
		a, err := tsne.AffinitiesFromMatrix(ctx, dist, rows, o)
		return putAffinities(p, a, err)
	})
}

//export goTsneAffinitiesFromCSR
func goTsneAffinitiesFromCSR(p *C.uintptr_t, ptr *C.int64_t, col *C.int32_t, val *C.float, n C.int64_t, why *C.failure) C.int {
	return call(why, func() error {
		rows, err := points(int64(n))
		if err != nil {
			return err
		}
		in, err := entriesOf(ptr, col, val, rows)
		if err != nil {
			return err
		}
		a, err := tsne.AffinitiesFromCSR(in.ptr, in.col, in.val)
		return putAffinities(p, a, err)
	})
}

//export goTsneConditional
func goTsneConditional(p, distance *C.float, m, k C.int64_t, co *C.tsne_options, why *C.failure) C.int {
	return call(why, func() error {
		dist, err := rowsOf[float32](unsafe.Pointer(distance), "distance", m, k)
		if err != nil {
			return err
		}
		return withOptions(co, int(m), false, func(ctx context.Context, o tsne.Options) error {
			val, err := tsne.Conditional(ctx, dist, int(m), int(k), o)
			return outAll(p, val, err)
		})
	})
}

//export goTsneAffinitiesSize
func goTsneAffinitiesSize(n, nnz *C.int64_t, p C.uintptr_t, why *C.failure) C.int {
	return callWith(p, kindAffinities, why, func(a *tsne.Affinities) error {
		put((*int64)(n), int64(a.N))
		put((*int64)(nnz), int64(len(a.Val)))
		return nil
	})
}

//export goTsneAffinitiesCopy
func goTsneAffinitiesCopy(ptr *C.int64_t, col *C.int32_t, val *C.float, p C.uintptr_t, why *C.failure) C.int {
	return callWith(p, kindAffinities, why, func(a *tsne.Affinities) error {
		out((*int64)(ptr), a.Ptr)
		out((*int32)(col), a.Col)
		out((*float32)(val), a.Val)
		return nil
	})
}

//export goTsneAffinitiesGradient
func goTsneAffinitiesGradient(gradient *C.float, kl *C.double, p C.uintptr_t, y *C.float, co *C.tsne_options, why *C.failure) C.int {
	return callOnAffinities(p, co, why, func(ctx context.Context, a *tsne.Affinities, o tsne.Options) error {
		at, err := view[float32](unsafe.Pointer(y), "y", a.N, int64(o.Dims))
		if err != nil {
			return err
		}
		g, divergence, err := tsne.Gradient(ctx, a, at, o)
		if err == nil {
			put((*float64)(kl), divergence)
		}
		return outAll(gradient, g, err)
	})
}

//export goTsneAffinitiesFree
func goTsneAffinitiesFree(p C.uintptr_t) {
	if a, ok := handles.remove(handle(p), kindAffinities).(*tsne.Affinities); ok {
		giveBackLater(a.N)
	}
}
