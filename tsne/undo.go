package tsne

import (
	"errors"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/affinity"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// spoils says whether an optimising call that ended so leaves what it began
// with: all but a cancelled one, which keeps what it has done.
func spoils(err error) bool { return err != nil && !errors.Is(err, ErrCancelled) }

// undo gives what makes the embedding as it is now again.
func (e *Embedding) undo() func() {
	y, velocity, gains, order := slices.Clone(e.y), slices.Clone(e.velocity), slices.Clone(e.gains), e.order
	iterations, planned, exaggeration, kl := e.iterations, e.planned, e.exaggeration, e.kl
	return func() {
		if !sameOrder(order, e.order) {
			e.moveBack(order)
		}
		e.y, e.velocity, e.gains, e.order = y, velocity, gains, order
		e.iterations, e.planned, e.exaggeration, e.kl = iterations, planned, exaggeration, kl
		if e.frozen != nil && e.frozen.iterations != e.iterations {
			e.frozen = &frozen{iterations: -1, search: e.frozen.search}
		}
	}
}

// moveBack puts P into an order that it was in before, nil that of the rows.
func (e *Embedding) moveBack(order []int32) {
	pool := par.New(e.o.Threads)
	defer pool.Close()
	place := inverted(e.order)
	from := place
	if order != nil {
		from = make([]int32, len(order))
		for i, row := range order {
			from[i] = place[row]
		}
	}
	if e.pShared {
		e.p, e.pShared = e.p.Permute(pool, from, inverted(from)), false
	} else {
		e.p.Reorder(&affinity.Spare{}, pool, from, inverted(from))
	}
}

// undo gives what makes the points as they are now again.
func (p *Partial) undo() func() {
	y, velocity, gains := slices.Clone(p.y), slices.Clone(p.velocity), slices.Clone(p.gains)
	iterations, planned, kl, o, jo := p.iterations, p.planned, p.kl, p.o, p.jo
	return func() {
		p.y, p.velocity, p.gains = y, velocity, gains
		p.iterations, p.planned, p.kl, p.o, p.jo = iterations, planned, kl, o, jo
	}
}
