package metric

import "github.com/libtsne/libtsne/tsne/internal/cpu"

//go:generate sh -c "cd ../asm && go run ./metric -out ../metric/kernels_amd64.s -stubs ../metric/kernels_amd64.go -others ../metric/kernels_other.go -pkg metric"
//go:generate go run -C ../asm ./neon/metric -out ../metric/kernels_arm64.s -stubs ../metric/kernels_arm64.go -pkg metric

const (
	Queries = 4  // rows on one side of a tile
	Refs    = 16 // and on the other

	// partColumns is the number of columns summed up before they are added to the
	// others: two levels keep the rounding of a long sum small.
	partColumns = 256
)

// Lanes hold something of each of the Refs rows.
type Lanes [Refs]float32

// Tile makes the distances of Queries rows from Refs others in float32.
type Tile struct {
	// Column takes one column, x of a query and y of the rows, into sums, which
	// begin as 0.
	Column func(x float32, y, sums *Lanes)

	// Join takes the sums of some columns into those of all; nil: it adds them.
	Join func(part, sums *Lanes)

	// Finish gives the distance for the sum over d columns; nil: it is the sum.
	Finish func(sum float32, d int) float32

	// SIMD does Column for cols columns of all queries, and Join, and gives the
	// same bits; nil: there is no such kernel.
	SIMD func(q, ref *float32, cols int, sums *float32)
}

// Sums are the distances of a tile, before Finish.
type Sums struct {
	Of   [Queries]Lanes
	part Lanes
}

// Sum sums up d columns. A line of q holds a column of the queries, one of ref a
// column of the rows.
func (t *Tile) Sum(q, ref []float32, d int, out *Sums) {
	clear(out.Of[:])
	for c := 0; c < d; c += partColumns {
		t.add(q[c*Queries:], ref[c*Refs:], min(partColumns, d-c), out)
	}
}

func (t *Tile) add(q, ref []float32, cols int, out *Sums) {
	if t.SIMD == nil || cpu.Use < cpu.SIMD || cols == 0 {
		t.addPortable(q, ref, cols, out)
		return
	}
	_, _ = q[cols*Queries-1], ref[cols*Refs-1]
	t.SIMD(&q[0], &ref[0], cols, &out.Of[0][0])
}

func (t *Tile) addPortable(q, ref []float32, cols int, out *Sums) {
	for r := range out.Of {
		clear(out.part[:])
		for l := range cols {
			t.Column(q[l*Queries+r], (*Lanes)(ref[l*Refs:]), &out.part)
		}
		if t.Join != nil {
			t.Join(&out.part, &out.Of[r])
			continue
		}
		for c, v := range out.part {
			out.Of[r][c] += v
		}
	}
}
