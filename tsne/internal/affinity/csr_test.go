package affinity

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// Doubles, the diagonal, and columns that all rows have or none.
func TestJointOfAnyRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for _, size := range [][2]int{{1, 1}, {2, 1}, {2, 3}, {5, 2}, {40, 39}, {1000, 7}} {
		n, k := size[0], size[1]
		dense := make([]float64, n*n)
		index, p := make([]int32, n*k), make([]float32, n*k)
		for i := range n {
			for e := range k {
				j := rng.IntN(n)
				if e%3 == 1 {
					j = rng.IntN(j/10 + 1)
				}
				v := float32(rng.IntN(1<<12)) / float32(k<<12)
				index[i*k+e], p[i*k+e] = int32(j), v
				dense[i*n+j] += float64(v)
			}
		}
		there := map[[2]int32]bool{}
		for e, j := range index {
			i := int32(e / k)
			there[[2]int32{i, j}], there[[2]int32{j, i}] = true, true
		}
		var first *CSR
		for _, workers := range []int{1, 3, 20} {
			pool := par.New(workers)
			c, err := Joint(bg, pool, n, k, slices.Clone(index), slices.Clone(p))
			pool.Close()
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = c
			}
			if !equal(first, c) {
				t.Fatalf("n=%d, k=%d: %d workers: other bits", n, k, workers)
			}
		}
		if err := first.Check(); err != nil {
			t.Fatal(err)
		}
		if first.NNZ() != len(there) {
			t.Errorf("n=%d, k=%d: %d entries, want %d", n, k, first.NNZ(), len(there))
		}
		for i := range n {
			for j := range n {
				want := (dense[i*n+j] + dense[j*n+i]) / float64(2*n)
				if v, _ := first.get(i, j); math.Abs(v-want) > 2e-7*want {
					t.Fatalf("n=%d, k=%d: P[%d,%d] = %g, want %g", n, k, i, j, v, want)
				}
			}
		}
	}
}

// Renumbering the points renumbers P.
func TestPermutedInput(t *testing.T) {
	const n, k = 500, 20
	index, dist2 := graph(n, k, 7)
	pool := par.New(2)
	defer pool.Close()
	c, err := Perplexity([]float64{6}).Joint(bg, pool, n, k, slices.Clone(index), slices.Clone(dist2), nil)
	if err != nil {
		t.Fatal(err)
	}
	order, inverse := make([]int32, n), make([]int32, n)
	for i, o := range rand.New(rand.NewPCG(8, 8)).Perm(n) {
		order[i], inverse[o] = int32(o), int32(i)
	}
	index2, dist22 := make([]int32, n*k), make([]float32, n*k)
	for i, o := range order {
		for e := range k {
			index2[i*k+e] = inverse[index[int(o)*k+e]]
			dist22[i*k+e] = dist2[int(o)*k+e]
		}
	}
	want, err := Perplexity([]float64{6}).Joint(bg, pool, n, k, slices.Clone(index2), slices.Clone(dist22), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := c.Permute(pool, order, inverse)
	if err := got.Check(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Ptr, want.Ptr) {
		t.Fatal("other row offsets")
	}
	for i := range n {
		for e := got.Ptr[i]; e < got.Ptr[i+1]; e++ {
			if v, ok := want.get(i, int(got.Col[e])); !ok || v != float64(got.Val[e]) {
				t.Fatalf("P[%d,%d] = %g, want %g", i, got.Col[e], got.Val[e], v)
			}
		}
	}
	if back := got.Permute(pool, inverse, order); !equal(back, c) {
		t.Error("there and back is not the identity")
	}
	defer func(from int) { bandsFrom = from }(bandsFrom)
	for _, bandsFrom = range []int{c.NNZ() + 1, c.NNZ()} {
		var spare Spare
		in := c.Permute(pool, order, inverse)
		for range 3 { // the arrays change places
			in.Reorder(&spare, pool, inverse, order)
			if !equal(in, c) {
				t.Fatal("there and back in place is not the identity")
			}
			in.Reorder(&spare, pool, order, inverse)
			if !equal(in, got) {
				t.Fatal("in place is not as in a new matrix")
			}
		}
		if took := 4*cap(spare.col) + 4*cap(spare.val); took > int(SpareBytes(uint64(c.NNZ())))+100*k {
			t.Errorf("the spare takes %d bytes, want about %d", took, SpareBytes(uint64(c.NNZ())))
		}
	}
}

func TestCheckNamesTheRow(t *testing.T) {
	good := func() *CSR {
		return &CSR{N: 3, Ptr: []int64{0, 1, 2, 4}, Col: []int32{1, 0, 0, 1}, Val: []float32{1, 2, 3, 0}}
	}
	if err := good().Check(); err != nil {
		t.Fatal(err)
	}
	nan := float32(math.NaN())
	for want, spoil := range map[string]func(*CSR){
		"affinities: 2 row offsets for 3 rows, want 4":                       func(c *CSR) { c.Ptr = c.Ptr[:2] },
		"affinities: 4 columns but 3 values":                                 func(c *CSR) { c.Val = c.Val[:3] },
		"affinities: row 0 starts at offset 1, want 0":                       func(c *CSR) { c.Ptr[0] = 1 },
		"affinities: row 1 ends at offset 0, before its start 1":             func(c *CSR) { c.Ptr[2] = 0 },
		"affinities: row 2 ends at offset 9, past the 4 entries":             func(c *CSR) { c.Ptr[3] = 9 },
		"affinities: the last row ends at offset 3, but there are 4 entries": func(c *CSR) { c.Ptr[3] = 3 },
		"affinities: row 2 has column 3, outside [0, 3)":                     func(c *CSR) { c.Col[3] = 3 },
		"affinities: row 1 has column -1, outside [0, 3)":                    func(c *CSR) { c.Col[1] = -1 },
		"affinities: row 2, column 0 is NaN, want 0 or more and finite":      func(c *CSR) { c.Val[2] = nan },
		"affinities: row 2, column 1 is -1, want 0 or more and finite":       func(c *CSR) { c.Val[3] = -1 },
		"affinities: row 0, column 1 is +Inf, want 0 or more and finite":     func(c *CSR) { c.Val[0] = float32(math.Inf(1)) },
	} {
		c := good()
		spoil(c)
		if err := c.Check(); err == nil || err.Error() != want {
			t.Errorf("error %q, want %q", err, want)
		}
	}
}

// Columns of more than 18 bits, and more rows than are done between two looks at
// the context.
func TestManyRows(t *testing.T) {
	const n, k = 1<<18 + 77, 3
	rng := rand.New(rand.NewPCG(10, 1))
	index, p := make([]int32, n*k), make([]float32, n*k)
	for e := range index {
		index[e], p[e] = int32(rng.IntN(n)), 1./k
	}
	var first *CSR
	for _, workers := range []int{1, 3} {
		pool := par.New(workers)
		c, err := Joint(bg, pool, n, k, slices.Clone(index), slices.Clone(p))
		pool.Close()
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = c
			law(t, c)
		}
		if !equal(first, c) {
			t.Errorf("%d workers: other bits", workers)
		}
	}
}
