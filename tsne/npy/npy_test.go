package npy_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sbinet/npyio"
	"gonum.org/v1/gonum/mat"

	"github.com/libtsne/libtsne/tsne"
	"github.com/libtsne/libtsne/tsne/npy"
)

var ctx = context.Background()

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Every type and order that NumPy writes, compressed or not, gives its numbers.
func TestReadsWhatNumPyWrote(t *testing.T) {
	for _, path := range []string{"testdata/stored.npz", "testdata/deflated.npz"} {
		read := 0
		for _, name := range must[[]string](t)(npy.Entries(path)) {
			kind := name[max(0, strings.LastIndex(name, "_")+1):]
			if !strings.Contains("i1 i2 i4 i8 f4 f8 u1 u2 u4 u8 b1 third", kind) {
				continue
			}
			read++
			a := must[*npy.Array](t)(npy.ReadEntry(ctx, path, name))
			if !slices.Equal(a.Shape, []int{6, 4}) || a.ByColumn != strings.Contains(name, "column") {
				t.Errorf("%s: %s: shape %v, by column %v", path, name, a.Shape, a.ByColumn)
			}
			if big := strings.HasPrefix(name, "big"); kind != "third" && (a.Type[1:] != kind || (a.Type[0] == '>') != big) {
				t.Errorf("%s: %s: type %s", path, name, a.Type)
			}
			if wide := strings.Contains("i4 i8 u4 u8 f8 third", kind); (a.Float32 == nil) != wide || (a.Float64 == nil) == wide {
				t.Errorf("%s: %s: %d float32, %d float64", path, name, len(a.Float32), len(a.Float64))
			}
			x := must[tsne.Matrix](t)(a.Matrix(ctx, tsne.Options{}))
			if x.Rows != 6 || x.Cols != 4 || x.Center != nil {
				t.Fatalf("%s: %s: %d x %d less %v", path, name, x.Rows, x.Cols, x.Center)
			}
			for i, got := range x.Data {
				want := float32(5*i - 20)
				switch {
				case kind == "b1":
					want = map[bool]float32{true: 1}[want > 30]
				case kind[0] == 'u':
					want = max(want, -want)
				case kind == "third":
					want = float32(float64(want) / 3)
				}
				if got != want {
					t.Errorf("%s: %s: value %d is %v, want %v", path, name, i, got, want)
				}
			}
		}
		if read != 10+8+10+3 {
			t.Errorf("%s: %d arrays", path, read)
		}
	}
	for _, path := range []string{"testdata/plain.npy", "testdata/long_header.npy", "testdata/single.npz"} {
		x := must[tsne.Matrix](t)(must[*npy.Array](t)(npy.Read(ctx, path)).Matrix(ctx, tsne.Options{}))
		if x.Rows != 6 || x.Data[23] != 95 {
			t.Errorf("%s: %+v", path, x)
		}
	}
}

func TestOtherShapes(t *testing.T) {
	for name, shape := range map[string][]int{"line": {7}, "scalar": nil, "cube": {2, 3, 4}, "none": {0, 4}} {
		a := must[*npy.Array](t)(npy.ReadEntry(ctx, "testdata/stored.npz", name))
		n := 1
		for _, d := range shape {
			n *= d
		}
		if !slices.Equal(a.Shape, shape) || len(a.Float32)+len(a.Float64) != n {
			t.Errorf("%s: %+v", name, a)
		}
		if _, err := a.Matrix(ctx, tsne.Options{}); !errors.Is(err, tsne.ErrShape) {
			t.Errorf("%s: as data: got %v", name, err)
		}
	}
}

// Values that lie across the pieces in which a file is read, or that a decompressor
// gives a part of, are whole.
func TestLongArrays(t *testing.T) {
	const n = 70_001
	b := array(dict(">f8", "(70001,    1)"), 0)
	if len(b)%8 == 0 {
		t.Fatal("the values are aligned")
	}
	for i := range n {
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(float64(i)/3))
	}
	path := filepath.Join(t.TempDir(), "x.npy")
	for _, file := range [][]byte{b, zipped(t, zip.Store, b), zipped(t, zip.Deflate, b)} {
		store(t, path, file)
		a := must[*npy.Array](t)(npy.Read(ctx, path))
		for i, v := range a.Float64 {
			if v != float64(i)/3 {
				t.Fatalf("value %d is %v", i, v)
			}
		}
	}
}

