package npz_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/npz"
)

const commentText = "crc32 of all but the arrays: "

// mended is the archive b with every checksum right, as far as it is one, so
// that changes reach what lies behind the checksums.
func mended(b []byte) []byte {
	b = bytes.Clone(b)
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	size := len(commentText) + 8
	if err != nil || len(b) < size {
		return b
	}
	entry := bytes.Index(b, []byte("PK\x01\x02")) // of the directory
	for _, f := range z.File {
		at, err := f.DataOffset()
		if err != nil || entry < 0 || entry+46 > len(b) || at < 0 || at > int64(len(b)) || f.CompressedSize64 > uint64(int64(len(b))-at) {
			return b
		}
		binary.LittleEndian.PutUint32(b[entry+16:], crc32.ChecksumIEEE(b[at:at+int64(f.CompressedSize64)]))
		next := bytes.Index(b[entry+4:], []byte("PK\x01\x02"))
		if entry += 4 + next; next < 0 {
			entry = -1
		}
	}
	text := len(b) - size
	copy(b[text:], commentText)
	sum, end := uint32(0), int64(0)
	for _, f := range z.File {
		at, _ := f.DataOffset()
		if at < end {
			return b
		}
		sum = crc32.Update(sum, crc32.IEEETable, b[end:at])
		end = at + int64(f.CompressedSize64)
	}
	if end > int64(text) {
		return b
	}
	sum = crc32.Update(sum, crc32.IEEETable, b[end:text+len(commentText)])
	copy(b[text+len(commentText):], fmt.Sprintf("%08x", sum))
	return b
}

// smallArchive has an array of each type.
func smallArchive(t testing.TB) []byte {
	var b bytes.Buffer
	w := npz.NewWriter(&b)
	if err := errors.Join(
		npz.Write(w, "a", []int{2, 3}, npz.All([]float32{1, 2, 3, 4, 5, 6})),
		npz.Write(w, "b", []int{3}, npz.All([]int64{7, 8, 9})),
		npz.Write(w, "c", []int{1, 1, 2}, npz.All([]int32{-1, 1})),
		npz.Write(w, "d", []int{0}, npz.All([]uint8{})), w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestMendedArchiveIsRead(t *testing.T) {
	b := smallArchive(t)
	if got := mended(b); !bytes.Equal(got, b) {
		t.Error("a sound archive was changed")
	}
	at := bytes.Index(b, []byte{0, 0, 0x80, 0x3f}) // the first value
	b[at] ^= 1
	if err := readAll(b); !errors.Is(err, npz.ErrFormat) {
		t.Error(err)
	}
	if err := readAll(mended(b)); err != nil {
		t.Error(err)
	}
}

// FuzzArchive changes bytes of an archive and mends the checksums: only a sound
// one is read, and never more than the file holds.
func FuzzArchive(f *testing.F) {
	b := smallArchive(f)
	directory := uint16(bytes.Index(b, []byte("PK\x01\x02")))
	for at := range uint16(8) {
		f.Add(at*32, []byte{0xff, 0xff}, uint16(0))
		f.Add(directory+at*6, []byte{0x7f}, uint16(0))
	}
	f.Add(uint16(bytes.Index(b, []byte("(2, 3)"))), []byte("(3, 2)"), uint16(0))
	f.Add(uint16(bytes.Index(b, []byte("(2, 3)"))), []byte("(6,),)"), uint16(0))
	f.Add(uint16(0), []byte{}, uint16(9))
	f.Fuzz(func(t *testing.T, at uint16, with []byte, cut uint16) {
		bad := bytes.Clone(b)
		copy(bad[int(at)%len(bad):], with)
		bad = mended(bad[:len(bad)-int(cut)%len(bad)])
		r, err := npz.NewReader(bytes.NewReader(bad), int64(len(bad)))
		if err == nil {
			for _, a := range r.Arrays {
				if a.Len() < 0 || a.Len() > len(bad) {
					t.Errorf("%s: %d values of %d bytes", a.Name, a.Len(), len(bad))
				}
			}
			err = errors.Join(r.Verify(), readAll(bad))
		}
		if err != nil && !errors.Is(err, npz.ErrFormat) {
			t.Error(err)
		}
	})
}
