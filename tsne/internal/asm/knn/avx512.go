package main

import (
	"flag"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

var avx512 = flag.Bool("avx512", false, "write the kernels for AVX-512 instead")

// wideTile compares two panels six rows at a time: 16 columns in a ZMM and the
// other eight in a YMM register for each row.
func wideTile() {
	const rowsOf = 6
	TEXT("tileAVX512", NOSPLIT, "func(a, b *float32, head, rows int, hits *[24]uint32) uint32")
	Pragma("noescape")
	Doc("tileAVX512 is tilePortable.")

	a := Load(Param("a"), GP64())
	b := Load(Param("b"), GP64())
	head := Load(Param("head"), GP64())
	rows := Load(Param("rows"), GP64())
	hits := Load(Param("hits"), GP64())
	tail, ea, eb, any := GP64(), GP64(), GP64(), GP32()
	IMUL3Q(Imm(line), rows, ea)
	LEAQ(Mem{Base: b, Index: ea, Scale: 1}, eb)
	ADDQ(a, ea)
	MOVQ(rows, tail)
	SUBQ(head, tail)
	XORL(any, any)

	var rest, need, reach [2]VecVirtual // of the columns
	pair := func() [2]VecVirtual { return [2]VecVirtual{ZMM(), YMM()} }
	rest, need, reach = pair(), pair(), pair()
	for v := range 2 {
		VMOVUPS(mem(eb, 64*v), rest[v])
		VMOVUPS(mem(eb, line+64*v), need[v])
		VMOVUPS(mem(eb, 2*line+64*v), reach[v])
	}
	var acc [rowsOf][2]VecVirtual
	for r := range acc {
		acc[r] = pair()
	}
	// bound is what the products of row r must reach.
	bound := func(r, v int, out, t VecVirtual) {
		VADDPS_BCST(mem(ea, line+4*r), need[v], out)
		VMAXPS_BCST(mem(ea, 2*line+4*r), reach[v], t)
		VSUBPS(t, out, out)
	}
	groups := GP64()
	MOVQ(I32(width/rowsOf), groups)

	Label("group")
	for r := range acc {
		for v := range 2 {
			VPXORD(acc[r][v], acc[r][v], acc[r][v])
		}
	}
	pa, pb, left := GP64(), GP64(), GP64()
	MOVQ(a, pa)
	MOVQ(b, pb)
	step := func(disp int) {
		col, x := pair(), ZMM()
		VMOVUPS(mem(pb, disp), col[0])
		VMOVUPS(mem(pb, disp+64), col[1])
		for r := range acc {
			VBROADCASTSS(mem(pa, disp+4*r), x)
			VFMADD231PS(col[0], x, acc[r][0])
			VFMADD231PS(col[1], x.AsY(), acc[r][1])
		}
	}
	products := func(name string, count Register) {
		MOVQ(count, left)
		SUBQ(Imm(2), left)
		JL(LabelRef(name + "one"))
		Label(name)
		step(0)
		step(line)
		ADDQ(U32(2*line), pa)
		ADDQ(U32(2*line), pb)
		SUBQ(Imm(2), left)
		JGE(LabelRef(name))
		Label(name + "one")
		ADDQ(Imm(2), left)
		JZ(LabelRef(name + "done"))
		step(0)
		ADDQ(Imm(line), pa)
		ADDQ(Imm(line), pb)
		Label(name + "done")
	}
	products("head", head)
	TESTQ(tail, tail)
	JZ(LabelRef("final"))

	Comment("What is left of the product is at most that of the lengths left.")
	live := K()
	KXORW(live, live, live)
	for r := range acc {
		least, t, most := pair(), pair(), pair()
		for v := range 2 {
			bound(r, v, least[v], t[v])
			VMOVAPS(acc[r][v], most[v])
			VFMADD231PS_BCST(mem(ea, 4*r), rest[v], most[v])
			k := K()
			VCMPPS(Imm(0x1d), least[v], most[v], k)
			KORW(k, live, live)
		}
	}
	t := GP32()
	KORTESTW(live, live)
	JNZ(LabelRef("more"))
	XORL(t, t)
	for r := range acc {
		MOVL(t, mem(hits, 4*r))
	}
	JMP(LabelRef("next"))
	Label("more")
	products("tail", tail)

	Label("final")
	for r := range acc {
		m := GP32()
		least, u := pair(), pair()
		for v := range 2 {
			bound(r, v, least[v], u[v])
			k := K()
			VCMPPS(Imm(0x1d), least[v], acc[r][v], k)
			if v == 0 {
				KMOVW(k, m)
				continue
			}
			KMOVW(k, t)
			SHLL(Imm(16), t)
			ORL(t, m)
		}
		MOVL(m, mem(hits, 4*r))
		ORL(m, any)
	}
	Label("next")
	ADDQ(Imm(4*rowsOf), a)
	ADDQ(Imm(4*rowsOf), ea)
	ADDQ(Imm(4*rowsOf), hits)
	DECQ(groups)
	JNZ(LabelRef("group"))
	Store(any, ReturnIndex(0))
	VZEROUPPER()
	RET()
}
