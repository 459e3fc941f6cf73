// Command vec generates the AVX2 kernels of package vec. The portable loops
// there say what each computes; the comments here say how.
package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!purego")
	attract()
	sumPLog()
	update()
	gauss()
	Generate()
}

const (
	cmpGT = 0x1e // ordered, quiet
	cmpLT = 0x11
	cmpGE = 0x1d
)

// data4 is a constant of four equal 64-bit words.
func data4(name string, bits uint64) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 4 {
		DATA(8*i, U64(bits))
	}
	return m
}

func f64x4(name string, v float64) Mem { return data4(name, math.Float64bits(v)) }

// tailMask holds 8 words of ones and 8 of zeros: read at 4*(8-rest), it selects
// the first rest of 8 floats.
func tailMask() Mem {
	m := GLOBL("tailMask", RODATA|NOPTR)
	for i := range 16 {
		v := uint32(0xffffffff)
		if i >= 8 {
			v = 0
		}
		DATA(4*i, U32(v))
	}
	return m
}

// edges walks rows lo to hi of the matrix in blocks of 8 entries. start runs at
// the head of a row, block for each 8 with their columns in memory and their
// values in a register, end after the last block of a row. A row's last block
// is filled up with the row itself and value 0, which adds nothing to a sum.
type edges struct {
	y, row Register
}

