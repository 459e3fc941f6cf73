package main

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
)

// The engine holds a few large arrays without pointers: collecting is cheap,
// and a heap let grow to twice what lives would hold a whole stage's garbage.
const collectAt = 10

func init() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
}

// giveBack is how much a call must have allocated for its memory to be given
// back to the system at once: the collector would keep it for minutes, and
// giving back costs some 130 ms per GB.
const giveBack = 128 << 20

func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return s[0].Value.Uint64()
}

func freeIfLarge(before uint64) {
	if allocated()-before >= giveBack {
		debug.FreeOSMemory()
	}
}

// bytesPerPoint is about what affinities hold for a point at the default
// perplexity.
const bytesPerPoint = 1200

// giveBackLater is for the handle of n points that was just freed; it does
// not make the caller wait.
func giveBackLater(n int) {
	if n >= giveBack/bytesPerPoint {
		go debug.FreeOSMemory()
	}
}
