package affinity

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// TestPackedIsUniform: a packed matrix has the entries of the plain one, as made and in other orders.
func TestPackedIsUniform(t *testing.T) {
	from := bandsFrom
	defer func() { bandsFrom = from }()
	for _, c := range []struct{ n, k, threads int }{{4, 1, 1}, {5, 4, 2}, {700, 15, 1}, {3000, 7, 3}} {
		pool := par.New(c.threads)
		defer pool.Close()
		r := rand.New(rand.NewPCG(uint64(c.n), 1))
		index := make([]int32, 0, c.n*c.k)
		for i := range c.n {
			row := map[int32]bool{}
			for len(row) < c.k {
				j := int32(r.IntN(c.n))
				if r.IntN(3) > 0 {
					j = int32((i + 1 + r.IntN(min(2*c.k, c.n-1))) % c.n)
				}
				if int(j) != i && !row[j] {
					row[j] = true
					index = append(index, j)
				}
			}
		}
		want, err := Uniform().Joint(t.Context(), pool, c.n, c.k, slices.Clone(index), make([]float32, len(index)), nil)
		if err != nil {
			t.Fatal(err)
		}
		packed, err := Joint(t.Context(), pool, c.n, c.k, slices.Clone(index), nil)
		if err != nil {
			t.Fatal(err)
		}
		same := func(what string, packed, want *CSR) {
			t.Helper()
			got := packed.Plain(pool)
			if !slices.Equal(got.Ptr, want.Ptr) || !slices.Equal(got.Col, want.Col) || !slices.Equal(got.Val, want.Val) {
				t.Fatalf("%+v: %s: not the plain one", c, what)
			}
			lo, hi := c.n/3, c.n-1
			col, val := packed.Rows(lo, hi, &Room{})
			a, b := want.Ptr[lo], want.Ptr[hi]
			if !slices.Equal(col, want.Col[a:b]) || !slices.Equal(val, want.Val[a:b]) {
				t.Fatalf("%+v: %s: rows %d to %d are not the plain ones", c, what, lo, hi)
			}
		}
		same("as made", packed, want)
		var spare Spare
		for _, bandsFrom = range []int{from, 0, 0, from} {
			order, inverse := make([]int32, c.n), make([]int32, c.n)
			for i, v := range r.Perm(c.n) {
				order[i], inverse[v] = int32(v), int32(i)
			}
			want = want.Permute(pool, order, inverse)
			same("in a new order", packed.Permute(pool, order, inverse), want)
			packed.Reorder(&spare, pool, order, inverse)
			same("put in a new order", packed, want)
		}
	}
}
