package main

import (
	"flag"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

var avx512 = flag.Bool("avx512", false, "write the kernels for AVX-512 instead")

// wide has the whole tile in registers: eight columns in a ZMM and the other
// four in a YMM register for each row.
func wide() {
	TEXT("product12AVX512", NOSPLIT, "func(a, b *float64, k int, c *float64)")
	Pragma("noescape")
	Doc("product12AVX512 is product4 for all columns of a; k is positive.")
	a := Load(Param("a"), GP64())
	b := Load(Param("b"), GP64())
	k := Load(Param("k"), GP64())
	c := Load(Param("c"), GP64())
	pair := func() [2]VecVirtual { return [2]VecVirtual{ZMM(), YMM()} }
	var acc [width][2]VecVirtual
	for r := range acc {
		acc[r] = pair()
		for v := range acc[r] {
			VMOVUPD(Mem{Base: c, Disp: 8 * (width*r + 8*v)}, acc[r][v])
		}
	}
	y, x := pair(), ZMM()
	Label("row")
	for v := range y {
		VMOVUPD(Mem{Base: b, Disp: 64 * v}, y[v])
	}
	for r := range acc {
		VBROADCASTSD(Mem{Base: a, Disp: 8 * r}, x)
		VFMADD231PD(y[0], x, acc[r][0])
		VFMADD231PD(y[1], x.AsY(), acc[r][1])
	}
	ADDQ(Imm(8*width), a)
	ADDQ(Imm(8*width), b)
	DECQ(k)
	JNZ(LabelRef("row"))
	for r := range acc {
		for v := range acc[r] {
			VMOVUPD(acc[r][v], Mem{Base: c, Disp: 8 * (width*r + 8*v)})
		}
	}
	VZEROUPPER()
	RET()
}
