// Command metric writes the NEON kernels of the distances that are not Euclidean.
package main

import . "github.com/libtsne/libtsne/tsne/internal/asm/neon"

const (
	queries = 4
	refs    = 16 // four vectors
)

func main() {
	kernel("manhattan", func(acc, x, y, _ V) {
		S4.Distance(y, y, x)
		S4.Add(acc, acc, y)
	}, S4.Add)
	kernel("chebyshev", func(acc, x, y, _ V) {
		S4.Distance(y, y, x)
		S4.Max(acc, acc, y)
	}, S4.Max)
	kernel("hamming", func(acc, x, y, one V) {
		S4.Equal(y, y, x)
		AndNot(y, one, y)
		S4.Add(acc, acc, y)
	}, S4.Add)
	Write("metric")
}

// kernel has a row of the reference in each lane and a query in each four
// accumulators. step takes a column of both into an accumulator and spoils y;
// join takes that into the output.
func kernel(name string, step func(acc, x, y, one V), join func(d, n, m V)) {
	Text(name+"SIMD", "the SIMD of that metric's Tile", "q, ref *float32, cols int, out *float32", "")
	q, ref, cols, out := Arg("q"), Arg("ref"), Arg("cols"), Arg("out")
	var acc [queries][]V
	for r := range acc {
		acc[r] = Vs(refs / 4)
		Clear(acc[r]...)
	}
	x, y, query, one := Vs(refs/4), Vs(refs/4), TakeV(), TakeV()
	S4.One(one)
	At("column")
	Comment("A column: 16 rows of the reference in four vectors, each of 4 queries in all lanes.")
	LoadPair(x[0], x[1], ref, 0)
	LoadPair(x[2], x[3], ref, 32)
	Load(query, q, 0)
	for r := range acc {
		for v := range x {
			S4.Dup(y[v], query, r)
			step(acc[r][v], x[v], y[v], one)
		}
	}
	I("ADD", 4*queries, q)
	I("ADD", 4*refs, ref)
	I("SUB", 1, cols)
	I("CBNZ", cols, "column")
	Comment("The output joins what it has with this.")
	for r := range acc {
		for v := range x {
			Load(x[v], out, 4*(refs*r+4*v))
			join(x[v], x[v], acc[r][v])
			Store(x[v], out, 4*(refs*r+4*v))
		}
	}
	I("RET")
}
