//go:build linux || darwin

package tsne_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
	"github.com/libtsne/libtsne/tsne/internal/npz"
)

// zeros, passed to a hollowFile, are not written but skipped.
var zeros = make([]byte, 1<<26)

type hollowFile struct {
	f  *os.File
	at int64
}

func (h *hollowFile) Write(p []byte) (int, error) {
	if len(p) != len(zeros) {
		if _, err := h.f.WriteAt(p, h.at); err != nil {
			return 0, err
		}
	}
	h.at += int64(len(p))
	return len(p), nil
}

// hollow is a file of a few KiB that says it is a model with 400 GiB of data.
func hollow(t *testing.T) string {
	t.Helper()
	_, model := tiny(t)
	r := must[*npz.Reader](t)(npz.NewReader(bytes.NewReader(model), int64(len(model))))
	text := must[[]byte](t)(npz.ReadAll[uint8](r, r.Find("header")))
	path := filepath.Join(t.TempDir(), "hollow.npz")
	f := must[*os.File](t)(os.Create(path))
	defer f.Close()
	z := zip.NewWriter(&hollowFile{f: f})
	for _, p := range []struct {
		name, typ string
		text      []byte
		pieces    int // of zeros
	}{{"header", "|u1", text, 0}, {"data", "<f4", nil, 6400}} {
		values := len(p.text) + p.pieces*len(zeros)/4
		dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%d,), }\n", p.typ, values)
		head := append(binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(dict))), dict...)
		head = append(head, p.text...)
		size := uint64(len(head) + p.pieces*len(zeros))
		w, err := z.CreateRaw(&zip.FileHeader{Name: p.name + ".npy", CRC32: crc32.ChecksumIEEE(head), CompressedSize64: size, UncompressedSize64: size})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(head); err != nil {
			t.Fatal(err)
		}
		for range p.pieces {
			if _, err := w.Write(zeros); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// A file may claim any size; that is held against the memory there is before
// anything is made for it.
func TestLoadRefusesWhatDoesNotFit(t *testing.T) {
	path := hollow(t)
	e, err := tsne.Load(path, tsne.Options{})
	if e != nil || !errors.Is(err, tsne.ErrMemory) || !strings.Contains(err.Error(), "2 arrays need about 409600 MiB") {
		t.Errorf("got %v", err)
	}
	good, b := tiny(t)
	if _, err := tsne.Read(bytes.NewReader(b), int64(len(b)), tsne.Options{MaxMemory: 1000}); !errors.Is(err, tsne.ErrMemory) || !strings.Contains(err.Error(), "MaxMemory") {
		t.Errorf("got %v", err)
	}
	if e, err := tsne.Read(bytes.NewReader(b), int64(len(b)), tsne.Options{MaxMemory: 1 << 20}); err != nil || e.N() != good.N() {
		t.Error(err)
	}
}
