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

// mapOf is the caller's map, n x dims.
func mapOf(at *C.float, name string, n C.int64_t, dims C.int32_t) ([]float32, error) {
	rows, err := points(int64(n))
	if err != nil {
		return nil, err
	}
	if dims < 1 || dims > 3 {
		return nil, badOption("dims", dims, "1, 2 or 3")
	}
	return view[float32](unsafe.Pointer(at), name, rows, int64(dims))
}

func readFlags(flags, known C.int) (tsne.ProcrustesOptions, error) {
	o := tsne.ProcrustesOptions{
		Scale:        flags&C.TSNE_PROCRUSTES_SCALE != 0,
		NoReflection: flags&C.TSNE_PROCRUSTES_NO_REFLECTION != 0,
	}
	if flags&^known != 0 {
		return o, badOption("flags", flags, "a sum of enum tsne_procrustes_flags that this function knows")
	}
	return o, nil
}

const oneMap = C.TSNE_PROCRUSTES_SCALE | C.TSNE_PROCRUSTES_NO_REFLECTION

func putSuperposition(to *C.tsne_superposition, s *tsne.Superposition) {
	for i, v := range s.Rotation {
		to.rotation[i] = C.double(v)
	}
	for i := range s.From {
		to.from[i], to.to[i] = C.double(s.From[i]), C.double(s.To[i])
	}
	to.scale, to.disparity = C.double(s.Scale), C.double(s.Disparity)
	to.dims, to.reflected = C.int32_t(s.Dims), 0
	if s.Reflected {
		to.reflected = 1
	}
}

func readSuperposition(from *C.tsne_superposition) (*tsne.Superposition, error) {
	s := &tsne.Superposition{
		Dims: int(from.dims), Scale: float64(from.scale), Disparity: float64(from.disparity), Reflected: from.reflected != 0,
	}
	if from.dims < 1 || from.dims > 3 {
		return nil, badOption("dims", from.dims, "1, 2 or 3")
	}
	finite := func(v C.double) float64 {
		if x := float64(v); !math.IsNaN(x) && !math.IsInf(x, 0) {
			return x
		}
		return math.NaN()
	}
	sum := finite(from.scale)
	for i := range s.Dims * s.Dims {
		s.Rotation[i] = float64(from.rotation[i])
		sum += 0 * finite(from.rotation[i])
	}
	for i := range s.Dims {
		s.From[i], s.To[i] = float64(from.from[i]), float64(from.to[i])
		sum += 0*finite(from.from[i]) + 0*finite(from.to[i])
	}
	if math.IsNaN(sum) {
		return nil, refuse(statusNotFinite, "s: the superposition has a value that is not finite")
	}
	return s, nil
}

//export goTsneProcrustes
func goTsneProcrustes(s *C.tsne_superposition, target, source *C.float, n C.int64_t, dims C.int32_t, flags C.int, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		a, err := mapOf(target, "target", n, dims)
		if err != nil {
			return err
		}
		b, err := mapOf(source, "source", n, dims)
		if err != nil {
			return err
		}
		o, err := readFlags(flags, oneMap)
		if err != nil {
			return err
		}
		got, err := tsne.Procrustes(a, b, int(dims), o)
		if err == nil {
			putSuperposition(s, got)
		}
		return err
	})
}

//export goTsneProcrustesLabels
func goTsneProcrustesLabels(s *C.tsne_superposition, target *C.float, targetLabels *C.int32_t, n C.int64_t, source *C.float, sourceLabels *C.int32_t, m C.int64_t, dims C.int32_t, flags C.int, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		a, err := mapOf(target, "target", n, dims)
		if err != nil {
			return err
		}
		b, err := mapOf(source, "source", m, dims)
		if err != nil {
			return err
		}
		o, err := readFlags(flags, oneMap)
		if err != nil {
			return err
		}
		got, err := tsne.ProcrustesLabels(a, unsafe.Slice((*int32)(targetLabels), int(n)),
			b, unsafe.Slice((*int32)(sourceLabels), int(m)), int(dims), o)
		if err == nil {
			putSuperposition(s, got)
		}
		return err
	})
}

//export goTsneProcrustesMany
func goTsneProcrustesMany(maps, consensus *C.float, disparity *C.double, count, n C.int64_t, dims C.int32_t, flags C.int, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		first, err := mapOf(maps, "maps", n, dims)
		if err != nil {
			return err
		}
		if count < 1 || count > math.MaxInt32 {
			return badOption("count", count, "1 to 2^31 - 1")
		}
		all, err := view[float32](unsafe.Pointer(maps), "maps", int(count), int64(len(first)))
		if err != nil {
			return err
		}
		o, err := readFlags(flags, oneMap|C.TSNE_PROCRUSTES_TO_FIRST)
		if err != nil {
			return err
		}
		each := make([][]float32, count)
		for i := range each {
			each[i] = all[i*len(first):][:len(first):len(first)]
		}
		mean, moves, err := tsne.GeneralizedProcrustes(each, int(dims), flags&C.TSNE_PROCRUSTES_TO_FIRST != 0, o)
		if err != nil {
			return err
		}
		for i, s := range moves {
			s.Apply(each[i])
			if disparity != nil {
				unsafe.Slice((*float64)(disparity), int(count))[i] = s.Disparity
			}
		}
		if consensus != nil {
			out((*float32)(consensus), mean)
		}
		return nil
	})
}

//export goTsneSuperpose
func goTsneSuperpose(y *C.float, n C.int64_t, from *C.tsne_superposition, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		s, err := readSuperposition(from)
		if err != nil {
			return err
		}
		at, err := mapOf(y, "y", n, from.dims)
		if err == nil {
			s.Apply(at)
		}
		return err
	})
}

//export goTsneSharedNeighbors
func goTsneSharedNeighbors(share *C.double, a, b *C.float, n C.int64_t, dims C.int32_t, k C.int64_t, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return call(text, size, func() error {
		one, err := mapOf(a, "a", n, dims)
		if err != nil {
			return err
		}
		two, err := mapOf(b, "b", n, dims)
		if err != nil {
			return err
		}
		if k < 1 || k >= n {
			return badOption("k", k, "1 to n - 1")
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

//export goTsneQuality
func goTsneQuality(knn, knc, cpd *C.double, x C.shim_data, y *C.float, dims C.int32_t, labels *C.int32_t, co *C.tsne_options, text *C.char, size C.size_t) C.int {
	return callOnData(x, co, false, text, size, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
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
		for _, v := range []struct {
			to  *C.double
			got float64
		}{{knn, q.KNN}, {knc, q.KNC}, {cpd, q.CPD}} {
			if v.to != nil {
				*v.to = C.double(v.got)
			}
		}
		return nil
	})
}
