// Command metric writes the AVX2 kernels of the distances that are not
// Euclidean.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const (
	queries = 4
	refs    = 16 // two vectors
)

func main() {
	ConstraintExpr("amd64,!purego")
	kernel("manhattan", func(diff, acc, constant VecVirtual) {
		VANDPS(constant, diff, diff)
		VADDPS(diff, acc, acc)
	}, VADDPS, 0x7fffffff, false)
	kernel("chebyshev", func(diff, acc, constant VecVirtual) {
		VANDPS(constant, diff, diff)
		VMAXPS(diff, acc, acc)
	}, VMAXPS, 0x7fffffff, false)
	kernel("hamming", func(differs, acc, constant VecVirtual) {
		VANDPS(constant, differs, differs)
		VADDPS(differs, acc, acc)
	}, VADDPS, 0x3f800000, true)
	Generate()
}

// kernel has a row of the reference in each lane and a query in each pair of
// accumulators. step takes a difference, or the mask of what differs, into an
// accumulator; join takes that into the output.
func kernel(name string, step func(diff, acc, constant VecVirtual), join func(...Op), bits uint32, compare bool) {
	TEXT(name+"AVX2", NOSPLIT, "func(q, ref *float32, cols int, out *float32)")
	Pragma("noescape")
	Doc(name + "AVX2 is metricPortable for that kind.")
	q := Load(Param("q"), GP64())
	ref := Load(Param("ref"), GP64())
	cols := Load(Param("cols"), GP64())
	out := Load(Param("out"), GP64())

	constant, low := YMM(), XMM()
	if compare {
		Comment("What a difference counts, in all lanes.")
	} else {
		Comment("The bits of an absolute value, in all lanes.")
	}
	b := GP32()
	MOVL(U32(bits), b)
	VMOVD(b, low)
	VBROADCASTSS(low, constant)
	var acc [queries][2]VecVirtual
	for r := range acc {
		for v := range acc[r] {
			acc[r][v] = YMM()
			VXORPS(acc[r][v], acc[r][v], acc[r][v])
		}
	}
	Label("column")
	Comment("A column: 16 rows of the reference in two vectors, each of 4 queries in all lanes.")
	x := [2]VecVirtual{YMM(), YMM()}
	for v := range x {
		VMOVUPS(Mem{Base: ref, Disp: 32 * v}, x[v])
	}
	for r := range acc {
		y := YMM()
		VBROADCASTSS(Mem{Base: q, Disp: 4 * r}, y)
		for v := range x {
			t := YMM()
			if compare {
				VCMPPS(Imm(4), x[v], y, t) // not equal
			} else {
				VSUBPS(x[v], y, t)
			}
			step(t, acc[r][v], constant)
		}
	}
	ADDQ(Imm(4*queries), q)
	ADDQ(Imm(4*refs), ref)
	DECQ(cols)
	JNZ(LabelRef("column"))
	Comment("The output joins what it has with this.")
	for r := range acc {
		for v := range acc[r] {
			m := Mem{Base: out, Disp: 4*refs*r + 32*v}
			join(m, acc[r][v], acc[r][v])
			VMOVUPS(acc[r][v], m)
		}
	}
	VZEROUPPER()
	RET()
}
