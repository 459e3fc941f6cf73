//go:build cgo

package main

// #include "shim.h"
import "C"

import (
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

// readTransform gives the engine's form of t for m new points on a map of dims
// columns; hooks has t's hooks and forces as tsne_options has them.
func readTransform(t *C.tsne_transform_options, hooks *C.tsne_options, m, dims int) (tsne.TransformOptions, error) {
	g, err := readRefinement(t, hooks)
	if err != nil {
		return g, err
	}
	g.Placement = tsne.Placement(t.placement)
	g.Metric = tsne.Metric(t.metric)
	g.Affinity, g.Sigma = tsne.AffinityKind(t.affinity), float64(t.sigma)
	g.EarlyExaggeration = float64(t.early_exaggeration)
	g.Exaggeration = float64(t.exaggeration)
	g.LearningRate = float64(t.learning_rate)
	g.EarlyMomentum = momentum(t.early_momentum)
	g.Momentum = momentum(t.momentum)
	g.Neighbors = tsne.NeighborMethod(t.neighbors)
	g.NeighborsEffort = float64(t.neighbors_effort)
	g.Seed, g.MaxMemory = uint64(t.seed), uint64(t.max_memory)
	switch {
	case t.reserved != 0:
		return g, badOption("reserved", t.reserved, "0")
	case t.reserved2 != 0:
		return g, badOption("reserved2", t.reserved2, "0")
	case t.k < 1:
		return g, badOption("k", t.k, "1 or more")
	case t.affinity_k < 0:
		return g, badOption("affinity_k", t.affinity_k, "1 or more, or 0 for 3 * perplexity")
	case t.early_exaggeration == 0:
		return g, badOption("early_exaggeration", 0, "above 0")
	case t.exaggeration == 0:
		return g, badOption("exaggeration", 0, "above 0")
	case t.neighbors_effort == 0:
		return g, badOption("neighbors_effort", 0, "above 0")
	case t.early_momentum < 0:
		return g, badOption("early_momentum", t.early_momentum, "0 to below 1")
	case t.momentum < 0:
		return g, badOption("momentum", t.momentum, "0 to below 1")
	case t.early_iterations < 0:
		return g, badOption("early_iterations", t.early_iterations, "0 or more")
	case t.iterations < 0:
		return g, badOption("iterations", t.iterations, "0 or more")
	case t.n_columns < 0:
		return g, badOption("n_columns", t.n_columns, "0 or more")
	case t.columns == nil && t.n_columns > 0:
		return g, refuse(statusNull, "options.columns is NULL, and n_columns is %d", t.n_columns)
	case t.columns != nil && t.n_columns == 0:
		return g, badOption("n_columns", 0, "the number of columns, as columns is given")
	}
	if g.Perplexities, err = readPerplexities(t.perplexity, t.perplexities, t.n_perplexities); err != nil {
		return g, err
	}
	if g.Perplexities == nil {
		g.Perplexities = []float64{float64(t.perplexity)}
	}
	g.AffinityK = whole(t.affinity_k)
	g.K, g.EarlyIterations, g.Iterations = whole(t.k), whole(t.early_iterations), whole(t.iterations)
	if t.columns != nil {
		if g.Columns, err = view[int32](unsafe.Pointer(t.columns), "columns", 1, int64(t.n_columns)); err != nil {
			return g, err
		}
	}
	if t.placement == C.TSNE_PLACE_GIVEN && m > 0 {
		if t.init_y == nil {
			return g, refuse(statusNull, "options.init_y is NULL, and placement is TSNE_PLACE_GIVEN")
		}
		g.InitY, err = view[float32](unsafe.Pointer(t.init_y), "init_y", m, int64(dims))
	}
	return g, err
}

// readRefinement reads what tsne_partial_optimize may change.
func readRefinement(t *C.tsne_transform_options, hooks *C.tsne_options) (tsne.TransformOptions, error) {
	g := tsne.TransformOptions{MaxGradNorm: float64(t.max_grad_norm), MaxStepNorm: float64(t.max_step_norm)}
	var h tsne.Options
	if err := readForces(&h, hooks); err != nil {
		return g, err
	}
	if err := readHooks(&h, hooks); err != nil {
		return g, err
	}
	g.Repulsion, g.Theta, g.Threads = h.Repulsion, h.Theta, h.Threads
	g.Progress, g.ProgressEvery, g.Log = h.Progress, h.ProgressEvery, h.Log
	switch {
	case !(t.max_grad_norm >= 0):
		return g, badOption("max_grad_norm", t.max_grad_norm, "above 0, or 0 for no limit")
	case !(t.max_step_norm >= 0):
		return g, badOption("max_step_norm", t.max_step_norm, "above 0, or 0 for no limit")
	case t.max_grad_norm == 0:
		g.MaxGradNorm = -1
	}
	return g, nil
}
