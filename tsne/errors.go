package tsne

import (
	"errors"
	"fmt"
)

// What errors of this package wrap; test for them with errors.Is. The text of
// an error is one line that names the culprit.
var (
	ErrShape     = errors.New("bad shape")
	ErrNotFinite = errors.New("value is not finite")
	ErrOption    = errors.New("bad option")
	ErrGraph     = errors.New("bad graph")
	ErrMemory    = errors.New("not enough memory")
	ErrCancelled = errors.New("cancelled")
	ErrIO        = errors.New("cannot read or write a file")
	ErrFile      = errors.New("not a model file of this version")
	ErrNoData    = errors.New("the embedding has no data")
	ErrBusy      = errors.New("in use by the call that a hook reports on")
	ErrInternal  = errors.New("internal error")
)

// failure is a text under a sentinel: the text names the culprit already, so
// the sentinel's own is not part of it.
type failure struct {
	kind  error
	cause error
	text  string
}

func (f *failure) Error() string   { return f.text }
func (f *failure) Unwrap() []error { return []error{f.kind, f.cause} }

func fail(kind error, format string, args ...any) error {
	return &failure{kind: kind, text: fmt.Sprintf(format, args...)}
}

func badOption(name string, got any, want string) error {
	return fail(ErrOption, "%s: got %v, want %s", name, got, want)
}
