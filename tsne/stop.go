package tsne

import "math"

// A stopper decides when a phase has done its work, by the rules of opt-SNE
// (Belkina et al. 2019 and their program): an early phase has when the
// relative fall of the divergence is past its maximum; another when the
// divergence falls by less than its AutoStop-th part an iteration.
type stopper struct {
	autoStop     float64
	early        bool
	exaggeration float64
	from         int     // iteration of the phase from which it may end
	before       float64 // divergence at the check before
	fall         float64 // relative, at the check before
	slower       int     // checks whose fall was less than the one before it
}

const (
	stopWait       = 15 // iterations before a phase may end
	stopEarlyEvery = 3  // iterations between checks of an early phase
	stopEvery      = 5  // and of another
	stopSlower     = 3  // checks of slower fall that end an early phase
)

func newStopper(ph *Phase, done int) stopper {
	return stopper{
		autoStop: ph.AutoStop, early: done == 0 && ph.Exaggeration > 1, exaggeration: ph.Exaggeration,
		from: ph.Anneal + stopWait, before: math.NaN(), fall: math.NaN(),
	}
}

func (s *stopper) every() int {
	if s.early {
		return stopEarlyEvery
	}
	return stopEvery
}

// due says whether iteration it needs the divergence.
func (s *stopper) due(it int) bool { return s.autoStop > 0 && it%s.every() == 0 }

// now says whether the phase ends with iteration it, before which the
// divergence was kl.
func (s *stopper) now(it int, kl float64) bool {
	if s.early {
		// Of P as it is exaggerated, up to a factor.
		kl += math.Log(s.exaggeration)
	}
	fall := s.before - kl
	defer func() { s.before = kl }()
	if !s.early {
		return it > s.from && math.Abs(fall)/stopEvery < kl/s.autoStop
	}
	fall /= s.before
	if fall < s.fall && it > s.from {
		s.slower++
	}
	s.fall = fall
	return s.slower >= stopSlower
}
