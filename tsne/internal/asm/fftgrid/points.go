package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// cells does 8 floats at a time of toCells.
func cells() {
	TEXT("cellsAVX2", NOSPLIT, "func(u, y *float32, n int, lo, top *[2]float32, inv float32)")
	Pragma("noescape")
	u, p, n := Load(Param("u"), GP64()), Load(Param("y"), GP64()), Load(Param("n"), GP64())
	lo, top := Load(Param("lo"), GP64()), Load(Param("top"), GP64())
	VBROADCASTSD(mem{Base: lo}, Y1)
	VBROADCASTSD(mem{Base: top}, Y2)
	inv, _ := Param("inv").Resolve()
	VBROADCASTSS(inv.Addr, Y3)
	VXORPS(Y4, Y4, Y4)
	Label("loop")
	Comment("Four points: (y - lo) inv, from 0 to top; a NaN becomes 0.")
	VMOVUPS(mem{Base: p}, Y0)
	VSUBPS(Y1, Y0, Y0)
	VMULPS(Y3, Y0, Y0)
	VMAXPS(Y4, Y0, Y0)
	VMINPS(Y0, Y2, Y0)
	VMOVUPS(Y0, mem{Base: u})
	ADDQ(operand.U8(32), p)
	ADDQ(operand.U8(32), u)
	SUBQ(operand.U8(8), n)
	JNE(operand.LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// box narrows lo and hi, 8 floats each, n a positive multiple of 8.
func box() {
	TEXT("boxAVX2", NOSPLIT, "func(lo, hi *[8]float32, y *float32, n int)")
	Pragma("noescape")
	lo, hi := Load(Param("lo"), GP64()), Load(Param("hi"), GP64())
	p, n := Load(Param("y"), GP64()), Load(Param("n"), GP64())
	VMOVUPS(mem{Base: lo}, Y1)
	VMOVUPS(mem{Base: hi}, Y2)
	Label("loop")
	VMOVUPS(mem{Base: p}, Y0)
	VMINPS(Y1, Y0, Y1)
	VMAXPS(Y2, Y0, Y2)
	ADDQ(operand.U8(32), p)
	SUBQ(operand.U8(8), n)
	JNE(operand.LabelRef("loop"))
	VMOVUPS(Y1, mem{Base: lo})
	VMOVUPS(Y2, mem{Base: hi})
	VZEROUPPER()
	RET()
}

var splineCoef = [4][4]float32{
	{1.0 / 6, 4.0 / 6, 1.0 / 6, 0},
	{-0.5, 0, 0.5, 0},
	{0.5, -1, 0.5, 0},
	{-1.0 / 6, 0.5, -0.5, 1.0 / 6},
}

var slopeCoef = [3][4]float32{
	{-0.5, 0, 0.5, 0},
	{1, -2, 1, 0},
	{-0.5, 1.5, -1.5, 0.5},
}

func twice(c [4]float32) []float32 { return append(c[:], c[:]...) }

// locate leaves the pair of t in X0, x's four times and y's four times in t, and
// returns the address of the first node.
func locate(u, grid, pitch Register, spreadIndex, t VecPhysical) (at GPVirtual) {
	at = GP64()
	ix := GP64()
	Comment("The cell of the point, its first node, and where in the cell it is: X0.")
	VMOVSD(mem{Base: u}, X0)
	VCVTTPS2DQ(X0, X1)
	VCVTDQ2PS(X1, X2)
	VSUBPS(X2, X0, X0)
	VMOVQ(X1, at)
	MOVL(at.As32(), ix.As32())
	SHRQ(operand.U8(32), at)
	IMULQ(pitch, at)
	ADDQ(ix, at)
	LEAQ(mem{Base: grid, Index: at, Scale: 4}, at)
	Comment("x four times, then y four times.")
	VPERMPS(Y0, spreadIndex, t)
	return at
}

var pairIndex mem

func indexTable() mem {
	if pairIndex.Symbol.Name == "" {
		pairIndex = GLOBL("pairIndex", 8|16)
		for i := range 8 {
			DATA(4*i, operand.U32(i/4))
		}
	}
	return pairIndex
}

func spread() {
	idx := indexTable()
	coef := []mem{}
	for k, c := range splineCoef {
		coef = append(coef, table(fmt.Sprintf("spline%d", k), twice(c)))
	}
	TEXT("spreadAVX2", NOSPLIT, "func(grid *float32, pitch int, u *float32, n int)")
	Pragma("noescape")
	grid, pitch := Load(Param("grid"), GP64()), Load(Param("pitch"), GP64())
	u, n := Load(Param("u"), GP64()), Load(Param("n"), GP64())
	VMOVUPS(idx, Y15)
	for k := range coef {
		VMOVUPS(coef[k], y[11+k])
	}
	row := GP64()
	MOVQ(pitch, row)
	SHLQ(operand.U8(2), row)
	Label("point")
	at := locate(u, grid, pitch, Y15, Y0)
	Comment("The spline at four nodes of each axis, by Horner's rule.")
	VMULPS(Y14, Y0, Y1)
	VADDPS(Y13, Y1, Y1)
	VMULPS(Y0, Y1, Y1)
	VADDPS(Y12, Y1, Y1)
	VMULPS(Y0, Y1, Y1)
	VADDPS(Y11, Y1, Y1)
	Comment("The weights of x, times that of each row, join the grid.")
	VEXTRACTF128(operand.U8(1), Y1, X2)
	at3 := GP64()
	LEAQ(mem{Base: at, Index: row, Scale: 2}, at3)
	address := []mem{{Base: at}, {Base: at, Index: row, Scale: 1}, {Base: at3}, {Base: at3, Index: row, Scale: 1}}
	x := []VecPhysical{X3, X4, X5, X6}
	for r := range 4 {
		VPERMILPS(operand.U8(0x55*r), X2, x[r])
		VMULPS(X1, x[r], x[r])
		VADDPS(address[r], x[r], x[r])
		VMOVUPS(x[r], address[r])
	}
	ADDQ(operand.U8(8), u)
	DECQ(n)
	JNE(operand.LabelRef("point"))
	VZEROUPPER()
	RET()
}

func gather() {
	idx := indexTable()
	slopes := []mem{}
	for k, c := range slopeCoef {
		slopes = append(slopes, table(fmt.Sprintf("slope%d", k), twice(c)))
	}
	splines := []mem{}
	for k, c := range splineCoef {
		splines = append(splines, table(fmt.Sprintf("gspline%d", k), twice(c)))
	}
	TEXT("gatherAVX2", NOSPLIT, "func(force, phi *float32, to *uint32, grid *float32, pitch int, u *float32, n int, scale, pull float32)")
	Pragma("noescape")
	force, phi := Load(Param("force"), GP64()), Load(Param("phi"), GP64())
	to, grid := Load(Param("to"), GP64()), Load(Param("grid"), GP64())
	pitch, u := Load(Param("pitch"), GP64()), Load(Param("u"), GP64())
	n := Load(Param("n"), GP64())
	scale, _ := Param("scale").Resolve()
	pull, _ := Param("pull").Resolve()
	one := constant(1)
	VMOVUPS(idx, Y15)
	for k := range splines {
		VMOVUPS(splines[k], y[11+k])
	}
	for k := range slopes {
		VMOVUPS(slopes[k], y[8+k])
	}
	VBROADCASTSS(scale.Addr, X7)
	row := GP64()
	MOVQ(pitch, row)
	SHLQ(operand.U8(2), row)
	Label("point")
	at := locate(u, grid, pitch, Y15, Y3)
	Comment("The spline and its slope, by Horner's rule: [wx | wy] in Y1, [sx | sy] in Y2")
	VMULPS(Y14, Y3, Y1)
	VMULPS(Y10, Y3, Y2)
	VADDPS(Y13, Y1, Y1)
	VADDPS(Y9, Y2, Y2)
	VMULPS(Y3, Y1, Y1)
	VMULPS(Y3, Y2, Y2)
	VADDPS(Y12, Y1, Y1)
	VADDPS(Y8, Y2, Y2)
	VMULPS(Y3, Y1, Y1)
	VADDPS(Y11, Y1, Y1)
	Comment("[wy | sy] in Y3, [wx | wx] in Y1")
	VPERM2F128(operand.U8(0x31), Y2, Y1, Y3)
	VINSERTF128(operand.U8(1), X1, Y1, Y1)
	at3 := GP64()
	LEAQ(mem{Base: at, Index: row, Scale: 2}, at3)
	address := []mem{{Base: at}, {Base: at, Index: row, Scale: 1}, {Base: at3}, {Base: at3, Index: row, Scale: 1}}
	Comment("Four rows of the grid times wy and sy: [s | d] in Y6")
	for r := range 4 {
		VBROADCASTF128(address[r], Y4)
		VPERMILPS(operand.U8(0x55*r), Y3, Y5)
		if r == 0 {
			VMULPS(Y4, Y5, Y6)
			continue
		}
		VMULPS(Y4, Y5, Y5)
		VADDPS(Y5, Y6, Y6)
	}
	Comment("s sx in X2, [s wx | d wx] in Y6")
	VMULPS(X2, X6, X2)
	VMULPS(Y1, Y6, Y6)
	Comment("Sums over the nodes: both slopes and twice phi in X2")
	VEXTRACTF128(operand.U8(1), Y6, X5)
	VHADDPS(X5, X2, X2)
	VHADDPS(X6, X6, X6)
	VHADDPS(X6, X2, X2)
	VEXTRACTPS(operand.U8(2), X2, mem{Base: phi})
	Comment("The force is scale times the slope, less pull times t (1-t) (1-t-t).")
	VMOVUPS(one, X4)
	VSUBPS(X0, X4, X4)
	VSUBPS(X0, X4, X5)
	VMULPS(X4, X0, X0)
	VMULPS(X5, X0, X0)
	VBROADCASTSS(pull.Addr, X4)
	VMULPS(X4, X0, X0)
	VMULPS(X7, X2, X2)
	VSUBPS(X0, X2, X2)
	Comment("The force goes where to says, or straight on.")
	TESTQ(to, to)
	JZ(operand.LabelRef("straight"))
	i := GP64()
	MOVL(mem{Base: to}, i.As32())
	VMOVLPS(X2, mem{Base: force, Index: i, Scale: 8})
	ADDQ(operand.U8(4), to)
	JMP(operand.LabelRef("next"))
	Label("straight")
	VMOVLPS(X2, mem{Base: force})
	ADDQ(operand.U8(8), force)
	Label("next")
	ADDQ(operand.U8(4), phi)
	ADDQ(operand.U8(8), u)
	DECQ(n)
	JNE(operand.LabelRef("point"))
	VZEROUPPER()
	RET()
}

// combine sets n floats of out, a positive multiple of 8, to base plus the sum
// over k of w[k] times row k of src, stride floats apart.
func combine() {
	TEXT("combineAVX2", NOSPLIT, "func(out, base, src *float32, stride int, w *float32, rows, n int)")
	Pragma("noescape")
	out, base := Load(Param("out"), GP64()), Load(Param("base"), GP64())
	src, stride := Load(Param("src"), GP64()), Load(Param("stride"), GP64())
	w, rows, n := Load(Param("w"), GP64()), Load(Param("rows"), GP64()), Load(Param("n"), GP64())
	SHLQ(operand.U8(2), stride)
	s, k := GP64(), GP64()
	Label("vector")
	Comment("Eight floats: base, and then each row times its weight.")
	VMOVUPS(mem{Base: base}, Y0)
	MOVQ(src, s)
	XORQ(k, k)
	Label("row")
	VBROADCASTSS(mem{Base: w, Index: k, Scale: 4}, Y1)
	VMULPS(mem{Base: s}, Y1, Y1)
	VADDPS(Y1, Y0, Y0)
	ADDQ(stride, s)
	INCQ(k)
	CMPQ(k, rows)
	JNE(operand.LabelRef("row"))
	VMOVUPS(Y0, mem{Base: out})
	ADDQ(operand.U8(32), out)
	ADDQ(operand.U8(32), base)
	ADDQ(operand.U8(32), src)
	SUBQ(operand.U8(8), n)
	JNE(operand.LabelRef("vector"))
	VZEROUPPER()
	RET()
}

// transpose4 swaps element and register within the halves of Y0..Y3 into
// Y8..Y11.
func transpose4() {
	VUNPCKLPS(Y1, Y0, Y4)
	VUNPCKHPS(Y1, Y0, Y5)
	VUNPCKLPS(Y3, Y2, Y6)
	VUNPCKHPS(Y3, Y2, Y7)
	VUNPCKLPD(Y6, Y4, Y8)
	VUNPCKHPD(Y6, Y4, Y9)
	VUNPCKLPD(Y7, Y5, Y10)
	VUNPCKHPD(Y7, Y5, Y11)
}

func split() {
	TEXT("split4AVX2", NOSPLIT, "func(dst *float32, stride int, src *float32, n int)")
	Pragma("noescape")
	dst, stride := Load(Param("dst"), GP64()), Load(Param("stride"), GP64())
	src, n := Load(Param("src"), GP64()), Load(Param("n"), GP64())
	SHLQ(operand.U8(2), stride)
	dst3 := GP64()
	LEAQ(mem{Base: dst, Index: stride, Scale: 2}, dst3)
	ADDQ(stride, dst3)
	Label("loop")
	Comment("Eight groups of four floats become four rows of eight.")
	for k := range 4 {
		VMOVUPS(mem{Base: src, Disp: 16 * k}, y[k].AsX())
		VINSERTF128(operand.U8(1), mem{Base: src, Disp: 64 + 16*k}, y[k], y[k])
	}
	transpose4()
	VMOVUPS(Y8, mem{Base: dst})
	VMOVUPS(Y9, mem{Base: dst, Index: stride, Scale: 1})
	VMOVUPS(Y10, mem{Base: dst, Index: stride, Scale: 2})
	VMOVUPS(Y11, mem{Base: dst3})
	ADDQ(operand.U32(128), src)
	ADDQ(operand.U8(32), dst)
	ADDQ(operand.U8(32), dst3)
	SUBQ(operand.U8(32), n)
	JNE(operand.LabelRef("loop"))
	VZEROUPPER()
	RET()
}

func merge() {
	TEXT("merge4AVX2", NOSPLIT, "func(dst, src *float32, stride, n int)")
	Pragma("noescape")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	stride, n := Load(Param("stride"), GP64()), Load(Param("n"), GP64())
	SHLQ(operand.U8(2), stride)
	src3 := GP64()
	LEAQ(mem{Base: src, Index: stride, Scale: 2}, src3)
	ADDQ(stride, src3)
	Label("loop")
	Comment("Four rows of eight floats become eight groups of four.")
	VMOVUPS(mem{Base: src}, Y0)
	VMOVUPS(mem{Base: src, Index: stride, Scale: 1}, Y1)
	VMOVUPS(mem{Base: src, Index: stride, Scale: 2}, Y2)
	VMOVUPS(mem{Base: src3}, Y3)
	transpose4()
	for k := range 4 {
		VMOVUPS(y[8+k].AsX(), mem{Base: dst, Disp: 16 * k})
		VEXTRACTF128(operand.U8(1), y[8+k], mem{Base: dst, Disp: 64 + 16*k})
	}
	ADDQ(operand.U32(128), dst)
	ADDQ(operand.U8(32), src)
	ADDQ(operand.U8(32), src3)
	SUBQ(operand.U8(32), n)
	JNE(operand.LabelRef("loop"))
	VZEROUPPER()
	RET()
}
