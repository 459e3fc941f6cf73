package knn

import (
	"context"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// Parts of a search have each row once, with the neighbours that it has among all.
func TestPartsHaveTheBitsOfTheWhole(t *testing.T) {
	sets := append(cases(),
		make2("lists", 6007, 21, clustered(2)),
		make2("wide lists", 3100, 75, clustered(1)))
	before := lean
	defer func() { lean = before }()
	for _, thrifty := range []bool{false, true} {
		lean = func(int, int, int) bool { return thrifty }
		for _, c := range sets {
			t.Run(c.name, func(t *testing.T) {
				pool := par.New(3)
				defer pool.Close()
				ctx, k := context.Background(), min(11, c.n-1)
				for _, approximate := range []bool{false, true} {
					search := func(of *Part) (*Graph, error) {
						switch {
						case of == nil && approximate:
							return Approx(ctx, pool, c.x, c.n, c.d, k, ApproxOptions{Seed: 3}, nil)
						case of == nil:
							return Exact(ctx, pool, c.x, c.n, c.d, k, nil)
						case approximate:
							return ApproxOf(ctx, pool, c.x, c.n, c.d, k, ApproxOptions{Seed: 3}, of, nil)
						}
						return ExactOf(ctx, pool, c.x, c.n, c.d, k, of, nil)
					}
					whole, err := search(nil)
					if err != nil {
						t.Fatal(err)
					}
					made := newGraph(c.n, k)
					made.Exponent = whole.Exponent
					seen := 0
					for _, ends := range [][2]int{{0, 1}, {1, 1}, {1, c.n/2 + 1}, {c.n/2 + 1, c.n}} {
						of := &Part{First: ends[0], Last: ends[1]}
						g, err := search(of)
						if err != nil {
							t.Fatal(err)
						}
						if g.N != len(of.Rows) || g.N != ends[1]-ends[0] || g.Exponent != whole.Exponent {
							t.Fatalf("%d rows, exponent %d", g.N, g.Exponent)
						}
						for i, row := range of.Rows {
							if made.Index[int(row)*k] != none {
								t.Fatalf("row %d twice", row)
							}
							copy(made.Index[int(row)*k:], g.Index[i*k:][:k])
							copy(made.Dist2[int(row)*k:], g.Dist2[i*k:][:k])
							seen++
						}
					}
					if seen != c.n {
						t.Fatalf("%d rows of %d", seen, c.n)
					}
					if err := same(made, whole); err != nil {
						t.Errorf("approximate %v: %v", approximate, err)
					}
				}
			})
		}
	}
	pool := par.New(1)
	defer pool.Close()
	for _, of := range []*Part{{-1, 3, nil}, {3, 2, nil}, {0, 11, nil}} {
		if _, err := ExactOf(context.Background(), pool, make([]float32, 10), 10, 1, 2, of, nil); err == nil {
			t.Errorf("%+v: no error", of)
		}
	}
}
