package par

import "sync/atomic"

// Share tells, on the calling goroutine, which share of a loop is done: as it
// gets on, and at its end, whoever did the last of it.
type Share struct {
	total int64
	tell  func(done float64)
	done  atomic.Int64
	told  int64 // by the calling goroutine alone, which is worker 0
}

// NewShare is for a loop over total; tell may be nil.
func NewShare(total int, tell func(done float64)) *Share {
	return &Share{total: int64(total), tell: tell}
}

// Add is called by a worker that has done n more.
func (s *Share) Add(worker, n int) {
	done := s.done.Add(int64(n))
	if worker == 0 && s.tell != nil {
		s.told = done
		s.tell(float64(done) / float64(s.total))
	}
}

// End is called after the loop, whose error it gives back.
func (s *Share) End(err error) error {
	if err == nil && s.tell != nil && s.told < s.total {
		s.tell(1)
	}
	return err
}
