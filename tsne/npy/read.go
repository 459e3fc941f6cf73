package npy

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/libtsne/libtsne/tsne"
	"github.com/libtsne/libtsne/tsne/internal/npz"
)

// Read reads the array of a .npy file, or the only one of a .npz file; which of them it
// is shows in its first bytes. Errors wrap tsne.ErrIO if the file cannot be read,
// ErrFormat if it has no such array, or one of another type than bool, integers,
// float32 and float64; tsne.ErrMemory, tsne.ErrCancelled.
func Read(ctx context.Context, path string) (*Array, error) { return read(ctx, path, "") }

// ReadEntry is Read for the array of that name, without .npy, in a .npz file.
func ReadEntry(ctx context.Context, path, name string) (*Array, error) {
	if name == "" {
		return nil, fail(ErrFormat, "%s: got an empty name of an array", path)
	}
	return read(ctx, path, name)
}

// Entries are the names of the arrays of a .npz file, in its order.
func Entries(path string) (names []string, err error) {
	f, size, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := archive(path, f, size)
	if err != nil {
		return nil, err
	}
	return entries(z), nil
}

func entries(z *zip.Reader) (names []string) {
	for _, f := range z.File {
		if name, ok := strings.CutSuffix(f.Name, ".npy"); ok {
			names = append(names, name)
		}
	}
	return names
}

func open(path string) (f *os.File, size int64, err error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not an ordinary file") // to open a pipe would wait
	}
	if err == nil {
		f, err = os.Open(path)
	}
	if err != nil {
		return nil, 0, ioError(path, err)
	}
	return f, info.Size(), nil
}

func ioError(of string, err error) error {
	cause := err
	var in *fs.PathError
	var link *os.LinkError
	switch { // not the name again
	case errors.As(err, &in):
		err = in.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return &failure{kind: tsne.ErrIO, cause: cause, text: fmt.Sprintf("%s: %v", of, err)}
}

func read(ctx context.Context, path, name string) (*Array, error) {
	f, size, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadFrom(ctx, f, size, path, name)
}

// ReadFrom is Read of size bytes of r or, unless name is empty, ReadEntry; of is what
// errors call it.
func ReadFrom(ctx context.Context, r io.ReaderAt, size int64, of, name string) (*Array, error) {
	var magic [4]byte
	if _, err := r.ReadAt(magic[:], 0); err != nil && err != io.EOF {
		return nil, ioError(of, err)
	}
	if !strings.HasPrefix(string(magic[:]), "PK") {
		if name != "" {
			return nil, fail(ErrFormat, "%s: not a .npz file, which has arrays by name", of)
		}
		return decode(ctx, of, io.NewSectionReader(r, 0, size), size)
	}
	z, err := archive(of, r, size)
	if err != nil {
		return nil, err
	}
	names := entries(z)
	switch {
	case name == "" && len(names) == 1:
		name = names[0]
	case name == "":
		return nil, fail(ErrFormat, "%s: got %d arrays (%s), want the name of one", of, len(names), list(names))
	case !slices.Contains(names, name):
		return nil, fail(ErrFormat, "%s: got no array %.40q, want one of %s", of, name, list(names))
	}
	at := slices.IndexFunc(z.File, func(f *zip.File) bool { return f.Name == name+".npy" })
	return unpack(ctx, of+": "+name, z.File[at], size)
}

// list names a few.
func list(names []string) string {
	const most = 8
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}

func archive(path string, f io.ReaderAt, size int64) (*zip.Reader, error) {
	if err := npz.CheckDirectory(f, size); err != nil {
		if errors.Is(err, npz.ErrFormat) {
			return nil, fail(ErrFormat, "%s: %v", path, err)
		}
		return nil, ioError(path, err)
	}
	z, err := zip.NewReader(f, size)
	if err != nil {
		return nil, broken(path, err)
	}
	return z, nil
}

// deflated bounds how many bytes one of deflate's becomes: 258 for two bits.
const deflated = 1032

func unpack(ctx context.Context, of string, f *zip.File, size int64) (*Array, error) {
	most := f.CompressedSize64
	if f.Method == zip.Deflate {
		most *= deflated
	}
	if at, err := f.DataOffset(); err != nil || at > size || f.CompressedSize64 > uint64(size-at) || f.UncompressedSize64 > most {
		return nil, fail(ErrFormat, "%s: truncated or altered", of)
	}
	r, err := f.Open()
	if err != nil {
		return nil, broken(of, err)
	}
	defer r.Close()
	a, err := decode(ctx, of, r, int64(f.UncompressedSize64))
	if err != nil {
		return nil, err
	}
	// The checksum is compared at the end.
	if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		return nil, broken(of, err)
	}
	return a, nil
}

// broken is the error of what could not be read as it should be.
func broken(of string, err error) error {
	var in *fs.PathError
	switch {
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return &failure{kind: tsne.ErrCancelled, cause: err, text: fmt.Sprintf("%s: cancelled", of)}
	case errors.As(err, &in):
		return ioError(of, err)
	}
	return fail(ErrFormat, "%s: truncated or altered", of)
}
