//go:build cgo

package main

// #include "private.h"
import "C"

import (
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

// readTransform gives the engine's form of t for m new points on a map of dims
// columns; hooks has t's callbacks as tsne_options has them.
func readTransform(t *C.tsne_transform_options, hooks *C.tsne_options, m, dims int) (tsne.TransformOptions, error) {
	g, err := readRefinement(t, hooks)
	if err != nil {
		return g, err
	}
	for _, read := range []func(*tsne.TransformOptions, *C.tsne_transform_options) error{
		transformReserved, transformPlacing, transformAffinities, transformPhases,
	} {
		if err := read(&g, t); err != nil {
			return g, err
		}
	}
	switch {
	case t.n_columns < 0 || t.n_columns > maxColumns:
		return g, badOption("n_columns", t.n_columns, "0 to 2^31 - 1")
	case t.columns == nil && t.n_columns > 0:
		return g, refuse(statusNull, "columns", "got NULL, and %v is %d", named("n_columns"), t.n_columns)
	case t.columns != nil && t.n_columns == 0:
		return g, badOption("n_columns", 0, "the number of columns, as columns is given")
	}
	if g.Perplexities, err = readPerplexities(t.perplexity, t.perplexities, t.n_perplexities); err != nil {
		return g, err
	}
	if g.Perplexities == nil {
		g.Perplexities = []float64{float64(t.perplexity)}
	}
	if t.columns != nil {
		if g.Columns, err = view[int32](unsafe.Pointer(t.columns), "columns", 1, int64(t.n_columns)); err != nil {
			return g, err
		}
	}
	if t.placement == C.TSNE_PLACE_GIVEN && m > 0 {
		if t.init_y == nil {
			return g, refuse(statusNull, "init_y", "got NULL, and %v is TSNE_PLACE_GIVEN", named("placement"))
		}
		g.InitY, err = view[float32](unsafe.Pointer(t.init_y), "init_y", m, int64(dims))
	}
	return g, err
}

// readRefinement reads what tsne_partial_optimize may change.
func readRefinement(t *C.tsne_transform_options, hooks *C.tsne_options) (g tsne.TransformOptions, err error) {
	if err := transformForces(&g, t); err != nil {
		return g, err
	}
	if err := transformCall(&g, t); err != nil {
		return g, err
	}
	var h tsne.Options
	err = readHooks(&h, hooks)
	g.Progress, g.Log = h.Progress, h.Log
	return g, err
}
