// Command sparse writes the AVX2 kernels of package sparse.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// lanes is the number of chains that entries are dealt to.
const lanes = 4

func main() {
	ConstraintExpr("amd64,!purego")
	gather(8)
	gather(12)
	scatter(12)
	narrow()
	Generate()
}

type entries struct {
	width          int
	col, val, n, q Register
}

func load(width int) entries {
	return entries{width, Load(Param("col"), GP64()), Load(Param("val"), GP64()), Load(Param("n"), GP64()), Load(Param("q"), GP64())}
}

// entry gives the value of the entry at an offset, in all elements, and the
// row of q that it belongs to.
func (a entries) entry(at int, v VecVirtual) Mem {
	row := GP64()
	Comment("An entry: its row of q, and its value in all lanes.")
	MOVLQSX(Mem{Base: a.col, Disp: 4 * at}, row)
	bits := uint64(6)
	if a.width == 12 {
		LEAQ(Mem{Base: row, Index: row, Scale: 2}, row)
		bits = 5
	}
	SHLQ(Imm(bits), row)
	VBROADCASTSS(Mem{Base: a.val, Disp: 4 * at}, v.AsX())
	VCVTPS2PD(v.AsX(), v)
	return Mem{Base: a.q, Index: row, Scale: 1}
}

func (a entries) step(by int) {
	ADDQ(Imm(uint64(4*by)), a.col)
	ADDQ(Imm(uint64(4*by)), a.val)
}

func gather(width int) {
	TEXT(fmt.Sprintf("gather%dSIMD", width), NOSPLIT, "func(col *int32, val *float32, n int, q, out *float64)")
	Pragma("noescape")
	Doc(fmt.Sprintf("gather%dSIMD is gather of %d columns.", width, width))
	a := load(width)
	Comment("Entry e goes to sum e%4.")
	var s [lanes][]VecVirtual
	for e := range s {
		s[e] = make([]VecVirtual, width/4)
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
	Comment("Four entries at a time.")
	SUBQ(Imm(lanes), a.n)
	JL(LabelRef("rest"))
	for e := range lanes {
		add(e, e)
	}
	a.step(lanes)
	JMP(LabelRef("four"))
	Label("rest")
	Comment("The last ones, up to three.")
	ADDQ(Imm(lanes), a.n)
	for e := range lanes - 1 {
		JZ(LabelRef("sum"))
		add(e, 0)
		a.step(1)
		DECQ(a.n)
	}
	Label("sum")
	Comment("(0 + 1) + (2 + 3)")
	out := Load(Param("out"), GP64())
	for h := range s[0] {
		VADDPD(s[1][h], s[0][h], s[0][h])
		VADDPD(s[3][h], s[2][h], s[2][h])
		VADDPD(s[2][h], s[0][h], s[0][h])
		VMOVUPD(s[0][h], Mem{Base: out, Disp: 32 * h})
	}
	VZEROUPPER()
	RET()
}

func scatter(width int) {
	TEXT(fmt.Sprintf("scatter%dSIMD", width), NOSPLIT, "func(col *int32, val *float32, n int, q, t *float64)")
	Pragma("noescape")
	Doc(fmt.Sprintf("scatter%dSIMD is scatter of %d columns.", width, width))
	a := load(width)
	Comment("The row that is added stays in registers.")
	from := Load(Param("t"), GP64())
	t := make([]VecVirtual, width/4)
	for h := range t {
		t[h] = YMM()
		VMOVUPD(Mem{Base: from, Disp: 32 * h}, t[h])
	}
	TESTQ(a.n, a.n)
	JZ(LabelRef("done"))
	Label("entry")
	v := YMM()
	row := a.entry(0, v)
	Comment("That row gains the value times t.")
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

// narrow has a row of q in four registers: the products of an entry are rounded and
// added, each to a sum of its own.
func narrow() {
	TEXT("gather32SIMD", NOSPLIT, "func(col *int32, val *float32, n int, q, out *float32)")
	Pragma("noescape")
	Doc("gather32SIMD is gather of 32 float32 columns.")
	col, val := Load(Param("col"), GP64()), Load(Param("val"), GP64())
	n, q := Load(Param("n"), GP64()), Load(Param("q"), GP64())
	sum := make([]VecVirtual, 4)
	for h := range sum {
		sum[h] = YMM()
		VXORPS(sum[h], sum[h], sum[h])
	}
	Label("entry")
	Comment("An entry: its row of q, and its value in all lanes.")
	row, v := GP64(), YMM()
	MOVLQSX(Mem{Base: col}, row)
	SHLQ(Imm(7), row)
	VBROADCASTSS(Mem{Base: val}, v)
	for h := range sum {
		t := YMM()
		VMULPS(Mem{Base: q, Index: row, Scale: 1, Disp: 32 * h}, v, t)
		VADDPS(t, sum[h], sum[h])
	}
	ADDQ(Imm(4), col)
	ADDQ(Imm(4), val)
	DECQ(n)
	JNZ(LabelRef("entry"))
	out := Load(Param("out"), GP64())
	for h := range sum {
		VMOVUPS(sum[h], Mem{Base: out, Disp: 32 * h})
	}
	VZEROUPPER()
	RET()
}
