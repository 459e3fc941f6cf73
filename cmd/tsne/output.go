package main

import (
	"archive/zip"
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/libtsne/libtsne/tsne/npy"
)

// placed is a map on its way out.
type placed struct {
	y    []float32
	dims int
	from *table // whose rows it has
}

var writers = map[string]func(placed, io.Writer) error{
	"npy": func(m placed, w io.Writer) error { return npy.WriteTo(w, m.y, m.dims) },
	"npz": placed.npz,
	"csv": func(m placed, w io.Writer) error { return m.text(w, ',') },
	"tsv": func(m placed, w io.Writer) error { return m.text(w, '\t') },
}

// formatOf is how to write to path; without an extension as format says.
func formatOf(path, format string) (string, error) {
	if format != "auto" || path == "-" {
		return format, nil
	}
	ext := filepath.Ext(path)
	if ext != "" && writers[ext[1:]] != nil {
		return ext[1:], nil
	}
	return "", usage("%s: want a name that ends in .npy, .npz, .csv or .tsv, - or --format", path)
}

func (m placed) write(path, format string) error {
	format, err := formatOf(path, format)
	if err != nil {
		return err
	}
	if format == "auto" {
		format = m.from.format
	}
	return output(path, func(w io.Writer) error { return writers[format](m, w) })
}

func (m placed) npz(w io.Writer) error {
	z := zip.NewWriter(w)
	f, err := z.CreateHeader(&zip.FileHeader{Name: "map.npy", Method: zip.Store})
	if err == nil {
		err = npy.WriteTo(f, m.y, m.dims)
	}
	return errors.Join(err, z.Close())
}

// text has a header, and row names where the data have.
func (m placed) text(w io.Writer, comma rune) error {
	c := csv.NewWriter(w)
	c.Comma = comma
	var record []string
	if m.from.rows != nil {
		record = append(record, m.from.corner)
	}
	for d := range m.dims {
		record = append(record, fmt.Sprintf("tsne_%d", d+1))
	}
	if err := c.Write(record); err != nil {
		return err
	}
	i := 0
	for y := range slices.Chunk(m.y, m.dims) {
		record = record[:0]
		if m.from.rows != nil {
			record = append(record, m.from.rows[i])
		}
		for _, v := range y {
			record = append(record, strconv.FormatFloat(float64(v), 'g', -1, 32))
		}
		if err := c.Write(record); err != nil {
			return err
		}
		i++
	}
	c.Flush()
	return c.Error()
}

// output writes a file that takes the place of path when it is whole; a device, a
// pipe and "-", the standard output, are written to.
func output(path string, write func(io.Writer) error) error {
	to, of, whole := os.Stdout, path, ""
	if path == "-" {
		of = "standard output"
	} else {
		var err error
		if info, e := os.Stat(path); e == nil && !info.Mode().IsRegular() {
			to, err = os.OpenFile(path, os.O_WRONLY, 0)
		} else {
			if whole, err = filepath.EvalSymlinks(path); err != nil {
				whole = path
			}
			temp := fmt.Sprintf("%s/.%s.%d.tmp", filepath.Dir(whole), filepath.Base(whole), os.Getpid())
			if to, err = os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); err == nil {
				defer os.Remove(temp) // unless it has become the file
				if info != nil {
					_ = to.Chmod(info.Mode().Perm()) // not every file system keeps modes
				}
			}
		}
		if err != nil {
			return systemError(of, err)
		}
	}
	b := bufio.NewWriterSize(to, 1<<16)
	err := write(b)
	if err == nil {
		err = b.Flush()
	}
	if path != "-" {
		if closed := to.Close(); err == nil {
			err = closed
		}
	}
	if err == nil && whole != "" {
		err = os.Rename(to.Name(), whole)
	}
	if err != nil {
		return systemError(of, err)
	}
	return nil
}

// checkOutputs refuses, before the work, files that could not be written after it.
func checkOutputs(inputs []string, outputs ...string) error {
	for i, path := range outputs {
		if path == "" || path == "-" {
			continue
		}
		dir, err := os.Stat(filepath.Dir(path))
		if err == nil && !dir.IsDir() {
			err = errors.New("not a directory")
		}
		if err != nil {
			return systemError(path, err)
		}
		if slices.Contains(outputs[:i], path) {
			return usage("%s: got twice as a file to write", path)
		}
		now, err := os.Stat(path)
		if err != nil {
			continue // not there yet
		}
		if now.IsDir() {
			return fmt.Errorf("%s: is a directory", path)
		}
		for _, in := range inputs {
			in, _ := arrayIn(in)
			if read, err := os.Stat(in); in != "-" && err == nil && read.Mode().IsRegular() && os.SameFile(read, now) {
				return usage("%s: would be written over %s, which is read", path, in)
			}
		}
	}
	return nil
}
