package tsne

import (
	"bytes"
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
		if !isName(name) {
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

func isName(name string) bool { return utf8.ValidString(name) && !strings.Contains(name, "\x00") }

// SetRowNames names the embedding's points, for a host to tell them by; Save
// writes the names, and Zoom gives a part its own. nil forgets them. ErrShape if
// they are not as many as the points, ErrOption for a name that is no UTF-8 or has
// a NUL.
func (e *Embedding) SetRowNames(names []string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if names == nil {
		e.rowNames = nil
		return nil
	}
	if len(names) != e.N() {
		return fail(ErrShape, "names", "got %d, want %d, one for each point", len(names), e.N())
	}
	var all []byte
	for i, name := range names {
		if !isName(name) {
			return fail(ErrOption, "names", "that of row %v is no UTF-8 text without NUL: %.40q", atRow(i), name)
		}
		all = append(append(all, name...), 0)
	}
	e.rowNames = all
	return nil
}

// RowNames are the names of the embedding's points; nil if they have none.
func (e *Embedding) RowNames() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.rowNames == nil {
		return nil
	}
	return strings.Split(string(e.rowNames[:len(e.rowNames)-1]), "\x00")
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

// rowNames reads the names of n points, of a file that is not trusted.
func (m *modelReader) rowNames(n int) []byte {
	if m.r.Find("row_names") == nil {
		return nil
	}
	all := all[uint8](m, "row_names", -1)
	if m.err != nil {
		return nil
	}
	if !utf8.Valid(all) || len(all) == 0 || all[len(all)-1] != 0 || bytes.Count(all, []byte{0}) != n {
		m.bad("row_names: want %d texts in UTF-8, each ended by a NUL", n)
		return nil
	}
	return all
}
