package npy

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"reflect"
	"slices"

	"github.com/sbinet/npyio"

	"github.com/libtsne/libtsne/tsne"
	"github.com/libtsne/libtsne/tsne/internal/limit"
)

// maxHeader bounds a header's bytes; numpy.load takes no more than 10,000 either.
const maxHeader = 10_000

// decode reads the .npy file of size bytes that r begins with.
func decode(ctx context.Context, of string, r io.Reader, size int64) (*Array, error) {
	v := &values{ctx: ctx, r: r, room: make([]byte, 1<<16)}
	head := make([]byte, 10, 12)
	if size < int64(cap(head)) {
		return nil, fail(ErrFormat, "%s: not an array of NumPy", of)
	}
	if _, err := v.Read(head); err != nil {
		return nil, broken(of, v.err)
	}
	if string(head[:6]) != string(npyio.Magic[:]) {
		return nil, fail(ErrFormat, "%s: not an array of NumPy", of)
	}
	length := int64(binary.LittleEndian.Uint16(head[8:]))
	if head[6] > 1 {
		head = head[:12]
		if _, err := v.Read(head[10:]); err != nil {
			return nil, broken(of, v.err)
		}
		length = int64(binary.LittleEndian.Uint32(head[8:]))
	}
	begin := int64(len(head)) + length
	if length > maxHeader || begin > size {
		return nil, fail(ErrFormat, "%s: truncated or altered: its header has %d bytes", of, length)
	}
	head = slices.Grow(head, int(length))[:begin]
	if _, err := v.Read(head[begin-length:]); err != nil {
		return nil, broken(of, v.err)
	}
	v.rest = append(head, v.rest...)
	h, err := header(v)
	if err != nil {
		return nil, fail(ErrFormat, "%s: %v", of, err)
	}
	a := &Array{Type: h.Header.Descr.Type, Shape: h.Header.Descr.Shape, ByColumn: h.Header.Descr.Fortran, of: of}
	if err := a.read(v, h, size-begin); err != nil {
		return nil, err
	}
	return a, nil
}

// header is npyio's reader behind the header, on some of which it panics.
func header(v *values) (r *npyio.Reader, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("its header is not one of NumPy's")
		}
	}()
	return npyio.NewReader(v)
}

// values gives npyio, which takes what a Read leaves for the array's, all that it
// asks for or an error. It asks for one value at a time.
type values struct {
	ctx        context.Context
	r          io.Reader
	room, rest []byte
	err        error // why there is no more
}

func (v *values) Read(p []byte) (n int, err error) {
	for {
		k := copy(p[n:], v.rest)
		v.rest = v.rest[k:]
		if n += k; n == len(p) {
			return n, nil
		}
		if v.err = v.ctx.Err(); v.err == nil {
			k, v.err = io.ReadAtLeast(v.r, v.room, 1)
			v.rest = v.room[:k]
		}
		if v.err != nil {
			return n, io.ErrUnexpectedEOF
		}
	}
}

// read reads the values, bytes of them, behind the header.
func (a *Array) read(v *values, r *npyio.Reader, bytes int64) error {
	of := npyio.TypeFrom(a.Type)
	if of == nil {
		return a.otherType()
	}
	as, ok := kinds[of.Kind()]
	if !ok {
		return a.otherType()
	}
	n, fits := count(a.Shape, int64(of.Size()), bytes)
	if !fits {
		return fail(ErrFormat, "%s: its shape %v of %s is not that of its %d bytes", a.of, a.Shape, a.Type, bytes)
	}
	if err := a.checkRoom(uint64(bytes) + as.beside*uint64(n)); err != nil {
		return err
	}
	err := as.read(a, r, n)
	switch {
	case v.err != nil:
		return broken(a.of, v.err)
	case err != nil:
		return fail(ErrFormat, "%s: %v", a.of, err)
	}
	return nil
}

// kinds are the types that are read, and how many bytes a float takes that is made
// beside a value.
var kinds = map[reflect.Kind]struct {
	beside uint64
	read   func(a *Array, r *npyio.Reader, n int) error
}{
	reflect.Float32: {0, func(a *Array, r *npyio.Reader, n int) (err error) { a.Float32, err = take[float32](r, n); return err }},
	reflect.Float64: {0, func(a *Array, r *npyio.Reader, n int) (err error) { a.Float64, err = take[float64](r, n); return err }},
	reflect.Bool:    {4, truths},
	reflect.Uint8:   {4, singles[uint8]},
	reflect.Int8:    {4, singles[int8]},
	reflect.Uint16:  {4, singles[uint16]},
	reflect.Int16:   {4, singles[int16]},
	reflect.Uint32:  {8, doubles[uint32]},
	reflect.Int32:   {8, doubles[int32]},
	reflect.Uint64:  {8, doubles[uint64]},
	reflect.Int64:   {8, doubles[int64]},
}

func singles[T uint8 | int8 | uint16 | int16](a *Array, r *npyio.Reader, n int) error {
	v, err := take[T](r, n)
	a.Float32 = make([]float32, n)
	for i, x := range v {
		a.Float32[i] = float32(x)
	}
	return err
}

func doubles[T uint32 | int32 | uint64 | int64](a *Array, r *npyio.Reader, n int) error {
	v, err := take[T](r, n)
	a.Float64 = make([]float64, n)
	for i, x := range v {
		a.Float64[i] = float64(x)
	}
	return err
}

func truths(a *Array, r *npyio.Reader, n int) error {
	v, err := take[bool](r, n)
	a.Float32 = make([]float32, n)
	for i, x := range v {
		if x {
			a.Float32[i] = 1
		}
	}
	return err
}

func take[T any](r *npyio.Reader, n int) ([]T, error) {
	v := make([]T, n)
	if n == 0 {
		return v, nil
	}
	return v, r.Read(&v)
}

func (a *Array) otherType() error {
	return fail(ErrFormat, "%s: got values of type %.40q, want bool, integers, float32 or float64", a.of, a.Type)
}

// count is how many values an array has, and whether they are those in its bytes.
func count(shape []int, item, bytes int64) (n int, fits bool) {
	left := bytes / item
	if slices.ContainsFunc(shape, func(d int) bool { return d < 0 }) || left > math.MaxInt/8 {
		return 0, false
	}
	if slices.Contains(shape, 0) {
		return 0, bytes == 0
	}
	n = 1
	for _, d := range shape {
		if int64(d) > left/int64(n) {
			return 0, false
		}
		n *= d
	}
	return n, int64(n)*item == bytes
}

// smallNeed is so little that to ask what the machine has takes longer.
const smallNeed = 1 << 20

func (a *Array) checkRoom(need uint64) error {
	if need <= smallNeed {
		return nil
	}
	if room, whose := limit.Available(); need > min(room, math.MaxInt) {
		return fail(tsne.ErrMemory, "%s: an array of shape %v takes %d MiB, %s is %d MiB", a.of, a.Shape, need>>20, whose, room>>20)
	}
	return nil
}
