package main

import (
	"flag"
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

var avx512 = flag.Bool("avx512", false, "write the kernels for AVX-512 instead")

// The sums here have eight lanes of float64: one ZMM register.

func wideSumPLog(dims int) {
	c := logData()
	g := edges{dims: dims, mask: mask()}
	TEXT(fmt.Sprintf("sumPLog%dAVX512", dims), NOSPLIT, "func(s *[8]float64, y *float32, ptr *int64, col *int32, val *float32, lo, hi int)")
	Pragma("noescape")
	x, acc := make([]VecVirtual, dims), ZMM()
	for d := range x {
		x[d] = ZMM()
	}
	out := Load(Param("s"), GP64())
	VMOVUPD(Mem{Base: out}, acc)
	g.walk(func() {
		g.self(x)
		for d := range x {
			VCVTPS2PD(x[d].AsY(), x[d])
		}
	}, func(cols Mem, val VecVirtual) {
		points := g.points(cols)
		Comment("t = 1 + d² in float64.")
		d, t, e, m := ZMM(), ZMM(), ZMM(), ZMM()
		VBROADCASTSD(c.one, t)
		for k := range points {
			VCVTPS2PD(points[k], d)
			VSUBPD(d, x[k], d)
			VFMADD231PD(d, d, t)
		}
		Comment("t = 2^e m, with m from sqrt(1/2) to sqrt 2; e becomes a float.")
		VPSUBQ_BCST(c.sqrtHalf, t, e)
		VPSRLQ(U8(52), e, e)
		VPSLLQ(U8(52), e, m)
		VPSUBQ(m, t, m)
		VPORQ_BCST(c.two52, e, e)
		VSUBPD_BCST(c.two52, e, e)
		Comment("r = (m - 1) / (m + 1), of which log m is an odd series.")
		r, q, z, p := ZMM(), ZMM(), ZMM(), ZMM()
		VSUBPD_BCST(c.one, m, r)
		VADDPD_BCST(c.one, m, q)
		VDIVPD(q, r, r)
		VMULPD(r, r, z)
		VBROADCASTSD(c.poly[0], p)
		for _, k := range c.poly[1:] {
			VFMADD213PD_BCST(k, z, p)
		}
		Comment("log t = 2 r p + (t - t) + e ln 2, where t - t is 0, or NaN if t is not finite.")
		VADDPD(r, r, r)
		VSUBPD(t, t, t)
		VFMADD213PD(t, r, p)
		VFMADD132PD_BCST(c.ln2, p, e)
		Comment("The sum gains that times the value.")
		VCVTPS2PD(val, d)
		VFMADD231PD(d, e, acc)
	}, func() {
		VMOVUPD(acc, Mem{Base: out})
	})
}

func wideGauss() {
	TEXT("gaussAVX512", NOSPLIT, "func(w, d *float64, n int, beta float64, l *[3][8]float64)")
	Pragma("noescape")
	w := Load(Param("w"), GP64())
	d := Load(Param("d"), GP64())
	n := Load(Param("n"), GP64())
	l := Load(Param("l"), GP64())
	constant := func(name string, v float64) VecVirtual {
		z := ZMM()
		VBROADCASTSD(f64x4(name, v), z)
		return z
	}
	poly := make([]VecVirtual, 13)
	c := 1.0
	for i := range poly {
		if i > 0 {
			c *= float64(i)
		}
		poly[12-i] = constant("exp"+string(rune('A'+i)), 1/c)
	}
	log2e, magic := constant("log2e", math.Log2E), constant("roundMagic", 3<<51)
	ln2Hi, ln2Lo := constant("ln2Hi", 0x1.62e42fefa39efp-1), constant("ln2Lo", 0x1.abc9e3b39803fp-56)
	expMin := constant("expMin", -708)
	beta := ZMM()
	at, _ := Param("beta").Resolve()
	VBROADCASTSD(at.Addr, beta)
	acc := []VecVirtual{ZMM(), ZMM(), ZMM()}
	for _, a := range acc {
		VPXORQ(a, a, a)
	}
	VSUBPD(beta, acc[0], beta)
	Comment("All eight elements are here until the last ones.")
	here, keep := K(), K()
	KXNORB(here, here, here)
	SUBQ(U8(8), n)
	JLT(LabelRef("tail"))

	Label("loop")
	x, r, s, p := ZMM(), ZMM(), ZMM(), ZMM()
	Comment("x = -beta d, and whether exp(x) is kept.")
	VMOVUPD_Z(Mem{Base: d}, here, x)
	VMULPD(x, beta, r)
	VCMPPD(U8(cmpGE), expMin, r, keep)
	Comment("x = n ln 2 + r, with n whole, whose bits are low in s.")
	VMOVAPD(magic, s)
	VFMADD231PD(log2e, r, s)
	t := ZMM()
	VSUBPD(magic, s, t)
	VFNMADD231PD(ln2Hi, t, r)
	VFNMADD231PD(ln2Lo, t, r)
	Comment("exp r is a series.")
	VMOVAPD(poly[0], p)
	for _, c := range poly[1:] {
		VFMADD213PD(c, r, p)
	}
	Comment("n joins the exponent.")
	VPSLLQ(U8(52), s, s)
	VPADDQ_Z(s, p, keep, p)
	VMOVUPD(p, here, Mem{Base: w})
	Comment("The sums of w, d w and d² w.")
	VADDPD(p, acc[0], here, acc[0])
	VMULPD(x, p, p)
	VADDPD(p, acc[1], here, acc[1])
	VFMADD231PD(x, p, here, acc[2])
	ADDQ(U8(64), d)
	ADDQ(U8(64), w)
	SUBQ(U8(8), n)
	JGE(LabelRef("loop"))

	Label("tail")
	Comment("The last ones: as many bits of here as there are.")
	ADDQ(U8(8), n)
	JZ(LabelRef("done"))
	bits := GP32()
	MOVL(U32(0xff), bits)
	BZHIL(n.(GPVirtual).As32(), bits, bits)
	KMOVB(bits, here)
	XORQ(n, n)
	JMP(LabelRef("loop"))
	Label("done")
	for i, a := range acc {
		VMOVUPD(a, Mem{Base: l, Disp: 64 * i})
	}
	VZEROUPPER()
	RET()
}
