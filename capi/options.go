//go:build cgo

package main

// #include "private.h"
import "C"

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

// cancelPoll is how often *cancel is read.
const cancelPoll = 10 * time.Millisecond

// maxPerplexities bounds a list whose length may be garbage.
const maxPerplexities = 1000

// maxColumns is the most that an int32 can number.
const maxColumns = math.MaxInt32

// readOptions gives the engine's form of o. n is the number of points; init
// says whether the initial map is read.
func readOptions(o *C.tsne_options, n int, init bool) (g tsne.Options, err error) {
	for _, read := range []func(*tsne.Options, *C.tsne_options) error{
		fitReserved, fitMap, fitAffinities, fitStart, fitPhases, fitForces, fitLong, readHooks,
	} {
		if err := read(&g, o); err != nil {
			return g, err
		}
	}
	if g.Perplexities, err = readPerplexities(o.perplexity, o.perplexities, o.n_perplexities); err != nil {
		return g, err
	}
	if g.Perplexities == nil {
		g.Perplexity = float64(o.perplexity)
	}
	if o.pull_y != nil && o.dims > 0 {
		if g.PullY, err = rowsOf[float32](unsafe.Pointer(o.pull_y), "pull_y", C.int64_t(n), C.int64_t(o.dims)); err != nil {
			return g, err
		}
	}
	if o.pull_weights != nil {
		if g.PullWeights, err = rowsOf[float32](unsafe.Pointer(o.pull_weights), "pull_weights", C.int64_t(n), 1); err != nil {
			return g, err
		}
	}
	if o.checkpoint != nil {
		g.Checkpoint = C.GoString(o.checkpoint)
	}
	if o.scratch != nil {
		g.Scratch = C.GoString(o.scratch)
	}
	switch {
	case o.init != C.TSNE_INIT_GIVEN:
	case !init:
		g.Init = tsne.InitPCA
	case o.init_y == nil:
		return g, refuse(statusNull, "init_y", "got NULL, and %v is TSNE_INIT_GIVEN", named("init"))
	case o.dims > 0:
		g.InitY, err = view[float32](unsafe.Pointer(o.init_y), "init_y", n, int64(o.dims))
	}
	return g, err
}

// writeOptions is the inverse of readOptions for what a model goes by.
func writeOptions(o *C.tsne_options, g tsne.Options, perplexity float64) {
	putFit(o, g)
	o.perplexities, o.n_perplexities, o.perplexity = nil, 0, C.double(perplexity)
}

// readPerplexities gives a copy of the caller's list; nil if it is empty and the
// single value counts.
func readPerplexities(one C.double, list *C.double, n C.int64_t) ([]float64, error) {
	switch {
	case n < 0 || n > maxPerplexities:
		return nil, badOption("n_perplexities", n, "0 to 1000")
	case n == 0 && one == 0:
		return nil, badOption("perplexity", 0, "above 0")
	case n == 0:
		return nil, nil
	case list == nil:
		return nil, refuse(statusNull, "perplexities", "got NULL, and %v is %d", named("n_perplexities"), n)
	}
	return slices.Clone(unsafe.Slice((*float64)(list), int(n))), nil
}

// readHooks reads what concerns the call and not the map.
func readHooks(g *tsne.Options, o *C.tsne_options) error {
	if err := fitCall(g, o); err != nil {
		return err
	}
	if o.progress != nil {
		g.Progress = func(p tsne.Progress) bool {
			return C.tsne__progress(o, C.int32_t(p.Stage), C.int32_t(p.Dims), C.int64_t(p.N),
				C.int64_t(p.Iteration), C.int64_t(p.Iterations), C.double(p.Done), C.double(p.KL),
				C.double(p.Exaggeration), (*C.float)(unsafe.SliceData(p.Y))) != 0
		}
	}
	if o.log != nil {
		g.Log = func(level tsne.Level, line tsne.Message) {
			var said C.failure
			putMessage(&said, statusOK, line)
			C.tsne__log(o, C.int(level), &said)
		}
	}
	return nil
}

// whole is v as an int, at most the largest.
func whole(v C.int64_t) int { return int(max(min(int64(v), math.MaxInt), math.MinInt)) }

// orOff is v, or what Go says for a 0 that is not the default.
func orOff[T int | float64](v, off T) T {
	if v == 0 {
		return off
	}
	return v
}

// said is v as Go says it: nothing by 0, and 0 by off.
func said[T int | float64](v, off T) T {
	if v == -1 {
		return 0
	}
	return orOff(v, off)
}

var errCancelFlag = errors.New("the cancel flag was set")

// watch gives a context that ends when *o.cancel becomes non-zero. The flag
// is not read after done has returned.
func watch(o *C.tsne_options) (ctx context.Context, done func()) {
	if o == nil || o.cancel == nil {
		return context.Background(), func() {}
	}
	flag := (*int32)(unsafe.Pointer(o.cancel))
	ctx, stop := context.WithCancelCause(context.Background())
	if atomic.LoadInt32(flag) != 0 {
		stop(errCancelFlag)
		return ctx, func() {}
	}
	quit, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		tick := time.NewTicker(cancelPoll)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
				if atomic.LoadInt32(flag) != 0 {
					stop(errCancelFlag)
					return
				}
			}
		}
	}()
	return ctx, func() {
		close(quit)
		<-gone
		stop(nil)
	}
}

// points checks the number of points.
func points(n int64) (int, error) {
	if n < 1 || n > math.MaxInt32 {
		return 0, refuse(statusShape, "n", "got %d points, want 4 to 2^31 - 1", n)
	}
	return int(n), nil
}

// view is the caller's rows x cols array, not copied.
func view[T any](at unsafe.Pointer, name string, rows int, cols int64) ([]T, error) {
	var v T
	switch {
	case cols < 1:
		return nil, refuse(statusShape, name, "got %d columns, want at least 1", cols)
	case cols > int64(math.MaxInt)/int64(unsafe.Sizeof(v))/int64(rows),
		uintptr(at)+uintptr(rows)*uintptr(cols)*unsafe.Sizeof(v) < uintptr(at):
		return nil, refuse(statusShape, name, "%d x %d values exceed the address space", rows, cols)
	}
	return unsafe.Slice((*T)(at), rows*int(cols)), nil
}

// data is the caller's X.
func data(x C.matrix) (input, error) {
	if _, err := points(int64(x.n)); err != nil {
		return input{}, err
	}
	return newPoints("x", x)
}

// readPhase reads the arguments of an optimising call; o may be nil.
func readPhase(iterations C.int64_t, exaggeration, learningRate, momentum C.double, o *C.tsne_options) (ph tsne.Phase, err error) {
	of := C.tsne_options{
		iterations: iterations, exaggeration: exaggeration, learning_rate: learningRate, momentum: momentum, early_exaggeration: 1,
	}
	switch { // one phase has no schedule
	case iterations < 0:
		return ph, badOption("iterations", iterations, "0 to 2^31 - 1")
	case !(momentum >= 0):
		return ph, badOption("momentum", momentum, "0 to below 1")
	}
	if o != nil {
		of.anneal_iterations, of.auto_stop = o.anneal_iterations, o.auto_stop
	}
	var g tsne.Options
	if err := fitPhases(&g, &of); err != nil {
		return ph, err
	}
	return tsne.Phase{
		Iterations: max(g.Iterations, 0), Exaggeration: g.Exaggeration, LearningRate: g.LearningRate, Momentum: g.Momentum,
		Anneal: g.AnnealIterations, AutoStop: g.AutoStop,
	}, nil
}
