package affinity

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// gives says whether giveBack does so.
const gives = true

var pageSize = os.Getpagesize()

// giveBack lets the system have the whole pages of what is never read again; the collector has the slice as before.
func giveBack[T int32 | float32](s []T) {
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(*new(T))))
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(s)))) & (pageSize - 1)
	if whole := (len(b) - skip) &^ (pageSize - 1); whole > 0 {
		unix.Madvise(b[skip:][:whole], unix.MADV_DONTNEED) // where that fails the memory stays
	}
}
