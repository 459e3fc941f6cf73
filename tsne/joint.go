package tsne

import (
	"cmp"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/affinity"
)

// checkJoint says whether a matrix of the right form (affinity.CSR.Check) is one
// of affinities: nothing on the diagonal, columns that ascend within a row, and
// symmetric but for rounding. order has the row of each place where the matrix is
// in the order of memory, and is nil where both are the same; columns ascend by
// row.
func checkJoint(p *affinity.CSR, order []int32) error {
	row := func(place int32) int32 {
		if order != nil {
			return order[place]
		}
		return place
	}
	// Both halves of a symmetric matrix have the same sum of scrambled entries,
	// which is found without looking for the partner of each.
	key, halves := rand.Uint64(), uint64(0)
	var room, other affinity.Room
	for i := range int32(p.N) {
		col, val := p.Rows(int(i), int(i)+1, &room)
		for e, j := range col {
			switch {
			case j == i:
				return fail(ErrGraph, "affinities", "row %v has a value on the diagonal", atRow(row(i)))
			case e > 0 && row(col[e-1]) >= row(j):
				return fail(ErrGraph, "affinities", "row %v: columns do not ascend", atRow(row(i)))
			case i < j:
				halves += scrambled(key, i, j, val[e])
			default:
				halves -= scrambled(key, j, i, val[e])
			}
		}
	}
	if halves == 0 {
		return nil
	}
	for i := range int32(p.N) {
		col, val := p.Rows(int(i), int(i)+1, &room)
		for e, j := range col {
			v := val[e]
			back := valueAt(p, j, i, row, &other)
			if math.Abs(float64(back-v)) > symmetryTolerance*float64(max(back, v)) {
				return fail(ErrGraph, "affinities", "not symmetric: row %v, column %v is %v and row %v, column %v is %v", atRow(row(i)), atColumn(row(j)), value(v), atRow(row(j)), atColumn(row(i)), value(back))
			}
		}
	}
	return nil
}

func scrambled(key uint64, i, j int32, v float32) uint64 {
	hi, lo := bits.Mul64(key^(uint64(uint32(i))<<32|uint64(uint32(j))), 0x9e3779b97f4a7c15)
	hi, lo = bits.Mul64(hi^lo^uint64(math.Float32bits(v)), 0xd1342543de82ef95)
	return hi ^ lo
}

// valueAt is p_ij, 0 where nothing is stored.
func valueAt(p *affinity.CSR, i, j int32, row func(int32) int32, room *affinity.Room) float32 {
	col, val := p.Rows(int(i), int(i)+1, room)
	at, found := slices.BinarySearchFunc(col, row(j), func(c, want int32) int { return cmp.Compare(row(c), want) })
	if !found {
		return 0
	}
	return val[at]
}
