package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// constant is eight times the word, in memory.
func constant(name string, bits uint32) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(bits))
	}
	return m
}

func float(name string, v float64) Mem { return constant(name, math.Float32bits(float32(v))) }

const notLess = 0x1d // ordered

// powerData mirrors the constants of Kernel.power.
type powerData struct {
	sqrtHalf, one, magic, least Mem
	log2, exp2                  []Mem
}

func newPowerData() (c powerData) {
	c.sqrtHalf = constant("dofSqrtHalf", 0x3f3504f3)
	c.one = float("dofOne", 1)
	c.magic = float("dofMagic", 3<<22)
	c.least = float("dofLeast", -125)
	for i := 9; i > 0; i -= 2 {
		c.log2 = append(c.log2, float(fmt.Sprintf("dofLog%d", i), 2/math.Ln2/float64(i)))
	}
	term := 1.0
	for k := range 8 {
		c.exp2 = append([]Mem{float(fmt.Sprintf("dofExp%d", k), term)}, c.exp2...)
		term *= math.Ln2 / float64(k+1)
	}
	return c
}

// power is Kernel.power of s, which it keeps.
func (c *powerData) power(s VecVirtual, exponent Mem) VecVirtual {
	e, m, r := YMM(), YMM(), YMM()
	Comment("s = 2^e m, with m from sqrt(1/2) to sqrt 2.")
	VPSUBD(c.sqrtHalf, s, e)
	VPSRAD(Imm(23), e, e)
	VPSLLD(Imm(23), e, m)
	VPSUBD(m, s, m)
	Comment("r = (m - 1) / (m + 1), of which log2 m is an odd series.")
	VSUBPS(c.one, m, r)
	VADDPS(c.one, m, m)
	VDIVPS(m, r, r)
	z, p := m, YMM()
	VMULPS(r, r, z)
	VMULPS(c.log2[0], z, p)
	for i, k := range c.log2[1:] {
		VADDPS(k, p, p)
		if i < len(c.log2)-2 {
			VMULPS(z, p, p)
		}
	}
	Comment("x = exponent log2 s")
	VMULPS(r, p, p)
	VCVTDQ2PS(e, e)
	VADDPS(e, p, p)
	x := p
	VMULPS(exponent, x, x)
	t, f := e, r
	Comment("x = t + f, with t whole and f from -1/2 to 1/2; 2^f is a series.")
	VADDPS(c.magic, x, t)
	VSUBPS(c.magic, t, f)
	VSUBPS(f, x, f)
	q := z
	VMULPS(c.exp2[0], f, q)
	for i, k := range c.exp2[1:] {
		VADDPS(k, q, q)
		if i < len(c.exp2)-2 {
			VMULPS(f, q, q)
		}
	}
	Comment("2^x: t joins the exponent. Below 2^-125 it is 0.")
	VPSLLD(Imm(23), t, t)
	VPADDD(t, q, q)
	VCMPPS(Imm(notLess), c.least, x, x)
	VANDPS(x, q, q)
	return q
}

// dofKernel is kernel, with the forces, for any degrees of freedom.
func dofKernel(name string, dims int, k kind, c *powerData) {
	TEXT(fmt.Sprintf("%s%dAVX2", name, dims), NOSPLIT, k.signature())
	Pragma("noescape")
	Doc(fmt.Sprintf("%s%dAVX2 is addPortable for %d-D%s, with a kernel.", name, dims, dims, k.what()))

	f := open(k)

	acc := make([][2]VecVirtual, 1+dims)
	for o := range acc {
		acc[o] = [2]VecVirtual{YMM(), YMM()}
	}

	f.block()
	clear(acc)

	Label("source")
	for v := range 2 {
		Commentf("Targets %d to %d: source - target, and the sum of squares.", 8*v, 8*v+7)
		diff := make([]VecVirtual, dims)
		s := YMM()
		for d := range dims {
			diff[d] = YMM()
			VBROADCASTSS(Mem{Base: f.src, Disp: 4 * d}, diff[d])
			VSUBPS(Mem{Base: f.targets, Disp: 4*lanes*d + 32*v}, diff[d], diff[d])
			if d == 0 {
				VMULPS(diff[d], diff[d], s)
			} else {
				square := YMM()
				VMULPS(diff[d], diff[d], square)
				VADDPS(square, s, s)
			}
		}
		Comment("s = 1 + d²/dof")
		VMULPS(Mem{Base: f.numbers}, s, s)
		VADDPS(c.one, s, s)
		p := c.power(s, Mem{Base: f.numbers, Disp: 32})
		if k.self {
			Comment("A target has no term of itself.")
			VANDPS(Mem{Base: f.keep, Disp: 32 * v}, p, p)
		}
		if k.weighted {
			Comment("p times the weight")
			weight := YMM()
			VBROADCASTSS(Mem{Base: f.src, Disp: 12}, weight)
			VMULPS(weight, p, p)
		}
		Comment("z gains p, the force p/s (target - source).")
		VADDPS(p, acc[0][v], acc[0][v])
		VDIVPS(s, p, p)
		for d := range dims {
			VMULPS(p, diff[d], diff[d])
			VSUBPS(diff[d], acc[1+d][v], acc[1+d][v])
		}
	}
	f.next()
	addSums(acc, f.sums)
	f.close()
}

// addSums adds float32 sums of z and the forces to the float64 ones.
func addSums(acc [][2]VecVirtual, sums Register) {
	Comment("The sums of the block join those of float64.")
	for o, a := range acc {
		at := 8 * lanes * 3
		if o > 0 {
			at = 8 * lanes * (o - 1)
		}
		for v := range 2 {
			lo, hi := YMM(), YMM()
			high := XMM()
			VEXTRACTF128(Imm(1), a[v], high)
			VCVTPS2PD(a[v].(Vec).AsX(), lo)
			VCVTPS2PD(high, hi)
			for h, half := range []VecVirtual{lo, hi} {
				where := Mem{Base: sums, Disp: at + 64*v + 32*h}
				VADDPD(where, half, half)
				VMOVUPD(half, where)
			}
		}
	}
}
