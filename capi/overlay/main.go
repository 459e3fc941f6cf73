// Command overlay writes what `go build -overlay` takes to build the library:
// copies of files of Go's runtime in which three words are changed.
//
//	overlay OS GOROOT FOLDER
//
// It prints the path of the list in FOLDER.
//
// Go's runtime unblocks two signals on every thread it makes, and a handler of
// the host's would run there, on the stack of a goroutine: SIGPROF, for a
// profiler that the library does not have, and SIGURG, by which it interrupts
// long loops, of which the library has none. For SIGURG and SIGPIPE it also
// takes the host's handler away.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

var changes = []struct{ from, to string }{
	{`{_SigNotify + _SigUnblock, "SIGPROF`, `{_SigNotify, "SIGPROF`},
	{`const preemptMSupported = true`, `const preemptMSupported = false`},
	{` && sig != _SIGPIPE && sig != sigPreempt {`, ` {`},
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: overlay OS GOROOT FOLDER")
		os.Exit(2)
	}
	list, err := write(os.Args[1], os.Args[2], os.Args[3])
	if err != nil {
		fmt.Fprintln(os.Stderr, "overlay:", err)
		os.Exit(1)
	}
	fmt.Println(list)
}

func write(system, root, folder string) (list string, err error) {
	folder, err = filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	runtime := filepath.Join(root, "src", "runtime")
	sources, err := filepath.Glob(filepath.Join(runtime, "sig*_"+system+"*.go"))
	if err != nil {
		return "", err
	}
	sources = append(sources, filepath.Join(runtime, "signal_unix.go"))
	replace := map[string]string{}
	if system != "windows" { // which has no signals
		for _, c := range changes {
			if err := change(sources, replace, folder, c.from, c.to); err != nil {
				return "", err
			}
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	list = filepath.Join(folder, "overlay.json")
	return list, os.WriteFile(list, text, 0o644)
}

// change puts to for from in the first of the sources that has it, or in its copy.
func change(sources []string, replace map[string]string, folder, from, to string) error {
	for _, source := range sources {
		now := source
		if copied, ok := replace[source]; ok {
			now = copied
		}
		text, err := os.ReadFile(now)
		if err != nil {
			return err
		}
		if !strings.Contains(string(text), from) {
			continue
		}
		// The underscore keeps the copy out of any package.
		replace[source] = filepath.Join(folder, "_runtime_"+filepath.Base(source))
		return os.WriteFile(replace[source], []byte(strings.Replace(string(text), from, to, 1)), 0o644)
	}
	// The library works without, for hosts that have no handler of these signals.
	fmt.Fprintf(os.Stderr, "overlay: Go's runtime has no %q: a handler of the host's may crash the process\n", from)
	return nil
}
