package tsne

import (
	"context"
	"errors"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// job is one exported call under way: its workers, its context and its hooks.
type job struct {
	ctx  context.Context
	stop context.CancelCauseFunc
	pool *par.Pool
	o    *Options
}

func begin(ctx context.Context, o *Options) *job {
	j := &job{pool: par.New(o.Threads), o: o}
	if log := o.Log; log != nil {
		own := *o
		own.Log = func(level Level, line Message) { told(func() { log(level, line) }) }
		j.o = &own
	}
	j.ctx, j.stop = context.WithCancelCause(ctx)
	return j
}

// end closes the job; deferred, it turns a panic, also one of a worker, and a
// context's error into errors of this package. A panic of the user's own
// function goes on to the user.
func (j *job) end(err *error) {
	if v := recover(); v != nil {
		if p, ok := v.(*par.Panic); ok {
			v = p.Value
		}
		if theirs, ok := v.(*hookPanic); ok {
			j.close()
			panic(theirs.value)
		}
		*err = fail(ErrInternal, "", "internal error: %v", v)
	}
	if errors.Is(*err, context.Canceled) || errors.Is(*err, context.DeadlineExceeded) {
		*err = cancelled(j.ctx, *err)
	}
	j.close()
}

func (j *job) close() {
	j.stop(nil)
	j.pool.Close()
}

// hookPanic is a panic of a function of the user's.
type hookPanic struct{ value any }

// told calls a function of the user's.
func told(hook func()) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case *hookPanic:
			panic(v)
		default:
			panic(&hookPanic{v})
		}
	}()
	hook()
}

func cancelled(ctx context.Context, err error) error {
	return &Error{ErrCancelled, err, Messagef("cancelled: %v", context.Cause(ctx))}
}

var errProgressStop = errors.New("the progress callback asked to stop")

// report calls the progress callback and cancels the job if that asks to.
func (j *job) report(p Progress) {
	if j.o.Progress == nil {
		return
	}
	stop := false
	told(func() { stop = j.o.Progress(p) })
	if stop {
		j.stop(errProgressStop)
	}
}

// stage gives the hook that a stage before the optimiser calls as it gets on.
func (j *job) stage(s Stage) func(done float64) {
	if j.o.Progress == nil {
		return nil
	}
	return func(done float64) { j.report(Progress{Stage: s, Done: done, KL: nan}) }
}
