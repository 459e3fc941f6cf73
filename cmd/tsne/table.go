package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/libtsne/libtsne/tsne"
	"github.com/libtsne/libtsne/tsne/npy"
)

// table is what a file of numbers holds.
type table struct {
	of      string // what errors call it
	format  string // "npy", "npz", "csv" or "tsv"
	array   *npy.Array
	corner  string   // what stands over the row names
	columns []string // their names; nil without
	rows    []string // their names; nil without
}

// reading is how files are read.
type reading struct {
	header, rowNames string // yes, no or auto
}

func readingOptions(r *reading) []option {
	return []option{
		{
			topic: "files", name: "header", def: "auto", help: "whether the first line of text has the names of the columns",
			value: word(&r.header, "auto: if a cell of it is no number", "yes: always", "no: never"),
		},
		{
			topic: "files", name: "row-names", def: "auto", help: "whether the first column of text has the names of the rows",
			value: word(&r.rowNames, "auto: if it is no number, or the header says nothing over it", "yes: always", "no: never"),
		},
	}
}

// read reads the file at path, "-" for the standard input. It gives up once ctx is
// done, whatever a pipe waits for.
func (r reading) read(ctx context.Context, path string) (*table, error) {
	type result struct {
		*table
		error
	}
	done := make(chan result, 1)
	go func() {
		t, err := r.readAll(ctx, path)
		done <- result{t, err}
	}()
	select {
	case got := <-done:
		return got.table, got.error
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (r reading) readAll(ctx context.Context, path string) (*table, error) {
	path, array := arrayIn(path)
	of, in := path, os.Stdin
	if path == "-" {
		of = "standard input"
	} else {
		f, err := os.Open(path)
		if err != nil {
			return nil, systemError(path, err)
		}
		defer f.Close()
		in = f
	}
	info, err := in.Stat()
	if err == nil && info.IsDir() {
		err = errors.New("is a directory")
	}
	if err != nil {
		return nil, systemError(of, err)
	}
	b := bufio.NewReaderSize(in, 1<<16)
	head, _ := b.Peek(6)
	binary := ""
	switch {
	case string(head) == "\x93NUMPY":
		binary = "npy"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		binary = "npz"
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, systemError(of, err)
		}
		b, path = bufio.NewReaderSize(z, 1<<16), strings.TrimSuffix(path, ".gz")
	}
	if binary == "" && slices.Contains([]string{".npy", ".npz"}, filepath.Ext(path)) {
		return nil, fmt.Errorf("%s: not a NumPy file", of)
	}
	if binary == "" {
		return r.readText(ctx, of, filepath.Ext(path), b)
	}
	t := &table{of: of, format: binary}
	if path != "-" && info.Mode().IsRegular() {
		if t.array, err = npy.ReadFrom(ctx, in, info.Size(), of, array); err != nil {
			return nil, err
		}
		return t, nil
	}
	all, err := io.ReadAll(b)
	if err != nil {
		return nil, systemError(of, err)
	}
	t.array, err = npy.ReadFrom(ctx, bytes.NewReader(all), int64(len(all)), of, array)
	return t, err
}

// arrayIn takes FILE.npz:ARRAY apart.
func arrayIn(path string) (file, array string) {
	const mark = ".npz:"
	if at := strings.LastIndex(path, mark); at >= 0 {
		return path[:at+len(mark)-1], path[at+len(mark):]
	}
	return path, ""
}

// systemError is an error of the system's about a file, named once.
func systemError(of string, err error) error {
	var in *fs.PathError
	if errors.As(err, &in) {
		err = in.Err
	}
	return fmt.Errorf("%s: %w", of, err)
}

// lines reads the records of a text and tells where they are.
type lines struct {
	of string
	*csv.Reader
}

func newLines(of, ext string, b *bufio.Reader) (l lines, format string) {
	if mark, _ := b.Peek(3); string(mark) == "\xef\xbb\xbf" {
		_, _ = b.Discard(3)
	}
	first, _ := b.Peek(b.Size())
	if end := bytes.IndexByte(first, '\n'); end >= 0 {
		first = first[:end]
	}
	l = lines{of, csv.NewReader(b)}
	l.FieldsPerRecord, l.ReuseRecord = -1, true
	format = "csv"
	if ext == ".tsv" || ext != ".csv" && bytes.IndexByte(first, '\t') >= 0 {
		format, l.Comma, l.LazyQuotes = "tsv", '\t', true
	}
	return l, format
}

// next is the next record and its line, with io.EOF behind the last.
func (l lines) next() (record []string, line int, err error) {
	record, err = l.Read()
	var bad *csv.ParseError
	switch {
	case err == io.EOF:
		return nil, 0, err
	case errors.As(err, &bad):
		return nil, 0, fmt.Errorf("%s: line %d: %v", l.of, bad.Line, bad.Err)
	case err != nil:
		return nil, 0, systemError(l.of, err)
	}
	line, _ = l.FieldPos(0)
	return record, line, nil
}

func (r reading) readText(ctx context.Context, of, ext string, b *bufio.Reader) (*table, error) {
	t := &table{of: of}
	var in lines
	in, t.format = newLines(of, ext, b)
	record, line, err := in.next()
	if err == io.EOF {
		return nil, fmt.Errorf("%s: empty, want rows of numbers", of)
	}
	if err != nil {
		return nil, err
	}
	if r.header == "yes" || r.header == "auto" && isHeader(record) {
		t.columns = slices.Clone(record)
		if record, line, err = in.next(); err == io.EOF {
			return nil, fmt.Errorf("%s: got a header alone, want rows of numbers", of)
		} else if err != nil {
			return nil, err
		}
	}
	short := len(t.columns) == len(record)-1
	named := r.rowNames == "yes" || r.rowNames == "auto" && (!isNumber(record[0]) || t.columns != nil && (short || t.columns[0] == ""))
	if named && t.columns != nil && !short {
		t.corner, t.columns = t.columns[0], t.columns[1:]
	}
	skip := 0
	if named {
		skip = 1
	}
	width, first := len(record), line
	if width == skip {
		return nil, fmt.Errorf("%s: line %d has no numbers", of, line)
	}
	if t.columns != nil && len(t.columns) != width-skip {
		return nil, fmt.Errorf("%s: line %d has %d values, the header has %d", of, line, width-skip, len(t.columns))
	}
	var values []float64
	n := 0
	for ; err == nil; record, line, err = in.next() {
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if len(record) != width {
			return nil, fmt.Errorf("%s: line %d has %d values, line %d has %d", of, line, len(record)-skip, first, width-skip)
		}
		if named {
			t.rows = append(t.rows, strings.Clone(record[0]))
		}
		for c, cell := range record[skip:] {
			v, bad := strconv.ParseFloat(strings.TrimSpace(cell), 64)
			if bad == nil && v-v == 0 {
				values = append(values, v)
				continue
			}
			place := fmt.Sprintf("%s: line %d", of, line)
			if named {
				place += fmt.Sprintf(" (%s)", record[0])
			}
			place += fmt.Sprintf(", column %d", c+1)
			if t.columns != nil {
				place += fmt.Sprintf(" (%s)", t.columns[c])
			}
			return nil, fmt.Errorf("%s: got %q, want a finite number", place, cell)
		}
	}
	if err != io.EOF {
		return nil, err
	}
	t.array = &npy.Array{Type: "<f8", Shape: []int{n, width - skip}, Float64: values}
	return t, nil
}

// isNumber is whether a cell is one, or stands for one that is missing.
func isNumber(cell string) bool {
	switch cell = strings.TrimSpace(cell); cell {
	case "NA", "N/A", "":
		return true
	}
	_, err := strconv.ParseFloat(cell, 64)
	return err == nil || errors.Is(err, strconv.ErrRange)
}

// isHeader is whether a first line has names: numbers follow the name of a row, but
// nothing stands before them where that has none.
func isHeader(record []string) bool {
	if len(record) == 1 {
		return !isNumber(record[0])
	}
	return record[0] == "" || slices.ContainsFunc(record[1:], func(cell string) bool { return !isNumber(cell) })
}

// inOrder brings columns with names into the order of known ones.
func (t *table) inOrder(known []string) error {
	if t.columns == nil || known == nil || slices.Equal(t.columns, known) {
		return nil
	}
	place := map[string]int{}
	for c, name := range t.columns {
		if _, twice := place[name]; twice {
			return fmt.Errorf("%s: column %q is there twice, and columns are matched by name", t.of, name)
		}
		place[name] = c
	}
	from := make([]int, 0, len(known))
	for _, name := range known {
		c, ok := place[name]
		if !ok {
			return fmt.Errorf("%s: column %q of the map's data is not there", t.of, name)
		}
		from = append(from, c)
		delete(place, name)
	}
	for _, name := range t.columns {
		if _, left := place[name]; left {
			return fmt.Errorf("%s: column %q is not one of the map's data", t.of, name)
		}
	}
	row := make([]float64, len(from))
	for r := range slices.Chunk(t.array.Float64, len(from)) {
		for c, at := range from {
			row[c] = r[at]
		}
		copy(r, row)
	}
	t.columns = known
	return nil
}

// positions are the values of a file, which has the rows of the data; the engine
// checks the columns.
func (r reading) positions(ctx context.Context, flag, path string, data *npy.Array) ([]float32, error) {
	if path == "" {
		return nil, nil
	}
	t, err := r.read(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	if len(t.array.Shape) != 2 || len(data.Shape) != 2 || t.array.Shape[0] != data.Shape[0] {
		return nil, fmt.Errorf("%s: %s: got an array of shape %v for data of shape %v, want one row for each", flag, t.of, t.array.Shape, data.Shape)
	}
	// Without a center, as positions are.
	x, err := t.array.Matrix(ctx, tsne.Options{Metric: tsne.MetricCosine})
	if err != nil {
		return nil, (&words{others: map[string]string{"X": flag + ": " + t.of}}).error(err)
	}
	return x.Data, nil
}
