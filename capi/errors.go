//go:build cgo

package main

// #include "private.h"
import "C"

import (
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

// putMessage writes a line, in C's names, for the host to read.
func putMessage(to *C.failure, s status, m tsne.Message) {
	C.tsne__begin(to, C.int(s))
	for _, p := range m {
		text := p.Text
		if p.Kind == tsne.PartName {
			text = nameInC(text)
		}
		b := []byte(text)
		C.tsne__add(to, C.int(p.Kind), (*C.char)(unsafe.Pointer(unsafe.SliceData(b))), C.size_t(len(b)), C.int64_t(p.Index))
	}
}
