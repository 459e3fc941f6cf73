//go:build cgo

package main

// #include "private.h"
import "C"

import (
	"context"
	"math"

	"github.com/libtsne/libtsne/tsne"
)

//export goTsneFit
func goTsneFit(y *C.float, m *C.uintptr_t, x C.matrix, co *C.tsne_options, why *C.failure) C.int {
	return callOnData(x, co, true, why, func(ctx context.Context, in tsne.Matrix, o tsne.Options) error {
		e, err := tsne.Fit(ctx, in, o)
		return outFit(y, m, e, err, o, co.keep_data != 0)
	})
}

//export goTsneFitAffinities
func goTsneFitAffinities(y *C.float, m *C.uintptr_t, p C.uintptr_t, x C.matrix, co *C.tsne_options, why *C.failure) C.int {
	return callWith(p, kindAffinities, why, func(a *tsne.Affinities) error {
		var given input
		if x.at != nil {
			var err error
			if given, err = data(x); err != nil {
				return err
			}
			if given.rows() != a.N {
				return refuse(statusShape, "x", "got %d rows, want %d, as many as the affinities have", given.rows(), a.N)
			}
		}
		return withOptions(co, a.N, true, func(ctx context.Context, o tsne.Options) error {
			in, err := given.byItself(ctx, o)
			if err != nil {
				return err
			}
			e, err := tsne.FitAffinities(ctx, a, in, o)
			return outFit(y, m, e, err, o, co.keep_data != 0)
		})
	})
}

// outFit gives what a fit came to, which is nothing unless err is none or, while
// optimising, that it was cancelled. The model has a copy of data that are the
// caller's, keeps data that were made for it, or has none.
func outFit(y *C.float, m *C.uintptr_t, e *tsne.Embedding, err error, o tsne.Options, keep bool) error {
	if e != nil && keeps(err) && m != nil {
		if err := ownData(e, keep); err != nil {
			return err
		}
	}
	return outMade(y, m, e, err, o, keep)
}

// outMade is outFit for an embedding whose data are its own.
func outMade(y *C.float, m *C.uintptr_t, e *tsne.Embedding, err error, o tsne.Options, keep bool) error {
	if e == nil || !keeps(err) {
		return err
	}
	if m != nil {
		if !keep {
			e.DropData()
		}
		v, err := newModel(e, forces(o))
		if err := putModel(m, v, err); err != nil {
			return err
		}
	}
	outY(y, e)
	return err
}

//export goTsneSettle
func goTsneSettle(co *C.tsne_options, n C.int64_t, why *C.failure) C.int {
	return call(why, func() error {
		if n < 0 {
			return refuse(statusShape, "n", "got %d, want 0 or more", n)
		}
		var o tsne.Options
		for _, read := range []func(*tsne.Options, *C.tsne_options) error{fitPhases, fitForces} {
			if err := read(&o, co); err != nil {
				return err
			}
		}
		o.Settle(int(min(n, math.MaxInt32)))
		co.early_iterations, co.iterations = C.int64_t(max(o.EarlyIterations, 0)), C.int64_t(max(o.Iterations, 0))
		co.early_momentum, co.momentum = C.double(max(o.EarlyMomentum, 0)), C.double(max(o.Momentum, 0))
		co.momentum_iterations = C.int64_t(o.MomentumIterations)
		return nil
	})
}

//export goTsneEstimateMemory
func goTsneEstimateMemory(bytes *C.uint64_t, n, d C.int64_t, co *C.tsne_options, why *C.failure) C.int {
	return call(why, func() error {
		rows, err := points(int64(n))
		if err != nil {
			return err
		}
		if d < 1 || int64(d) > math.MaxInt/4/int64(rows) {
			return refuse(statusShape, "x", "got %d rows and %d columns, want at least 1 column and a size within the address space", n, d)
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
