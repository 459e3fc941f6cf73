package main

import (
	"flag"
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

var avx512 = flag.Bool("avx512", false, "write the kernels for AVX-512 instead")

// wide is kernel with all targets of a tile in one register of each axis.
func wide(name string, dims int, k kind) {
	TEXT(fmt.Sprintf("%s%dAVX512", name, dims), NOSPLIT, k.signature())
	Pragma("noescape")
	Doc(fmt.Sprintf("%s%dAVX512 is %s%dAVX2.", name, dims, name, dims))

	f := open(k)

	Comment("All 16 targets in a register of each axis.")
	x := make([]VecVirtual, dims)
	for d := range x {
		x[d] = ZMM()
		VMOVUPS(Mem{Base: f.targets, Disp: 4 * lanes * d}, x[d])
	}
	Comment("1 in all lanes.")
	one := ZMM()
	bits := GP32()
	MOVL(U32(0x3f800000), bits)
	VPBROADCASTD(bits, one)
	outputs := 1 // z, then the axes of the force
	if k.force {
		outputs += dims
	}
	acc := make([]VecVirtual, outputs)
	for o := range acc {
		acc[o] = ZMM()
	}

	f.block()
	for _, a := range acc {
		VPXORD(a, a, a)
	}

	Label("source")
	Comment("target - source, and the sum of squares.")
	diff := make([]VecVirtual, dims)
	q, t := ZMM(), ZMM()
	for d := range diff {
		diff[d] = ZMM()
		VSUBPS_BCST(Mem{Base: f.src, Disp: 4 * d}, x[d], diff[d])
		if d == 0 {
			VMULPS(diff[d], diff[d], q)
			continue
		}
		VMULPS(diff[d], diff[d], t)
		VADDPS(t, q, q)
	}
	Comment("q = 1 / (1 + d²)")
	VADDPS(one, q, q)
	VDIVPS(q, one, q)
	if k.self {
		Comment("A target has no term of itself.")
		VPANDD(Mem{Base: f.keep}, q, q)
	}
	p := q
	if k.weighted {
		Comment("p = q times the weight")
		VMULPS_BCST(Mem{Base: f.src, Disp: 12}, q, t)
		p = t
	}
	Comment("z gains p.")
	VADDPS(p, acc[0], acc[0])
	if k.force {
		Comment("The force gains p q (target - source).")
		VMULPS(p, q, q)
		for d := range diff {
			VMULPS(q, diff[d], diff[d])
			VADDPS(diff[d], acc[1+d], acc[1+d])
		}
	}
	f.next()

	Comment("The sums of the block join those of float64.")
	for o, a := range acc {
		at := 8 * lanes * 3
		if o > 0 {
			at = 8 * lanes * (o - 1)
		}
		high := YMM()
		VEXTRACTF64X4(Imm(1), a, high)
		for h, half := range []Register{a.(Vec).AsY(), high} {
			where := Mem{Base: f.sums, Disp: at + 64*h}
			sum := ZMM()
			VCVTPS2PD(half, sum)
			VADDPD(where, sum, sum)
			VMOVUPD(sum, where)
		}
	}
	f.close()
}
