package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
		{refuse(statusHandle, "h", "stale"), statusHandle},
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

func TestPartsAreTheHeaders(t *testing.T) {
	header := readHeader(t)
	for name, kind := range map[string]tsne.PartKind{
		"TEXT": tsne.PartText, "NAME": tsne.PartName, "ROW": tsne.PartRow, "COLUMN": tsne.PartColumn, "VALUE": tsne.PartValue,
	} {
		if !regexp.MustCompile(fmt.Sprintf(`(?m)^  TSNE_PART_%s = %d\b`, name, kind)).MatchString(header) {
			t.Errorf("TSNE_PART_%s is not %d in the header", name, kind)
		}
	}
}

// What C calls and Go exports stands in two files of one name. A function of the
// header that no file has would be found missing by its caller's linker alone.
func TestFilesAreInPairs(t *testing.T) {
	files, err := filepath.Glob("*.c")
	if err != nil {
		t.Fatal(err)
	}
	symbol := regexp.MustCompile(`(?m)^[a-z][a-z0-9_ *]*?(tsne_[a-z]\w+)\(`)
	called := regexp.MustCompile(`\bgoTsne\w+`)
	exported := regexp.MustCompile(`(?m)^//export (\w+)$`)
	symbols := map[string]bool{}
	for _, name := range files {
		c := readFile(t, name)
		for _, m := range symbol.FindAllStringSubmatch(c, -1) {
			symbols[m[1]] = true
		}
		calls := called.FindAllString(c, -1)
		if len(calls) == 0 {
			continue
		}
		var exports []string
		pair := strings.TrimSuffix(name, ".c") + ".go"
		for _, m := range exported.FindAllStringSubmatch(readFile(t, pair), -1) {
			exports = append(exports, m[1])
		}
		slices.Sort(calls)
		slices.Sort(exports)
		if calls = slices.Compact(calls); !slices.Equal(calls, exports) {
			t.Errorf("%s calls %v, %s exports %v", name, calls, pair, exports)
		}
	}
	functions := regexp.MustCompile(`(?m)^(?:TSNE_API|static inline) [a-z0-9_ *]*?(tsne_\w+)\(`).FindAllStringSubmatch(readHeader(t), -1)
	if len(functions) < 80 {
		t.Fatalf("found %d functions in the header", len(functions))
	}
	for _, f := range functions {
		if !symbols[f[1]] {
			t.Errorf("%s is in no file", f[1])
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
	return readFile(t, "../include/tsne.h")
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
