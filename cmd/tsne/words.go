package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/libtsne/libtsne/tsne"
)

// words put what package tsne says into the program's.
type words struct {
	options []option
	others  map[string]string // what else it names
	data    *table            // nil until it is read
}

func (w *words) text(m tsne.Message) string {
	var b strings.Builder
	for _, p := range m {
		switch p.Kind {
		case tsne.PartName:
			b.WriteString(w.name(p.Text))
		case tsne.PartRow:
			b.WriteString(p.Text + w.called(p.Index, func(t *table) []string { return t.rows }))
		case tsne.PartColumn:
			b.WriteString(p.Text + w.called(p.Index, func(t *table) []string { return t.columns }))
		default:
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func (w *words) name(text string) string {
	for _, o := range w.options {
		if o.field == text || text == "Perplexities" && o.field == "Perplexity" {
			return "--" + o.name
		}
	}
	if other, ok := w.others[text]; ok {
		return other
	}
	if text == "X" && w.data != nil {
		return w.data.of
	}
	return text
}

// called is the name of a row or column of the data behind its number.
func (w *words) called(i int, names func(*table) []string) string {
	if w.data == nil || i >= len(names(w.data)) {
		return ""
	}
	return fmt.Sprintf(" (%s)", names(w.data)[i])
}

// engineError is an error of package tsne in the program's words.
type engineError struct {
	error
	text string
}

func (e engineError) Error() string { return e.text }
func (e engineError) Unwrap() error { return e.error }

func (w *words) error(err error) error {
	var e *tsne.Error
	if !errors.As(err, &e) {
		return err
	}
	return engineError{err, w.text(e.Message)}
}
