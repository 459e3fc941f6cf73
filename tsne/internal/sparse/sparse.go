// Package sparse multiplies rows of a sparse float32 matrix with a block of
// eight float64 columns.
//
// A row of a block fills a cache line, so that an entry of the matrix costs one
// whether it meets one column or eight. Both kernels fuse each product with its
// sum and give the same bits on every CPU path.
package sparse

import (
	"math"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

// Width is the number of columns of a block, which is stored row by row.
const Width = 8

// Gather sets out to a row of the matrix, its columns and values, times the
// block q. Columns may come in any order and more than once.
func Gather(col []int32, val []float32, q []float64, out *[Width]float64) {
	if len(col) == 0 {
		*out = [Width]float64{}
		return
	}
	if cpu.Use >= cpu.AVX2 {
		gatherAVX2(&col[0], &val[:len(col)][0], len(col), &q[0], &out[0])
		return
	}
	gather(col, val, q, out)
}

// gather sums entry e in chain e mod 4.
func gather(col []int32, val []float32, q []float64, out *[Width]float64) {
	var s [4][Width]float64
	val = val[:len(col)]
	for e, c := range col {
		v, from, to := float64(val[e]), (*[Width]float64)(q[int(c)*Width:]), &s[e%4]
		for j, x := range from {
			to[j] = math.FMA(v, x, to[j])
		}
	}
	for j := range out {
		out[j] = (s[0][j] + s[1][j]) + (s[2][j] + s[3][j])
	}
}

// Scatter adds to the block q the transpose of a row of the matrix, times the
// row t.
func Scatter(col []int32, val []float32, q []float64, t *[Width]float64) {
	if len(col) == 0 {
		return
	}
	if cpu.Use >= cpu.AVX2 {
		scatterAVX2(&col[0], &val[:len(col)][0], len(col), &q[0], &t[0])
		return
	}
	scatter(col, val, q, t)
}

func scatter(col []int32, val []float32, q []float64, t *[Width]float64) {
	val = val[:len(col)]
	for e, c := range col {
		v, to := float64(val[e]), (*[Width]float64)(q[int(c)*Width:])
		for j, x := range t {
			to[j] = math.FMA(v, x, to[j])
		}
	}
}
