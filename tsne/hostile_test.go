package tsne_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
	"github.com/libtsne/libtsne/tsne/internal/npz"
)

// TestHostileFiles reads a model file with every byte missing from the end,
// every bit turned over, and, with the checksums right, every value of every
// array replaced by ones where code breaks. What is read is a model to work
// with; the others are refused in one line. TSNE_HOSTILE=all takes every place,
// else one in 13.
func TestHostileFiles(t *testing.T) {
	_, b := tiny(t)
	var files, loaded int
	try := func(what string, b []byte) {
		files++
		e, err := tsne.Read(bytes.NewReader(b), int64(len(b)), tsne.Options{Threads: 1})
		if err != nil {
			if !errors.Is(err, tsne.ErrFile) || strings.ContainsAny(err.Error(), "\n\r") || e != nil {
				t.Errorf("%s: %v", what, err)
			}
			return
		}
		loaded++
		if !usable(e) {
			t.Errorf("%s: it was read, and is no model to work with", what)
		}
	}
	step := 13
	if os.Getenv("TSNE_HOSTILE") == "all" {
		step = 1
	}
	for at := 0; at < len(b); at += step {
		try(fmt.Sprintf("cut to %d bytes", at), b[:at])
		for bit := range 8 {
			bad := bytes.Clone(b)
			bad[at] ^= 1 << bit
			try(fmt.Sprintf("byte %d, bit %d", at, bit), bad)
		}
	}
	if loaded != 0 {
		t.Errorf("%d of %d altered files were read", loaded, files)
	}

	r := must[*npz.Reader](t)(npz.NewReader(bytes.NewReader(b), int64(len(b))))
	for i := range r.Arrays {
		a := &r.Arrays[i]
		for _, evil := range evils(a.Type) {
			for at := 0; at < a.Len(); at += step {
				try(fmt.Sprintf("%s: value %d is % x", a.Name, at, evil), patched(t, b, a.Name, at*len(evil), evil))
			}
		}
	}
	t.Logf("%d hostile files, of which %d are models all the same", files, loaded)
}

// evils are values of an array's type, as bytes.
func evils(kind string) (list [][]byte) {
	switch kind {
	case "|u1":
		return [][]byte{{0}, {'"'}, {'9'}, {'-'}, {0xff}}
	case "<i4", "<f4":
		// Also -1, NaN, infinities, the largest and the smallest of float32.
		for _, v := range []uint32{0, 1, 23, 24, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fc00000, 0x7f800000, 0xff800000, 0x7f7fffff, 0xff7fffff, 0x00000001, 0xbf800000} {
			list = append(list, binary.LittleEndian.AppendUint32(nil, v))
		}
	case "<i8":
		for _, v := range []uint64{0, 1, 1 << 31, 1 << 32, 1<<63 - 1, 1 << 63, 1<<64 - 1} {
			list = append(list, binary.LittleEndian.AppendUint64(nil, v))
		}
	}
	return list
}

// usable says whether a model can be gone on from or says why not, keeps its
// map finite, and is read back as it is.
func usable(e *tsne.Embedding) bool {
	c := e.Clone()
	if err := c.Optimize(ctx, tsne.Phase{Iterations: 2}); err == nil && !finite(c.Y()) {
		return false
	}
	var b bytes.Buffer
	if _, err := e.WriteTo(&b); err != nil || !finite(e.Y()) {
		return false
	}
	again, err := readModel(b.Bytes())
	if err != nil {
		return false
	}
	var same bytes.Buffer
	_, err = again.WriteTo(&same)
	return err == nil && bytes.Equal(b.Bytes(), same.Bytes())
}
