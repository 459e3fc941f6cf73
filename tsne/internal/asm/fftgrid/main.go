// Command fftgrid generates the AVX2 kernels of the grid convolution. Their
// specification is the portable Go beside them; they repeat its order of operations and use
// no fused multiply-add, so that the bits agree.
package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

type mem = operand.Mem

func main() {
	ConstraintExpr("amd64,!purego")
	for _, radix := range []int{2, 3, 4, 5} {
		stage(radix, false)
		stage(radix, true)
	}
	middle()
	copyRows()
	transpose()
	cells()
	box()
	spread()
	gather()
	combine()
	split()
	merge()
	Generate()
}

var y = []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15}

var constants = map[float32]mem{}

// constant is 8 copies of v.
func constant(v float32) mem {
	if m, ok := constants[v]; ok {
		return m
	}
	m := GLOBL(fmt.Sprintf("const%d", len(constants)), 8|16)
	for i := range 8 {
		DATA(4*i, operand.U32(math.Float32bits(v)))
	}
	constants[v] = m
	return m
}

func table(name string, v []float32) mem {
	m := GLOBL(name, 8|16)
	for i, x := range v {
		DATA(4*i, operand.U32(math.Float32bits(x)))
	}
	return m
}
