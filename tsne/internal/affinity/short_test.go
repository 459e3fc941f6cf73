package affinity

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// graphOf is a graph of k random neighbours, most of them near in number, with distances.
func graphOf(n, k int) (index []int32, dist2 []float32) {
	r := rand.New(rand.NewPCG(uint64(n), uint64(k)))
	for i := range n {
		row := map[int32]bool{int32(i): true}
		for len(row) <= k {
			j := int32(r.IntN(n))
			if r.IntN(4) > 0 {
				j = int32((i + r.IntN(4*k)) % n)
			}
			if !row[j] {
				row[j] = true
				index, dist2 = append(index, j), append(dist2, r.Float32()*9)
			}
		}
	}
	return index, dist2
}

// TestShortIsRounded: large graphs have values of 16 bits, the same as Val and in a short matrix, near those of float32; uniform ones stay as they are.
func TestShortIsRounded(t *testing.T) {
	from := ShortFrom
	defer func() { ShortFrom = from }()
	const n, k = 3000, 12
	pool := par.New(3)
	defer pool.Close()
	index, dist2 := graphOf(n, k)
	made := func(kind Kind, short bool) *CSR {
		p, i := slices.Clone(dist2), slices.Clone(index)
		if err := kind.Conditional(t.Context(), pool, n, k, p, p, nil); err != nil {
			t.Fatal(err)
		}
		do := Joint
		if short {
			do = JointShort
		}
		c, err := do(t.Context(), pool, n, k, i, p)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	kind := Perplexity([]float64{4})
	exact, uniform := made(kind, true), made(Uniform(), true)
	if exact.Short != nil {
		t.Fatal("a small matrix is short")
	}
	ShortFrom = 1
	if c := made(Uniform(), true); c.Short != nil || !slices.Equal(c.Val, uniform.Val) {
		t.Error("uniform affinities are rounded")
	}
	rounded, short := made(kind, false), made(kind, true)
	if short.Val != nil || len(short.Short) != len(rounded.Val) {
		t.Fatal("not short")
	}
	if err := short.Check(); err != nil {
		t.Error(err)
	}
	plain := short.Plain(pool)
	if !slices.Equal(plain.Val, rounded.Val) || !slices.Equal(plain.Col, exact.Col) || !slices.Equal(plain.Ptr, exact.Ptr) {
		t.Fatal("a short matrix is not the rounded one")
	}
	sum := 0.0
	for e, v := range rounded.Val {
		sum += float64(v)
		if off := math.Abs(float64(v) - float64(exact.Val[e])); off > float64(exact.Val[e])/4096 && off > 0x1p-31/n {
			t.Fatalf("entry %d is %g, exactly %g", e, v, exact.Val[e])
		}
	}
	if math.Abs(sum-1) > 1e-5 {
		t.Errorf("the values sum to %g", sum)
	}
	order, inverse := make([]int32, n), make([]int32, n)
	var spare Spare
	for range 3 {
		for i, v := range rand.Perm(n) {
			order[i], inverse[v] = int32(v), int32(i)
		}
		plain = plain.Permute(pool, order, inverse)
		moved := short.Permute(pool, order, inverse)
		short.Reorder(&spare, pool, order, inverse)
		for _, c := range []*CSR{moved, short} {
			got := c.Plain(pool)
			if !slices.Equal(got.Val, plain.Val) || !slices.Equal(got.Col, plain.Col) || !slices.Equal(got.Ptr, plain.Ptr) {
				t.Fatal("in a new order it is another matrix")
			}
		}
		col, val := short.Rows(n/3, n-1, &Room{})
		a, b := plain.Ptr[n/3], plain.Ptr[n-1]
		if !slices.Equal(col, plain.Col[a:b]) || !slices.Equal(val, plain.Val[a:b]) {
			t.Fatal("rows are not those of the matrix")
		}
	}
}

// TestWhatWasReadGoes: a graph that is given back on the way makes the same matrix, also where a row has a column twice.
func TestWhatWasReadGoes(t *testing.T) {
	from := consumeFrom
	defer func() { consumeFrom = from }()
	const n, k = 5*pollRows + 700, 6
	index, p := graphOf(n, k)
	for i := 0; i < n; i += 7 {
		index[i*k] = index[i*k+1]
	}
	for _, threads := range []int{1, 3} {
		pool := par.New(threads)
		defer pool.Close()
		for name, p := range map[string][]float32{"values": p, "none": nil} {
			index := slices.Clone(index)
			if p == nil {
				index, _ = graphOf(n, k)
			}
			var made [2]*CSR
			for i := range made {
				consumeFrom = []int{from, 1}[i]
				work := slices.Clone(index)
				c, err := Joint(t.Context(), pool, n, k, work, slices.Clone(p))
				if err != nil {
					t.Fatal(err)
				}
				made[i] = c
				if gives && i == 1 && slices.Max(work[:pollRows*k][pollRows*k*3/4:]) > 0 {
					t.Errorf("%s: what was read is still there", name)
				}
			}
			if !slices.Equal(made[0].Col, made[1].Col) || !slices.Equal(made[0].Val, made[1].Val) || !slices.Equal(made[0].Ptr, made[1].Ptr) {
				t.Errorf("%s, %d threads: another matrix", name, threads)
			}
		}
	}
}
