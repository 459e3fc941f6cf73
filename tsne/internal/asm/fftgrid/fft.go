package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// part addresses re (im=0) or im (1) of part k of a butterfly at p; far
// parts are reached through p3 = p + 3·span.
type parts struct{ p, span, p3 Register }

func (a parts) at(k, im int) mem {
	m := mem{Base: a.p, Disp: 32 * im}
	switch k {
	case 1:
		m.Index, m.Scale = a.span, 1
	case 2:
		m.Index, m.Scale = a.span, 2
	case 3:
		m.Base = a.p3
	case 4:
		m.Base, m.Index, m.Scale = a.p3, a.span, 1
	}
	return m
}

// loadTwiddled puts part k times its twiddle into re, im; s, t, q are scratch.
func loadTwiddled(a parts, k int, re, im, s, t, q VecPhysical, wr, wi VecPhysical) {
	Commentf("Part %d times its twiddle.", k)
	VMOVUPS(a.at(k, 0), s)
	VMOVUPS(a.at(k, 1), t)
	VMULPS(wr, s, re)
	VMULPS(wi, t, q)
	VSUBPS(q, re, re)
	VMULPS(wi, s, im)
	VMULPS(wr, t, q)
	VADDPS(q, im, im)
}

// storeConj stores (re, im) times the conjugate twiddle as part k.
func storeConj(a parts, k int, re, im, s, q VecPhysical, wr, wi VecPhysical) {
	Commentf("Part %d times the conjugate of its twiddle.", k)
	VMULPS(wr, re, s)
	VMULPS(wi, im, q)
	VADDPS(q, s, s)
	VMOVUPS(s, a.at(k, 0))
	VMULPS(wr, im, s)
	VMULPS(wi, re, q)
	VSUBPS(q, s, s)
	VMOVUPS(s, a.at(k, 1))
}

func store(a parts, k int, re, im VecPhysical) {
	VMOVUPS(re, a.at(k, 0))
	VMOVUPS(im, a.at(k, 1))
}

func load(a parts, k int, re, im VecPhysical) {
	VMOVUPS(a.at(k, 0), re)
	VMOVUPS(a.at(k, 1), im)
}

// dft4 takes x, y, z, u in Y0..Y7 and leaves the sums s0+s1 in Y6,Y7, s0-s1 in
// Y8,Y9, d0 in Y0,Y1 and d1 in Y2,Y3.
func dft4() {
	Comment("s0, d0 = x + z, x - z; s1, d1 = y + u, y - u; then s0 + s1, s0 - s1")
	VADDPS(Y4, Y0, Y8)
	VADDPS(Y5, Y1, Y9)
	VSUBPS(Y4, Y0, Y0)
	VSUBPS(Y5, Y1, Y1)
	VADDPS(Y6, Y2, Y4)
	VADDPS(Y7, Y3, Y5)
	VSUBPS(Y6, Y2, Y2)
	VSUBPS(Y7, Y3, Y3)
	VADDPS(Y4, Y8, Y6)
	VADDPS(Y5, Y9, Y7)
	VSUBPS(Y4, Y8, Y8)
	VSUBPS(Y5, Y9, Y9)
}

