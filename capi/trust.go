//go:build cgo

package main

// #include "private.h"
import "C"

import (
	"context"
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

//export goTsneDiagnose
func goTsneDiagnose(d *C.tsne_diagnosis, m C.uintptr_t, co *C.tsne_options, why *C.failure) C.int {
	return callWith(m, kindModel, why, func(v *model) error {
		n := v.e.N()
		columns := []struct {
			to    *C.float
			score tsne.Scores
			of    func(*tsne.Diagnosis) []float32
		}{
			{d.recall, tsne.ScoreRecall, func(s *tsne.Diagnosis) []float32 { return s.Recall }},
			{d.trustworthiness, tsne.ScoreTrustworthiness, func(s *tsne.Diagnosis) []float32 { return s.Trustworthiness }},
			{d.continuity, tsne.ScoreContinuity, func(s *tsne.Diagnosis) []float32 { return s.Continuity }},
			{d.stretch, tsne.ScoreStretch, func(s *tsne.Diagnosis) []float32 { return s.Stretch }},
			{d.perturbation, tsne.ScorePerturbation, func(s *tsne.Diagnosis) []float32 { return s.Perturbation }},
			{d.singularity, tsne.ScoreSingularity, func(s *tsne.Diagnosis) []float32 { return s.Singularity }},
			{d.reliability, tsne.ScoreReliability, func(s *tsne.Diagnosis) []float32 { return s.Reliability }},
			{d.spread, tsne.ScoreSpread, func(s *tsne.Diagnosis) []float32 { return s.Spread }},
		}
		ask := tsne.DiagnoseOptions{Length: float64(d.length)}
		for _, c := range columns {
			if c.to != nil {
				ask.Only |= c.score
			}
		}
		if d.dubious != nil {
			ask.Only |= tsne.ScoreDubious
		}
		switch {
		case ask.Only == 0:
			return refuse(statusNull, "d", "every output is NULL, want at least one")
		case int64(d.k) < 0 || int64(d.k) > maxColumns:
			return badOption("k", d.k, "0 for the default, or a number of neighbours")
		case d.n_maps < 0 || d.n_maps > maxColumns:
			return badOption("n_maps", d.n_maps, "0 or more")
		}
		ask.K = int(d.k)
		if d.spread != nil && d.n_maps > 0 {
			if d.maps == nil {
				return refuse(statusNull, "maps", "got NULL, and %v is %d", named("n_maps"), d.n_maps)
			}
			size := n * v.e.Dims()
			all, err := view[float32](unsafe.Pointer(d.maps), "maps", size, int64(d.n_maps))
			if err != nil {
				return err
			}
			for ; len(all) > 0; all = all[size:] {
				ask.Maps = append(ask.Maps, all[:size])
			}
		}
		return withOptions(co, n, false, func(ctx context.Context, o tsne.Options) error {
			return v.hold(ctx, shared, func() error {
				s, err := v.e.Diagnose(ctx, ask, o)
				if err != nil {
					return err
				}
				for _, c := range columns {
					out((*float32)(c.to), c.of(s))
				}
				if d.dubious != nil {
					flags := unsafe.Slice((*int32)(d.dubious), n)
					clear(flags)
					for i, yes := range s.Dubious {
						if yes {
							flags[i] = 1
						}
					}
				}
				d.k, d.length = C.int64_t(s.K), C.double(s.Length)
				return nil
			})
		})
	})
}

//export goTsneOutside
func goTsneOutside(distance, quantile, ratio *C.float, m C.uintptr_t, x C.matrix, k C.int64_t, t *C.tsne_transform_options, hooks *C.tsne_options, why *C.failure) C.int {
	return callOverModel(m, x, t, hooks, why, func(ctx context.Context, v *model, in tsne.Matrix, o tsne.TransformOptions) error {
		if k < 0 || k > maxColumns {
			return badOption("k", k, "0 for the default, or a number of neighbours")
		}
		s, err := v.e.Outside(ctx, in, int(k), o)
		if err != nil {
			return err
		}
		out((*float32)(distance), s.Distance)
		out((*float32)(quantile), s.Quantile)
		out((*float32)(ratio), s.Ratio)
		return nil
	})
}
