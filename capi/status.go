package main

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/libtsne/libtsne/tsne"
)

// status is enum tsne_status of the header.
type status int32

const (
	statusOK        status = 0
	statusNull      status = -1
	statusHandle    status = -3
	statusShape     status = -4
	statusNotFinite status = -5
	statusOption    status = -6
	statusGraph     status = -7
	statusMemory    status = -8
	statusCancelled status = -9
	statusIO        status = -11
	statusFile      status = -12
	statusNoData    status = -13
	statusInternal  status = -99
)

// refusal is an error that this package finds itself.
type refusal struct {
	status status
	tsne.Message
}

func (r *refusal) Error() string { return r.String() }

// refuse is the error of an argument, by its name in C; "" for none.
func refuse(s status, argument, format string, args ...any) error {
	m := tsne.Messagef(format, args...)
	if argument != "" {
		m = tsne.Messagef("%v: %v", named(argument), m)
	}
	return &refusal{s, m}
}

func named(name string) tsne.Part { return tsne.Part{Kind: tsne.PartName, Text: name} }

func badOption(name string, got any, want string) error {
	return refuse(statusOption, name, "got %v, want %s", got, want)
}

// messageOf is the line of any error.
func messageOf(err error) tsne.Message {
	var r *refusal
	var e *tsne.Error
	switch {
	case errors.As(err, &r):
		return r.Message
	case errors.As(err, &e):
		return e.Message
	}
	return tsne.Message{{Text: err.Error()}}
}

func statusOf(err error) status {
	var r *refusal
	switch {
	case err == nil:
		return statusOK
	case errors.As(err, &r):
		return r.status
	case errors.Is(err, tsne.ErrShape):
		return statusShape
	case errors.Is(err, tsne.ErrNotFinite):
		return statusNotFinite
	case errors.Is(err, tsne.ErrOption):
		return statusOption
	case errors.Is(err, tsne.ErrGraph):
		return statusGraph
	case errors.Is(err, tsne.ErrMemory):
		return statusMemory
	case errors.Is(err, tsne.ErrCancelled):
		return statusCancelled
	case errors.Is(err, tsne.ErrIO):
		return statusIO
	case errors.Is(err, tsne.ErrFile):
		return statusFile
	case errors.Is(err, tsne.ErrNoData):
		return statusNoData
	case errors.Is(err, tsne.ErrBusy):
		return statusHandle
	}
	return statusInternal
}

// guard runs f and turns a panic into an error.
func guard(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = refuse(statusInternal, "", "internal error: %v", v)
		}
	}()
	return f()
}

// putText writes s as one line, NUL-terminated and cut at a whole rune.
func putText(to []byte, s string) {
	if len(to) == 0 {
		return
	}
	s = strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ").Replace(s)
	n := min(len(s), len(to)-1)
	for n > 0 && n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	copy(to, s[:n])
	to[n] = 0
}
