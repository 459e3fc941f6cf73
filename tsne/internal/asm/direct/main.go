// Command direct writes the AVX2 kernels of package direct.
package main

import (
	"flag"
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const (
	lanes = 16 // targets, two vectors
	fold  = 256
)

func main() {
	ConstraintExpr("amd64,!purego")
	if flag.Parse(); *avx512 {
		for dims := 1; dims <= 3; dims++ {
			wide("add", dims, kind{force: true})
			wide("weighted", dims, kind{force: true, weighted: true})
			wide("z", dims, kind{})
			wide("self", dims, kind{force: true, self: true})
		}
		Generate()
		return
	}
	for dims := 1; dims <= 3; dims++ {
		kernel("add", dims, kind{force: true})
	}
	for dims := 1; dims <= 3; dims++ {
		kernel("weighted", dims, kind{force: true, weighted: true})
	}
	for dims := 1; dims <= 3; dims++ {
		kernel("z", dims, kind{})
	}
	for dims := 1; dims <= 3; dims++ {
		kernel("self", dims, kind{force: true, self: true})
	}
	c := newPowerData()
	for dims := 1; dims <= 3; dims++ {
		dofKernel("dofAdd", dims, kind{}, &c)
		dofKernel("dofWeighted", dims, kind{weighted: true}, &c)
		dofKernel("dofSelf", dims, kind{self: true}, &c)
	}
	Generate()
}

type kind struct{ force, weighted, self bool }

// kernel sums over sources with a target in each lane. The differences are
// source minus target, so that the target may stay in memory; forces subtract.
func kernel(name string, dims int, k kind) {
	sig := "func(t, src *float32, stride, m int, s *float64)"
	doc := "%s%dAVX2 is addPortable for %d-D%s."
	what := ""
	if k.self {
		sig = "func(t, src *float32, stride, m int, s *float64, keep *uint32)"
		what = " with self set; m is at most Lanes, keep is notSelf"
	}
	if k.weighted {
		what = " with weighted set"
	}
	if !k.force {
		what = " without the forces"
	}
	TEXT(fmt.Sprintf("%s%dAVX2", name, dims), NOSPLIT, sig)
	Pragma("noescape")
	Doc(fmt.Sprintf(doc, name, dims, dims, what))

	targets := Load(Param("t"), GP64())
	src := Load(Param("src"), GP64())
	stride := Load(Param("stride"), GP64())
	m := Load(Param("m"), GP64())
	sums := Load(Param("s"), GP64())
	var keep Register
	if k.self {
		keep = Load(Param("keep"), GP64())
	}
	SHLQ(Imm(2), stride)

	one := YMM()
	oneX := XMM()
	bits := GP32()
	MOVL(U32(0x3f800000), bits)
	VMOVD(bits, oneX)
	VBROADCASTSS(oneX, one)

	outputs := 1 // z, then the axes of the force
	if k.force {
		outputs += dims
	}
	acc := make([][2]VecVirtual, outputs)
	for o := range acc {
		acc[o] = [2]VecVirtual{YMM(), YMM()}
	}

	left := GP64()
	Label("block")
	MOVQ(U32(fold), left)
	CMPQ(m, left)
	CMOVQLT(m, left)
	SUBQ(left, m)
	for _, a := range acc {
		VXORPS(a[0], a[0], a[0])
		VXORPS(a[1], a[1], a[1])
	}

	Label("source")
	for v := range 2 {
		diff := make([]VecVirtual, dims)
		d2, t := YMM(), YMM()
		for d := range dims {
			diff[d] = YMM()
			VBROADCASTSS(Mem{Base: src, Disp: 4 * d}, diff[d])
			VSUBPS(Mem{Base: targets, Disp: 4*lanes*d + 32*v}, diff[d], diff[d])
			if d == 0 {
				VMULPS(diff[d], diff[d], d2)
			} else {
				VMULPS(diff[d], diff[d], t)
				VADDPS(t, d2, d2)
			}
		}
		VADDPS(one, d2, d2)
		VDIVPS(d2, one, d2)
		q := d2
		if k.self {
			VANDPS(Mem{Base: keep, Disp: 32 * v}, q, q)
		}
		p := q
		if k.weighted {
			VBROADCASTSS(Mem{Base: src, Disp: 12}, t)
			VMULPS(q, t, t)
			p = t
		}
		VADDPS(p, acc[0][v], acc[0][v])
		if k.force {
			VMULPS(p, q, q)
			for d := range dims {
				VMULPS(q, diff[d], diff[d])
				VSUBPS(diff[d], acc[1+d][v], acc[1+d][v])
			}
		}
	}
	ADDQ(stride, src)
	if k.self {
		ADDQ(Imm(4*lanes), keep)
	}
	DECQ(left)
	JNZ(LabelRef("source"))

	addSums(acc, sums)
	TESTQ(m, m)
	JNZ(LabelRef("block"))
	VZEROUPPER()
	RET()
}
