//go:build unix

package main

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// start runs the program and waits for a line with a word on its standard error.
func start(t *testing.T, dir, word string, args ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	c := exec.Command(program, args...)
	c.Dir = dir
	r, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(r)
	for lines.Scan() && !strings.Contains(lines.Text(), word) {
	}
	return c, lines
}

func last(lines *bufio.Scanner) (text string) {
	for lines.Scan() {
		text = lines.Text()
	}
	return text
}

// Ctrl-C keeps the map so far, the model and the picture; so does a cluster's end.
func TestSignalsKeepTheMap(t *testing.T) {
	dir := store(t)
	for s, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		c, lines := start(t, dir, `"iteration":60`, "x.npy", "y.npy", "--iterations", "2000000000", "--progress-every", "20", "--save", "m.npz", "--plot", "y.png")
		if err := c.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		text := last(lines)
		if err := c.Wait(); err == nil || c.ProcessState.ExitCode() != code {
			t.Errorf("%v: ended with %v", s, c.ProcessState)
		}
		e := must[*tsne.Embedding](t)(tsne.Load(filepath.Join(dir, "m.npz"), tsne.Options{}))
		if !strings.HasPrefix(text, "tsne: interrupted after ") || !strings.HasSuffix(text, "; y.npy has the map so far") || e.Iterations() < 40 {
			t.Errorf("%v: %s; %d iterations", s, text, e.Iterations())
		}
		y := arrayOf(t, filepath.Join(dir, "y.npy"))
		for i, v := range e.Y() {
			if y[i] != v {
				t.Fatalf("%v: the map is not the model's", s)
			}
		}
		o := tsne.Options{EarlyIterations: 250, Iterations: e.Iterations() - 250}
		if e.Iterations() <= 250 {
			o = tsne.Options{EarlyIterations: e.Iterations(), Iterations: -1}
		}
		for i, v := range fitted(t, o).Y() {
			if y[i] != v {
				t.Fatalf("%v: not the map of %d iterations", s, e.Iterations())
			}
		}
	}
}

// A wait for the standard input ends at the first Ctrl-C, and nothing is written.
func TestSignalWhileReading(t *testing.T) {
	dir := store(t)
	before := len(names(t, dir))
	c := exec.Command(program, "-", "y.npy")
	c.Dir = dir
	var errs strings.Builder
	c.Stderr = &errs
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	// More than a pipe holds: the program reads, and so has its signals in hand.
	for range 20_000 {
		if _, err := in.Write([]byte("1,2,3,4,5\n")); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err == nil || c.ProcessState.ExitCode() != 130 || errs.String() != "tsne: interrupted, nothing is written\n" {
		t.Errorf("ended with %v, %s", c.ProcessState, errs.String())
	}
	if now := names(t, dir); len(now) != before {
		t.Errorf("left behind: %v", now)
	}
}
