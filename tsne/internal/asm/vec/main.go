// Command vec generates the AVX2 and AVX-512 kernels of package vec. The portable loops
// there say what each computes; the comments here say how.
package main

import (
	"flag"
	"fmt"
	"math"
	"sync"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!purego")
	if flag.Parse(); *avx512 {
		for dims := 1; dims <= 3; dims++ {
			wideSumPLog(dims)
		}
		wideGauss()
		Generate()
		return
	}
	for dims := 1; dims <= 3; dims++ {
		attract(dims, false, plain)
	}
	for dims := 1; dims <= 3; dims++ {
		sumPLog(dims)
	}
	update()
	gauss()
	for dims := 1; dims <= 3; dims++ {
		attract(dims, true, plain)
	}
	part()
	widen()
	attract(2, false, short)
	attract(2, false, packed)
	fetchLines()
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

func attract(dims int, dof bool, f form) {
	g := edges{dims: dims, form: f, mask: mask()}
	name, values, more := fmt.Sprintf("attract%dSIMD", dims), "val *float32", ""
	switch {
	case dof:
		name, more = fmt.Sprintf("attractDOF%dSIMD", dims), ", inv float32"
	case f == short:
		name, values, more = fmt.Sprintf("attractShort%dAVX2", dims), "short *uint16", ", base uint32"
	case f == packed:
		name, values = fmt.Sprintf("attractPacked%dAVX2", dims), "levels *[2]float32"
	}
	TEXT(name, NOSPLIT, "func(force, y *float32, ptr *int64, col *int32, "+values+", lo, hi int"+more+")")
	Pragma("noescape")
	force := Load(Param("force"), GP64())
	var inv VecVirtual
	if dof {
		inv = YMM()
		Load(Param("inv"), inv.AsX())
		VBROADCASTSS(inv.AsX(), inv)
	}
	one := YMM()
	Comment("1 in all lanes.")
	oneBits := GP32()
	MOVL(U32(math.Float32bits(1)), oneBits)
	VMOVD(oneBits, one.AsX())
	VBROADCASTSS(one.AsX(), one)
	x, sum := vectors(dims), vectors(dims)
	g.walk(func() {
		g.self(x)
		for d := range sum {
			VXORPS(sum[d], sum[d], sum[d])
		}
	}, func(cols Mem, val VecVirtual) {
		diff := g.points(cols)
		Comment("The differences, and the sum of their squares.")
		s := YMM()
		for d := range diff {
			VSUBPS(diff[d], x[d], diff[d])
			if d == 0 {
				VMULPS(diff[d], diff[d], s)
				continue
			}
			square := YMM()
			VMULPS(diff[d], diff[d], square)
			VADDPS(square, s, s)
		}
		if dof {
			Comment("val / (1 + d²/dof)")
			VMULPS(inv, s, s)
		} else {
			Comment("val / (1 + d²)")
		}
		VADDPS(s, one, s)
		VDIVPS(s, val, s)
		Comment("The force gains that times the differences.")
		for d := range diff {
			VMULPS(s, diff[d], diff[d])
			VADDPS(diff[d], sum[d], sum[d])
		}
	}, func() {
		out := g.at(force, g.row)
		quad := func(d int) VecVirtual {
			q, h := XMM(), XMM()
			VEXTRACTF128(U8(1), sum[d], h)
			VADDPS(h, sum[d].AsX(), q)
			return q
		}
		Comment("Eight lanes add up.")
		a, b, h := quad(0), quad(min(1, dims-1)), XMM()
		VMOVHLPS(a, b, h)
		VMOVLHPS(b, a, a)
		VADDPS(h, a, a)
		VHADDPS(a, a, a)
		if dims == 1 {
			VMOVSS(a, out)
			return
		}
		VMOVLPS(a, out)
		if dims == 3 {
			c := quad(2)
			VMOVHLPS(c, c, h)
			VADDPS(h, c, c)
			VHADDPS(c, c, c)
			VMOVSS(c, out.Offset(8))
		}
	})
}

// logPoly mirrors the table of the portable loop.
var logPoly = []float64{1. / 19, 1. / 17, 1. / 15, 1. / 13, 1. / 11, 1. / 9, 1. / 7, 1. / 5, 1. / 3, 1}

var logData = sync.OnceValue(func() (c struct {
	poly                      []Mem
	one, ln2, two52, sqrtHalf Mem
}) {
	for i, v := range logPoly {
		c.poly = append(c.poly, f64x4("log"+string(rune('A'+i)), v))
	}
	c.one = c.poly[len(c.poly)-1]
	c.ln2 = f64x4("ln2", math.Ln2)
	c.two52 = f64x4("two52", 1<<52)
	c.sqrtHalf = data4("sqrtHalf", 0x3fe6a09e667f3bcd)
	return c
})

func sumPLog(dims int) {
	c := logData()
	g := edges{dims: dims, mask: mask()}
	TEXT(fmt.Sprintf("sumPLog%dAVX2", dims), NOSPLIT, "func(s *[8]float64, y *float32, ptr *int64, col *int32, val *float32, lo, hi int)")
	Pragma("noescape")
	x, acc := vectors(dims), vectors(2)
	out := Load(Param("s"), GP64())
	for i := range acc {
		VMOVUPD(Mem{Base: out, Disp: 32 * i}, acc[i])
	}
	g.walk(func() {
		g.self(x)
		for d := range x {
			VCVTPS2PD(x[d].AsX(), x[d])
		}
	}, func(cols Mem, val VecVirtual) {
		points := g.points(cols)
		for i := range acc {
			Commentf("Entries %d to %d: t = 1 + d² in float64.", 4*i, 4*i+3)
			if i == 1 {
				for _, v := range append(points, val) {
					VEXTRACTF128(U8(1), v, v.AsX())
				}
			}
			d, t, e, m := YMM(), YMM(), YMM(), YMM()
			VMOVUPD(c.one, t)
			for k := range points {
				VCVTPS2PD(points[k].AsX(), d)
				VSUBPD(d, x[k], d)
				VFMADD231PD(d, d, t)
			}
			Comment("t = 2^e m, with m from sqrt(1/2) to sqrt 2; e becomes a float.")
			VPSUBQ(c.sqrtHalf, t, e)
			VPSRLQ(U8(52), e, e)
			VPSLLQ(U8(52), e, m)
			VPSUBQ(m, t, m)
			VPOR(c.two52, e, e)
			VSUBPD(c.two52, e, e)
			Comment("r = (m - 1) / (m + 1), of which log m is an odd series.")
			r, q, z, p := YMM(), YMM(), YMM(), YMM()
			VSUBPD(c.one, m, r)
			VADDPD(c.one, m, q)
			VDIVPD(q, r, r)
			VMULPD(r, r, z)
			VMOVUPD(c.poly[0], p)
			for _, k := range c.poly[1:] {
				VFMADD213PD(k, z, p)
			}
			Comment("log t = 2 r p + (t - t) + e ln 2, where t - t is 0, or NaN if t is not finite.")
			VADDPD(r, r, r)
			VSUBPD(t, t, t)
			VFMADD213PD(t, r, p)
			VFMADD132PD(c.ln2, p, e)
			Comment("The sum gains that times the value.")
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
	TEXT("update2SIMD", NOSPLIT, "func(s *float32, max2 float32, y, velocity, gains, attract, repulse *float32, n int, t *float64)")
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
	Comment("Four points: grad = exaggeration attract - invZ repulse")
	grad, a, u, gain := YMM(), YMM(), YMM(), YMM()
	VMULPS(in(attract), exaggeration, grad)
	VMULPS(in(repulse), invZ, a)
	VSUBPS(a, grad, grad)
	VMOVUPS(in(velocity), u)
	VMOVUPS(in(gains), gain)
	Comment("flip: the velocity and grad differ in sign; a zero agrees with a zero only.")
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
	Comment("gain + 0.2 there, 0.8 gain + minGain elsewhere")
	VADDPS(grow, gain, a)
	VMULPS(shrink, gain, gain)
	VBROADCASTSS(Mem{Base: s, Disp: 20}, b)
	VADDPS(b, gain, gain)
	VBLENDVPS(flip, a, gain, gain)
	VMOVUPS(gain, in(gains))
	Comment("velocity = momentum velocity - rate gain grad")
	VMULPS(momentum, u, u)
	VMULPS(rate, gain, gain)
	VMULPS(grad, gain, gain)
	VSUBPS(gain, u, u)

	Comment("A step that is longer than its limit is cut to it.")
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
	Comment("The points move.")
	VMOVUPS(u, in(velocity))
	VADDPS(in(y), u, u)
	VMOVUPS(u, in(y))
	Comment("Sums in float64 of the coordinates and of grad², whose products are exact.")
	for i := range 2 {
		if i == 1 {
			VEXTRACTF128(U8(1), u, u.AsX())
			VEXTRACTF128(U8(1), grad, grad.AsX())
		}
		VCVTPS2PD(u.AsX(), a)
		VADDPD(a, acc[i], acc[i])
		VCVTPS2PD(grad.AsX(), a)
		VFMADD231PD(a, a, acc[2+i])
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
		Commentf("Elements %d to %d: x = -beta d, and whether exp(x) is kept.", 4*i, 4*i+3)
		VMULPD(in(d), beta, r[i])
		VCMPPD(U8(cmpGE), expMin, r[i], keep[i])
		Comment("x = n ln 2 + r, with n whole, whose bits are low in s.")
		VMOVUPD(magic, s[i])
		VFMADD231PD(log2e, r[i], s[i])
		VSUBPD(magic, s[i], x[i])
		VFNMADD231PD(ln2Hi, x[i], r[i])
		VFNMADD231PD(ln2Lo, x[i], r[i])
		Comment("exp r is a series.")
		VMOVUPD(poly[0], p[i])
		for _, c := range poly[1:] {
			VFMADD213PD(c, r[i], p[i])
		}
		Comment("n joins the exponent.")
		VPSLLQ(U8(52), s[i], s[i])
		VPADDQ(s[i], p[i], p[i])
		VANDPD(keep[i], p[i], p[i])
		VMOVUPD(p[i], in(w))
		Comment("The sums of w, d w and d² w.")
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

// part unpacks n entries, a multiple of eight.
func part() {
	TEXT("partAVX2", NOSPLIT, "func(col *int32, val *float32, packed *int32, n int, levels *[2]float32)")
	Pragma("noescape")
	col := Load(Param("col"), GP64())
	val := Load(Param("val"), GP64())
	packed := Load(Param("packed"), GP64())
	n := Load(Param("n"), GP64())
	levels := Load(Param("levels"), GP64())
	first, second, keep := YMM(), YMM(), YMM()
	VBROADCASTSS(Mem{Base: levels}, first)
	VBROADCASTSS(Mem{Base: levels, Disp: 4}, second)
	Comment("All bits but the sign.")
	VPCMPEQD(keep, keep, keep)
	VPSRLD(U8(1), keep, keep)
	eights(n, func(e Register) {
		p, c, v := YMM(), YMM(), YMM()
		fetch(packed, e, 4)
		VMOVDQU(Mem{Base: packed, Index: e, Scale: 4}, p)
		VPAND(keep, p, c)
		VBLENDVPS(p, second, first, v)
		VMOVDQU(c, Mem{Base: col, Index: e, Scale: 4})
		VMOVUPS(v, Mem{Base: val, Index: e, Scale: 4})
	})
}

// eights does body at 0, 8 and so on below n, and returns.
func eights(n Register, body func(e Register)) {
	e := GP64()
	XORQ(e, e)
	Label("loop")
	body(e)
	ADDQ(U8(8), e)
	CMPQ(e, n)
	JLT(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// widen makes float32 of n values of 16 bits, a multiple of eight.
func widen() {
	TEXT("widenAVX2", NOSPLIT, "func(val *float32, short *uint16, n int, base uint32)")
	Pragma("noescape")
	val := Load(Param("val"), GP64())
	short := Load(Param("short"), GP64())
	n := Load(Param("n"), GP64())
	low, base := XMM(), YMM()
	VMOVD(Load(Param("base"), GP32()), low)
	VPBROADCASTD(low, base)
	eights(n, func(e Register) {
		v := YMM()
		fetch(short, e, 2)
		widened(Mem{Base: short, Index: e, Scale: 2}, base, v)
		VMOVDQU(v, Mem{Base: val, Index: e, Scale: 4})
	})
}

// widened sets v to the float32 of eight values of 16 bits.
func widened(at Mem, base, v VecVirtual) {
	VPMOVZXWD(at, v)
	VPADDD(base, v, v)
	VPSLLD(U8(12), v, v)
}

// fetchLines asks for the lines of cache of n > 0 bytes, the last of which may lie beyond them.
func fetchLines() {
	TEXT("fetchLines", NOSPLIT, "func(p *byte, n int)")
	Pragma("noescape")
	at := Load(Param("p"), GP64())
	end := Load(Param("n"), GP64())
	ADDQ(at, end)
	Label("line")
	PREFETCHT0(Mem{Base: at})
	ADDQ(U8(64), at)
	CMPQ(at, end)
	JLT(LabelRef("line"))
	RET()
}
