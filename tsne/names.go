package tsne

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// SetNames names the columns of the embedding's data, which a host then finds
// new data's columns by; Save writes the names. nil forgets them. ErrNoData
// without data, ErrShape if they are not as many as the columns, ErrOption for a
// name that is no UTF-8 or has a NUL.
func (e *Embedding) SetNames(names []string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.setNames(names)
}

func (e *Embedding) setNames(names []string) error {
	if names == nil {
		e.names = nil
		return nil
	}
	if e.x.Data == nil {
		return fail(ErrNoData, "names", "the embedding has no data, whose columns they name")
	}
	if len(names) != e.x.Cols {
		return fail(ErrShape, "names", "got %d, want %d, one for each column of the data", len(names), e.x.Cols)
	}
	for c, name := range names {
		if !utf8.ValidString(name) || strings.Contains(name, "\x00") {
			return fail(ErrOption, "names", "that of column %v is no UTF-8 text without NUL: %.40q", atColumn(c), name)
		}
	}
	e.names = slices.Clone(names)
	return nil
}

// Names are the names of the data's columns; nil if they have none.
func (e *Embedding) Names() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.names)
}

// ShareData gives the embedding the data that another has, and their names,
// without a copy. What SetData says of them holds.
func (e *Embedding) ShareData(from *Embedding) error {
	from.mu.Lock()
	x, names := from.x, from.names
	from.mu.Unlock()
	if x.Data == nil {
		return fail(ErrNoData, "data", "the embedding they are to come from has none")
	}
	if err := e.SetData(x); err != nil {
		return err
	}
	return e.SetNames(names)
}