// Doubles far from zero keep what float32 has no bits for, in data and in new points.
func TestDoublesAreRoundedOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "far.npy")
	y := make([]float64, 300)
	for i := range y {
		y[i] = 1e9 + float64(i%7) + float64(i%31)/64
	}
	if err := npy.Write(ctx, path, y, 3); err != nil {
		t.Fatal(err)
	}
	a := must[*npy.Array](t)(npy.Read(ctx, path))
	x := must[tsne.Matrix](t)(a.Matrix(ctx, tsne.Options{}))
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{EarlyIterations: 2, Iterations: 2}))
	q := must[tsne.Matrix](t)(a.MatrixFor(ctx, e, tsne.TransformOptions{}))
	for _, m := range []tsne.Matrix{x, q} {
		for i, v := range m.Data {
			if m.Center == nil || float64(v)+m.Center[i%3] != y[i] {
				t.Fatalf("value %d: %v less %v is not %v", i, v, m.Center, y[i])
			}
		}
	}
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "y.npy")
	for cols := 1; cols <= 3; cols++ {
		y := make([]float32, 12)
		for i := range y {
			y[i] = float32(i)/8 - 1
		}
		y[5] = float32(math.Inf(1))
		if err := npy.Write(ctx, path, y, cols); err != nil {
			t.Fatal(err)
		}
		a := must[*npy.Array](t)(npy.Read(ctx, path))
		if !slices.Equal(a.Float32, y) || !slices.Equal(a.Shape, []int{12 / cols, cols}) || a.ByColumn || a.Type != "<f4" {
			t.Errorf("%d columns: %+v", cols, a)
		}
		// As the format's definition has it (NEP 1).
		b := must[[]byte](t)(os.ReadFile(path))
		want := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", 12/cols, cols)
		begin := 12 + int(binary.LittleEndian.Uint32(b[8:]))
		if string(b[:8]) != "\x93NUMPY\x02\x00" || strings.TrimRight(string(b[12:begin]), " ") != want+"\n" && strings.TrimSpace(string(b[12:begin])) != want || len(b) != begin+48 {
			t.Errorf("%d columns: %q", cols, b)
		}
	}
	before := must[[]byte](t)(os.ReadFile(path))
	stopped, stop := context.WithCancel(ctx)
	stop()
	for _, c := range []struct {
		ctx  context.Context
		path string
		y    []float32
		cols int
		kind error
	}{
		{ctx, path, nil, 2, tsne.ErrShape},
		{ctx, path, make([]float32, 3), 2, tsne.ErrShape},
		{ctx, path, make([]float32, 3), 0, tsne.ErrShape},
		{stopped, path, make([]float32, 4), 2, tsne.ErrCancelled},
		{ctx, filepath.Join(path, "below.npy"), make([]float32, 4), 2, tsne.ErrIO},
		{ctx, filepath.Dir(path), make([]float32, 4), 2, tsne.ErrIO},
	} {
		if err := npy.Write(c.ctx, c.path, c.y, c.cols); !errors.Is(err, c.kind) || strings.Count(err.Error(), c.path) != 1 {
			t.Errorf("got %v, want %v", err, c.kind)
		}
	}
	if left := must[[]os.DirEntry](t)(os.ReadDir(filepath.Dir(path))); len(left) != 1 || !bytes.Equal(must[[]byte](t)(os.ReadFile(path)), before) {
		t.Errorf("the file is another, or something is left: %v", left)
	}
}

