// Package limit says how much memory this process can still take: what the
// machine has free, what its control groups leave it, and what its own resource
// limits do, and lets it have what it needs no more. Of limits it reads what Linux says; elsewhere it knows none.
package limit

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// None is how many bytes there are where nothing sets a limit.
const None = math.MaxUint64

// Available is the number of bytes that this process can still take, and what says
// so, as the subject of a sentence; None and "" if nothing does.
func Available() (bytes uint64, what string) { return root("/").available() }

// root is where /proc and the control groups are.
type root string

// Address space goes to more than memory in use: arenas of 64 MiB that the
// collector and malloc reserve, stacks, and what is free between arrays but too small
// for the next. A fit takes up to 1.5 times its estimate and these, of the data
// segment no more than its estimate and the stacks.
const (
	arenas       = 96 << 20
	stack        = 16 << 20 // a thread
	inUse, outOf = 2, 3
)

func (r root) available() (uint64, string) {
	least, by := uint64(None), ""
	take := func(bytes uint64, what string) {
		if bytes < least {
			least, by = bytes, what
		}
	}
	free := table(r.read("proc/meminfo"), ":")
	if v, ok := kib(free["MemAvailable"]); ok {
		take(v, "the machine's free memory")
	}
	take(r.groups(), "what its control group (cgroup) leaves")
	used := table(r.read("proc/self/status"), ":")
	stacks := stack * uint64(runtime.GOMAXPROCS(0))
	if most, ok := r.resource("Max address space"); ok {
		size, _ := kib(used["VmSize"])
		take(less(less(most, size), arenas+stacks)/outOf*inUse, "the address space that its limit (ulimit -v) leaves")
	}
	if most, ok := r.resource("Max data size"); ok {
		size, _ := kib(used["VmData"])
		take(less(less(most, size), stacks), "the data segment that its limit (ulimit -d) leaves")
	}
	return least, by
}

// less is a - b, or 0.
func less(a, b uint64) uint64 { return a - min(a, b) }

// read is the text of a file; "" if there is none.
func (r root) read(name string) string {
	b, err := os.ReadFile(filepath.Join(string(r), name))
	if err != nil {
		return ""
	}
	return string(b)
}

// table has the lines of a text: what is before the first separator, and the rest.
func table(text, separator string) map[string]string {
	t := map[string]string{}
	for line := range strings.Lines(text) {
		if name, rest, ok := strings.Cut(line, separator); ok {
			t[name] = strings.TrimSpace(rest)
		}
	}
	return t
}

// kib is a number of KiB in bytes.
func kib(s string) (uint64, bool) {
	v, err := strconv.ParseUint(strings.TrimSuffix(s, " kB"), 10, 64)
	return v << 10, err == nil && v <= None>>10
}

// resource is a soft limit of the process; false if it has none.
func (r root) resource(name string) (uint64, bool) {
	for line := range strings.Lines(r.read("proc/self/limits")) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			soft, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
			v, err := strconv.ParseUint(soft, 10, 64)
			return v, err == nil
		}
	}
	return 0, false
}
