// Package par runs chunked loops on a fixed set of workers.
//
// An iteration of the optimiser crosses several barriers in a few
// milliseconds. Starting goroutines for each costs 75 µs a time, so a Pool
// keeps its workers, which spin briefly for the next loop before they park.
//
// Chunks are handed out in any order to any worker. Results are the same bits
// on any number of workers as long as the caller cuts chunks by the data
// alone and combines what they return in chunk order.
package par

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
)

// Panic carries a panic of a worker, with its stack, to the caller of Run.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprintf("panic in worker: %v", p.Value) }

// Pool is a fixed set of workers. Its methods are for one goroutine at a time,
// and a loop body must not start another loop on the same Pool.
type Pool struct {
	// state is epoch<<32 | chunks not yet handed out. A worker takes a chunk
	// by compare-and-swap, so one that is late for a loop can never take a
	// chunk of the next loop under the old body.
	state   atomic.Uint64
	active  atomic.Int32 // workers that loops are for
	done    atomic.Int64
	stop    atomic.Bool
	failure atomic.Pointer[Panic]

	body    func(worker, chunk int)
	ctx     context.Context
	chunks  int
	spins   int
	workers []*worker
	ledger  *Ledger
}

type worker struct {
	asleep atomic.Bool
	wake   chan struct{}
	_      [64]byte // asleep flags on different cache lines
}

// perProcessor is the most workers for each processor Go may use. More would
// only wait for each other, a million for ever.
const perProcessor = 4

// Workers is how many New makes of a number that is asked for: zero or less
// means one for each processor Go may use.
func Workers(asked int) int {
	if asked <= 0 {
		return runtime.GOMAXPROCS(0)
	}
	return min(asked, max(64, perProcessor*runtime.GOMAXPROCS(0)))
}

// New returns a pool of Workers(workers) workers, the calling goroutine among
// them.
func New(workers int) *Pool {
	workers = Workers(workers)
	p := &Pool{}
	if workers <= runtime.GOMAXPROCS(0) {
		p.spins = 20000 // about 20 to 60 µs
	}
	for i := 1; i < workers; i++ {
		w := &worker{wake: make(chan struct{}, 1)}
		p.workers = append(p.workers, w)
	}
	p.Use(workers)
	for i, w := range p.workers {
		go p.work(w, i+1)
	}
	return p
}

// Use has loops from now on done by so many of the workers, at least the caller:
// for loops so short that more of them are slower.
func (p *Pool) Use(workers int) { p.active.Store(int32(max(1, min(workers, p.Workers())))) }

// Workers is the number of workers, the caller among them.
func (p *Pool) Workers() int { return len(p.workers) + 1 }

// Close ends the workers. The pool must be idle.
func (p *Pool) Close() {
	p.stop.Store(true)
	p.wake(len(p.workers))
}

// Run calls body(worker, chunk) once for each chunk in [0, chunks) and returns
// when all have returned. worker, in [0, Workers()), serves to pick scratch
// space. A panic in body comes out of Run as a *Panic.
func (p *Pool) Run(chunks int, body func(worker, chunk int)) {
	p.run(context.Background(), true, chunks, body)
}

// RunIf is Run whose chunks the caller does alone unless others are worth what
// handing out costs: a fraction of a microsecond a chunk.
func (p *Pool) RunIf(worth bool, chunks int, body func(worker, chunk int)) {
	p.run(context.Background(), worth, chunks, body)
}

// RunContext is Run that hands out no more chunks once ctx is done, and then
// returns its error. A nil ctx is never done.
func (p *Pool) RunContext(ctx context.Context, chunks int, body func(worker, chunk int)) error {
	p.run(ctx, true, chunks, body)
	if ctx == nil {
		return nil
	}
	return ctx.Err()
}

// For cuts [0, n) into pieces of grain and calls body for each.
func (p *Pool) For(n, grain int, body func(worker, lo, hi int)) {
	p.ForIf(true, n, grain, body)
}

