package main

import (
	"reflect"
	"regexp"
	"strings"
	"unicode"

	"github.com/libtsne/libtsne/tsne"
)

// The engine's errors and lines name its options as Go does; C's are the same
// names with underscores, but for these.
var fieldNames = map[string]string{"DOF": "dof", "Anneal": "anneal_iterations", "Perplexities": "perplexity"}

// optionName finds Go's names: of one word at the start of a text alone, since
// they are words of the language too.
var optionName = func() *regexp.Regexp {
	var first, anywhere []string
	for _, of := range []any{tsne.Options{}, tsne.TransformOptions{}, tsne.Phase{}} {
		t := reflect.TypeOf(of)
		for i := range t.NumField() {
			name := t.Field(i).Name
			if !t.Field(i).IsExported() {
				continue
			}
			if _, there := fieldNames[name]; !there {
				fieldNames[name] = underscored(name)
			}
			if strings.Contains(fieldNames[name], "_") {
				anywhere = append(anywhere, name)
			} else {
				first = append(first, name)
			}
		}
	}
	return regexp.MustCompile(`^(?:` + strings.Join(first, "|") + `)\b|\b(?:` + strings.Join(anywhere, "|") + `)\b`)
}()

func underscored(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// inC is a text of the engine's in C's names.
func inC(text string) string {
	return optionName.ReplaceAllStringFunc(text, func(name string) string { return fieldNames[name] })
}

// textOf is what tsne_last_error says of err. A file's text is its own.
func textOf(err error) string {
	switch statusOf(err) {
	case statusIO, statusFile:
		return err.Error()
	case statusNoData:
		return strings.ReplaceAll(err.Error(), "SetData", "tsne_model_set_data")
	}
	return inC(err.Error())
}
