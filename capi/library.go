//go:build cgo

package main

// #include "private.h"
import "C"

import (
	"unsafe"

	"github.com/libtsne/libtsne/tsne"
)

//export goTsneCPU
func goTsneCPU(name *C.char, size C.size_t) {
	putText(unsafe.Slice((*byte)(unsafe.Pointer(name)), int(size)), tsne.CPU())
}

//export goTsneLiveHandles
func goTsneLiveHandles() C.int64_t { return C.int64_t(handles.len()) }

//export goTsneAvailableMemory
func goTsneAvailableMemory() C.uint64_t { return C.uint64_t(tsne.AvailableMemory()) }
