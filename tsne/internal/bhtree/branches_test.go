package bhtree

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// drawn are n points of a kind.
func drawn(kind string, n, dims int) []float32 {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	y := make([]float32, n*dims)
	for i := range n {
		for d := range dims {
			v := &y[i*dims+d]
			*v = float32(r.NormFloat64())
			switch {
			case kind == "clusters":
				*v = 0.1**v + 5*float32(i*(d+3)%7)
			case kind == "far" && i == n/2:
				*v = 1e6
			case kind == "twos": // half of them in a hundred places
				if i%2 == 0 {
					*v = float32(i / 2 % 100)
				}
			case kind == "one place":
				*v = 3
			}
		}
	}
	return y
}

// same says where two trees differ, wherever their blocks are.
func same(a, b *Tree, at, bt int32) error {
	p, q := a.blocks[at], b.blocks[bt]
	pc, qc := p.child, q.child
	p.child, q.child = [8]int32{}, [8]int32{}
	if p != q {
		return fmt.Errorf("blocks of %v and %v", p, q)
	}
	for lane := range 8 {
		if x, y := a.coms[8*int(at)+lane], b.coms[8*int(bt)+lane]; (p.inner|p.leaf)>>lane&1 == 1 && x != y {
			return fmt.Errorf("masses %v and %v", x, y)
		}
		if p.inner>>lane&1 == 1 {
			if err := same(a, b, pc[lane], qc[lane]); err != nil {
				return err
			}
		}
	}
	return nil
}

func TestSeveralMakeTheTreeOfOne(t *testing.T) {
	one := par.New(1)
	defer one.Close()
	for dims := 1; dims <= 3; dims++ {
		for _, kind := range []string{"cloud", "clusters", "far", "twos", "one place"} {
			for _, n := range []int{growTogether, 20011} {
				y := drawn(kind, n, dims)
				want := New(one, dims)
				want.Build(y)
				for _, workers := range []int{2, 5} {
					pool := par.New(workers)
					got := New(pool, dims)
					for range 2 { // in the room of another, then in its own
						if err := same(want, built(got, y), 0, 0); err != nil || len(got.blocks) != len(want.blocks) || !slices.Equal(got.items, want.items) || !slices.Equal(got.points[:4*n], want.points[:4*n]) {
							t.Errorf("%d-D, %d points, %s, %d workers: %v; %d and %d blocks", dims, n, kind, workers, err, len(want.blocks), len(got.blocks))
						}
						got.Build(drawn("cloud", n+n/2, dims))
					}
					pool.Close()
				}
			}
		}
	}
}

func built(t *Tree, y []float32) *Tree {
	t.Build(y)
	return t
}

func TestBuildIsCutForManyCores(t *testing.T) {
	pool := par.New(64)
	defer pool.Close()
	const n = 70000
	for dims := 1; dims <= 3; dims++ {
		var l par.Ledger
		tree := New(pool, dims)
		pool.Count(&l)
		tree.Build(drawn("clusters", n, dims))
		pool.Count(nil)
		work, span := 0, 0
		for i := range l.Steps {
			s := &l.Steps[i]
			if s.Name == "" {
				t.Errorf("step %d has no name", i)
			}
			work, span = work+s.Work(), span+s.Span()
		}
		t.Logf("%d-D: work %d, span %d", dims, work, span)
		if work < 10*span {
			t.Errorf("%d-D: work %d, span %d", dims, work, span)
		}
	}
}
