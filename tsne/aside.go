package tsne

import "sync"

// guard is held by a call that has an object for itself. A hook of that call
// may turn to the object it reports on, so it is let go of while one runs: what
// only reads sees the state between two iterations, and what changes it is
// refused, for it would change it under the call's hands.
type guard struct {
	sync.Mutex
	hooks int // that run
}

// change is Lock for what changes the object; unless err is nil it is not held.
func (g *guard) change(what string) error {
	g.Lock()
	if g.hooks == 0 {
		return nil
	}
	g.Unlock()
	return fail(ErrBusy, "", "%s: it is in use by the call whose progress or log function runs", what)
}

// around is o with hooks that let go of g, which their caller holds.
func (g *guard) around(o Options) *Options {
	if hook := o.Progress; hook != nil {
		o.Progress = func(p Progress) bool {
			defer g.letGo()()
			return hook(p)
		}
	}
	if hook := o.Log; hook != nil {
		o.Log = func(l Level, line Message) {
			defer g.letGo()()
			hook(l, line)
		}
	}
	return &o
}

func (g *guard) letGo() (takeBack func()) {
	g.hooks++
	g.Unlock()
	return func() {
		g.Lock()
		g.hooks--
	}
}
