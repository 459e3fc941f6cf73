package main

import (
	"errors"
	"fmt"
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
	text   string
}

func (r *refusal) Error() string { return r.text }

func refuse(s status, format string, args ...any) error {
	return &refusal{s, fmt.Sprintf(format, args...)}
}

func badOption(name string, got any, want string) error {
	return refuse(statusOption, "%s: got %v, want %s", name, got, want)
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
			err = refuse(statusInternal, "internal error: %v", v)
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
