// Command pca writes the AVX2 kernel of package pca.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const width = 12 // columns of a panel: three vectors

func main() {
	ConstraintExpr("amd64,!purego")
	TEXT("product4SIMD", NOSPLIT, "func(a, b *float64, k int, c *float64)")
	Pragma("noescape")
	Doc("product4SIMD is product4.")
	a := Load(Param("a"), GP64())
	b := Load(Param("b"), GP64())
	k := Load(Param("k"), GP64())
	c := Load(Param("c"), GP64())
	Comment("Four rows of the tile, of three vectors each.")
	var acc [4][3]VecVirtual
	for r := range acc {
		for v := range acc[r] {
			acc[r][v] = YMM()
			VMOVUPD(Mem{Base: c, Disp: 8 * (width*r + 4*v)}, acc[r][v])
		}
	}
	var y [3]VecVirtual
	for v := range y {
		y[v] = YMM()
	}
	x := YMM()
	step := func(row int) {
		Comment("A row: twelve columns of b times each of four of a.")
		for v := range y {
			VMOVUPD(Mem{Base: b, Disp: 8 * (width*row + 4*v)}, y[v])
		}
		for r := range acc {
			VBROADCASTSD(Mem{Base: a, Disp: 8 * (width*row + r)}, x)
			for v := range y {
				VFMADD231PD(y[v], x, acc[r][v])
			}
		}
	}
	const unroll = 4
	left := GP64()
	MOVQ(k, left)
	SHRQ(Imm(2), left)
	JZ(LabelRef("tail"))
	Label("rows")
	Comment("Four rows of the panels at a time.")
	for row := range unroll {
		step(row)
	}
	ADDQ(U32(8*width*unroll), a)
	ADDQ(U32(8*width*unroll), b)
	DECQ(left)
	JNZ(LabelRef("rows"))
	Label("tail")
	Comment("What is left of the rows, one at a time.")
	ANDQ(Imm(unroll-1), k)
	JZ(LabelRef("store"))
	Label("row")
	step(0)
	ADDQ(U32(8*width), a)
	ADDQ(U32(8*width), b)
	DECQ(k)
	JNZ(LabelRef("row"))
	Label("store")
	Comment("The tile goes back.")
	for r := range acc {
		for v := range acc[r] {
			VMOVUPD(acc[r][v], Mem{Base: c, Disp: 8 * (width*r + 4*v)})
		}
	}
	VZEROUPPER()
	RET()
	Generate()
}
