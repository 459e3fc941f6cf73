// Package sparse multiplies rows of a sparse float32 matrix with a block of a
// few columns, which is stored row by row.
//
// An entry of the matrix costs little more with a block than with one column.
// Eight float64 columns fill a cache line of each row; their kernels fuse each product
// with its sum. All kernels give the same bits on every CPU path.
package sparse

import (
	"math"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

// Gather8 sets out to a row of the matrix, its columns and values, times the
// block q. Columns may come in any order and more than once.
func Gather8(col []int32, val []float32, q []float64, out *[8]float64) {
	if len(col) == 0 || cpu.Use < cpu.SIMD {
		gather(col, val, q, out[:])
		return
	}
	gather8SIMD(&col[0], &val[:len(col)][0], len(col), &q[0], &out[0])
}

// Gather12 is Gather8 for twelve columns.
func Gather12(col []int32, val []float32, q []float64, out *[12]float64) {
	if len(col) == 0 || cpu.Use < cpu.SIMD {
		gather(col, val, q, out[:])
		return
	}
	gather12SIMD(&col[0], &val[:len(col)][0], len(col), &q[0], &out[0])
}

// gather sums entry e in chain e mod 4.
func gather(col []int32, val []float32, q, out []float64) {
	var s [4][12]float64
	width := len(out)
	val = val[:len(col)]
	for e, c := range col {
		v, to := float64(val[e]), s[e%4][:width]
		for j, x := range q[int(c)*width:][:width] {
			to[j] = math.FMA(v, x, to[j])
		}
	}
	for j := range out {
		out[j] = (s[0][j] + s[1][j]) + (s[2][j] + s[3][j])
	}
}

// Scatter12 adds to the block q the transpose of a row of the matrix times t.
func Scatter12(col []int32, val []float32, q []float64, t *[12]float64) {
	if len(col) == 0 || cpu.Use < cpu.SIMD {
		scatter(col, val, q, t[:])
		return
	}
	scatter12SIMD(&col[0], &val[:len(col)][0], len(col), &q[0], &t[0])
}

func scatter(col []int32, val []float32, q, t []float64) {
	val = val[:len(col)]
	for e, c := range col {
		v, to := float64(val[e]), q[int(c)*len(t):][:len(t)]
		for j, x := range t {
			to[j] = math.FMA(v, x, to[j])
		}
	}
}

// Gather32 sets out to a row of the matrix times a block of 32 float32 columns. Products
// are rounded, and added in the order of entries.
func Gather32(col []int32, val, q []float32, out *[32]float32) {
	if len(col) == 0 || cpu.Use < cpu.SIMD {
		gather32(col, val, q, out)
		return
	}
	gather32SIMD(&col[0], &val[:len(col)][0], len(col), &q[0], &out[0])
}

func gather32(col []int32, val, q []float32, out *[32]float32) {
	clear(out[:])
	val = val[:len(col)]
	for e, c := range col {
		v := val[e]
		for j, x := range (*[32]float32)(q[int(c)*32:]) {
			out[j] += float32(v * x)
		}
	}
}
