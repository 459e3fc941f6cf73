package npz

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Array is one of an archive.
type Array struct {
	Name  string // without .npy
	Type  string // numpy's: |u1, <i4, <i8, <f4 or <f8
	Shape []int  // no number is negative; their product times the size of Type is that of the array in the file

	at   int64 // of the zip part in the file
	size int64 // of the zip part
	skip int64 // bytes of the header in it
	sum  uint32
}

// Reader reads an archive.
type Reader struct {
	Arrays []Array // in the order of the file

	r    *source
	size int64
	text string // the comment
}

// source tells an unreadable file from one that ends early.
type source struct {
	r   io.ReaderAt
	err error
}

func (s *source) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := s.r.ReadAt(p, at)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		s.err = err
	}
	return n, err
}

// maxArrays bounds what a directory is read for.
const maxArrays = 256

// NewReader opens an archive of size bytes and reads the headers of its
// arrays; Verify, and reading an array, compare the checksums. Errors wrap
// ErrFormat unless r could not be read.
func NewReader(r io.ReaderAt, size int64) (*Reader, error) {
	out := &Reader{r: &source{r: r}, size: size}
	if err := out.checkDirectory(); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(out.r, size)
	switch {
	case out.r.err != nil:
		return nil, out.r.err
	case err != nil:
		return nil, bad("not a zip archive, or a truncated one")
	case len(z.File) > maxArrays:
		return nil, bad("%d parts, want at most %d", len(z.File), maxArrays)
	}
	out.text = z.Comment
	end := int64(0)
	for _, f := range z.File {
		a, err := out.open(f)
		if err != nil {
			return nil, err
		}
		if a.at < end {
			return nil, bad("%s overlaps the part before it", a.Name)
		}
		end = a.at + a.size
		out.Arrays = append(out.Arrays, a)
	}
	return out, nil
}

// maxDirectory bounds its bytes, far above what as many parts with names as
// plain allows take.
const maxDirectory = 1 << 20

// CheckDirectory refuses an archive of size bytes, also one that is not this
// library's, with more than 256 parts or a directory of more than a megabyte.
func CheckDirectory(r io.ReaderAt, size int64) error {
	return (&Reader{r: &source{r: r}, size: size}).checkDirectory()
}

