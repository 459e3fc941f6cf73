package affinity

import (
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// Of 70,000 rows no step but what is short leaves more than a few of 64 workers idle.
func TestJointIsCutForManyCores(t *testing.T) {
	const n, k = 70000, 8
	index, p := made(n, k)
	pool := par.New(64)
	defer pool.Close()
	var l par.Ledger
	pool.Count(&l)
	c, err := Joint(bg, pool, n, k, slices.Clone(index), slices.Clone(p))
	if err != nil {
		t.Fatal(err)
	}
	work, span := 0, 0
	for i := range l.Steps {
		s := &l.Steps[i]
		switch {
		case s.Name == "":
			t.Errorf("step %d has no name", i)
		case s.Serial && s.Work() > columnGrain && s.Name != "ranges" && s.Name != "offsets":
			t.Errorf("%s: nobody shares %v", s.Name, s.Sizes)
		case s.Name == "rows" && len(s.Sizes) != 64:
			t.Errorf("rows are cut into %d", len(s.Sizes))
		case !s.Serial: // rows and columns of k entries and more
			work, span = work+s.Work(), span+s.Span()
		}
	}
	t.Logf("work %d, span %d", work, span)
	if work < 40*span {
		t.Errorf("work %d, span %d", work, span)
	}
	one := par.New(1)
	defer one.Close()
	d, err := Joint(bg, one, n, k, index, p)
	if err != nil || !slices.Equal(c.Ptr, d.Ptr) || !slices.Equal(c.Col, d.Col) || !slices.Equal(c.Val, d.Val) {
		t.Errorf("64 workers make another matrix than one: %v", err)
	}
}

func TestPartsKeepToTheirRoom(t *testing.T) {
	for _, n := range []int{1, 100, 2048, 10000, 70000, 200000, 1e6, 1e8, 1<<31 - 1} {
		for _, workers := range []int{1, 2, 8, 16, 64, 1000} {
			p := partsFor(n, workers)
			if p < 1 || p > workers || p > 64 || p < min(workers, 8) || p > 8 && (p*n*4 > 32<<20 || n/p < 256) {
				t.Errorf("%d rows, %d workers: %d parts", n, workers, p)
			}
		}
	}
}
