//go:build linux || darwin

package tsne_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// A disk that fills up while a model is saved leaves the one that was there. The process that may write no more is one of its own: this one
// may have its log of the test to write.
func TestSaveLeavesTheOldFileWhole(t *testing.T) {
	const child = "TSNE_TEST_FULL"
	large := fitted(t, blobs(1000, 50, 5, 1), 5, tsne.Options{})
	if path := os.Getenv(child); path != "" {
		var limit syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		signal.Ignore(syscall.SIGXFSZ)
		limit.Cur = 100_000
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		if err := large.Save(path); !errors.Is(err, tsne.ErrIO) || !errors.Is(err, syscall.EFBIG) {
			t.Error("saved to a file too large:", err)
		}
		return
	}
	small, _ := tiny(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "model.npz")
	if err := small.Save(path); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestSaveLeavesTheOldFileWhole$")
	cmd.Env = append(os.Environ(), child+"="+path)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Error("the file that was there is another", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Error("left behind:", entries, err)
	}
	if err := large.Save(path); err != nil {
		t.Error(err)
	}
	if e, err := tsne.Load(path, tsne.Options{}); err != nil || e.N() != 1000 {
		t.Error(err)
	}
}
