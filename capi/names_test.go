//go:build cgo

package main

import (
	"reflect"
	"regexp"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// The fields of options, and the names of arguments, are the header's.
func TestNamesAreTheHeaders(t *testing.T) {
	header := readHeader(t)
	for _, of := range []any{tsne.Options{}, tsne.TransformOptions{}, tsne.Phase{}} {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(of)) {
			if field.IsExported() && field.Name != "From" && !regexp.MustCompile(`\b`+nameInC(field.Name)+`\b`).MatchString(header) {
				t.Errorf("%s: the header has no %s", field.Name, nameInC(field.Name))
			}
		}
	}
	for name, want := range map[string]string{
		"X": "x", "InitY": "init_y", "DOF": "dof", "target labels": "target_labels", "TSNE_CPU": "TSNE_CPU", "maps[0]": "maps[0]",
		"init_y": "init_y", "SetData": "tsne_model_set_data",
	} {
		if got := nameInC(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
