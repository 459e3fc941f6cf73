package main

import (
	"flag"
	"fmt"
	"math"
	"sync"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

var avx512 = flag.Bool("avx512", false, "write the kernels for AVX-512 instead")

// Here an element is one register: its real parts, then its imaginary ones. A
// product by i·w is a product of the element with its halves swapped and a w
// whose sign differs between the halves, which rounds alike.

var z = []VecPhysical{Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15, Z16,
	Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25, Z26, Z27, Z28, Z29, Z30, Z31}

// Registers with one use: the signs of the lower and of the upper half, and scratch.
var lowSign, highSign, swapped, product = Z31, Z30, Z29, Z28

// signData is eight times nothing, eight times a sign, and eight times nothing.
var signData = sync.OnceValue(func() mem {
	v := make([]float32, 24)
	for i := 8; i < 16; i++ {
		v[i] = float32(math.Copysign(0, -1))
	}
	return table("signs", v)
})

func signs() {
	VMOVUPS(signData(), highSign)
	VMOVUPS(signData().Offset(32), lowSign)
}

func swap(v VecPhysical) { VSHUFF64X2(operand.U8(0x4e), v, v, swapped) }

// wideTwiddle loads a twiddle at disp of tw for times, or for its conjugate.
func wideTwiddle(tw Register, disp int, conj bool, wr, wi VecPhysical) {
	VBROADCASTSS(mem{Base: tw, Disp: disp}, wr)
	VBROADCASTSS(mem{Base: tw, Disp: disp + 4}, wi)
	if conj {
		VPXORD(highSign, wi, wi)
	} else {
		VPXORD(lowSign, wi, wi)
	}
}

// times multiplies v by a twiddle.
func times(v, wr, wi VecPhysical) {
	swap(v)
	VMULPS(wi, swapped, product)
	VMULPS(wr, v, v)
	VADDPS(product, v, v)
}

// turn takes m and n into m - i·n and m + i·n.
func turn(m, n VecPhysical) {
	swap(n)
	VPXORD(highSign, swapped, swapped)
	VSUBPS(swapped, m, n)
	VADDPS(swapped, m, m)
}

// sumDiff takes a and b into a + b and a - b.
func sumDiff(a, b VecPhysical) {
	VMOVAPS(a, product)
	VADDPS(b, a, a)
	VSUBPS(b, product, b)
}

func broadcast(v float32, r VecPhysical) VecPhysical {
	VBROADCASTSS(constant(v), r)
	return r
}

// across transforms the parts in Z0 to Z4 across, forward or back, and leaves
// them in the order of the result. Constants are in Z20 on.
func across(radix int, inverse bool) []VecPhysical {
	order := func(m, n VecPhysical) (first, last VecPhysical) {
		turn(m, n)
		if inverse {
			m, n = n, m
		}
		return m, n
	}
	switch radix {
	case 2:
		sumDiff(Z0, Z1)
		return []VecPhysical{Z0, Z1}
	case 3:
		sumDiff(Z1, Z2) // s, d
		VMULPS(Z21, Z2, Z2)
		VMULPS(Z20, Z1, Z3)
		VSUBPS(Z3, Z0, Z3) // m
		VADDPS(Z1, Z0, Z0)
		b, c := order(Z3, Z2)
		return []VecPhysical{Z0, b, c}
	case 4:
		sumDiff(Z0, Z2) // s0, d0
		sumDiff(Z1, Z3) // s1, d1
		sumDiff(Z0, Z1)
		b, d := order(Z2, Z3)
		return []VecPhysical{Z0, b, Z1, d}
	}
	c1, c2, q1, q2 := Z20, Z21, Z22, Z23
	sumDiff(Z1, Z4) // s1, d1
	sumDiff(Z2, Z3) // s2, d2
	sum := func(a, ca, b, cb, out VecPhysical) {
		VMULPS(ca, a, out)
		VADDPS(out, Z0, out)
		VMULPS(cb, b, product)
		VADDPS(product, out, out)
	}
	sum(Z1, c1, Z2, c2, Z5) // m1
	sum(Z1, c2, Z2, c1, Z6) // m2
	VADDPS(Z1, Z0, Z0)
	VADDPS(Z2, Z0, Z0)
	VMULPS(q1, Z4, Z1)
	VMULPS(q2, Z3, product)
	VADDPS(product, Z1, Z1) // n1
	VMULPS(q2, Z4, Z2)
	VMULPS(q1, Z3, product)
	VSUBPS(product, Z2, Z2) // n2
	b, e := order(Z5, Z1)
	c, d := order(Z6, Z2)
	return []VecPhysical{Z0, b, c, d, e}
}

// acrossConstants loads what across takes.
func acrossConstants(radix int) {
	switch radix {
	case 3:
		broadcast(0.5, Z20)
		broadcast(float32(math.Sqrt(3)/2), Z21)
	case 5:
		sin72, cos72 := math.Sincos(2 * math.Pi / 5)
		sin144, cos144 := math.Sincos(4 * math.Pi / 5)
		for i, v := range []float64{cos72, cos144, sin72, sin144} {
			broadcast(float32(v), z[20+i])
		}
	}
}

func wideStage(radix int, inverse bool) {
	name := fmt.Sprintf("forward%dAVX512", radix)
	if inverse {
		name = fmt.Sprintf("inverse%dAVX512", radix)
	}
	TEXT(name, NOSPLIT, "func(buf, tw *float32, stride, blocks int)")
	Pragma("noescape")
	p, tw := Load(Param("buf"), GP64()), Load(Param("tw"), GP64())
	span, blocks := Load(Param("stride"), GP64()), Load(Param("blocks"), GP64())
	SHLQ(operand.U8(6), span)
	p3, end := GP64(), GP64()
	a := parts{p, span, p3}
	signs()
	acrossConstants(radix)
	Label("block")
	MOVQ(p, end)
	ADDQ(span, end)
	for k := 1; k < radix; k++ {
		wideTwiddle(tw, 8*(k-1), inverse, z[10+2*k], z[11+2*k])
	}
	if radix > 3 {
		LEAQ(mem{Base: p, Index: span, Scale: 2}, p3)
		ADDQ(span, p3)
	}
	Label("element")
	for k := range radix {
		VMOVUPS(a.at(k, 0), z[k])
		if k > 0 && !inverse {
			times(z[k], z[10+2*k], z[11+2*k])
		}
	}
	for k, v := range across(radix, inverse) {
		if k > 0 && inverse {
			times(v, z[10+2*k], z[11+2*k])
		}
		VMOVUPS(v, a.at(k, 0))
	}
	ADDQ(operand.U8(64), p)
	if radix > 3 {
		ADDQ(operand.U8(64), p3)
	}
	CMPQ(p, end)
	JNE(operand.LabelRef("element"))
	for range radix - 1 {
		ADDQ(span, p)
	}
	ADDQ(operand.U8(8*(radix-1)), tw)
	DECQ(blocks)
	JNE(operand.LabelRef("block"))
	VZEROUPPER()
	RET()
}

// wideMiddle is the innermost forward stage of radix 4, the product with the
// spectrum, and the inverse of that stage.
func wideMiddle() {
	TEXT("middleAVX512", NOSPLIT, "func(buf, tw, k *float32, blocks int)")
	Pragma("noescape")
	p, tw := Load(Param("buf"), GP64()), Load(Param("tw"), GP64())
	kp, blocks := Load(Param("k"), GP64()), Load(Param("blocks"), GP64())
	signs()
	Label("block")
	VMOVUPS(mem{Base: p}, Z0)
	for k := 1; k < 4; k++ {
		wr, wi := z[10+2*k], z[11+2*k]
		wideTwiddle(tw, 8*(k-1), false, wr, wi)
		VMOVUPS(mem{Base: p, Disp: 64 * k}, z[k])
		times(z[k], wr, wi)
		VPXORD(lowSign, wi, wi)
		VPXORD(highSign, wi, wi)
	}
	for k, v := range across(4, false) {
		VBROADCASTF64X4(mem{Base: kp, Disp: 32 * k}, product)
		VMULPS(product, v, z[4+k])
	}
	for k := range 4 {
		VMOVAPS(z[4+k], z[k])
	}
	for k, v := range across(4, true) {
		if k > 0 {
			times(v, z[10+2*k], z[11+2*k])
		}
		VMOVUPS(v, mem{Base: p, Disp: 64 * k})
	}
	ADDQ(operand.U32(256), p)
	ADDQ(operand.U8(24), tw)
	ADDQ(operand.U32(128), kp)
	DECQ(blocks)
	JNE(operand.LabelRef("block"))
	VZEROUPPER()
	RET()
}
