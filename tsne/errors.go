package tsne

import "errors"

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

// Error is what the errors of this package are, for errors.As: beside the line
// of text, the argument, row and column at fault.
type Error struct {
	Kind  error // one of ErrShape to ErrInternal
	Cause error // of another's: a system's, a context's; nil if there is none
	Message
}

// Error is the line of text. It names the culprit already, so that of Kind is no
// part of it.
func (e *Error) Error() string { return e.Message.String() }

// Unwrap gives Kind and Cause.
func (e *Error) Unwrap() []error { return []error{e.Kind, e.Cause} }

func fail(kind error, argument, format string, args ...any) error {
	return &Error{Kind: kind, Message: about(argument, format, args...)}
}

func badOption(name string, got any, want string) error {
	return fail(ErrOption, name, "got %v, want %s", got, want)
}

// messageOf is the line of any error, in its parts if it has some.
func messageOf(err error) Message {
	if e, ok := err.(*Error); ok {
		return e.Message
	}
	return Message{{Text: err.Error()}}
}
