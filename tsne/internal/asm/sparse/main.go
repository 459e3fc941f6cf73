// Command sparse writes the AVX2 kernels of package sparse.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// shift is the binary logarithm of the bytes of a row of a block.
const shift = 6

// lanes is the number of chains that entries are dealt to.
const lanes = 4

func main() {
	ConstraintExpr("amd64,!purego")
	gather()
	scatter()
	Generate()
}

type entries struct{ col, val, n, q Register }

func load() entries {
	return entries{Load(Param("col"), GP64()), Load(Param("val"), GP64()), Load(Param("n"), GP64()), Load(Param("q"), GP64())}
}

// entry gives the value of the entry at an offset, in all elements, and the
// row of q that it belongs to.
func (a entries) entry(at int, v VecVirtual) Mem {
	row := GP64()
	MOVLQSX(Mem{Base: a.col, Disp: 4 * at}, row)
	SHLQ(Imm(shift), row)
	VBROADCASTSS(Mem{Base: a.val, Disp: 4 * at}, v.AsX())
	VCVTPS2PD(v.AsX(), v)
	return Mem{Base: a.q, Index: row, Scale: 1}
}

func (a entries) step(by int) {
	ADDQ(Imm(uint64(4*by)), a.col)
	ADDQ(Imm(uint64(4*by)), a.val)
}

func gather() {
	TEXT("gatherAVX2", NOSPLIT, "func(col *int32, val *float32, n int, q, out *float64)")
	Pragma("noescape")
	Doc("gatherAVX2 is gather.")
	a := load()
	var s [lanes][2]VecVirtual
	for e := range s {
		for h := range s[e] {
			s[e][h] = YMM()
			VXORPD(s[e][h], s[e][h], s[e][h])
		}
	}
	v := YMM()
	add := func(e, at int) {
		row := a.entry(at, v)
		for h := range s[e] {
			VFMADD231PD(row.Offset(32*h), v, s[e][h])
		}
	}
	Label("four")
	SUBQ(Imm(lanes), a.n)
	JL(LabelRef("rest"))
	for e := range lanes {
		add(e, e)
	}
	a.step(lanes)
	JMP(LabelRef("four"))
	Label("rest")
	ADDQ(Imm(lanes), a.n)
	for e := range lanes - 1 {
		JZ(LabelRef("sum"))
		add(e, 0)
		a.step(1)
		DECQ(a.n)
	}
	Label("sum")
	out := Load(Param("out"), GP64())
	for h := range 2 {
		VADDPD(s[1][h], s[0][h], s[0][h])
		VADDPD(s[3][h], s[2][h], s[2][h])
		VADDPD(s[2][h], s[0][h], s[0][h])
		VMOVUPD(s[0][h], Mem{Base: out, Disp: 32 * h})
	}
	VZEROUPPER()
	RET()
}

func scatter() {
	TEXT("scatterAVX2", NOSPLIT, "func(col *int32, val *float32, n int, q, t *float64)")
	Pragma("noescape")
	Doc("scatterAVX2 is scatter.")
	a := load()
	from := Load(Param("t"), GP64())
	var t [2]VecVirtual
	for h := range t {
		t[h] = YMM()
		VMOVUPD(Mem{Base: from, Disp: 32 * h}, t[h])
	}
	TESTQ(a.n, a.n)
	JZ(LabelRef("done"))
	Label("entry")
	v := YMM()
	row := a.entry(0, v)
	for h := range t {
		sum := YMM()
		VMOVUPD(row.Offset(32*h), sum)
		VFMADD231PD(t[h], v, sum)
		VMOVUPD(sum, row.Offset(32*h))
	}
	a.step(1)
	DECQ(a.n)
	JNZ(LabelRef("entry"))
	Label("done")
	VZEROUPPER()
	RET()
}
