package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/libtsne/libtsne/tsne"
)

func TestStatusOfEveryError(t *testing.T) {
	for _, c := range []struct {
		err  error
		want status
	}{
		{nil, statusOK},
		{tsne.ErrShape, statusShape},
		{tsne.ErrNotFinite, statusNotFinite},
		{tsne.ErrOption, statusOption},
		{tsne.ErrGraph, statusGraph},
		{tsne.ErrMemory, statusMemory},
		{tsne.ErrCancelled, statusCancelled},
		{tsne.ErrIO, statusIO},
		{tsne.ErrFile, statusFile},
		{tsne.ErrNoData, statusNoData},
		{tsne.ErrInternal, statusInternal},
		{errors.New("of no kind"), statusInternal},
		{refuse(statusHandle, "h"), statusHandle},
	} {
		if got := statusOf(c.err); got != c.want {
			t.Errorf("%v: got %d, want %d", c.err, got, c.want)
		}
		if c.err == nil {
			continue
		}
		if got := statusOf(fmt.Errorf("wrapped: %w", c.err)); got != c.want {
			t.Errorf("wrapped %v: got %d, want %d", c.err, got, c.want)
		}
	}
}

func TestStatusesAreTheHeaders(t *testing.T) {
	header := readHeader(t)
	for name, s := range map[string]status{
		"OK": statusOK, "E_NULL": statusNull, "E_HANDLE": statusHandle, "E_SHAPE": statusShape,
		"E_NOT_FINITE": statusNotFinite, "E_OPTION": statusOption, "E_GRAPH": statusGraph,
		"E_MEMORY": statusMemory, "E_CANCELLED": statusCancelled, "E_IO": statusIO, "E_FILE": statusFile,
		"E_NO_DATA": statusNoData, "E_INTERNAL": statusInternal,
	} {
		m := regexp.MustCompile(`(?m)^\s*TSNE_` + name + ` = (-?\d+)`).FindStringSubmatch(header)
		if m == nil {
			t.Errorf("TSNE_%s is not in the header", name)
		} else if v, _ := strconv.Atoi(m[1]); status(v) != s {
			t.Errorf("TSNE_%s: got %d, the header has %d", name, s, v)
		}
	}
}

// Without a shim of its own a function of the header would be found missing by
// the caller's linker alone.
func TestShimHasEveryFunction(t *testing.T) {
	var shim []byte
	files, err := filepath.Glob("*.c")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		shim = append(shim, b...)
	}
	functions := regexp.MustCompile(`TSNE_API [a-z0-9_ *]*?(tsne_\w+)\(`).FindAllStringSubmatch(readHeader(t), -1)
	if len(functions) < 50 {
		t.Fatalf("found %d functions in the header", len(functions))
	}
	for _, f := range functions {
		if !regexp.MustCompile(`(?m)^[a-z].*\b` + f[1] + `\(`).Match(shim) {
			t.Errorf("%s is in no shim", f[1])
		}
	}
}

func TestGuardTurnsPanicsIntoErrors(t *testing.T) {
	for _, v := range []any{"text", errors.New("an error"), 7} {
		err := guard(func() error { panic(v) })
		if statusOf(err) != statusInternal || !strings.Contains(err.Error(), fmt.Sprint(v)) {
			t.Errorf("panic(%v): got %v", v, err)
		}
	}
	var none []int
	if err := guard(func() error { return fmt.Errorf("%d", none[1]) }); statusOf(err) != statusInternal {
		t.Errorf("index out of range: got %v", err)
	}
}

func TestPutTextIsOneWholeLine(t *testing.T) {
	for _, s := range []string{"", "short", "two\nlines\r\n", "a\x00b", strings.Repeat("é", 40)} {
		for size := range 50 {
			room := bytes.Repeat([]byte{0xA5}, size+1)
			putText(room[:size], s)
			if room[size] != 0xA5 {
				t.Fatalf("%q in %d bytes: wrote past the end", s, size)
			}
			if size == 0 {
				continue
			}
			end := bytes.IndexByte(room[:size], 0)
			if end < 0 {
				t.Fatalf("%q in %d bytes: no terminator", s, size)
			}
			got := room[:end]
			if bytes.ContainsAny(got, "\r\n") || !utf8.Valid(got) {
				t.Errorf("%q in %d bytes: got %q", s, size, got)
			}
			if size > len(s) && end != len(s) {
				t.Errorf("%q in %d bytes: cut to %q", s, size, got)
			}
		}
	}
}

func readHeader(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../include/tsne.h")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