// A gonum matrix written by npyio comes back.
func TestReadsWhatNpyioWrote(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.npy")
	var b bytes.Buffer
	m := mat.NewDense(5, 3, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
	if err := npyio.Write(&b, m); err != nil {
		t.Fatal(err)
	}
	store(t, path, b.Bytes())
	a := must[*npy.Array](t)(npy.Read(ctx, path))
	if !slices.Equal(a.Float64, m.RawMatrix().Data) || !slices.Equal(a.Shape, []int{5, 3}) {
		t.Errorf("got %+v", a)
	}
}

func store(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
}

// array is a .npy file of version 1 with that header and so many bytes behind it.
func array(header string, values int) []byte {
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
	return append(append(b, header...), make([]byte, values)...)
}

func dict(typ, shape string) string {
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", typ, shape)
}

// zipped is a .npz file of one array, X.
func zipped(t testing.TB, method uint16, b []byte) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w := must[io.Writer](t)(z.CreateHeader(&zip.FileHeader{Name: "X.npy", Method: method}))
	must[int](t)(w.Write(b))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestRefusesBrokenFiles(t *testing.T) {
	whole := array(dict("<f4", "(6, 4)"), 96)
	for says, b := range map[string][]byte{
		"not an array of NumPy":                                         {},
		"not an array of NumPy\x00":                                     []byte("a,b\n1,2\n3,4\n"),
		"its shape [6 4] of <f4 is not":                                 whole[:len(whole)-1],
		"its shape [6 4] of <f4 is not that of its 97 bytes":            append(slices.Clone(whole), 0),
		"its shape [6 4] of <f4 is not that of its 0 bytes":             array(dict("<f4", "(6, 4)"), 0),
		"truncated or altered: its header has":                          whole[:40],
		"truncated or altered: its header has 4294967295 bytes":         []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr'"),
		"truncated or altered: its header has 20000 bytes":              array(strings.Repeat(" ", 20000), 0),
		"npy: invalid major version number (3)":                         []byte("\x93NUMPY\x03\x00\x04\x00\x00\x00{ }\n"),
		"its header is not one":                                         array("{'descr': '<f4', 'fortran_order': False, 'shape': (6, 4), }", 96),
		"its header is not one\x00":                                     array("'shape': 'fortran_order': 'descr': }\n", 96),
		"npy: invalid dictionary":                                       array("{}\n", 0),
		"npy: invalid 'fortran_order'":                                  array("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (6, 4), }\n", 96),
		"its shape [9223372036854775807 9223372036854775807]":           array(dict("<f4", "(9223372036854775807, 9223372036854775807)"), 96),
		"its shape [4294967296 4294967296] of |u1 is not that of its 0": array(dict("|u1", "(4294967296, 4294967296)"), 0),
		"its shape [-6 -4]":                                             array(dict("<f4", "(-6, -4)"), 96),
		"its shape [-1 0]":                                              array(dict("<f4", "(-1, 0)"), 0),
		"its shape [0 4] of <f8 is not that of its 8 bytes":             array(dict("<f8", "(0, 4)"), 8),
		"strconv.Atoi":                                                  array(dict("<f4", "(99999999999999999999,)"), 0),
		"got values of type \"<f2\"":                                    array(dict("<f2", "(6, 4)"), 48),
		"got values of type \"<c8\"":                                    array(dict("<c8", "(3,)"), 24),
		"got values of type \"<U3\"":                                    array(dict("<U3", "(3,)"), 36),
		"got values of type \"|O\"":                                     array(dict("|O", "(3,)"), 24),
		"truncated or altered\x00":                                      []byte("PK\x03\x04 and no more than that, not a directory"),
		"X: its shape [6 4] of <f4 is not that of its 4 bytes":          zipped(t, zip.Store, whole[:len(whole)-92]),
		"X: its shape [6 4] of <f4 is not that of its 5 bytes":          zipped(t, zip.Deflate, whole[:len(whole)-91]),
		"X: not an array of NumPy":                                      zipped(t, zip.Deflate, []byte("no array, whatever its name says")),
	} {
		path := filepath.Join(t.TempDir(), "x.npy")
		store(t, path, b)
		a, err := npy.Read(ctx, path)
		if want := path + ": " + strings.TrimRight(says, "\x00"); !errors.Is(err, npy.ErrFormat) || a != nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, %v, want %s", a, err, says)
		}
	}
}

// No byte of an archive's arrays can change unseen.
func TestAlteredArchives(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npz")
	values := array(dict("<f4", "(6, 4)"), 96)
	for _, method := range []uint16{zip.Store, zip.Deflate} {
		b := zipped(t, method, values)
		for at := range b {
			bad := slices.Clone(b)
			bad[at] ^= 0x21
			store(t, path, bad)
			a, err := npy.Read(ctx, path)
			if err == nil && (!slices.Equal(a.Shape, []int{6, 4}) || slices.Max(a.Float32) != 0 || slices.Min(a.Float32) != 0) {
				t.Errorf("byte %d of %d, method %d: other values are read", at, len(b), method)
			}
			if err != nil && !errors.Is(err, npy.ErrFormat) {
				t.Errorf("byte %d: %v", at, err)
			}
		}
	}
}

