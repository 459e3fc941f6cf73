package npz_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	npyio "github.com/sbinet/npyio/npz"

	"github.com/libtsne/libtsne/tsne/internal/npz"
)

// archive is one of several types, shapes and lengths beside the chunk's.
func archive(t testing.TB) ([]byte, []float32, []int64) {
	t.Helper()
	floats := make([]float32, 100_003)
	for i := range floats {
		floats[i] = float32(math.Sin(float64(i)))
	}
	floats[1], floats[2] = float32(math.Inf(1)), float32(math.Copysign(0, -1))
	longs := []int64{math.MinInt64, -1, 0, 1, math.MaxInt64, 7}
	var b bytes.Buffer
	w := npz.NewWriter(&b)
	pieces := func(yield func([]float32) bool) {
		for part := range slices.Chunk(floats, 70_001) {
			if !yield(part) {
				return
			}
		}
	}
	for _, err := range []error{
		npz.Write(w, "floats", []int{len(floats)}, pieces),
		npz.Write(w, "longs", []int{3, 2}, npz.All(longs)),
		npz.Write(w, "none", []int{0, 4}, npz.All([]int32{})),
		npz.Write(w, "text", []int{5}, npz.All([]uint8("hello"))),
		npz.Write(w, "doubles", []int{1, 1, 2}, npz.All([]float64{math.Pi, math.NaN()})),
		w.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes(), floats, longs
}

func open(b []byte) (*npz.Reader, error) {
	r, err := npz.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	return r, r.Verify()
}

func read[T npz.Number](t testing.TB, r *npz.Reader, name string) []T {
	t.Helper()
	v, err := npz.ReadAll[T](r, r.Find(name))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestRoundTrip(t *testing.T) {
	b, floats, longs := archive(t)
	r, err := open(b)
	if err != nil {
		t.Fatal(err)
	}
	if got := read[float32](t, r, "floats"); !slices.EqualFunc(got, floats, sameBits) {
		t.Error("floats differ")
	}
	if got := read[int64](t, r, "longs"); !slices.Equal(got, longs) || !slices.Equal(r.Find("longs").Shape, []int{3, 2}) {
		t.Error(got, r.Find("longs").Shape)
	}
	if got := read[int32](t, r, "none"); len(got) != 0 || !slices.Equal(r.Find("none").Shape, []int{0, 4}) {
		t.Error(got)
	}
	if got := read[uint8](t, r, "text"); string(got) != "hello" {
		t.Error(got)
	}
	if got := read[float64](t, r, "doubles"); got[0] != math.Pi || got[1] == got[1] {
		t.Error(got)
	}
	var streamed []float32
	if err := npz.Each(r, r.Find("floats"), func(v []float32) error {
		streamed = append(streamed, v...)
		return nil
	}); err != nil || !slices.EqualFunc(streamed, floats, sameBits) {
		t.Error("streamed floats differ", err)
	}
	again, _, _ := archive(t)
	if !bytes.Equal(b, again) {
		t.Error("the same arrays gave other bytes")
	}
	if _, err := npz.ReadAll[int32](r, r.Find("floats")); !errors.Is(err, npz.ErrFormat) {
		t.Error("floats as integers:", err)
	}
}

func sameBits(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }

func TestAnotherReaderAgrees(t *testing.T) {
	b, floats, longs := archive(t)
	z, err := npyio.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var f []float32
	var l []int64
	for name, to := range map[string]any{"floats.npy": &f, "longs.npy": &l} {
		if err := z.Read(name, to); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.EqualFunc(f, floats, sameBits) || !slices.Equal(l, longs) || !slices.Equal(z.Header("longs.npy").Descr.Shape, []int{3, 2}) {
		t.Error("npyio reads something else")
	}
}

// readAll reads every array there is.
func readAll(b []byte) error {
	r, err := open(b)
	if err != nil {
		return err
	}
	for i := range r.Arrays {
		a := &r.Arrays[i]
		switch a.Type {
		case "<f4":
			_, err = npz.ReadAll[float32](r, a)
		case "<i8":
			_, err = npz.ReadAll[int64](r, a)
		case "<i4":
			_, err = npz.ReadAll[int32](r, a)
		case "<f8":
			_, err = npz.ReadAll[float64](r, a)
		default:
			_, err = npz.ReadAll[uint8](r, a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func TestEveryByteIsUnderAChecksum(t *testing.T) {
	var small bytes.Buffer
	w := npz.NewWriter(&small)
	if err := errors.Join(
		npz.Write(w, "a", []int{2, 3}, npz.All([]float32{1, 2, 3, 4, 5, 6})),
		npz.Write(w, "b", []int{3}, npz.All([]int64{7, 8, 9})), w.Close()); err != nil {
		t.Fatal(err)
	}
	b := small.Bytes()
	if err := readAll(b); err != nil {
		t.Fatal(err)
	}
	for at := range b {
		for bit := range 8 {
			bad := bytes.Clone(b)
			bad[at] ^= 1 << bit
			if err := readAll(bad); !errors.Is(err, npz.ErrFormat) {
				t.Errorf("byte %d of %d, bit %d: %v", at, len(b), bit, err)
			}
		}
		if err := readAll(b[:at]); !errors.Is(err, npz.ErrFormat) {
			t.Errorf("cut to %d of %d bytes: %v", at, len(b), err)
		}
	}
	if err := readAll(append(bytes.Clone(b), 0)); !errors.Is(err, npz.ErrFormat) {
		t.Error("one byte more:", err)
	}
	if err := readAll(append([]byte{0}, b...)); !errors.Is(err, npz.ErrFormat) {
		t.Error("one byte before:", err)
	}
}

func FuzzRead(f *testing.F) {
	var small bytes.Buffer
	w := npz.NewWriter(&small)
	npz.Write(w, "a", []int{2, 3}, npz.All([]float32{1, 2, 3, 4, 5, 6}))
	w.Close()
	f.Add(small.Bytes())
	f.Add([]byte{})
	f.Add([]byte("PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := readAll(b); err != nil && !errors.Is(err, npz.ErrFormat) {
			t.Error(err)
		}
	})
}

type brokenDisk struct{}

var errDisk = errors.New("the disk is broken")

func (d brokenDisk) ReadAt([]byte, int64) (int, error) { return 0, errDisk }

func TestUnreadableIsNotBadFormat(t *testing.T) {
	if _, err := npz.NewReader(brokenDisk{}, 1000); !errors.Is(err, errDisk) || errors.Is(err, npz.ErrFormat) {
		t.Error(err)
	}
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	write := func(text string, fail error) func(io.Writer) error {
		return func(w io.Writer) error {
			if _, err := io.WriteString(w, text); err != nil {
				return err
			}
			return fail
		}
	}
	content := func(want string) {
		t.Helper()
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Errorf("content %q, %v, want %q", got, err, want)
		}
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".tmp") {
				t.Error("left behind:", e.Name())
			}
		}
	}
	if err := npz.Replace(t.Context(), path, write("first", nil)); err != nil {
		t.Fatal(err)
	}
	content("first")
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := npz.Replace(t.Context(), path, write("half", errDisk)); !errors.Is(err, errDisk) {
		t.Error(err)
	}
	content("first")
	if err := npz.Replace(t.Context(), path, write("second", nil)); err != nil {
		t.Error(err)
	}
	content("second")
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o640 && os.PathSeparator == '/' {
		t.Error("mode", info.Mode())
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err == nil {
		if err := npz.Replace(t.Context(), link, write("through the link", nil)); err != nil {
			t.Error(err)
		}
		content("through the link")
		if info, _ := os.Lstat(link); info.Mode()&os.ModeSymlink == 0 {
			t.Error("the link became a file")
		}
	}
	for _, bad := range []string{"", dir, filepath.Join(dir, "no", "such"), filepath.Join(path, "below a file")} {
		if err := npz.Replace(t.Context(), bad, write("x", nil)); err == nil {
			t.Errorf("%q was written", bad)
		}
	}
	content("through the link")
}

// hollow reads as zeros but for its end.
type hollow struct {
	size int64
	end  []byte
}

func (h *hollow) ReadAt(p []byte, at int64) (int, error) {
	clear(p)
	if from := h.size - int64(len(h.end)) - at; from < int64(len(p)) {
		if from >= 0 {
			copy(p[from:], h.end)
		} else {
			copy(p, h.end[-from:])
		}
	}
	if at+int64(len(p)) > h.size {
		return int(h.size - at), io.EOF
	}
	return len(p), nil
}

// The zip reader would make room for as many parts as a file claims that is large
// enough for them.
func TestDirectoriesThatClaimTooMuch(t *testing.T) {
	const size = 1 << 42
	le := binary.LittleEndian
	end := func(parts uint64, bytes, from int64) []byte {
		b := append(le.AppendUint64([]byte("PK\x06\x06"), 44), make([]byte, 12)...)
		b = le.AppendUint64(le.AppendUint64(b, parts), parts)
		b = le.AppendUint64(le.AppendUint64(b, uint64(bytes)), uint64(from))
		b = append(b, "PK\x06\x07\x00\x00\x00\x00"...)
		b = le.AppendUint32(le.AppendUint64(b, size-22-20-56), 1)
		b = append(b, "PK\x05\x06\x00\x00\x00\x00\xff\xff\xff\xff"...)
		return append(b, "\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00"...)
	}
	for name, b := range map[string][]byte{
		"parts":      end(1<<36, 1000, size-98-1000),
		"a byte":     end(1, size/2, size/2-98),
		"beginnings": end(2, 1000, 0),
	} {
		if len(b) != 98 {
			t.Fatal(len(b))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := npz.NewReader(&hollow{size, b}, size)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, npz.ErrFormat) {
			t.Errorf("%s: got %v", name, err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 4<<20 {
			t.Errorf("%s: took %d bytes", name, took)
		}
	}
}
