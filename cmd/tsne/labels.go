package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// labels are one for each row of t: an array of numbers, or the last column of a
// text, whose first may name the rows.
func (r reading) labels(ctx context.Context, path string, t *table) ([]string, error) {
	file, _ := arrayIn(path)
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("--labels: %w", systemError(file, err))
	}
	defer f.Close()
	n := t.array.Shape[0]
	b := bufio.NewReaderSize(f, 1<<16)
	if head, _ := b.Peek(6); string(head) == "\x93NUMPY" || strings.HasPrefix(string(head), "PK\x03\x04") {
		in, err := r.read(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("--labels: %w", err)
		}
		var list []string
		for _, v := range in.array.Float32 {
			list = append(list, written(float64(v)))
		}
		for _, v := range in.array.Float64 {
			list = append(list, written(float64(v)))
		}
		return list, counted(path, len(list), n)
	}
	in, _ := newLines(path, path, b)
	var list, rows []string
	for {
		record, line, err := in.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("--labels: %w", err)
		}
		if len(record) > 2 {
			return nil, fmt.Errorf("--labels: %s: line %d has %d values, want a label, or a row's name and its label", path, line, len(record))
		}
		list = append(list, strings.Clone(record[len(record)-1]))
		if len(record) == 2 {
			rows = append(rows, strings.Clone(record[0]))
		}
	}
	if len(list) == n+1 { // the first is a header
		list, rows = list[1:], rows[min(1, len(rows)):]
	}
	if err := counted(path, len(list), n); err != nil {
		return nil, err
	}
	for i := range rows {
		if t.rows != nil && len(rows) == n && rows[i] != t.rows[i] {
			return nil, fmt.Errorf("--labels: %s: row %d is %q, in %s it is %q", path, i, rows[i], t.of, t.rows[i])
		}
	}
	return list, nil
}

func counted(path string, got, want int) error {
	if got != want {
		return fmt.Errorf("--labels: %s: got %d labels, want %d, one for each row of the data", path, got, want)
	}
	return nil
}

// sorted are the keys of a map, numbers by their size.
func sorted[V any](of map[string]V) []string {
	return slices.SortedFunc(maps.Keys(of), func(a, b string) int {
		x, err := strconv.ParseFloat(a, 64)
		y, other := strconv.ParseFloat(b, 64)
		if err == nil && other == nil && x != y {
			if x < y {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
}
