package knn

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// A search whose rows are set aside finds what any other finds, and leaves nothing on disk; one that cannot set
// them aside says so and goes on.
func TestAside(t *testing.T) {
	defer func(was func(n, d, k int) bool) { lean = was }(lean)
	for _, threads := range []int{1, 3} {
		pool := par.New(threads)
		defer pool.Close()
		for _, c := range []struct{ n, d, same int }{{9000, 2, 0}, {9000, 8, 0}, {5000, 50, 0}, {5000, 77, 0}, {9000, 9, 4000}} {
			x := mixture(c.n, c.d, 40)
			for i := range c.same { // a list of them is too large for a room
				copy(x[i*c.d:], x[:c.d])
			}
			dir := t.TempDir()
			find := func(thrifty bool, scratch string) (*Graph, error) {
				lean = func(int, int, int) bool { return thrifty }
				var told error
				g, err := Approx(t.Context(), pool, x, c.n, c.d, 15, ApproxOptions{Scratch: &Scratch{scratch, func(err error) { told = err }}}, nil)
				if err != nil {
					t.Fatal(err)
				}
				return g, told
			}
			want, _ := find(false, "")
			for scratch, can := range map[string]bool{dir: true, filepath.Join(dir, "no such folder"): false} {
				got, told := find(true, scratch)
				if (told == nil) != can {
					t.Errorf("%+v: scratch %q: told %v", c, scratch, told)
				}
				if !slices.Equal(got.Index, want.Index) || !slices.Equal(got.Dist2, want.Dist2) {
					t.Errorf("%+v on %d threads: other neighbours", c, threads)
				}
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		}
	}
}

// Rows are where their slots are, zeros where a slot is empty, however many fit in the room at once; rows that can no longer
// be read are an error, of the filter too.
func TestSetAside(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for _, d := range []int{3, 8, 50} {
		const n = 20 * width
		x := mixture(n, d, 3)
		slots := make([]int32, n+width)
		for i := range slots {
			slots[i] = int32(n - 1 - i)
			if i >= n {
				slots[i] = -1
			}
		}
		a, err := setAside(t.Context(), pool, t.TempDir(), x, d, slots)
		if err != nil {
			t.Fatal(err)
		}
		defer a.close()
		size := (d + 7) / 8 * 8
		rows := make([]float32, len(slots)*size)
		for i := range rows {
			rows[i] = nan
		}
		a.read(rows, 0, size)
		if err := a.err(); err != nil {
			t.Fatal(err)
		}
		for i, row := range slots {
			want := make([]float32, size)
			if row >= 0 {
				copy(want, x[int(row)*d:][:d])
			}
			if !slices.Equal(rows[i*size:][:size], want) {
				t.Fatalf("%d columns: slot %d is %v, want %v", d, i, rows[i*size:][:size], want)
			}
		}
		if err := a.file.Truncate(100); err != nil {
			t.Fatal(err)
		}
		b, err := newBasis(t.Context(), pool, x, n, d)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := newFilter(t.Context(), pool, b, x, slots, []int{0, len(slots) / width}, true, a); err == nil || errors.Is(err, t.Context().Err()) {
			t.Errorf("a file cut short: %v", err)
		}
	}
}
