package par

import "slices"

// A Ledger is what a pool was given to do, step by step. How long any number of
// workers takes for it follows by counting, without a clock.
type Ledger struct{ Steps []Step }

// A Step is a loop, or what the caller did by itself between loops.
type Step struct {
	Name   string
	Sizes  []int // elements of each chunk, in the order in which they are handed out
	Serial bool  // the caller does all of it
}

// Count has the pool write what it does into l; nil, as at first: nowhere.
func (p *Pool) Count(l *Ledger) { p.ledger = l }

// Weigh names the loop that has just run and says how many elements its chunks
// had; nil: as many as For has cut, or one each. It is free unless the pool counts.
func (p *Pool) Weigh(name string, size func(chunk int) int) {
	if p.ledger != nil {
		p.ledger.weigh(name, size)
	}
}

// Serial says that the caller has done so many elements by itself. It is free
// unless the pool counts.
func (p *Pool) Serial(name string, elements int) {
	if p.ledger != nil {
		p.ledger.Steps = append(p.ledger.Steps, Step{name, []int{elements}, true})
	}
}

func (l *Ledger) loop(chunks int, alone bool) {
	l.Steps = append(l.Steps, Step{Sizes: slices.Repeat([]int{1}, chunks), Serial: alone})
}

func (l *Ledger) weigh(name string, size func(chunk int) int) {
	s := &l.Steps[len(l.Steps)-1]
	if name != "" {
		s.Name = name
	}
	if size != nil {
		for c := range s.Sizes {
			s.Sizes[c] = size(c)
		}
	}
}

// Work is the elements of all chunks.
func (s *Step) Work() (sum int) {
	for _, v := range s.Sizes {
		sum += v
	}
	return sum
}

// Span is what no number of workers undercuts: the elements of the largest chunk,
// or of all where only the caller works.
func (s *Step) Span() (most int) {
	if s.Serial {
		return s.Work()
	}
	for _, v := range s.Sizes {
		most = max(most, v)
	}
	return most
}

// Time is how long so many workers take, each of which takes the next chunk when
// it is free, where an element lasts each and taking a chunk, in which no two
// overlap, lasts take.
func (s *Step) Time(workers int, each, take float64) (end float64) {
	if s.Serial {
		return float64(s.Work()) * each
	}
	free, last := make([]float64, workers), 0.0
	for _, size := range s.Sizes {
		w := 0
		for i, t := range free {
			if t < free[w] {
				w = i
			}
		}
		last = max(last, free[w]) + take
		free[w] = last + float64(float64(size)*each)
		end = max(end, free[w])
	}
	return end
}
