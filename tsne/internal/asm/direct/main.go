// Command direct writes the AVX2 and AVX-512 kernels of package direct.
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
		dofKernel("dofAdd", dims, kind{force: true, dof: true}, &c)
		dofKernel("dofWeighted", dims, kind{force: true, dof: true, weighted: true}, &c)
		dofKernel("dofSelf", dims, kind{force: true, dof: true, self: true}, &c)
	}
	Generate()
}

type kind struct{ force, weighted, self, dof bool }

// frame is what the kernels share: their arguments, a loop over blocks of fold
// sources, whose sums are float32, and one over the sources of a block.
type frame struct {
	kind
	targets, src, stride, m, sums, left Register

	numbers, keep Register // of dof and self
}

func open(k kind) *frame {
	f := &frame{kind: k}
	f.targets = Load(Param("t"), GP64())
	f.src = Load(Param("src"), GP64())
	f.stride = Load(Param("stride"), GP64())
	f.m = Load(Param("m"), GP64())
	f.sums = Load(Param("s"), GP64())
	if k.dof {
		f.numbers = Load(Param("k"), GP64())
	}
	if k.self {
		f.keep = Load(Param("keep"), GP64())
	}
	Comment("The stride in bytes.")
	SHLQ(Imm(2), f.stride)
	return f
}

func (f *frame) block() {
	left := GP64()
	Label("block")
	Commentf("A block of up to %d sources, whose sums are float32.", fold)
	MOVQ(U32(fold), left)
	CMPQ(f.m, left)
	CMOVQLT(f.m, left)
	SUBQ(left, f.m)
	f.left = left
}

func (f *frame) next() {
	Comment("The next source.")
	ADDQ(f.stride, f.src)
	if f.self {
		ADDQ(Imm(4*lanes), f.keep)
	}
	DECQ(f.left)
	JNZ(LabelRef("source"))
}

func (f *frame) close() {
	TESTQ(f.m, f.m)
	JNZ(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// signature is that of a kernel's function.
func (k kind) signature() string {
	sig := "func(t, src *float32, stride, m int, s *float64"
	if k.dof {
		sig += ", k *float32"
	}
	if k.self {
		sig += ", keep *uint32"
	}
	return sig + ")"
}

// what says in a kernel's comment how it differs from the plain one.
func (k kind) what() string {
	switch {
	case k.self:
		return " of self; keep is notSelf"
	case k.weighted:
		return " of weighted"
	case !k.force:
		return " of onlyZ"
	}
	return ""
}

// clear starts the sums of a block.
func clear(acc [][2]VecVirtual) {
	for _, a := range acc {
		VXORPS(a[0], a[0], a[0])
		VXORPS(a[1], a[1], a[1])
	}
}

// kernel sums over sources with a target in each lane. The differences are
// source minus target, so that the target may stay in memory; forces subtract.
func kernel(name string, dims int, k kind) {
	TEXT(fmt.Sprintf("%s%dAVX2", name, dims), NOSPLIT, k.signature())
	Pragma("noescape")
	Doc(fmt.Sprintf("%s%dAVX2 is addPortable for %d-D%s.", name, dims, dims, k.what()))

	f := open(k)

	one := YMM()
	oneX := XMM()
	Comment("1 in all lanes.")
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

	f.block()
	clear(acc)

	Label("source")
	for v := range 2 {
		Commentf("Targets %d to %d: source - target, and the sum of squares.", 8*v, 8*v+7)
		diff := make([]VecVirtual, dims)
		d2, t := YMM(), YMM()
		for d := range dims {
			diff[d] = YMM()
			VBROADCASTSS(Mem{Base: f.src, Disp: 4 * d}, diff[d])
			VSUBPS(Mem{Base: f.targets, Disp: 4*lanes*d + 32*v}, diff[d], diff[d])
			if d == 0 {
				VMULPS(diff[d], diff[d], d2)
			} else {
				VMULPS(diff[d], diff[d], t)
				VADDPS(t, d2, d2)
			}
		}
		Comment("q = 1 / (1 + d²)")
		VADDPS(one, d2, d2)
		VDIVPS(d2, one, d2)
		q := d2
		if k.self {
			Comment("A target has no term of itself.")
			VANDPS(Mem{Base: f.keep, Disp: 32 * v}, q, q)
		}
		p := q
		if k.weighted {
			Comment("p = q times the weight")
			VBROADCASTSS(Mem{Base: f.src, Disp: 12}, t)
			VMULPS(q, t, t)
			p = t
		}
		Comment("z gains p.")
		VADDPS(p, acc[0][v], acc[0][v])
		if k.force {
			Comment("The force gains p q (target - source).")
			VMULPS(p, q, q)
			for d := range dims {
				VMULPS(q, diff[d], diff[d])
				VSUBPS(diff[d], acc[1+d][v], acc[1+d][v])
			}
		}
	}
	f.next()

	addSums(acc, f.sums)
	f.close()
}