func (g *edges) walk(mask Mem, start func(), block func(cols Mem, val VecVirtual), end func()) {
	g.y = Load(Param("y"), GP64())
	ptr := Load(Param("ptr"), GP64())
	col := Load(Param("col"), GP64())
	val := Load(Param("val"), GP64())
	row := Load(Param("lo"), GP64())
	g.row = row
	hi := Load(Param("hi"), GP64())
	maskAt := GP64()
	LEAQ(mask, maskAt)
	cols := AllocLocal(32)

	Label("row")
	start()
	e, rest := GP64(), GP64()
	MOVQ(Mem{Base: ptr, Index: row, Scale: 8}, e)
	MOVQ(Mem{Base: ptr, Index: row, Scale: 8, Disp: 8}, rest)
	SUBQ(e, rest)
	SUBQ(U8(8), rest)
	JLT(LabelRef("tail"))
	Label("block")
	v := YMM()
	VMOVUPS(Mem{Base: val, Index: e, Scale: 4}, v)
	block(Mem{Base: col, Index: e, Scale: 4}, v)
	ADDQ(U8(8), e)
	SUBQ(U8(8), rest)
	JGE(LabelRef("block"))
	Label("tail")
	ADDQ(U8(8), rest)
	JZ(LabelRef("end"))
	NEGQ(rest)
	m, c, self := YMM(), YMM(), YMM()
	VMOVDQU(Mem{Base: maskAt, Index: rest, Scale: 4, Disp: 32}, m)
	VPMASKMOVD(Mem{Base: col, Index: e, Scale: 4}, m, c)
	VMOVD(row.(GPVirtual).As32(), self.AsX())
	VPBROADCASTD(self.AsX(), self)
	VPBLENDVB(m, c, self, c)
	VMOVDQU(c, cols)
	v = YMM()
	VMASKMOVPS(Mem{Base: val, Index: e, Scale: 4}, m, v)
	block(cols, v)
	Label("end")
	end()
	INCQ(row)
	CMPQ(row, hi)
	JLT(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// points loads the 2-D points of 8 columns and parts them: x holds the first
// coordinates in order, z the second ones.
func (g *edges) points(cols Mem) (x, z VecVirtual) {
	at := func(i int) Mem {
		k := GP64()
		MOVLQSX(cols.Offset(4*i), k)
		return Mem{Base: g.y, Index: k, Scale: 8}
	}
	pair := func(i int) VecVirtual {
		p := XMM()
		VMOVSD(at(i), p)
		VMOVHPS(at(i+1), p, p)
		return p
	}
	quad := func(i int) VecVirtual {
		lo, hi := pair(i), pair(i+4)
		q := YMM()
		VINSERTF128(U8(1), hi, lo.AsY(), q)
		return q
	}
	a, b := quad(0), quad(2)
	x, z = YMM(), YMM()
	VSHUFPS(U8(0x88), b, a, x)
	VSHUFPS(U8(0xdd), b, a, z)
	return x, z
}

var mask Mem

func attract() {
	mask = tailMask()
	TEXT("attract2AVX2", NOSPLIT, "func(force, y *float32, ptr *int64, col *int32, val *float32, lo, hi int)")
	Pragma("noescape")
	var g edges
	force := Load(Param("force"), GP64())
	one := YMM()
	oneBits := GP32()
	MOVL(U32(math.Float32bits(1)), oneBits)
	VMOVD(oneBits, one.AsX())
	VBROADCASTSS(one.AsX(), one)
	x0, x1, f0, f1 := YMM(), YMM(), YMM(), YMM()
	g.walk(mask, func() {
		VBROADCASTSS(Mem{Base: g.y, Index: g.row, Scale: 8}, x0)
		VBROADCASTSS(Mem{Base: g.y, Index: g.row, Scale: 8, Disp: 4}, x1)
		VXORPS(f0, f0, f0)
		VXORPS(f1, f1, f1)
	}, func(cols Mem, val VecVirtual) {
		d0, d1 := g.points(cols)
		VSUBPS(d0, x0, d0)
		VSUBPS(d1, x1, d1)
		s, s1 := YMM(), YMM()
		VMULPS(d0, d0, s)
		VMULPS(d1, d1, s1)
		VADDPS(s1, s, s)
		VADDPS(s, one, s)
		VDIVPS(s, val, s)
		VMULPS(s, d0, d0)
		VMULPS(s, d1, d1)
		VADDPS(d0, f0, f0)
		VADDPS(d1, f1, f1)
	}, func() {
		a, b, h := XMM(), XMM(), XMM()
		VEXTRACTF128(U8(1), f0, h)
		VADDPS(h, f0.AsX(), a)
		VEXTRACTF128(U8(1), f1, h)
		VADDPS(h, f1.AsX(), b)
		VMOVHLPS(a, b, h)
		VMOVLHPS(b, a, a)
		VADDPS(h, a, a)
		VHADDPS(a, a, a)
		VMOVLPS(a, Mem{Base: force, Index: g.row, Scale: 8})
	})
}

// logPoly mirrors the table of the portable loop.
var logPoly = []float64{1. / 19, 1. / 17, 1. / 15, 1. / 13, 1. / 11, 1. / 9, 1. / 7, 1. / 5, 1. / 3, 1}

func sumPLog() {
	coef := make([]Mem, len(logPoly))
	for i, c := range logPoly {
		coef[i] = f64x4("log"+string(rune('A'+i)), c)
	}
	one := coef[len(coef)-1]
	ln2 := f64x4("ln2", math.Ln2)
	two52 := f64x4("two52", 1<<52)
	sqrtHalf := data4("sqrtHalf", 0x3fe6a09e667f3bcd)

	TEXT("sumPLog2AVX2", NOSPLIT, "func(s *[8]float64, y *float32, ptr *int64, col *int32, val *float32, lo, hi int)")
	Pragma("noescape")
	var g edges
	x0, x1 := YMM(), YMM()
	acc := []VecVirtual{YMM(), YMM()}
	out := Load(Param("s"), GP64())
	for i := range acc {
		VMOVUPD(Mem{Base: out, Disp: 32 * i}, acc[i])
	}
	g.walk(mask, func() {
		VBROADCASTSS(Mem{Base: g.y, Index: g.row, Scale: 8}, x0.AsX())
		VCVTPS2PD(x0.AsX(), x0)
		VBROADCASTSS(Mem{Base: g.y, Index: g.row, Scale: 8, Disp: 4}, x1.AsX())
		VCVTPS2PD(x1.AsX(), x1)
	}, func(cols Mem, val VecVirtual) {
		z0, z1 := g.points(cols)
		for i := range acc {
			if i == 1 {
				for _, v := range []VecVirtual{z0, z1, val} {
					VEXTRACTF128(U8(1), v, v.AsX())
				}
			}
			d, t, e, m := YMM(), YMM(), YMM(), YMM()
			VMOVUPD(one, t)
			VCVTPS2PD(z0.AsX(), d)
			VSUBPD(d, x0, d)
			VFMADD231PD(d, d, t)
			VCVTPS2PD(z1.AsX(), d)
			VSUBPD(d, x1, d)
			VFMADD231PD(d, d, t)

			VPSUBQ(sqrtHalf, t, e)
			VPSRLQ(U8(52), e, e)
			VPSLLQ(U8(52), e, m)
			VPSUBQ(m, t, m)
			VPOR(two52, e, e)
			VSUBPD(two52, e, e)
			r, q, z, p := YMM(), YMM(), YMM(), YMM()
			VSUBPD(one, m, r)
			VADDPD(one, m, q)
			VDIVPD(q, r, r)
			VMULPD(r, r, z)
			VMOVUPD(coef[0], p)
			for _, c := range coef[1:] {
				VFMADD213PD(c, z, p)
			}
			VADDPD(r, r, r)
			VSUBPD(t, t, t)
			VFMADD213PD(t, r, p)
			VFMADD132PD(ln2, p, e)
			VCVTPS2PD(val.AsX(), d)
			VFMADD231PD(d, e, acc[i])
		}
	}, func() {
		for i := range acc {
			VMOVUPD(acc[i], Mem{Base: out, Disp: 32 * i})
		}
	})
}

func update() {
	TEXT("update2AVX2", NOSPLIT, "func(s *float32, max2 float32, y, velocity, gains, attract, repulse *float32, n int, t *float64)")
	Pragma("noescape")
	s := Load(Param("s"), GP64())
	field := func(i int) VecVirtual {
		v := YMM()
		VBROADCASTSS(Mem{Base: s, Disp: 4 * i}, v)
		return v
	}
	rate, momentum, exaggeration, invZ := field(0), field(1), field(2), field(3)
	f32x8 := func(name string, v float32) Mem {
		b := uint64(math.Float32bits(v))
		return data4(name, b<<32|b)
	}
	max2 := YMM()
	at, _ := Param("max2").Resolve()
	VBROADCASTSS(at.Addr, max2)
	grow, shrink := f32x8("gainGrow", 0.2), f32x8("gainShrink", 0.8)
	y := Load(Param("y"), GP64())
	velocity := Load(Param("velocity"), GP64())
	gains := Load(Param("gains"), GP64())
	attract := Load(Param("attract"), GP64())
	repulse := Load(Param("repulse"), GP64())
	n := Load(Param("n"), GP64())
	t := Load(Param("t"), GP64())
	acc := make([]VecVirtual, 4) // y in 0 and 1, squared gradient in 2 and 3
	for i := range acc {
		acc[i] = YMM()
		VXORPD(acc[i], acc[i], acc[i])
	}
	e := GP64()
	XORQ(e, e)
	in := func(base Register) Mem { return Mem{Base: base, Index: e, Scale: 4} }

	Label("loop")
	grad, a, u, gain := YMM(), YMM(), YMM(), YMM()
	VMULPS(in(attract), exaggeration, grad)
	VMULPS(in(repulse), invZ, a)
	VSUBPS(a, grad, grad)
	VMOVUPS(in(velocity), u)
	VMOVUPS(in(gains), gain)
	flip := YMM()
	VXORPS(flip, flip, flip)
	VCMPPS(U8(cmpGT), flip, u, a)
	b := YMM()
	VCMPPS(U8(cmpGT), flip, grad, b)
	VXORPS(a, b, a)
	VCMPPS(U8(cmpLT), flip, u, b)
	VCMPPS(U8(cmpLT), flip, grad, flip)
	VXORPS(b, flip, flip)
	VORPS(a, flip, flip)
	VADDPS(grow, gain, a)
	VMULPS(shrink, gain, gain)
	VBROADCASTSS(Mem{Base: s, Disp: 20}, b)
	VADDPS(b, gain, gain)
	VBLENDVPS(flip, a, gain, gain)
	VMOVUPS(gain, in(gains))
	VMULPS(momentum, u, u)
	VMULPS(rate, gain, gain)
	VMULPS(grad, gain, gain)
	VSUBPS(gain, u, u)

	norm2 := YMM()
	VMULPS(u, u, norm2)
	VPERMILPS(U8(0xb1), norm2, a)
	VADDPS(a, norm2, norm2)
	VCMPPS(U8(cmpGT), max2, norm2, a)
	clip := GP32()
	VMOVMSKPS(a, clip)
	TESTL(clip, clip)
	JZ(LabelRef("short"))
	VSQRTPS(norm2, norm2)
	VDIVPS(norm2, u, norm2)
	VBROADCASTSS(Mem{Base: s, Disp: 16}, b)
	VMULPS(b, norm2, norm2)
	VBLENDVPS(a, norm2, u, u)
	Label("short")
	VMOVUPS(u, in(velocity))
	VADDPS(in(y), u, u)
	VMOVUPS(u, in(y))
	for i := range 2 {
		if i == 1 {
			VEXTRACTF128(U8(1), u, u.AsX())
			VEXTRACTF128(U8(1), grad, grad.AsX())
		}
		VCVTPS2PD(u.AsX(), a)
		VADDPD(a, acc[i], acc[i])
		VCVTPS2PD(grad.AsX(), a)
		VFMADD231PD(a, a, acc[2+i]) // the square is exact: fused or not is the same
	}
	ADDQ(U8(8), e)
	CMPQ(e, n)
	JLT(LabelRef("loop"))
	for i := range acc {
		VMOVUPD(acc[i], Mem{Base: t, Disp: i/2*96 + i%2*32})
	}
	VZEROUPPER()
	RET()
}

func gauss() {
	poly := make([]Mem, 13)
	c := 1.0
	for i := range poly {
		if i > 0 {
			c *= float64(i)
		}
		poly[12-i] = f64x4("exp"+string(rune('A'+i)), 1/c)
	}
	log2e, magic := f64x4("log2e", math.Log2E), f64x4("roundMagic", 3<<51)
	ln2Hi, ln2Lo := f64x4("ln2Hi", 0x1.62e42fefa39efp-1), f64x4("ln2Lo", 0x1.abc9e3b39803fp-56)
	expMin := f64x4("expMin", -708)

	TEXT("gaussAVX2", NOSPLIT, "func(w, d *float64, n int, beta float64, l *[3][8]float64)")
	Pragma("noescape")
	w := Load(Param("w"), GP64())
	d := Load(Param("d"), GP64())
	n := Load(Param("n"), GP64())
	l := Load(Param("l"), GP64())
	beta := YMM()
	at, _ := Param("beta").Resolve()
	VBROADCASTSD(at.Addr, beta)
	zero := YMM()
	VXORPD(zero, zero, zero)
	VSUBPD(beta, zero, beta)
	acc := make([]VecVirtual, 6)
	for i := range acc {
		acc[i] = YMM()
		VXORPD(acc[i], acc[i], acc[i])
	}
	j := GP64()
	XORQ(j, j)
	Label("loop")
	var x, keep, s, r, p [2]VecVirtual
	for i := range 2 {
		x[i], keep[i], s[i], r[i], p[i] = YMM(), YMM(), YMM(), YMM(), YMM()
		in := func(base Register) Mem { return Mem{Base: base, Index: j, Scale: 8, Disp: 32 * i} }
		VMULPD(in(d), beta, r[i])
		VCMPPD(U8(cmpGE), expMin, r[i], keep[i])
		VMOVUPD(magic, s[i])
		VFMADD231PD(log2e, r[i], s[i])
		VSUBPD(magic, s[i], x[i])
		VFNMADD231PD(ln2Hi, x[i], r[i])
		VFNMADD231PD(ln2Lo, x[i], r[i])
		VMOVUPD(poly[0], p[i])
		for _, c := range poly[1:] {
			VFMADD213PD(c, r[i], p[i])
		}
		VPSLLQ(U8(52), s[i], s[i])
		VPADDQ(s[i], p[i], p[i])
		VANDPD(keep[i], p[i], p[i])
		VMOVUPD(p[i], in(w))
		VMOVUPD(in(d), x[i])
		VADDPD(p[i], acc[i], acc[i])
		VMULPD(x[i], p[i], p[i])
		VADDPD(p[i], acc[2+i], acc[2+i])
		VFMADD231PD(x[i], p[i], acc[4+i])
	}
	ADDQ(U8(8), j)
	CMPQ(j, n)
	JLT(LabelRef("loop"))
	for i := range acc {
		VMOVUPD(acc[i], Mem{Base: l, Disp: 32 * i})
	}
	VZEROUPPER()
	RET()
}
