//go:build cgo

package main

// #include "shim.h"
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

// readOptions gives the engine's form of o, without callbacks. Where 0 means
// 0 in C and the default in Go, this is where the two meet. n is the number
// of points; init says whether the initial map is read.
func readOptions(o *C.tsne_options, n int, init bool) (tsne.Options, error) {
	g := tsne.Options{
		Dims:              int(o.dims),
		Init:              tsne.Init(o.init),
		Neighbors:         tsne.NeighborMethod(o.neighbors),
		NeighborsEffort:   float64(o.neighbors_effort),
		EarlyExaggeration: float64(o.early_exaggeration),
		Exaggeration:      float64(o.exaggeration),
		LearningRate:      float64(o.learning_rate),
		EarlyMomentum:     momentum(o.early_momentum),
		Momentum:          momentum(o.momentum),
		DOF:               float64(o.dof),
		Metric:            tsne.Metric(o.metric),
		Affinity:          tsne.AffinityKind(o.affinity),
		Sigma:             float64(o.sigma),
		AutoStop:          float64(o.auto_stop),
		Seed:              uint64(o.seed),
		MaxMemory:         uint64(o.max_memory),
	}
	if err := readForces(&g, o); err != nil {
		return g, err
	}
	if err := readHooks(&g, o); err != nil {
		return g, err
	}
	switch {
	case o.reserved != 0:
		return g, badOption("reserved", o.reserved, "0")
	case o.reserved2 != 0:
		return g, badOption("reserved2", o.reserved2, "0")
	case o.keep_data != 0 && o.keep_data != 1:
		return g, badOption("keep_data", o.keep_data, "0 or 1")
	case o.dof == 0:
		return g, badOption("dof", 0, "above 0")
	case o.sample_size < 4:
		return g, badOption("sample_size", o.sample_size, "4 or more")
	case o.k < 0:
		return g, badOption("k", o.k, "1 or more, or 0 for 3 * perplexity")
	case o.anneal_iterations < 0:
		return g, badOption("anneal_iterations", o.anneal_iterations, "0 or more")
	case o.dims < 1 || o.dims > 3:
		return g, badOption("dims", o.dims, "1, 2 or 3")
	case o.neighbors_effort == 0:
		return g, badOption("neighbors_effort", 0, "above 0")
	case o.early_exaggeration == 0:
		return g, badOption("early_exaggeration", 0, "above 0")
	case o.exaggeration == 0:
		return g, badOption("exaggeration", 0, "above 0")
	case o.early_momentum < 0:
		return g, badOption("early_momentum", o.early_momentum, "0 to below 1")
	case o.momentum < 0:
		return g, badOption("momentum", o.momentum, "0 to below 1")
	}
	g.K, g.SampleSize, g.AnnealIterations = whole(o.k), whole(o.sample_size), whole(o.anneal_iterations)
	var err error
	if g.EarlyIterations, err = iterations("early_iterations", o.early_iterations); err != nil {
		return g, err
	}
	if g.Iterations, err = iterations("iterations", o.iterations); err != nil {
		return g, err
	}
	if g.Perplexities, err = readPerplexities(o.perplexity, o.perplexities, o.n_perplexities); err != nil {
		return g, err
	}
	if g.Perplexities == nil {
		g.Perplexity = float64(o.perplexity)
	}
	if o.init == C.TSNE_INIT_GIVEN && !init {
		g.Init = tsne.InitPCA
	}
	if o.init == C.TSNE_INIT_GIVEN && init {
		if o.init_y == nil {
			return g, refuse(statusNull, "options.init_y is NULL, and init is TSNE_INIT_GIVEN")
		}
		g.InitY, err = view[float32](unsafe.Pointer(o.init_y), "init_y", n, int64(o.dims))
	}
	return g, err
}

// writeOptions is the inverse of readOptions for what a model goes by.
func writeOptions(o *C.tsne_options, g tsne.Options, perplexity float64) {
	o.dims, o.init = C.int32_t(g.Dims), C.int32_t(g.Init)
	o.neighbors, o.neighbors_effort = C.int32_t(g.Neighbors), C.double(g.NeighborsEffort)
	o.early_iterations, o.iterations = C.int64_t(max(0, g.EarlyIterations)), C.int64_t(max(0, g.Iterations))
	o.early_exaggeration, o.exaggeration = C.double(g.EarlyExaggeration), C.double(g.Exaggeration)
	o.learning_rate = C.double(g.LearningRate)
	o.early_momentum, o.momentum = C.double(max(0, g.EarlyMomentum)), C.double(max(0, g.Momentum))
	o.anneal_iterations, o.auto_stop = C.int64_t(g.AnnealIterations), C.double(g.AutoStop)
	o.max_step_norm, o.max_grad_norm = C.double(max(0, g.MaxStepNorm)), C.double(max(0, g.MaxGradNorm))
	o.repulsion, o.theta, o.dof = C.int32_t(g.Repulsion), C.double(g.Theta), C.double(g.DOF)
	o.density_lambda, o.density_fraction, o.density_shift = C.double(g.DensityLambda), C.double(g.DensityFraction), C.double(g.DensityShift)
	o.metric, o.affinity, o.sigma = C.int32_t(g.Metric), C.int32_t(g.Affinity), C.double(g.Sigma)
	o.k, o.sample_size, o.seed = C.int64_t(g.K), C.int64_t(g.SampleSize), C.uint64_t(g.Seed)
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
		return nil, refuse(statusNull, "options.perplexities is NULL, and n_perplexities is %d", n)
	}
	return slices.Clone(unsafe.Slice((*float64)(list), int(n))), nil
}