func TestNames(t *testing.T) {
	names := must[[]string](t)(npy.Entries("testdata/stored.npz"))
	if len(names) < 30 || names[0] != "i1" {
		t.Errorf("got %v", names)
	}
	for says, call := range map[string]func() (*npy.Array, error){
		"testdata/stored.npz: got 39 arrays (i1, i2,":      func() (*npy.Array, error) { return npy.Read(ctx, "testdata/stored.npz") },
		`testdata/stored.npz: got no array "Y", want one`:  func() (*npy.Array, error) { return npy.ReadEntry(ctx, "testdata/stored.npz", "Y") },
		"testdata/plain.npy: not a .npz file":              func() (*npy.Array, error) { return npy.ReadEntry(ctx, "testdata/plain.npy", "X") },
		"testdata/stored.npz: got an empty name":           func() (*npy.Array, error) { return npy.ReadEntry(ctx, "testdata/stored.npz", "") },
		"testdata/stored.npz: half: got values of type":    func() (*npy.Array, error) { return npy.ReadEntry(ctx, "testdata/stored.npz", "half") },
		"testdata/stored.npz: complex: got values of type": func() (*npy.Array, error) { return npy.ReadEntry(ctx, "testdata/stored.npz", "complex") },
		"testdata/stored.npz: text: got values of type":    func() (*npy.Array, error) { return npy.ReadEntry(ctx, "testdata/stored.npz", "text") },
		"testdata/stored.npz: record: ":                    func() (*npy.Array, error) { return npy.ReadEntry(ctx, "testdata/stored.npz", "record") },
		"testdata/utf8_header.npy: ":                       func() (*npy.Array, error) { return npy.Read(ctx, "testdata/utf8_header.npy") },
	} {
		if _, err := call(); !errors.Is(err, npy.ErrFormat) || !strings.HasPrefix(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want %s", err, says)
		}
	}
	stopped, stop := context.WithCancel(ctx)
	stop()
	for _, c := range []struct {
		ctx  context.Context
		path string
		kind error
	}{
		{ctx, "testdata/nowhere.npy", tsne.ErrIO},
		{ctx, "testdata", tsne.ErrIO},
		{ctx, os.DevNull, tsne.ErrIO},
		{stopped, "testdata/plain.npy", tsne.ErrCancelled},
		{stopped, "testdata/single.npz", tsne.ErrCancelled},
	} {
		if _, err := npy.Read(c.ctx, c.path); !errors.Is(err, c.kind) || strings.Count(err.Error(), c.path) != 1 {
			t.Errorf("%s: got %v, want %v", c.path, err, c.kind)
		}
	}
}

// What a file claims costs nothing: neither a shape, a directory nor a file with a hole.
func TestClaimsAreNotAllocated(t *testing.T) {
	hole := func(header string, values int64) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			b := array(header, 0)
			store(t, path, b)
			if err := os.Truncate(path, int64(len(b))+values); err != nil {
				t.Skip("no file with a hole here: ", err)
			}
		}
	}
	claims := func(b []byte, from, to uint32) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			was, is := binary.LittleEndian.AppendUint32(nil, from), binary.LittleEndian.AppendUint32(nil, to)
			store(t, path, bytes.ReplaceAll(b, was, is))
		}
	}
	// A terabyte without content, at its end a directory of 2^35 parts.
	directory := func(t *testing.T, path string) {
		const size = 1 << 40
		le := binary.LittleEndian
		b := append(le.AppendUint64([]byte("PK\x06\x06"), 44), make([]byte, 12)...)
		b = le.AppendUint64(le.AppendUint64(b, 1<<35), 1<<35)
		b = le.AppendUint64(le.AppendUint64(b, 1000), size-98-1000)
		b = append(b, "PK\x06\x07\x00\x00\x00\x00"...)
		b = le.AppendUint32(le.AppendUint64(b, size-98), 1)
		b = append(b, "PK\x05\x06\x00\x00\x00\x00\xff\xff\xff\xff"...)
		b = append(b, "\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00"...)
		store(t, path, []byte("PK"))
		f := must[*os.File](t)(os.OpenFile(path, os.O_WRONLY, 0))
		defer f.Close()
		if _, err := f.WriteAt(b, size-int64(len(b))); err != nil {
			t.Skip("no file with a hole here: ", err)
		}
	}
	const some = 300_000 // bytes there are, too many for one look
	large := array(dict("<f8", "(500, 1000000)"), some)
	for name, c := range map[string]struct {
		write func(t *testing.T, path string)
		kind  error
	}{
		"a shape":                 {func(t *testing.T, path string) { store(t, path, large) }, npy.ErrFormat},
		"a shape in an archive":   {func(t *testing.T, path string) { store(t, path, zipped(t, zip.Deflate, large)) }, npy.ErrFormat},
		"a size in an archive":    {claims(zipped(t, zip.Deflate, large), uint32(len(large)), 4_000_000_000+uint32(len(large))-some), npy.ErrFormat},
		"a directory":             {directory, npy.ErrFormat},
		"a hole":                  {hole(dict("<f8", "(1000000000, 1250)"), 1e13), tsne.ErrMemory},
		"bytes, and floats of it": {hole(dict("|u1", "(1000000000, 10000)"), 1e13), tsne.ErrMemory},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.npy")
			c.write(t, path)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := npy.Read(ctx, path)
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; !errors.Is(err, c.kind) || took > 1<<20 {
				t.Errorf("%v, with %d bytes", err, took)
			}
		})
	}
}

