package tsne

import (
	"math"
	"math/bits"
	"math/rand/v2"

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
	for i := range int32(p.N) {
		for e := p.Ptr[i]; e < p.Ptr[i+1]; e++ {
			j := p.Col[e]
			switch {
			case j == i:
				return fail(ErrGraph, "affinities", "row %v has a value on the diagonal", atRow(row(i)))
			case e > p.Ptr[i] && row(p.Col[e-1]) >= row(j):
				return fail(ErrGraph, "affinities", "row %v: columns do not ascend", atRow(row(i)))
			case i < j:
				halves += scrambled(key, i, j, p.Val[e])
			default:
				halves -= scrambled(key, j, i, p.Val[e])
			}
		}
	}
	if halves == 0 {
		return nil
	}
	for i := range int32(p.N) {
		for e := p.Ptr[i]; e < p.Ptr[i+1]; e++ {
			j, v := p.Col[e], p.Val[e]
			back := valueAt(p, j, i, row)
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
func valueAt(p *affinity.CSR, i, j int32, row func(int32) int32) float32 {
	lo, hi := p.Ptr[i], p.Ptr[i+1]
	for lo < hi {
		mid := (lo + hi) / 2
		if row(p.Col[mid]) < row(j) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < p.Ptr[i+1] && p.Col[lo] == j {
		return p.Val[lo]
	}
	return 0
}
