package npz

import (
	"context"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Replace makes write's output the content of the file at path, in one step:
// whatever goes wrong, a file that was there before is left as it was and
// nothing else is left behind. What is there and is no ordinary file, such as
// a device, is written to as it is. Once ctx is done it gives up, also while the
// system takes its time to put a file on the disk.
func Replace(ctx context.Context, path string, write func(io.Writer) error) (err error) {
	// A link stays one.
	if to, err := filepath.EvalSymlinks(path); err == nil {
		path = to
	}
	old, err := os.Stat(path)
	if err == nil && !old.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		err = write(writerUntil{ctx, f})
		if e := f.Close(); err == nil {
			err = e
		}
		return err
	}
	temp := filepath.Join(filepath.Dir(path), before(path)+rand.Text()[:8]+after)
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(temp)
		}
	}()
	if old != nil {
		// As before for those who may read it; not every file system keeps modes.
		_ = f.Chmod(old.Mode().Perm())
	}
	if err := write(writerUntil{ctx, f}); err != nil {
		f.Close()
		return err
	}
	synced := make(chan error, 1)
	go func() {
		err := f.Sync()
		if e := f.Close(); err == nil {
			err = e
		}
		if ctx.Err() != nil {
			os.Remove(temp) // again, for a system that keeps a file while it is open
		}
		synced <- err
	}()
	select {
	case err = <-synced:
	case <-ctx.Done():
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync() // not every system can
		dir.Close()
	}
	return nil
}

// A file on the way has a name between these.
func before(path string) string { return "." + filepath.Base(path) + "." }

const after = ".tmp"

// Remove takes away the file at path and what a killed process has left of a
// Replace of it.
func Remove(path string) {
	os.Remove(path)
	dir := filepath.Dir(path)
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if name := e.Name(); strings.HasPrefix(name, before(path)) && strings.HasSuffix(name, after) && len(name) == len(before(path))+8+len(after) {
			os.Remove(filepath.Join(dir, name))
		}
	}
}

// writerUntil fails once ctx is done.
type writerUntil struct {
	ctx context.Context
	w   io.Writer
}

func (w writerUntil) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.w.Write(p)
}
