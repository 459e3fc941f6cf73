// Command bhtree writes the AVX2 kernel of package bhtree.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Offsets in a block and in a sight.
const (
	x, y, z, width, lo, hi, child  = 0, 32, 64, 96, 128, 160, 192
	inner, leaf                    = 224, 228
	midX, midY, midZ, radius, open = 0, 4, 8, 12, 16
	ownLo, ownHi                   = 20, 24
	lessThan                       = 0x11
)

func main() {
	ConstraintExpr("amd64,!purego")
	TEXT("sortOutAVX2", NOSPLIT, "func(blocks, s *float32, queue, near, far *int32, n *int, squeeze *uint64)")
	Pragma("noescape")
	Doc("sortOutAVX2 is sortOut.")
	s := Load(Param("s"), GP64())
	queue := Load(Param("queue"), GP64())
	near := Load(Param("near"), GP64())
	far := Load(Param("far"), GP64())
	squeeze := Load(Param("squeeze"), GP64())
	Comment("What is known of the targets, each number in all lanes.")
	var c [7]VecVirtual
	for i, at := range []int{midX, midY, midZ, radius, open, ownLo, ownHi} {
		c[i] = YMM()
		VBROADCASTSS(Mem{Base: s, Disp: at}, c[i])
	}
	Comment("The queue holds block 0.")
	nQueue, nNear, nFar, next := GP64(), GP64(), GP64(), GP64()
	MOVQ(U32(1), nQueue)
	XORQ(nNear, nNear)
	XORQ(nFar, nFar)
	XORQ(next, next)

	Label("block")
	Comment("The next block: eight cells.")
	id := GP64()
	MOVLQSX(Mem{Base: queue, Index: next, Scale: 4}, id)
	INCQ(next)
	b := GP64()
	MOVQ(id, b)
	SHLQ(Imm(8), b)
	Comment("An argument in memory: a register more would be the frame pointer.")
	ADDQ(NewParamAddr("blocks", 0), b)
	SHLQ(Imm(3), id)

	Comment("Squared distances of the cells from the middle of the targets.")
	d2, t := YMM(), YMM()
	for i, at := range []int{x, y, z} {
		to := t
		if i == 0 {
			to = d2
		}
		VMOVUPS(Mem{Base: b, Disp: at}, to)
		VSUBPS(c[i], to, to)
		VMULPS(to, to, to)
		if i > 0 {
			VADDPS(t, d2, d2)
		}
	}
	Comment("Far enough are cells beyond (radius + open width)² that hold no target.")
	VMULPS(Mem{Base: b, Disp: width}, c[4], t)
	VADDPS(c[3], t, t)
	VMULPS(t, t, t)
	VCMPPS(Imm(lessThan), d2, t, t)
	own, own2 := YMM(), YMM()
	VMOVDQU(Mem{Base: b, Disp: hi}, own)
	VPCMPGTD(c[5], own, own)
	VPCMPGTD(Mem{Base: b, Disp: lo}, c[6], own2)
	VPAND(own, own2, own)
	VPANDN(t, own, t)
	mask := GP32()
	VMOVMSKPS(t, mask)

	Comment("The others are opened: inner cells go to the queue, leaves are near.")
	isInner, isLeaf, all := GP32(), GP32(), GP32()
	MOVL(Mem{Base: b, Disp: inner}, isInner)
	MOVL(Mem{Base: b, Disp: leaf}, isLeaf)
	MOVL(isInner, all)
	ORL(isLeaf, all)
	ANDL(mask, all)
	ANDNL(isInner, mask, isInner)
	ANDNL(isLeaf, mask, isLeaf)

	Comment("Lanes of a mask move to the front and are appended to a list: queue, far, near.")
	first := YMM()
	firstX := XMM()
	VMOVD(id.As32(), firstX)
	VPBROADCASTD(firstX, first)
	put := func(bits, list, n Register, children bool) {
		lanes := YMM()
		VPMOVZXBD(Mem{Base: squeeze, Index: bits.(GPVirtual).As64(), Scale: 8}, lanes)
		if children {
			VPERMD(Mem{Base: b, Disp: child}, lanes, lanes)
		} else {
			VPADDD(first, lanes, lanes)
		}
		VMOVDQU(lanes, Mem{Base: list, Index: n, Scale: 4})
		POPCNTL(bits, bits)
		ADDQ(bits.(GPVirtual).As64(), n)
	}
	put(isInner, queue, nQueue, true)
	put(all, far, nFar, false)
	put(isLeaf, near, nNear, false)
	CMPQ(next, nQueue)
	JLT(LabelRef("block"))

	Comment("The lengths of the lists.")
	n := Load(Param("n"), GP64())
	MOVQ(nQueue, Mem{Base: n})
	MOVQ(nNear, Mem{Base: n, Disp: 8})
	MOVQ(nFar, Mem{Base: n, Disp: 16})
	VZEROUPPER()
	RET()
	Generate()
}
