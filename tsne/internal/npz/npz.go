// Package npz writes and reads archives of arrays that numpy.load opens: zip
// files of .npy files, not compressed.
//
// Every byte of an archive is under a checksum: those of an array under the
// CRC-32 that zip gives it, all others under one more at the archive's end.
// Nothing is allocated for an array before the size it declares is known to be
// that of its bytes in the file.
package npz

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
)

// Number is what arrays are made of.
type Number interface {
	uint8 | int32 | int64 | float32 | float64
}

// ErrFormat is what errors wrap that tell of a file which is not an archive
// as this package writes them, in contrast to one that could not be read.
var ErrFormat = errors.New("npz: bad archive")

func bad(format string, args ...any) error {
	return &formatError{fmt.Sprintf(format, args...)}
}

type formatError struct{ text string }

func (e *formatError) Error() string { return e.text }
func (e *formatError) Unwrap() error { return ErrFormat }

// TypeOf is numpy's name of T.
func TypeOf[T Number]() string {
	name, _ := typeOf[T]()
	return name
}

// typeOf is numpy's name of T and its size in bytes.
func typeOf[T Number]() (name string, size int) {
	var v T
	switch any(v).(type) {
	case uint8:
		return "|u1", 1
	case int32:
		return "<i4", 4
	case int64:
		return "<i8", 8
	case float32:
		return "<f4", 4
	default:
		return "<f8", 8
	}
}

const magic = "\x93NUMPY\x01\x00"

// header is the text in front of the values of an array (the .npy format,
// version 1.0): magic, length of the rest, a Python dict, spaces up to a
// multiple of 64 and a newline.
func header(typ string, shape []int) []byte {
	var dims strings.Builder
	for i, n := range shape {
		if i > 0 {
			dims.WriteByte(' ')
		}
		fmt.Fprintf(&dims, "%d,", n)
	}
	list := dims.String()
	if len(shape) > 1 {
		list = strings.TrimSuffix(list, ",")
	}
	dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", typ, list)
	size := (len(magic) + 2 + len(dict) + 1 + 63) / 64 * 64
	h := make([]byte, 0, size)
	h = append(h, magic...)
	h = binary.LittleEndian.AppendUint16(h, uint16(size-len(magic)-2))
	h = append(h, dict...)
	for len(h) < size-1 {
		h = append(h, ' ')
	}
	return append(h, '\n')
}

// The archive's comment ends with the CRC-32 of all bytes that are neither of
// an array nor of that number.
const (
	commentText = "crc32 of all but the arrays: "
	commentSize = len(commentText) + 8
)

func comment(sum uint32) string { return fmt.Sprintf("%s%08x", commentText, sum) }

func update(sum uint32, p []byte) uint32 { return crc32.Update(sum, crc32.IEEETable, p) }

// chunk is how many bytes go through memory at a time.
const chunk = 1 << 18
