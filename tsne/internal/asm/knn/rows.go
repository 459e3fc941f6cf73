package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// ranks compares 32 values at a time with each of the others.
func ranks() {
	TEXT("ranksSIMD", NOSPLIT, "func(v *float32, n, spans int, rank *int32)")
	Pragma("noescape")
	Doc("ranksSIMD is ranksPortable, of spans of 32 places.")
	v := Load(Param("v"), GP64())
	n := Load(Param("n"), GP64())
	spans := Load(Param("spans"), GP64())
	rank := Load(Param("rank"), GP64())
	p := GP64()
	MOVQ(v, p)
	Label("span")
	Comment("32 values, and their ranks in four vectors.")
	for c := range 4 {
		VMOVUPS(mem(p, 32*c), yr(c))
		VPXOR(yr(4+c), yr(4+c), yr(4+c))
	}
	j := GP64()
	XORQ(j, j)
	Label("value")
	Comment("A value that is less moves a rank up by one.")
	VBROADCASTSS(Mem{Base: v, Index: j, Scale: 4}, Y8)
	for c := range 4 {
		VCMPPS(Imm(1), yr(c), Y8, yr(9+c))
		VPSUBD(yr(9+c), yr(4+c), yr(4+c))
	}
	INCQ(j)
	CMPQ(j, n)
	JL(LabelRef("value"))
	for c := range 4 {
		VMOVDQU(yr(4+c), mem(rank, 32*c))
	}
	ADDQ(I32(128), p)
	ADDQ(I32(128), rank)
	DECQ(spans)
	JNZ(LabelRef("span"))
	VZEROUPPER()
	RET()
}