// checkDirectory refuses an archive whose directory is larger than those here
// are: the zip reader makes room for as many parts as an archive says it has, if
// that is what the file, which may be sparse, is large enough for. One without a
// directory is left to the zip reader.
func (r *Reader) checkDirectory() error {
	const end, locator, end64 = 22, 20, 56
	tail := make([]byte, min(r.size, end+math.MaxUint16))
	first := r.size - int64(len(tail))
	if err := r.fill("the archive", tail, first); err != nil {
		return err
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	for at >= 0 && len(tail)-at < end {
		at = bytes.LastIndex(tail[:at], []byte("PK\x05\x06"))
	}
	if at < 0 {
		return nil
	}
	le := binary.LittleEndian
	b := tail[at:]
	parts, size, from := uint64(le.Uint16(b[10:])), uint64(le.Uint32(b[12:])), uint64(le.Uint32(b[16:]))
	stop := uint64(first) + uint64(at)
	if (parts == math.MaxUint16 || size == math.MaxUint16 || size == math.MaxUint32 || from == math.MaxUint32) && stop >= locator {
		var l [locator]byte
		if err := r.fill("the archive", l[:], int64(stop)-locator); err != nil {
			return err
		}
		if string(l[:4]) == "PK\x06\x07" {
			stop = le.Uint64(l[8:])
			var e [end64]byte
			if stop > uint64(r.size) || r.fill("the archive", e[:], int64(stop)) != nil {
				return r.broken("the archive")
			}
			parts, size, from = le.Uint64(e[32:]), le.Uint64(e[40:]), le.Uint64(e[48:])
		}
	}
	switch {
	case parts > maxArrays:
		return bad("%d parts, want at most %d", parts, maxArrays)
	case size > maxDirectory || from > stop || stop-from > maxDirectory:
		return bad("not a zip archive, or a truncated one")
	}
	return nil
}

var plain = regexp.MustCompile(`^[a-zA-Z0-9_]{1,40}$`)

var dict = regexp.MustCompile(`^\{'descr': '([<|][uif][1248])', 'fortran_order': False, 'shape': \(([0-9, ]*)\), \}`)

func (r *Reader) open(f *zip.File) (a Array, err error) {
	name, ok := strings.CutSuffix(f.Name, ".npy")
	if !ok || !plain.MatchString(name) {
		return a, bad("%.40q is not an array", f.Name)
	}
	a = Array{Name: name, size: int64(f.UncompressedSize64), sum: f.CRC32}
	if f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64 {
		return a, bad("%s is compressed", name)
	}
	if a.at, err = f.DataOffset(); err != nil {
		return a, r.broken(name)
	}
	if a.at < 0 || a.size < 0 || a.at > r.size || a.size > r.size-a.at {
		return a, bad("%s goes beyond the end of the file", name)
	}
	var start [len(magic) + 2]byte
	if a.size < int64(len(start)) {
		return a, bad("%s is not an array", name)
	}
	if err := r.fill(name, start[:], a.at); err != nil {
		return a, err
	}
	a.skip = int64(len(start)) + int64(binary.LittleEndian.Uint16(start[len(magic):]))
	if string(start[:len(magic)]) != magic || a.skip > a.size {
		return a, bad("%s is not an array", name)
	}
	text := make([]byte, a.skip)
	if err := r.fill(name, text, a.at); err != nil {
		return a, err
	}
	m := dict.FindSubmatch(text[len(start):])
	if m == nil {
		return a, bad("%s is not an array of this kind", name)
	}
	a.Type = string(m[1])
	for _, s := range strings.Split(strings.TrimSuffix(string(m[2]), ","), ",") {
		if s = strings.TrimSpace(s); s == "" && len(a.Shape) == 0 {
			continue
		}
		n, err := strconv.Atoi(s)
		if err != nil {
			return a, bad("%s has a bad shape", name)
		}
		a.Shape = append(a.Shape, n)
	}
	if !a.fits() {
		return a, bad("%s: its shape %v is not that of its %d bytes", name, a.Shape, a.size-a.skip)
	}
	return a, nil
}

// fits says whether the shape is that of the bytes in the file.
func (a *Array) fits() bool {
	left := a.size - a.skip
	want := int64(a.Type[2] - '0')
	if left/want > math.MaxInt/8 {
		return false // on a machine of 32 bits
	}
	if slices.Contains(a.Shape, 0) {
		return left == 0
	}
	for _, n := range a.Shape {
		if int64(n) > left/want {
			return false
		}
		want *= int64(n)
	}
	return want == left
}

// broken is the error of a part that could not be read.
func (r *Reader) broken(name string) error {
	if r.r.err != nil {
		return r.r.err
	}
	return bad("%s is truncated or altered", name)
}

// fill reads p from at on, all of it.
func (r *Reader) fill(name string, p []byte, at int64) error {
	if n, _ := r.r.ReadAt(p, at); n < len(p) {
		return r.broken(name)
	}
	return nil
}

// Verify compares the checksum of all that is not of an array.
func (r *Reader) Verify() error {
	last := make([]byte, commentSize)
	if r.size < int64(len(last)) || len(r.text) != commentSize {
		return bad("not an archive of this library")
	}
	if err := r.fill("the archive", last, r.size-int64(len(last))); err != nil {
		return err
	}
	if string(last) != r.text {
		return bad("something follows the archive's end")
	}
	sum, at := uint32(0), int64(0)
	to := func(end int64) error {
		return r.stream("the archive", at, end-at, func(p []byte) error {
			sum = update(sum, p)
			return nil
		})
	}
	for _, a := range r.Arrays {
		if err := to(a.at); err != nil {
			return err
		}
		at = a.at + a.size
	}
	if at > r.size-8 {
		return bad("%s goes over the archive's end", r.Arrays[len(r.Arrays)-1].Name)
	}
	if err := to(r.size - 8); err != nil {
		return err
	}
	if comment(sum) != r.text {
		return bad("altered outside the arrays")
	}
	return nil
}

// stream passes size bytes from at on to take, a chunk at a time.
func (r *Reader) stream(name string, at, size int64, take func([]byte) error) error {
	buf := make([]byte, min(size, chunk))
	for size > 0 {
		p := buf[:min(size, chunk)]
		if err := r.fill(name, p, at); err != nil {
			return err
		}
		if err := take(p); err != nil {
			return err
		}
		at += int64(len(p))
		size -= int64(len(p))
	}
	return nil
}

// Find is the array of that name, or nil.
func (r *Reader) Find(name string) *Array {
	for i := range r.Arrays {
		if r.Arrays[i].Name == name {
			return &r.Arrays[i]
		}
	}
	return nil
}

// Len is the number of values.
func (a *Array) Len() int {
	n := 1
	for _, s := range a.Shape {
		n *= s
	}
	return n
}

// Each passes the values of an array of T to take, a piece at a time, in a
// slice that the next piece overwrites. The checksum is compared at the end:
// until Each returns nil, what take got may be anything.
func Each[T Number](r *Reader, a *Array, take func([]T) error) error {
	_, size := typeOf[T]()
	piece := make([]T, min(a.Len(), chunk/size))
	return decode(r, a, func(n int) []T { return piece[:n] }, take)
}

// ReadAll reads an array of T.
func ReadAll[T Number](r *Reader, a *Array) ([]T, error) {
	out := make([]T, a.Len())
	at := 0
	err := decode(r, a, func(n int) []T { return out[at : at+n] }, func(v []T) error {
		at += len(v)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func decode[T Number](r *Reader, a *Array, room func(n int) []T, take func([]T) error) error {
	typ, size := typeOf[T]()
	if a.Type != typ {
		return bad("%s is of type %s, want %s", a.Name, a.Type, typ)
	}
	sum := uint32(0)
	err := r.stream(a.Name, a.at, a.skip, func(p []byte) error {
		sum = update(sum, p)
		return nil
	})
	if err != nil {
		return err
	}
	err = r.stream(a.Name, a.at+a.skip, a.size-a.skip, func(p []byte) error {
		sum = update(sum, p)
		v := room(len(p) / size)
		if _, err := binary.Decode(p, binary.LittleEndian, v); err != nil {
			return err
		}
		return take(v)
	})
	if err != nil {
		return err
	}
	if sum != a.sum {
		return bad("%s is altered", a.Name)
	}
	return nil
}