func stage(radix int, inverse bool) {
	name := fmt.Sprintf("forward%dAVX2", radix)
	if inverse {
		name = fmt.Sprintf("inverse%dAVX2", radix)
	}
	TEXT(name, NOSPLIT, "func(buf, tw *float32, stride, blocks int)")
	Pragma("noescape")
	p, tw := Load(Param("buf"), GP64()), Load(Param("tw"), GP64())
	span, blocks := Load(Param("stride"), GP64()), Load(Param("blocks"), GP64())
	SHLQ(operand.U8(6), span)
	p3, end := GP64(), GP64()
	a := parts{p, span, p3}
	twiddle := func(k, im int, r VecPhysical) VecPhysical {
		if im == 0 {
			Commentf("The twiddle of part %d.", k)
		}
		VBROADCASTSS(mem{Base: tw, Disp: 8*(k-1) + 4*im}, r)
		return r
	}
	Label("block")
	MOVQ(p, end)
	ADDQ(span, end)
	w := map[int]VecPhysical{}
	if radix == 4 || radix == 2 {
		for k := 1; k < radix; k++ {
			for im := range 2 {
				w[2*k+im] = twiddle(k, im, y[8+2*k+im])
			}
		}
	}
	if radix > 3 {
		LEAQ(mem{Base: p, Index: span, Scale: 2}, p3)
		ADDQ(span, p3)
	}
	Label("element")
	switch {
	case radix == 2 && !inverse:
		loadTwiddled(a, 1, Y2, Y3, Y4, Y5, Y6, w[2], w[3])
		Comment("x + y and x - y")
		load(a, 0, Y0, Y1)
		VADDPS(Y2, Y0, Y4)
		VADDPS(Y3, Y1, Y5)
		store(a, 0, Y4, Y5)
		VSUBPS(Y2, Y0, Y4)
		VSUBPS(Y3, Y1, Y5)
		store(a, 1, Y4, Y5)
	case radix == 2:
		load(a, 0, Y0, Y1)
		load(a, 1, Y2, Y3)
		Comment("x + y and x - y")
		VADDPS(Y2, Y0, Y4)
		VADDPS(Y3, Y1, Y5)
		store(a, 0, Y4, Y5)
		VSUBPS(Y2, Y0, Y4)
		VSUBPS(Y3, Y1, Y5)
		storeConj(a, 1, Y4, Y5, Y6, Y7, w[2], w[3])
	case radix == 4 && !inverse:
		loadTwiddled(a, 1, Y2, Y3, Y8, Y9, Y0, w[2], w[3])
		loadTwiddled(a, 2, Y4, Y5, Y8, Y9, Y0, w[4], w[5])
		loadTwiddled(a, 3, Y6, Y7, Y8, Y9, Y0, w[6], w[7])
		load(a, 0, Y0, Y1)
		dft4()
		store(a, 0, Y6, Y7)
		store(a, 2, Y8, Y9)
		Comment("d0 - i d1")
		VADDPS(Y3, Y0, Y4)
		VSUBPS(Y2, Y1, Y5)
		store(a, 1, Y4, Y5)
		Comment("d0 + i d1")
		VSUBPS(Y3, Y0, Y4)
		VADDPS(Y2, Y1, Y5)
		store(a, 3, Y4, Y5)
	case radix == 4:
		for k := range 4 {
			load(a, k, y[2*k], y[2*k+1])
		}
		dft4()
		store(a, 0, Y6, Y7)
		storeConj(a, 2, Y8, Y9, Y4, Y5, w[4], w[5])
		Comment("d0 + i d1")
		VSUBPS(Y3, Y0, Y6)
		VADDPS(Y2, Y1, Y7)
		storeConj(a, 1, Y6, Y7, Y4, Y5, w[2], w[3])
		Comment("d0 - i d1")
		VADDPS(Y3, Y0, Y6)
		VSUBPS(Y2, Y1, Y7)
		storeConj(a, 3, Y6, Y7, Y4, Y5, w[6], w[7])
	case radix == 3:
		load(a, 0, Y0, Y1)
		if inverse {
			load(a, 1, Y2, Y3)
			load(a, 2, Y4, Y5)
		} else {
			loadTwiddled(a, 1, Y2, Y3, Y6, Y7, Y8, twiddle(1, 0, Y10), twiddle(1, 1, Y11))
			loadTwiddled(a, 2, Y4, Y5, Y6, Y7, Y8, twiddle(2, 0, Y12), twiddle(2, 1, Y13))
		}
		half, root := constant(0.5), constant(float32(math.Sqrt(3)/2))
		Comment("s in Y6, Y7; d sqrt(3)/2 in Y2, Y3; m = x - s/2 in Y0, Y1")
		VADDPS(Y4, Y2, Y6)
		VADDPS(Y5, Y3, Y7)
		VSUBPS(Y4, Y2, Y2)
		VSUBPS(Y5, Y3, Y3)
		VMULPS(root, Y2, Y2)
		VMULPS(root, Y3, Y3)
		VADDPS(Y6, Y0, Y4)
		VADDPS(Y7, Y1, Y5)
		store(a, 0, Y4, Y5)
		VMULPS(half, Y6, Y6)
		VMULPS(half, Y7, Y7)
		VSUBPS(Y6, Y0, Y0)
		VSUBPS(Y7, Y1, Y1)
		if inverse {
			Comment("m + i d")
			VSUBPS(Y3, Y0, Y4)
			VADDPS(Y2, Y1, Y5)
			storeConj(a, 1, Y4, Y5, Y6, Y7, twiddle(1, 0, Y10), twiddle(1, 1, Y11))
			Comment("m - i d")
			VADDPS(Y3, Y0, Y4)
			VSUBPS(Y2, Y1, Y5)
			storeConj(a, 2, Y4, Y5, Y6, Y7, twiddle(2, 0, Y12), twiddle(2, 1, Y13))
		} else {
			Comment("m - i d")
			VADDPS(Y3, Y0, Y4)
			VSUBPS(Y2, Y1, Y5)
			store(a, 1, Y4, Y5)
			Comment("m + i d")
			VSUBPS(Y3, Y0, Y4)
			VADDPS(Y2, Y1, Y5)
			store(a, 2, Y4, Y5)
		}
	case radix == 5:
		load(a, 0, Y0, Y1)
		for k := 1; k < 5; k++ {
			if inverse {
				load(a, k, y[2*k], y[2*k+1])
			} else {
				loadTwiddled(a, k, y[2*k], y[2*k+1], Y10, Y11, Y12, twiddle(k, 0, Y13), twiddle(k, 1, Y14))
			}
		}
		sin72, cos72 := math.Sincos(2 * math.Pi / 5)
		sin144, cos144 := math.Sincos(4 * math.Pi / 5)
		c1, c2 := constant(float32(cos72)), constant(float32(cos144))
		q1, q2 := constant(float32(sin72)), constant(float32(sin144))
		Comment("s1 in Y2, Y3; d1 in Y8, Y9; s2 in Y4, Y5; d2 in Y6, Y7")
		for im := range 2 {
			sumdiff := func(a, b, t VecPhysical) { // a, b = a+b, a-b
				VADDPS(b, a, t)
				VSUBPS(b, a, b)
				VMOVAPS(t, a)
			}
			sumdiff(y[2+im], y[8+im], Y10)
			sumdiff(y[4+im], y[6+im], Y10)
		}
		Comment("m1 = x + c1 s1 + c2 s2 in Y10, Y11; m2 = x + c2 s1 + c1 s2 in Y12, Y13; part 0 goes out")
		for im := range 2 {
			x, s1, s2 := y[im], y[2+im], y[4+im]
			m1, m2 := y[10+im], y[12+im]
			VMULPS(c1, s1, m1)
			VADDPS(m1, x, m1)
			VMULPS(c2, s2, Y14)
			VADDPS(Y14, m1, m1)
			VMULPS(c2, s1, m2)
			VADDPS(m2, x, m2)
			VMULPS(c1, s2, Y14)
			VADDPS(Y14, m2, m2)
			VADDPS(s1, x, x)
			VADDPS(s2, x, x)
			VMOVUPS(x, a.at(0, im))
		}
		Comment("n1 = q1 d1 + q2 d2 in Y0, Y1; n2 = q2 d1 - q1 d2 in Y2, Y3")
		for im := range 2 {
			d1, d2 := y[8+im], y[6+im]
			VMULPS(q1, d1, y[im])
			VMULPS(q2, d2, Y14)
			VADDPS(Y14, y[im], y[im])
			VMULPS(q2, d1, y[2+im])
			VMULPS(q1, d2, Y14)
			VSUBPS(Y14, y[2+im], y[2+im])
		}
		out := func(k int, mr, mi, nr, ni VecPhysical, minus bool) {
			if minus {
				Commentf("Part %d: m - i n", k)
				VADDPS(ni, mr, Y4)
				VSUBPS(nr, mi, Y5)
			} else {
				Commentf("Part %d: m + i n", k)
				VSUBPS(ni, mr, Y4)
				VADDPS(nr, mi, Y5)
			}
			if inverse {
				storeConj(a, k, Y4, Y5, Y6, Y7, twiddle(k, 0, Y14), twiddle(k, 1, Y15))
			} else {
				store(a, k, Y4, Y5)
			}
		}
		out(1, Y10, Y11, Y0, Y1, !inverse)
		out(2, Y12, Y13, Y2, Y3, !inverse)
		out(3, Y12, Y13, Y2, Y3, inverse)
		out(4, Y10, Y11, Y0, Y1, inverse)
	}
	Comment("The next element, and behind the last the next block.")
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

// middle is the innermost forward stage of radix 4, the product with the
// spectrum, and the inverse of that stage.
func middle() {
	TEXT("middleAVX2", NOSPLIT, "func(buf, tw, k *float32, blocks int)")
	Pragma("noescape")
	p, tw := Load(Param("buf"), GP64()), Load(Param("tw"), GP64())
	kp, blocks := Load(Param("k"), GP64()), Load(Param("blocks"), GP64())
	a := func(k, im int) mem { return mem{Base: p, Disp: 64*k + 32*im} }
	Label("block")
	for k := 1; k < 4; k++ {
		Commentf("Part %d times its twiddle.", k)
		VBROADCASTSS(mem{Base: tw, Disp: 8 * (k - 1)}, y[8+2*k])
		VBROADCASTSS(mem{Base: tw, Disp: 8*(k-1) + 4}, y[9+2*k])
		re, im, wr, wi := y[2*k], y[2*k+1], y[8+2*k], y[9+2*k]
		VMOVUPS(a(k, 0), Y8)
		VMOVUPS(a(k, 1), Y9)
		VMULPS(wr, Y8, re)
		VMULPS(wi, Y9, Y0)
		VSUBPS(Y0, re, re)
		VMULPS(wi, Y8, im)
		VMULPS(wr, Y9, Y0)
		VADDPS(Y0, im, im)
	}
	VMOVUPS(a(0, 0), Y0)
	VMOVUPS(a(0, 1), Y1)
	dft4()
	Comment("d0 - i d1 in Y4, Y5 and d0 + i d1 in Y0, Y1: all four parts are there.")
	VADDPS(Y3, Y0, Y4)
	VSUBPS(Y2, Y1, Y5)
	VSUBPS(Y3, Y0, Y0)
	VADDPS(Y2, Y1, Y1)
	Comment("Each, a in Y6, Y7; b in Y4, Y5; c in Y8, Y9; d in Y0, Y1, times the spectrum.")
	for k, r := range []int{6, 4, 8, 0} {
		VMOVUPS(mem{Base: kp, Disp: 32 * k}, Y2)
		VMULPS(Y2, y[r], y[r])
		VMULPS(Y2, y[r+1], y[r+1])
	}
	Comment("And back: s0 in Y2, Y3; d0 in Y6, Y7; s1 in Y8, Y9; d1 in Y4, Y5")
	VADDPS(Y8, Y6, Y2)
	VADDPS(Y9, Y7, Y3)
	VSUBPS(Y8, Y6, Y6)
	VSUBPS(Y9, Y7, Y7)
	VADDPS(Y0, Y4, Y8)
	VADDPS(Y1, Y5, Y9)
	VSUBPS(Y0, Y4, Y4)
	VSUBPS(Y1, Y5, Y5)
	Comment("s0 + s1 is part 0.")
	VADDPS(Y8, Y2, Y0)
	VADDPS(Y9, Y3, Y1)
	VMOVUPS(Y0, a(0, 0))
	VMOVUPS(Y1, a(0, 1))
	Comment("s0 - s1")
	VSUBPS(Y8, Y2, Y2)
	VSUBPS(Y9, Y3, Y3)
	conj := func(k int, re, im VecPhysical) {
		wr, wi := y[8+2*k], y[9+2*k]
		Commentf("Part %d times the conjugate of its twiddle.", k)
		VMULPS(wr, re, Y0)
		VMULPS(wi, im, Y1)
		VADDPS(Y1, Y0, Y0)
		VMOVUPS(Y0, a(k, 0))
		VMULPS(wr, im, Y0)
		VMULPS(wi, re, Y1)
		VSUBPS(Y1, Y0, Y0)
		VMOVUPS(Y0, a(k, 1))
	}
	conj(2, Y2, Y3)
	Comment("d0 + i d1")
	VSUBPS(Y5, Y6, Y2)
	VADDPS(Y4, Y7, Y3)
	conj(1, Y2, Y3)
	Comment("d0 - i d1")
	VADDPS(Y5, Y6, Y2)
	VSUBPS(Y4, Y7, Y3)
	conj(3, Y2, Y3)
	Comment("The next block.")
	ADDQ(operand.U32(256), p)
	ADDQ(operand.U8(24), tw)
	ADDQ(operand.U32(128), kp)
	DECQ(blocks)
	JNE(operand.LabelRef("block"))
	VZEROUPPER()
	RET()
}

// copyRows copies n groups of 8 floats; strides are in floats.
func copyRows() {
	TEXT("copyRowsAVX2", NOSPLIT, "func(dst *float32, dstStride int, src *float32, srcStride, n int)")
	Pragma("noescape")
	d, ds := Load(Param("dst"), GP64()), Load(Param("dstStride"), GP64())
	s, ss := Load(Param("src"), GP64()), Load(Param("srcStride"), GP64())
	n := Load(Param("n"), GP64())
	SHLQ(operand.U8(2), ds)
	SHLQ(operand.U8(2), ss)
	TESTQ(n, n)
	JZ(operand.LabelRef("done"))
	Label("row")
	VMOVUPS(mem{Base: s}, Y0)
	VMOVUPS(Y0, mem{Base: d})
	ADDQ(ss, s)
	ADDQ(ds, d)
	DECQ(n)
	JNE(operand.LabelRef("row"))
	Label("done")
	VZEROUPPER()
	RET()
}

// transpose swaps element and lane of n blocks of 8 elements; strides of
// blocks are in floats.
func transpose() {
	TEXT("transposeAVX2", NOSPLIT, "func(dst *float32, dstStride int, src *float32, srcStride, n int)")
	Pragma("noescape")
	d, ds := Load(Param("dst"), GP64()), Load(Param("dstStride"), GP64())
	s, ss := Load(Param("src"), GP64()), Load(Param("srcStride"), GP64())
	n := Load(Param("n"), GP64())
	SHLQ(operand.U8(2), ds)
	SHLQ(operand.U8(2), ss)
	Label("block")
	for im := range 2 {
		Comment("Halves of rows k and k+4 side by side leave only in-lane shuffles.")
		for k := range 4 {
			at := func(row, half int) mem { return mem{Base: s, Disp: 64*row + 32*im + 16*half} }
			VMOVUPS(at(k, 0), y[k].AsX())
			VINSERTF128(operand.U8(1), at(k+4, 0), y[k], y[k])
			VMOVUPS(at(k, 1), y[k+4].AsX())
			VINSERTF128(operand.U8(1), at(k+4, 1), y[k+4], y[k+4])
		}
		for h := range 2 {
			a, b, c, e := y[4*h], y[4*h+1], y[4*h+2], y[4*h+3]
			Commentf("Lanes %d to %d.", 4*h, 4*h+3)
			VUNPCKLPS(b, a, Y8)
			VUNPCKHPS(b, a, Y9)
			VUNPCKLPS(e, c, Y10)
			VUNPCKHPS(e, c, Y11)
			VUNPCKLPD(Y10, Y8, Y12)
			VUNPCKHPD(Y10, Y8, Y13)
			VUNPCKLPD(Y11, Y9, Y14)
			VUNPCKHPD(Y11, Y9, Y15)
			for k := range 4 {
				VMOVUPS(y[12+k], mem{Base: d, Disp: 64*(4*h+k) + 32*im})
			}
		}
	}
	ADDQ(ss, s)
	ADDQ(ds, d)
	DECQ(n)
	JNE(operand.LabelRef("block"))
	VZEROUPPER()
	RET()
}
