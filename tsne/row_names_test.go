package tsne_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// Names of rows come back from a file, follow their points, and change no bit.
func TestRowNames(t *testing.T) {
	x := blobs(40, 3, 3, 1)
	o := tsne.Options{Perplexity: 5, EarlyIterations: 5, Iterations: 5, Seed: 1}
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
	if e.RowNames() != nil {
		t.Errorf("names of nobody: %q", e.RowNames())
	}
	without := modelBytes(t, e)
	names := make([]string, x.Rows)
	for i := range names {
		names[i] = fmt.Sprintf("zelle %d ä", i)
	}
	names[3], names[7] = "", names[6]
	for _, c := range []struct {
		kind  error
		names []string
	}{{tsne.ErrShape, names[1:]}, {tsne.ErrShape, []string{}}, {tsne.ErrOption, append(slices.Clone(names[1:]), "a\x00b")}, {tsne.ErrOption, append(slices.Clone(names[1:]), "\xff")}} {
		if err := e.SetRowNames(c.names); !errors.Is(err, c.kind) {
			t.Errorf("got %v, want %v", err, c.kind)
		}
	}
	given := slices.Clone(names)
	if err := e.SetRowNames(given); err != nil {
		t.Fatal(err)
	}
	given[0] = "another"
	file := modelBytes(t, e)
	loaded := must[*tsne.Embedding](t)(readModel(file))
	clone := loaded.Clone()
	loaded.DropData()
	for what, got := range map[string]*tsne.Embedding{"given": e, "loaded, without data": loaded, "cloned": clone} {
		if !slices.Equal(got.RowNames(), names) {
			t.Errorf("%s: %q", what, got.RowNames())
		}
	}
	rows := []int32{30, 3, 7, 0, 12, 13, 14, 15, 16, 17}
	part := must[*tsne.Embedding](t)(clone.Zoom(ctx, rows, tsne.Options{Perplexity: 2, EarlyIterations: 2, Iterations: 2}))
	if got := part.RowNames(); len(got) != len(rows) || got[0] != names[30] || got[1] != "" || got[3] != names[0] {
		t.Errorf("zoomed: %q", got)
	}
	if err := e.SetRowNames(nil); err != nil || e.RowNames() != nil || !bytes.Equal(modelBytes(t, e), without) {
		t.Errorf("forgotten: %v, %q", err, e.RowNames())
	}
}

func TestForeignRowNames(t *testing.T) {
	_, b := tiny(t)
	whole := bytes.Repeat([]byte("x\x00"), 24)
	for what, names := range map[string][]byte{
		"whole": whole, "none": {}, "one too few": whole[2:], "one too many": append(bytes.Clone(whole), 0),
		"no end": append(bytes.Clone(whole), 'x'), "no UTF-8": append([]byte("\xff"), whole...),
	} {
		e, err := readModel(edited(t, b, func(h, parts map[string]any) { parts["row_names"] = names }))
		switch {
		case what == "whole":
			if err != nil || len(e.RowNames()) != 24 || e.RowNames()[23] != "x" {
				t.Errorf("%s: %v", what, err)
			}
		case !errors.Is(err, tsne.ErrFile) || !strings.Contains(err.Error(), "row_names: want 24 texts"):
			t.Errorf("%s: %v", what, err)
		}
	}
}
