package limit

import (
	"runtime"
	"runtime/debug"
)

const (
	collectFrom = 8 << 20   // garbage that is worth a look at the whole heap
	freeFrom    = 256 << 20 // and that which the next stage is not to wait for: the runtime takes minutes to give some gigabytes back
)

// Collect finds about so many bytes of garbage, if they are worth it, and of much the
// system has what is free before it returns.
func Collect(bytes uint64) {
	switch {
	case bytes >= freeFrom:
		debug.FreeOSMemory()
	case bytes >= collectFrom:
		runtime.GC()
	}
}
