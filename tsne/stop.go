package tsne

import (
	"math"

	"github.com/libtsne/libtsne/tsne/internal/vec"
)

// A stopper decides when a phase has done its work, by the rules of opt-SNE
// (Belkina et al. 2019 and their program): an early phase has when the
// relative fall of the divergence is past its maximum; another when the
// divergence falls by less than its AutoStop-th part an iteration.
type stopper struct {
	autoStop     float64
	exaggeration float64
	from         int // iteration of the phase from which it may end
	stopState
}

// stopState is what a stopper has seen.
type stopState struct {
	Early  bool   `json:"early"`
	Before number `json:"before"` // divergence at the check before
	Fall   number `json:"fall"`   // relative, at the check before
	Slower int    `json:"slower"` // checks whose fall was less than the one before it
}

const (
	stopWait       = 15 // iterations before a phase may end
	stopEarlyEvery = 3  // iterations between checks of an early phase
	stopEvery      = 5  // and of another
	stopSlower     = 3  // checks of slower fall that end an early phase
)

func newStopper(ph *Phase, done int) stopper {
	return stopper{
		autoStop: ph.AutoStop, exaggeration: ph.Exaggeration, from: ph.Anneal + stopWait,
		stopState: stopState{Early: done == 0 && ph.Exaggeration > 1, Before: number(nan), Fall: number(nan)},
	}
}

func (s *stopper) every() int {
	if s.Early {
		return stopEarlyEvery
	}
	return stopEvery
}

// due says whether iteration it needs the divergence.
func (s *stopper) due(it int) bool { return s.autoStop > 0 && it%s.every() == 0 }

// now says whether the phase ends with iteration it, before which the
// divergence was kl.
func (s *stopper) now(it int, kl float64) bool {
	if s.Early {
		// Of P as it is exaggerated, up to a factor.
		kl += vec.Log(s.exaggeration)
	}
	fall := float64(s.Before) - kl
	defer func() { s.Before = number(kl) }()
	if !s.Early {
		return it > s.from && math.Abs(fall)/stopEvery < kl/s.autoStop
	}
	fall /= float64(s.Before)
	if fall < float64(s.Fall) && it > s.from {
		s.Slower++
	}
	s.Fall = number(fall)
	return s.Slower >= stopSlower
}