// readForces reads what tsne_model_optimize may change of the forces.
func readForces(g *tsne.Options, o *C.tsne_options) error {
	g.Repulsion = tsne.Repulsion(o.repulsion)
	g.Theta = float64(o.theta)
	g.MaxStepNorm = float64(o.max_step_norm)
	g.MaxGradNorm = float64(o.max_grad_norm)
	g.DensityLambda = float64(o.density_lambda)
	g.DensityFraction = float64(o.density_fraction)
	g.DensityShift = float64(o.density_shift)
	switch {
	case !(o.max_grad_norm >= 0):
		return badOption("max_grad_norm", o.max_grad_norm, "above 0, or 0 for no limit")
	case o.repulsion < C.TSNE_REPULSION_AUTO || o.repulsion > C.TSNE_REPULSION_FFT:
		return badOption("repulsion", o.repulsion, "auto (0), exact (1), Barnes-Hut (2) or FFT (3)")
	case !(o.theta > 0) || o.theta > 2:
		return badOption("theta", o.theta, "above 0, at most 2")
	case !(o.max_step_norm >= 0):
		return badOption("max_step_norm", o.max_step_norm, "above 0, or 0 for no limit")
	case !(o.density_lambda >= 0):
		return badOption("density_lambda", o.density_lambda, "0 or more")
	case !(o.density_fraction > 0) || o.density_fraction > 1:
		return badOption("density_fraction", o.density_fraction, "above 0, at most 1")
	case !(o.density_shift > 0):
		return badOption("density_shift", o.density_shift, "above 0")
	case o.max_step_norm == 0:
		g.MaxStepNorm = -1
	}
	return nil
}

// readHooks reads what concerns the call and not the map.
func readHooks(g *tsne.Options, o *C.tsne_options) error {
	g.Threads = int(o.threads)
	if o.threads < 0 {
		return badOption("threads", o.threads, "1 or more, or 0 for all processors")
	}
	if o.progress_every < 1 {
		return badOption("progress_every", o.progress_every, "1 or more")
	}
	g.ProgressEvery = whole(o.progress_every)
	if o.progress != nil {
		g.Progress = func(p tsne.Progress) bool {
			return C.shim_progress(o, C.int32_t(p.Stage), C.int32_t(p.Dims), C.int64_t(p.N),
				C.int64_t(p.Iteration), C.int64_t(p.Iterations), C.double(p.Done), C.double(p.KL),
				C.double(p.Exaggeration), (*C.float)(unsafe.SliceData(p.Y))) != 0
		}
	}
	if o.log != nil {
		g.Log = func(level tsne.Level, line string) {
			line = inC(line)
			b := make([]byte, len(line)+1)
			putText(b, line)
			C.shim_log(o, C.int(level), (*C.char)(unsafe.Pointer(&b[0])))
		}
	}
	return nil
}

func momentum(m C.double) float64 {
	if m == 0 {
		return tsne.NoMomentum
	}
	return float64(m)
}

// whole is v as an int, at most the largest.
func whole(v C.int64_t) int { return int(min(int64(v), math.MaxInt)) }

// iterations maps C's 0 for none to Go's negative.
func iterations(name string, v C.int64_t) (int, error) {
	switch {
	case v < 0 || int64(v) > math.MaxInt:
		return 0, badOption(name, v, "0 or more")
	case v == 0:
		return -1, nil
	}
	return int(v), nil
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
		return 0, refuse(statusShape, "n: got %d points, want 4 to 2^31 - 1", n)
	}
	return int(n), nil
}

// view is the caller's rows x cols array, not copied.
func view[T any](at unsafe.Pointer, name string, rows int, cols int64) ([]T, error) {
	var v T
	switch {
	case cols < 1:
		return nil, refuse(statusShape, "%s: got %d columns, want at least 1", name, cols)
	case cols > int64(math.MaxInt)/int64(unsafe.Sizeof(v))/int64(rows),
		uintptr(at)+uintptr(rows)*uintptr(cols)*unsafe.Sizeof(v) < uintptr(at):
		return nil, refuse(statusShape, "%s: %d x %d values exceed the address space", name, rows, cols)
	}
	return unsafe.Slice((*T)(at), rows*int(cols)), nil
}

// data is the caller's X.
func data(x C.shim_data) (input, error) {
	if _, err := points(int64(x.n)); err != nil {
		return input{}, err
	}
	return newPoints("X", x)
}

// readPhase reads the arguments of an optimising call; o may be nil.
func readPhase(iterations C.int64_t, exaggeration, learningRate, momentumValue C.double, o *C.tsne_options) (tsne.Phase, error) {
	ph := tsne.Phase{
		Exaggeration: float64(exaggeration),
		LearningRate: float64(learningRate),
		Momentum:     momentum(momentumValue),
	}
	switch {
	case iterations < 0 || int64(iterations) > math.MaxInt:
		return ph, badOption("iterations", iterations, "0 or more")
	case exaggeration == 0:
		return ph, badOption("exaggeration", 0, "above 0")
	case momentumValue < 0:
		return ph, badOption("momentum", momentumValue, "0 to below 1")
	}
	ph.Iterations = int(iterations)
	if o != nil {
		if o.anneal_iterations < 0 {
			return ph, badOption("anneal_iterations", o.anneal_iterations, "0 or more")
		}
		ph.Anneal, ph.AutoStop = whole(o.anneal_iterations), float64(o.auto_stop)
	}
	return ph, nil
}
