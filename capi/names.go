//go:build cgo

package main

import "strings"

// Other arguments and functions of package tsne, as C calls them.
var otherNames = map[string]string{
	"Anneal":        "anneal_iterations",
	"Length":        "length",
	"Maps":          "n_maps",
	"Keys":          "keys",
	"Rounds":        "rounds",
	"SetData":       "tsne_model_set_data",
	"Window":        "window",
	"X":             "x",
	"Y":             "y",
	"source labels": "source_labels",
	"target labels": "target_labels",
}

// nameInC is what C calls an option, argument or function of the engine's; its
// own names stay as they are, and so does the number of one of a list.
func nameInC(name string) string {
	if at := strings.IndexByte(name, '['); at >= 0 {
		return nameInC(name[:at]) + name[at:]
	}
	for _, names := range []map[string]string{optionNames, otherNames} {
		if c, ok := names[name]; ok {
			return c
		}
	}
	return name
}
