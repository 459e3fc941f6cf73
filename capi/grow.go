//go:build cgo

package main

// #include "private.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

// maxSets bounds lists whose length may be garbage.
const maxSets = 1000

// callOnOwn is call for a fit of n of a model's own rows, or some more; own: as
// the model was made.
func callOnOwn(m C.uintptr_t, n int, co *C.tsne_options, own C.int, why *C.failure,
	body func(ctx context.Context, v *model, o tsne.Options) error) C.int {
	return callWith(m, kindModel, why, func(v *model) error {
		return withOptions(co, n, false, func(ctx context.Context, o tsne.Options) error {
			return v.hold(ctx, shared, func() error {
				if own != 0 {
					o = v.e.Settings()
					o.Perplexities, _ = v.e.Perplexities()
					o.Checkpoint = ""
				}
				return body(ctx, v, o)
			})
		})
	})
}

//export goTsneUpdate
func goTsneUpdate(y *C.float, made *C.uintptr_t, m C.uintptr_t, x C.matrix, hold C.double, co *C.tsne_options, own C.int, why *C.failure) C.int {
	return callOnOwn(m, 1, co, own, why, func(ctx context.Context, v *model, o tsne.Options) error {
		given, err := newPoints("x", x)
		if err != nil {
			return err
		}
		in, err := given.matrix(func(d tsne.Float64Matrix) (tsne.Matrix, error) {
			return v.e.FromFloat64(ctx, d, tsne.TransformOptions{Threads: o.Threads, MaxMemory: o.MaxMemory})
		})
		if err != nil {
			return err
		}
		e, err := v.e.Update(ctx, in, float64(hold), o)
		if e != nil {
			o = e.Settings() // with the pull, which goes on
		}
		return outMade(y, made, e, err, o, co.keep_data != 0)
	})
}

//export goTsneZoom
func goTsneZoom(y, whole *C.float, made *C.uintptr_t, m C.uintptr_t, rows *C.int32_t, n C.int64_t, co *C.tsne_options, own C.int, why *C.failure) C.int {
	return callOnOwn(m, 1, co, own, why, func(ctx context.Context, v *model, o tsne.Options) error {
		of, err := rowsOf[int32](unsafe.Pointer(rows), "rows", n, 1)
		if err != nil {
			return err
		}
		e, err := v.e.Zoom(ctx, of, o)
		if e == nil || !keeps(err) {
			return err
		}
		all, wrong := v.e.PutBack(of, e)
		if wrong != nil {
			return wrong
		}
		o.Pull = 0
		if err = outMade(y, made, e, err, o, co.keep_data != 0); keeps(err) {
			out((*float32)(whole), all)
		}
		return err
	})
}

//export goTsneFitTogether
func goTsneFitTogether(y **C.float, made *C.uintptr_t, x *unsafe.Pointer, n, d *C.int64_t, count C.int64_t, doubles, order C.int, keys **C.int64_t,
	window, rounds C.int64_t, co *C.tsne_options, why *C.failure) C.int {
	return call(why, func() error {
		if count < 2 || count > maxSets {
			return badOption("count", count, "2 to 1000")
		}
		many := int(count)
		sets := make([]input, many)
		t := tsne.TogetherOptions{Window: whole(window), Rounds: orOff(whole(rounds), -1)}
		if window < 1 {
			return badOption("window", window, "1 or more")
		}
		if rounds < 0 {
			return badOption("rounds", rounds, "0 or more")
		}
		for i := range many {
			at := C.matrix{
				at: unsafe.Slice(x, many)[i], n: unsafe.Slice(n, many)[i], d: unsafe.Slice(d, many)[i],
				doubles: C.int32_t(doubles), order: C.int32_t(order),
			}
			name := fmt.Sprintf("x[%d]", i)
			var err error
			if at.at == nil {
				err = refuse(statusNull, name, "is NULL")
			} else if unsafe.Slice(y, many)[i] == nil {
				err = refuse(statusNull, fmt.Sprintf("y[%d]", i), "is NULL")
			} else if sets[i], err = newPoints(name, at); err == nil && keys != nil {
				var of []int64
				if unsafe.Slice(keys, many)[i] == nil {
					err = refuse(statusNull, fmt.Sprintf("keys[%d]", i), "is NULL")
				} else {
					of, err = rowsOf[int64](unsafe.Pointer(unsafe.Slice(keys, many)[i]), fmt.Sprintf("keys[%d]", i), at.n, 1)
				}
				t.Keys = append(t.Keys, of)
			}
			if err != nil {
				return err
			}
		}
		return withOptions(co, max(sets[0].rows(), 1), true, func(ctx context.Context, o tsne.Options) error {
			in := make([]tsne.Matrix, many)
			for i, given := range sets {
				var err error
				if in[i], err = given.byItself(ctx, o); err != nil {
					return aboutSet(i, err)
				}
			}
			maps, err := tsne.FitTogether(ctx, in, t, o)
			if err != nil {
				return err
			}
			return outMaps(y, made, maps, o, co.keep_data != 0)
		})
	})
}

// aboutSet has an error about data say which.
func aboutSet(i int, err error) error {
	var e *tsne.Error
	if !errors.As(err, &e) {
		return err
	}
	return &tsne.Error{Kind: e.Kind, Cause: e.Cause, Message: e.Renamed(fmt.Sprintf("x[%d]", i))}
}

// outMaps gives several maps or, if one cannot be, none.
func outMaps(y **C.float, made *C.uintptr_t, maps []*tsne.Embedding, o tsne.Options, keep bool) error {
	o.Pull = 0 // they are held no more
	models := make([]*model, len(maps))
	for i, e := range maps {
		if made == nil {
			continue
		}
		if err := ownData(e, keep); err != nil {
			return err
		}
		var err error
		if models[i], err = newModel(e, forces(o)); err != nil {
			return err
		}
	}
	for i, e := range maps {
		if made != nil {
			putModel(&unsafe.Slice(made, len(maps))[i], models[i], nil)
		}
		outY(unsafe.Slice(y, len(maps))[i], e)
	}
	return nil
}