// Whatever the bytes, the answer is an array of as many values as its shape says or
// an error of a known kind, and no array takes more than eight times the file's bytes, or what they inflate to.
func FuzzReadNumPy(f *testing.F) {
	for _, path := range []string{"testdata/plain.npy", "testdata/long_header.npy", "testdata/utf8_header.npy", "testdata/single.npz"} {
		f.Add(must[[]byte](f)(os.ReadFile(path)))
	}
	f.Add(array(dict("<f4", "(-6, -4)"), 96))
	f.Add(array("'shape': 'fortran_order': 'descr': }\n", 96))
	f.Add(zipped(f, zip.Deflate, array(dict("|b1", "(3, 3)"), 9)))
	path := filepath.Join(f.TempDir(), "x.npy")
	f.Fuzz(func(t *testing.T, b []byte) {
		store(t, path, b)
		a, err := npy.Read(ctx, path)
		if err != nil {
			if !errors.Is(err, npy.ErrFormat) && !errors.Is(err, tsne.ErrMemory) {
				t.Fatal(err)
			}
			return
		}
		n := 1
		for _, d := range a.Shape {
			n *= d
		}
		if len(a.Float32)+len(a.Float64) != n || n > 1032*len(b) {
			t.Fatalf("%d values of shape %v in %d bytes", len(a.Float32)+len(a.Float64), a.Shape, len(b))
		}
		if x, err := a.Matrix(ctx, tsne.Options{}); err == nil && (len(a.Shape) != 2 || len(x.Data) != n) {
			t.Fatalf("%d x %d of shape %v", x.Rows, x.Cols, a.Shape)
		}
	})
}

// What is no file is read and written as files are.
func TestStreams(t *testing.T) {
	var b bytes.Buffer
	y := []float32{1, 2, 3, 4, 5, 6}
	if err := npy.WriteTo(&b, y, 2); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "y.npy")
	must[any](t)(nil, npy.Write(ctx, path, y, 2))
	if !bytes.Equal(b.Bytes(), must[[]byte](t)(os.ReadFile(path))) {
		t.Error("WriteTo and Write differ")
	}
	for _, c := range []struct {
		bytes []byte
		name  string
	}{{b.Bytes(), ""}, {zipped(t, zip.Deflate, b.Bytes()), ""}, {zipped(t, zip.Store, b.Bytes()), "X"}} {
		// Something may lie behind what is asked for.
		r := bytes.NewReader(append(slices.Clone(c.bytes), "more"...))
		if a := must[*npy.Array](t)(npy.ReadFrom(ctx, r, int64(len(c.bytes)), "pipe", c.name)); !slices.Equal(a.Float32, y) || !slices.Equal(a.Shape, []int{3, 2}) {
			t.Errorf("got %+v", a)
		}
		if _, err := npy.ReadFrom(ctx, r, int64(len(c.bytes)-1), "pipe", c.name); !errors.Is(err, npy.ErrFormat) || !strings.HasPrefix(err.Error(), "pipe: ") {
			t.Errorf("cut: %v", err)
		}
	}
	if _, err := npy.ReadFrom(ctx, bytes.NewReader(b.Bytes()), int64(b.Len()), "pipe", "X"); !errors.Is(err, npy.ErrFormat) {
		t.Errorf("a name in a .npy: %v", err)
	}
	if err := npy.WriteTo(&b, y[:5], 2); !errors.Is(err, tsne.ErrShape) {
		t.Errorf("half a row: %v", err)
	}
	if err := npy.WriteTo(full{}, y, 2); !errors.Is(err, tsne.ErrIO) {
		t.Errorf("a full disk: %v", err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }
