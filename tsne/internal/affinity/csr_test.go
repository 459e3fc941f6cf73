package affinity

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

func TestSymmetrizeAnyRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for _, n := range []int{1, 2, 5, 1000} {
		dense := make([]float64, n*n)
		ptr, col, val := []int64{0}, []int32{}, []float64{}
		var total float64
		for i := range n {
			for range rng.IntN(20) { // doubles, the diagonal and empty rows among them
				j, v := rng.IntN(n), rng.Float64()
				dense[i*n+j] += v
				total += v
				col, val = append(col, int32(j)), append(val, v)
			}
			ptr = append(ptr, int64(len(col)))
		}
		if total == 0 {
			ptr[n]++
			col, val, total = append(col, 0), append(val, 1), 1
			dense[(n-1)*n]++
		}
		for _, workers := range []int{1, 3} {
			pool := par.New(workers)
			c, err := Symmetrize(bg, pool, n, ptr, col, val)
			pool.Close()
			if err != nil {
				t.Fatal(err)
			}
			law(t, c)
			nnz := 0
			for i := range n {
				for j := range n {
					want := (dense[i*n+j] + dense[j*n+i]) / (2 * total)
					if want != 0 {
						nnz++
					}
					if v, _ := c.get(i, j); math.Abs(v-want) > 1e-7*want {
						t.Fatalf("n=%d: P[%d,%d] = %g, want %g", n, i, j, v, want)
					}
				}
			}
			if nnz != c.NNZ() {
				t.Errorf("n=%d: %d entries, want %d", n, c.NNZ(), nnz)
			}
		}
	}
	pool := par.New(1)
	defer pool.Close()
	if _, err := Symmetrize(bg, pool, 2, []int64{0, 1, 2}, []int32{1, 0}, []float32{0, 0}); err == nil {
		t.Error("no error for a sum of 0")
	}
}

func TestPermutedInput(t *testing.T) {
	const n, k = 500, 20
	index, dist2 := graph(n, k, 7)
	pool := par.New(2)
	defer pool.Close()
	c, err := Perplexity([]float64{6}).Joint(bg, pool, n, k, index, dist2, nil)
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
	want, err := Perplexity([]float64{6}).Joint(bg, pool, n, k, index2, dist22, nil)
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
	var spare Spare
	in := c.Permute(pool, order, inverse)
	for range 3 { // the arrays change places each time
		in.Reorder(&spare, pool, inverse, order)
		if !equal(in, c) {
			t.Fatal("there and back in place is not the identity")
		}
		in.Reorder(&spare, pool, order, inverse)
		if !equal(in, got) {
			t.Fatal("in place is not as in a new matrix")
		}
	}
	if len(spare.words) != c.NNZ() {
		t.Errorf("the spare has %d words for %d entries", len(spare.words), c.NNZ())
	}
}

func TestCheckNamesTheRow(t *testing.T) {
	good := func() *CSR {
		return &CSR{3, []int64{0, 1, 2, 4}, []int32{1, 0, 0, 1}, []float32{1, 2, 3, 0}}
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
		"affinities: row 2, column 0 has value NaN":                          func(c *CSR) { c.Val[2] = nan },
		"affinities: row 2, column 1 has value -1":                           func(c *CSR) { c.Val[3] = -1 },
		"affinities: row 0, column 1 has value +Inf":                         func(c *CSR) { c.Val[0] = float32(math.Inf(1)) },
	} {
		c := good()
		spoil(c)
		if err := c.Check(); err == nil || err.Error() != want {
			t.Errorf("error %q, want %q", err, want)
		}
	}
}

func TestManyRows(t *testing.T) {
	const n = 1<<18 + 77
	rng := rand.New(rand.NewPCG(10, 1))
	ptr, col, val := make([]int64, 1, n+1), []int32{}, []float32{}
	for range n {
		for range rng.IntN(4) {
			col, val = append(col, int32(rng.IntN(n))), append(val, rng.Float32())
		}
		ptr = append(ptr, int64(len(col)))
	}
	var first *CSR
	for _, workers := range []int{1, 3} {
		pool := par.New(workers)
		c, err := Symmetrize(bg, pool, n, ptr, col, val)
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
