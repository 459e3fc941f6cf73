package tsne

import (
	"slices"
	"sync"
)

// Warnings are what the Fit or FitAffinities that made e warned of, in order,
// whether or not it had a Log to tell: a perplexity that was lowered, say. Nil
// where it warned of nothing; models that are loaded have none.
func (e *Embedding) Warnings() []Message { return slices.Clone(e.warnings) }

// warnings keeps what one call warns of.
type warnings struct {
	mu    sync.Mutex
	lines []Message
	log   func(Level, Message) // the caller's
}

// keepWarnings has the lines of o kept, and told as before.
func (o *Options) keepWarnings() *warnings {
	w := &warnings{log: o.Log}
	o.Log = func(level Level, line Message) {
		if level == LevelWarning {
			w.mu.Lock()
			w.lines = append(w.lines, line)
			w.mu.Unlock()
		}
		if w.log != nil {
			w.log(level, line)
		}
	}
	return w
}

// give ends the keeping: later calls of e tell the caller's function alone.
func (w *warnings) give(e *Embedding) {
	if e != nil {
		e.warnings, e.o.Log = w.lines, w.log
	}
}
