// Command knn writes the AVX2 kernels of package knn.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const (
	width = 24 // points in a panel
	line  = width * 4
)

func main() {
	ConstraintExpr("amd64,!purego")
	tile()
	stretch()
	gaps()
	distances()
	project()
	nearest()
	outside()
	ranks()
	Generate()
}

func mem(base Register, disp int) Mem { return Mem{Base: base, Disp: disp} }

// tile compares two panels: twelve accumulators hold four rows by 24 columns
// of products.
func tile() {
	TEXT("tileSIMD", NOSPLIT, "func(a, b *float32, head, rows int, hits *[24]uint32) uint32")
	Pragma("noescape")
	Doc("tileSIMD is tilePortable.")

	a := Load(Param("a"), GP64())
	b := Load(Param("b"), GP64())
	head := Load(Param("head"), GP64())
	rows := Load(Param("rows"), GP64())
	hits := Load(Param("hits"), GP64())
	Comment("Behind the rows of a panel are its lines of residual, need and reach.")
	tail, ea, eb, any := GP64(), GP64(), GP64(), GP32()
	IMUL3Q(Imm(line), rows, ea)
	LEAQ(Mem{Base: b, Index: ea, Scale: 1}, eb)
	ADDQ(a, ea)
	MOVQ(rows, tail)
	SUBQ(head, tail)
	XORL(any, any)
	groups := GP64()
	MOVQ(I32(width/4), groups)

	Label("group")
	Comment("Four columns of a by the 24 of b, in three vectors each.")
	for i := range 12 {
		VXORPS(yr(i), yr(i), yr(i))
	}
	pa, pb, left := GP64(), GP64(), GP64()
	MOVQ(a, pa)
	MOVQ(b, pb)
	products := func(name string, count Register) {
		MOVQ(count, left)
		SUBQ(Imm(2), left)
		JL(LabelRef(name + "one"))
		Label(name)
		step(pa, pb, 0)
		step(pa, pb, line)
		ADDQ(Imm(2*line), pa)
		ADDQ(Imm(2*line), pb)
		SUBQ(Imm(2), left)
		JGE(LabelRef(name))
		Label(name + "one")
		ADDQ(Imm(2), left)
		JZ(LabelRef(name + "done"))
		step(pa, pb, 0)
		ADDQ(Imm(line), pa)
		ADDQ(Imm(line), pb)
		Label(name + "done")
	}
	products("head", head)
	TESTQ(tail, tail)
	JZ(LabelRef("final"))

	Comment("What is left of the product is at most that of the lengths left.")
	VXORPS(Y14, Y14, Y14)
	for r := range 4 {
		for c := range 3 {
			bound(ea, eb, r, c)
			VBROADCASTSS(mem(ea, 4*r), Y13)
			VFMADD132PS(mem(eb, 32*c), yr(3*r+c), Y13)
			VCMPPS(Imm(0x1d), Y12, Y13, Y13)
			VORPS(Y13, Y14, Y14)
		}
	}
	t := GP32()
	VTESTPS(Y14, Y14)
	JNZ(LabelRef("more"))
	Comment("No pair can reach its bound.")
	XORL(t, t)
	for r := range 4 {
		MOVL(t, mem(hits, 4*r))
	}
	JMP(LabelRef("next"))
	Label("more")
	products("tail", tail)

	Label("final")
	Comment("A bit for each pair whose product reaches its bound: the needs less the larger reach.")
	for r := range 4 {
		m := GP32()
		for c := range 3 {
			bound(ea, eb, r, c)
			VCMPPS(Imm(0x1d), Y12, yr(3*r+c), Y13)
			if c == 0 {
				VMOVMSKPS(Y13, m)
				continue
			}
			VMOVMSKPS(Y13, t)
			SHLL(Imm(uint64(8*c)), t)
			ORL(t, m)
		}
		MOVL(m, mem(hits, 4*r))
		ORL(m, any)
	}
	Label("next")
	ADDQ(Imm(16), a)
	ADDQ(Imm(16), ea)
	ADDQ(Imm(16), hits)
	DECQ(groups)
	JNZ(LabelRef("group"))
	Store(any, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

func yr(i int) VecPhysical {
	return []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15}[i]
}

func step(pa, pb Register, disp int) {
	for c := range 3 {
		VMOVUPS(mem(pb, disp+32*c), yr(12+c))
	}
	for r := range 4 {
		VBROADCASTSS(mem(pa, disp+4*r), Y15)
		for c := range 3 {
			VFMADD231PS(yr(12+c), Y15, yr(3*r+c))
		}
	}
}

// bound puts what a product must reach into Y12, using Y15.
func bound(ea, eb Register, r, c int) {
	VBROADCASTSS(mem(ea, line+4*r), Y12)
	VADDPS(mem(eb, line+32*c), Y12, Y12)
	VBROADCASTSS(mem(ea, 2*line+4*r), Y15)
	VMAXPS(mem(eb, 2*line+32*c), Y15, Y15)
	VSUBPS(Y15, Y12, Y12)
}

// stretch takes a line of 24 at a time.
func stretch() {
	TEXT("stretchSIMD", NOSPLIT, "func(lines *int8, scale *float32, rows int, out *float32)")
	Pragma("noescape")
	Doc("stretchSIMD is stretchPortable.")
	lines := Load(Param("lines"), GP64())
	scale := Load(Param("scale"), GP64())
	rows := Load(Param("rows"), GP64())
	out := Load(Param("out"), GP64())
	middle, step := YMM(), YMM()
	Label("loop")
	VBROADCASTSS(mem(scale, 0), middle)
	VBROADCASTSS(mem(scale, 4), step)
	for c := range width / 8 {
		v := YMM()
		VPMOVSXBD(mem(lines, 8*c), v)
		VCVTDQ2PS(v, v)
		VMULPS(step, v, v)
		VADDPS(middle, v, v)
		VMOVUPS(v, mem(out, 32*c))
	}
	ADDQ(Imm(8), scale)
	ADDQ(Imm(width), lines)
	ADDQ(Imm(line), out)
	DECQ(rows)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// gaps sums the squared gaps of eight-dimensional boxes.
func gaps() {
	TEXT("gapsSIMD", NOSPLIT, "func(a, b *float32, m int, out *float32)")
	Pragma("noescape")
	Doc("gapsSIMD is gapsPortable.")
	a := Load(Param("a"), GP64())
	b := Load(Param("b"), GP64())
	m := Load(Param("m"), GP64())
	out := Load(Param("out"), GP64())
	lo, hi, z, t, u := YMM(), YMM(), YMM(), YMM(), YMM()
	VMOVUPS(mem(a, 0), lo)
	VMOVUPS(mem(a, 32), hi)
	VXORPS(z, z, z)
	TESTQ(m, m)
	JZ(LabelRef("done"))
	Label("loop")
	Comment("The gap of each axis: 0 or what parts the boxes.")
	VMOVUPS(mem(b, 0), t)
	VSUBPS(hi, t, t)
	VSUBPS(mem(b, 32), lo, u)
	VMAXPS(t, u, t)
	VMAXPS(t, z, t)
	VMULPS(t, t, t)
	Comment("Eight squares add up.")
	x := XMM()
	VEXTRACTF128(Imm(1), t, x)
	VADDPS(x, t.AsX(), x)
	VHADDPS(x, x, x)
	VHADDPS(x, x, x)
	VMOVSS(x, mem(out, 0))
	ADDQ(Imm(64), b)
	ADDQ(Imm(4), out)
	DECQ(m)
	JNZ(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
}

// distances takes four rows at a time; the sums of one row stay in one
// register, a column in lane column%8.
func distances() {
	TEXT("distancesSIMD", NOSPLIT, "func(a, base *float32, vecs int, at *int32, fours int, out *float32)")
	Pragma("noescape")
	Doc("distancesSIMD is distancesPortable.")
	a := Load(Param("a"), GP64())
	base := Load(Param("base"), GP64())
	vecs := Load(Param("vecs"), GP64())
	at := Load(Param("at"), GP64())
	fours := Load(Param("fours"), GP64())
	out := Load(Param("out"), GP64())
	stride := GP64()
	MOVQ(vecs, stride)
	SHLQ(Imm(5), stride)
	Label("four")
	Comment("Four rows.")
	var rows [4]Register
	for r := range rows {
		p := GP64()
		MOVLQSX(mem(at, 4*r), p)
		IMULQ(stride, p)
		ADDQ(base, p)
		rows[r] = p
		VXORPS(yr(r), yr(r), yr(r))
	}
	off := GP64()
	XORQ(off, off)
	Label("loop")
	Comment("Eight columns of each.")
	VMOVUPS(Mem{Base: a, Index: off, Scale: 1}, Y8)
	for r := range rows {
		VSUBPS(Mem{Base: rows[r], Index: off, Scale: 1}, Y8, yr(4+r))
		VMULPS(yr(4+r), yr(4+r), yr(4+r))
		VADDPS(yr(4+r), yr(r), yr(r))
	}
	ADDQ(Imm(32), off)
	CMPQ(off, stride)
	JL(LabelRef("loop"))
	Comment("Lanes l and l+4 add up.")
	x := []VecPhysical{X0, X1, X2, X3, X4, X5, X6, X7}
	for r := range rows {
		VEXTRACTF128(Imm(1), yr(r), x[4+r])
		VADDPS(x[4+r], x[r], x[r])
	}
	Comment("a0 b0 a1 b1, a2 b2 a3 b3, and so c and d")
	VUNPCKLPS(X1, X0, X4)
	VUNPCKHPS(X1, X0, X5)
	VUNPCKLPS(X3, X2, X6)
	VUNPCKHPS(X3, X2, X7)
	Comment("a0+a2 b0+b2 a1+a3 b1+b3, and so c and d")
	VADDPS(X5, X4, X4)
	VADDPS(X7, X6, X6)
	Comment("a b c d")
	VMOVLHPS(X6, X4, X5)
	VMOVHLPS(X4, X6, X7)
	VADDPS(X7, X5, X5)
	VMOVUPS(X5, mem(out, 0))
	ADDQ(Imm(16), at)
	ADDQ(Imm(16), out)
	DECQ(fours)
	JNZ(LabelRef("four"))
	VZEROUPPER()
	RET()
}

// project multiplies a centred row by 32 columns of a basis in float64.
func project() {
	TEXT("projectSIMD", NOSPLIT, "func(x *float32, center, basis *float64, d int, out *float64)")
	Pragma("noescape")
	Doc("projectSIMD is projectPortable.")
	x := Load(Param("x"), GP64())
	c := Load(Param("center"), GP64())
	b := Load(Param("basis"), GP64())
	d := Load(Param("d"), GP64())
	out := Load(Param("out"), GP64())
	var acc [8]VecVirtual
	for i := range acc {
		acc[i] = YMM()
		VXORPD(acc[i], acc[i], acc[i])
	}
	v, w := XMM(), YMM()
	VXORPS(v, v, v)
	Label("loop")
	Comment("An element less the centre, times its row of the basis.")
	VCVTSS2SD(mem(x, 0), v, v)
	VSUBSD(mem(c, 0), v, v)
	VBROADCASTSD(v, w)
	for i := range acc {
		VFMADD231PD(mem(b, 32*i), w, acc[i])
	}
	ADDQ(Imm(4), x)
	ADDQ(Imm(8), c)
	ADDQ(I32(256), b)
	DECQ(d)
	JNZ(LabelRef("loop"))
	Comment("32 coordinates.")
	for i := range acc {
		VMOVUPD(acc[i], mem(out, 32*i))
	}
	VZEROUPPER()
	RET()
}

// nearest takes a row's distances to 32 centres, a centre in each lane.
func nearest() {
	byLane("centers", "centers", 128, "An axis of the row, in all lanes, and of 32 centres.", func(v, t VecVirtual, c Register, i int) {
		VSUBPS(mem(c, 32*i), v, t)
	})
}

// outside measures a row against 32 boxes, one in each lane.
func outside() {
	var u, zero VecVirtual
	byLane("outside", "boxes", 256, "How far an axis of the row is below the lower bounds, or above the upper.", func(v, t VecVirtual, b Register, i int) {
		VSUBPS(mem(b, 32*i), v, t)
		VSUBPS(mem(b, 128+32*i), v, u)
		VMINPS(zero, t, t)
		VMAXPS(zero, u, u)
		VADDPS(u, t, t)
	}, &u, &zero)
}

// byLane sums the squares of what diff makes, in t, of an axis of a row, v, and of 32 lanes of size bytes of
// what it is held against. It has the room asked for, all zero at first.
func byLane(name, what string, size int, comment string, diff func(v, t VecVirtual, other Register, i int), room ...*VecVirtual) {
	TEXT(name+"SIMD", NOSPLIT, "func(y, "+what+" *float32, dims int, out *float32)")
	Pragma("noescape")
	Doc(name + "SIMD is " + name + "Portable.")
	y := Load(Param("y"), GP64())
	other := Load(Param(what), GP64())
	dims := Load(Param("dims"), GP64())
	out := Load(Param("out"), GP64())
	var acc, t [4]VecVirtual
	for i := range acc {
		acc[i], t[i] = YMM(), YMM()
		VXORPS(acc[i], acc[i], acc[i])
	}
	for _, r := range room {
		*r = YMM()
		VXORPS(*r, *r, *r)
	}
	v := YMM()
	Label("loop")
	Comment(comment)
	VBROADCASTSS(mem(y, 0), v)
	for i := range acc {
		diff(v, t[i], other, i)
		VMULPS(t[i], t[i], t[i])
		VADDPS(t[i], acc[i], acc[i])
	}
	ADDQ(Imm(4), y)
	ADDQ(I32(int32(size)), other)
	DECQ(dims)
	JNZ(LabelRef("loop"))
	for i := range acc {
		VMOVUPS(acc[i], mem(out, 32*i))
	}
	VZEROUPPER()
	RET()
}