// ForIf is For as RunIf is Run.
func (p *Pool) ForIf(worth bool, n, grain int, body func(worker, lo, hi int)) {
	p.RunIf(worth, Chunks(n, grain), func(w, c int) { body(w, c*grain, min(n, (c+1)*grain)) })
	p.Weigh("", func(c int) int { return min(n, (c+1)*grain) - c*grain })
}

// ForContext is For that hands out no more pieces once ctx is done.
func (p *Pool) ForContext(ctx context.Context, n, grain int, body func(worker, lo, hi int)) error {
	err := p.RunContext(ctx, Chunks(n, grain), func(w, c int) { body(w, c*grain, min(n, (c+1)*grain)) })
	p.Weigh("", func(c int) int { return min(n, (c+1)*grain) - c*grain })
	return err
}

// Chunks is the number of pieces of grain that cover [0, n).
func Chunks(n, grain int) int { return (n + grain - 1) / grain }

func (p *Pool) run(ctx context.Context, worth bool, chunks int, body func(worker, chunk int)) {
	alone := !worth || chunks == 1
	if p.ledger != nil {
		p.ledger.loop(max(chunks, 0), alone)
	}
	if chunks <= 0 {
		return
	}
	if int64(chunks) >= 1<<32 {
		panic("par: more than 2^32 chunks")
	}
	p.body, p.ctx, p.chunks = body, ctx, chunks
	if alone || p.active.Load() == 1 {
		for c := range chunks {
			p.call(0, c)
		}
	} else {
		p.share(chunks)
	}
	p.body, p.ctx = nil, nil
	if f := p.failure.Swap(nil); f != nil {
		panic(f)
	}
}

// share hands the chunks out and waits for the last.
func (p *Pool) share(chunks int) {
	p.done.Store(0)
	epoch := p.state.Load()>>32 + 1
	p.state.Store(epoch<<32 | uint64(chunks))
	p.wake(min(chunks, int(p.active.Load())) - 1)
	p.drain(0)
	for i := 0; p.done.Load() < int64(chunks); i++ {
		if i >= p.spins {
			runtime.Gosched()
		}
	}
}

// drain takes chunks until none is left.
func (p *Pool) drain(id int) {
	for {
		s := p.state.Load()
		left := s & (1<<32 - 1)
		// Looked at after state: a worker that is late is not of another loop's either.
		if left == 0 || id >= int(p.active.Load()) {
			return
		}
		if p.state.CompareAndSwap(s, s-1) {
			p.call(id, p.chunks-int(left))
		}
	}
}

func (p *Pool) call(id, chunk int) {
	defer func() {
		if v := recover(); v != nil {
			f, ok := v.(*Panic)
			if !ok {
				f = &Panic{Value: v, Stack: debug.Stack()}
			}
			p.failure.CompareAndSwap(nil, f)
		}
		p.done.Add(1)
	}()
	if p.failure.Load() != nil || p.ctx != nil && p.ctx.Err() != nil {
		return
	}
	p.body(id, chunk)
}

func (p *Pool) work(w *worker, id int) {
	for {
		p.drain(id)
		for i := 0; i < p.spins && p.idle(id); i++ {
		}
		if p.idle(id) {
			w.asleep.Store(true)
			// Work that came between the look and the flag wakes nobody.
			if p.idle(id) || !w.asleep.CompareAndSwap(true, false) {
				<-w.wake
			}
		}
		if p.stop.Load() {
			return
		}
	}
}

// idle says whether there is nothing for a worker to do.
func (p *Pool) idle(id int) bool {
	return (p.state.Load()&(1<<32-1) == 0 || id >= int(p.active.Load())) && !p.stop.Load()
}

// wake has the first so many workers awake.
func (p *Pool) wake(workers int) {
	for _, w := range p.workers[:workers] {
		if w.asleep.Load() && w.asleep.CompareAndSwap(true, false) {
			w.wake <- struct{}{}
		}
	}
}
