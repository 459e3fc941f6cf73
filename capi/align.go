//go:build cgo

package main

// #include "private.h"
import "C"

import (
	"context"
	"fmt"
	"math"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

//export goTsneAlign
func goTsneAlign(y *C.float, made *C.uintptr_t, disparity, overlap *C.double, reference C.uintptr_t, x C.matrix, t *C.tsne_transform_options, unread, co *C.tsne_options, why *C.failure) C.int {
	return callOnData(x, co, false, why, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
		v, err := modelOf(reference, "reference")
		if err != nil {
			return err
		}
		if o.Dims != v.e.Dims() {
			return badOption("dims", o.Dims, fmt.Sprintf("%d, as the reference has", v.e.Dims()))
		}
		placing, err := readTransform(t, unread, in.Rows, o.Dims)
		if err != nil {
			return err
		}
		placing.Threads, placing.Progress, placing.ProgressEvery, placing.Log = o.Threads, o.Progress, o.ProgressEvery, o.Log
		return v.hold(ctx, shared, func() error {
			e, how, err := tsne.Align(ctx, v.e, in, placing, o)
			o.Pull = 0 // the map that it gives is held no more
			if err := outFit(y, made, e, err, o, co.keep_data != 0); err != nil {
				return err
			}
			put((*float64)(disparity), how.Disparity)
			put((*float64)(overlap), how.NeighborOverlap)
			return nil
		})
	})
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
		return nil, refuse(statusNotFinite, "s", "the superposition has a value that is not finite")
	}
	return s, nil
}

//export goTsneProcrustes
func goTsneProcrustes(s *C.tsne_superposition, target, source *C.float, n C.int64_t, dims C.int32_t, flags C.int, why *C.failure) C.int {
	return call(why, func() error {
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
func goTsneProcrustesLabels(s *C.tsne_superposition, target *C.float, targetLabels *C.int32_t, n C.int64_t, source *C.float, sourceLabels *C.int32_t, m C.int64_t, dims C.int32_t, flags C.int, why *C.failure) C.int {
	return call(why, func() error {
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
func goTsneProcrustesMany(maps, consensus *C.float, disparity *C.double, count, n C.int64_t, dims C.int32_t, flags C.int, why *C.failure) C.int {
	return call(why, func() error {
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
		out((*float32)(consensus), mean)
		return nil
	})
}

//export goTsneSuperpose
func goTsneSuperpose(y *C.float, n C.int64_t, from *C.tsne_superposition, why *C.failure) C.int {
	return call(why, func() error {
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
