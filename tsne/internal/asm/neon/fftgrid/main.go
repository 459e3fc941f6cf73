// Command fftgrid writes the NEON kernels of package fftgrid.
package main

import (
	"math"

	. "github.com/libtsne/libtsne/tsne/internal/asm/neon"
)

func main() {
	var coefficients []uint32
	for _, c := range [][4]float32{
		{-1.0 / 6, 0.5, -0.5, 1.0 / 6}, {0.5, -1, 0.5, 0}, {-0.5, 0, 0.5, 0}, {1.0 / 6, 4.0 / 6, 1.0 / 6, 0}, // spline
		{-0.5, 1.5, -1.5, 0.5}, {1, -2, 1, 0}, {-0.5, 0, 0.5, 0}, // slope
	} {
		for _, v := range c {
			coefficients = append(coefficients, math.Float32bits(v))
		}
	}
	Table("coefficients", coefficients...)
	spread()
	gather()
	stage4("forward4SIMD", "forwardStage of radix 4", true)
	stage4("inverse4SIMD", "inverseStage of radix 4", false)
	times()
	combine()
	transpose()
	Write("fftgrid")
}

// cells are what a point's place on the grid is made with.
type cells struct {
	grid, pitch, u, at, iy R
	c                      []V // coefficients
	t, whole               V   // where in its cell a point is
}

func place(terms int) *cells {
	g := &cells{grid: Arg("grid"), pitch: Arg("pitch"), u: Arg("u"), at: Take(), iy: Take(), c: Vs(terms), t: TakeV(), whole: TakeV()}
	table := Address("coefficients")
	for i := range g.c {
		Load(g.c[i], table, 16*i)
	}
	FreeR(table)
	I("LSL", 2, g.pitch)
	return g
}

// next takes a point: its cell's first node in at, its place within in t.
func (g *cells) next() {
	Comment("The cell of a point, and where in it the point is.")
	I("FMOVD.P", Mem{Base: g.u, Disp: 8}, g.t)
	S4.Truncate(g.whole, g.t)
	I("FMOVD", g.whole, g.at)
	S4.Float(g.whole, g.whole)
	S4.Sub(g.t, g.t, g.whole)
	I("LSR", 32, g.at, g.iy)
	I("UBFIZ", 2, g.at, 32, g.at)
	I("MADD", g.pitch, g.at, g.iy, g.at)
	I("ADD", g.grid, g.at)
}

// polynomial is that of four nodes at t's lane.
func (g *cells) polynomial(w V, c []V, lane int) {
	S4.MulLane(w, c[0], g.t, lane)
	S4.Add(w, w, c[1])
	for _, k := range c[2:] {
		S4.MulLane(w, w, g.t, lane)
		S4.Add(w, w, k)
	}
}

func spread() {
	Text("spreadSIMD", "spread2", "grid *float32, pitch int, u *float32, n int", "")
	g := place(4)
	n := Arg("n")
	wx, wy, row, t := TakeV(), TakeV(), TakeV(), TakeV()
	At("point")
	g.next()
	g.polynomial(wx, g.c, 0)
	g.polynomial(wy, g.c, 1)
	for r := range 4 {
		Load(row, g.at, 0)
		S4.MulLane(t, wx, wy, r)
		S4.Add(row, row, t)
		Store(row, g.at, 0)
		I("ADD", g.pitch, g.at)
	}
	I("SUB", 1, n)
	I("CBNZ", n, "point")
	I("RET")
}

func gather() {
	Text("gatherSIMD", "gather2", "force, phi *float32, to *uint32, grid *float32, pitch int, u *float32, n int, scale, pull float32", "")
	force, phi, to, n := Arg("force"), Arg("phi"), Arg("to"), Arg("n")
	g := place(7)
	scale, pull, one := ArgV("scale"), ArgV("pull"), TakeV()
	S4.One(one)
	wx, wy, sx, sy := TakeV(), TakeV(), TakeV(), TakeV()
	s, d, row, t, out := TakeV(), TakeV(), TakeV(), TakeV(), Take()
	At("point")
	g.next()
	for i, w := range []V{wx, wy} {
		g.polynomial(w, g.c[:4], i)
	}
	for i, w := range []V{sx, sy} {
		g.polynomial(w, g.c[4:], i)
	}
	Comment("Four rows of nodes, by the weights and slopes of the rows.")
	for r := range 4 {
		Load(row, g.at, 0)
		if r == 0 {
			S4.MulLane(s, row, wy, r)
			S4.MulLane(d, row, sy, r)
		} else {
			S4.MulLane(t, row, wy, r)
			S4.Add(s, s, t)
			S4.MulLane(t, row, sy, r)
			S4.Add(d, d, t)
		}
		if r < 3 {
			I("ADD", g.pitch, g.at)
		}
	}
	Comment("The potential, and its gradient along either axis.")
	S4.Mul(t, s, wx)
	S4.Mul(s, s, sx)
	S4.Mul(d, d, wx)
	S4.AddPairs(t, t, s)
	S4.AddPairs(d, d, d)
	S4.AddPairs(t, t, d)
	I("FMOVS.P", t, Mem{Base: phi, Disp: 4})
	Shifted(t, t, t, 4)
	S4.MulLane(t, t, scale, 0)
	Comment("Less what the point does to itself: t(1-t)(1-2t).")
	S4.Sub(s, one, g.t)
	S4.Mul(d, g.t, s)
	S4.Sub(s, s, g.t)
	S4.Mul(d, d, s)
	S4.MulLane(d, d, pull, 0)
	S4.Sub(t, t, d)
	I("CBZ", to, "inOrder")
	I("MOVWU.P", Mem{Base: to, Disp: 4}, out)
	I("ADD", out.Shifted(3), force, out)
	I("FMOVD", t, Mem{Base: out})
	I("JMP", "next")
	At("inOrder")
	I("FMOVD.P", t, Mem{Base: force, Disp: 8})
	At("next")
	I("SUB", 1, n)
	I("CBNZ", n, "point")
	I("RET")
}

// pair is four complex numbers, real and imaginary parts.
type pair struct{ re, im V }

func (a pair) add(x, y pair) { S4.Add(a.re, x.re, y.re); S4.Add(a.im, x.im, y.im) }

func (a pair) sub(x, y pair) { S4.Sub(a.re, x.re, y.re); S4.Sub(a.im, x.im, y.im) }

// addTurned is x + i·y, subTurned x - i·y.
func (a pair) addTurned(x, y pair) { S4.Sub(a.re, x.re, y.im); S4.Add(a.im, x.im, y.re) }

func (a pair) subTurned(x, y pair) { S4.Add(a.re, x.re, y.im); S4.Sub(a.im, x.im, y.re) }

// times multiplies by the twiddle in two lanes of w, or by its conjugate.
func (a pair) times(w V, lane int, conjugate bool, t pair) {
	S4.MulLane(t.re, a.re, w, lane)
	S4.MulLane(t.im, a.im, w, lane)
	S4.MulLane(a.im, a.im, w, lane+1)
	S4.MulLane(a.re, a.re, w, lane+1)
	if conjugate {
		S4.Sub(t.im, t.im, a.re)
		S4.Add(a.re, t.re, a.im)
	} else {
		S4.Add(t.im, a.re, t.im)
		S4.Sub(a.re, t.re, a.im)
	}
	Move(a.im, t.im)
}

// stage4 transforms four parts of each block, half of the lanes at a time.
func stage4(name, like string, forward bool) {
	Text(name, like, "buf, tw *float32, stride, blocks int", "")
	buf, tw, stride, blocks := Arg("buf"), Arg("tw"), Arg("stride"), Arg("blocks")
	span, left := Take(), Take()
	I("LSL", 6, stride, span)
	part := [4]R{buf, Take(), Take(), Take()}
	w := Vs(2)
	var x, s [4]pair
	for i := range x {
		x[i], s[i] = pair{TakeV(), TakeV()}, pair{TakeV(), TakeV()}
	}
	t := pair{TakeV(), TakeV()}
	twiddle := func(i int) {
		x[i].times(w[(i-1)/2], (i-1)%2*2, !forward, t)
	}
	At("block")
	Comment("Three twiddles.")
	I("FMOVQ", Mem{Base: tw}, w[0])
	I("FMOVD", Mem{Base: tw, Disp: 16}, w[1])
	I("ADD", 24, tw)
	for i := 1; i < 4; i++ {
		I("ADD", span, part[i-1], part[i])
	}
	I("MOVD", stride, left)
	At("element")
	for h := range 2 {
		for i, p := range part {
			Load(x[i].re, p, 16*h)
			Load(x[i].im, p, 32+16*h)
			if forward && i > 0 {
				twiddle(i)
			}
		}
		Comment("Sums and differences of two, then of these.")
		s[0].add(x[0], x[2])
		s[1].sub(x[0], x[2])
		s[2].add(x[1], x[3])
		s[3].sub(x[1], x[3])
		x[0].add(s[0], s[2])
		x[2].sub(s[0], s[2])
		if forward {
			x[1].subTurned(s[1], s[3])
			x[3].addTurned(s[1], s[3])
		} else {
			x[1].addTurned(s[1], s[3])
			x[3].subTurned(s[1], s[3])
		}
		for i, p := range part {
			if !forward && i > 0 {
				twiddle(i)
			}
			Store(x[i].re, p, 16*h)
			Store(x[i].im, p, 32+16*h)
		}
	}
	for _, p := range part {
		I("ADD", 64, p)
	}
	I("SUB", 1, left)
	I("CBNZ", left, "element")
	Comment("The next block is behind the last part.")
	I("MOVD", part[3], buf)
	I("SUB", 1, blocks)
	I("CBNZ", blocks, "block")
	I("RET")
}

// times multiplies real and imaginary parts of elements by the same factors.
func times() {
	Text("timesSIMD", "times", "buf, k *float32, elements int", "")
	buf, k, n := Arg("buf"), Arg("k"), Arg("elements")
	f, x := Vs(2), Vs(4)
	At("element")
	LoadPair(f[0], f[1], k, 0)
	LoadPair(x[0], x[1], buf, 0)
	LoadPair(x[2], x[3], buf, 32)
	for i := range x {
		S4.Mul(x[i], x[i], f[i%2])
	}
	StorePair(x[0], x[1], buf, 0)
	StorePair(x[2], x[3], buf, 32)
	I("ADD", 64, buf)
	I("ADD", 32, k)
	I("SUB", 1, n)
	I("CBNZ", n, "element")
	I("RET")
}

// combine takes eight floats of all rows at a time.
func combine() {
	Text("combineSIMD", "combinePortable", "out, base, src *float32, stride int, w *float32, rows, n int", "")
	out, base, src, stride, w, rows, n := Arg("out"), Arg("base"), Arg("src"), Arg("stride"), Arg("w"), Arg("rows"), Arg("n")
	row, weight, left := Take(), Take(), Take()
	acc, x, f := Vs(2), Vs(2), TakeV()
	I("LSL", 2, stride)
	At("eight")
	LoadPair(acc[0], acc[1], base, 0)
	I("MOVD", src, row)
	I("MOVD", w, weight)
	I("MOVD", rows, left)
	At("row")
	Comment("A row times its weight.")
	S4.Everywhere(f, weight)
	LoadPair(x[0], x[1], row, 0)
	I("ADD", stride, row)
	for h := range x {
		S4.Mul(x[h], x[h], f)
		S4.Add(acc[h], acc[h], x[h])
	}
	I("SUB", 1, left)
	I("CBNZ", left, "row")
	StorePair(acc[0], acc[1], out, 0)
	for _, p := range []R{out, base, src} {
		I("ADD", 32, p)
	}
	I("SUBS", 8, n)
	I("BGT", "eight")
	I("RET")
}

// transpose swaps squares of four elements and four lanes.
func transpose() {
	Text("transposeSIMD", "transposePortable", "dst *float32, dstStride int, src *float32, srcStride, n int", "")
	dst, dstStride, src, srcStride, n := Arg("dst"), Arg("dstStride"), Arg("src"), Arg("srcStride"), Arg("n")
	x, t := Vs(4), Vs(4)
	At("block")
	for part := range 2 {
		for i := range 2 {
			for j := range 2 {
				Comment("A square: its rows in turn, then pairs of them.")
				for r := range x {
					Load(x[r], src, 64*(4*j+r)+32*part+16*i)
				}
				for h := range 2 {
					S4.Zip1(t[2*h], x[h], x[h+2])
					S4.Zip2(t[2*h+1], x[h], x[h+2])
				}
				for h := range 2 {
					S4.Zip1(x[2*h], t[h], t[h+2])
					S4.Zip2(x[2*h+1], t[h], t[h+2])
				}
				for r := range x {
					Store(x[r], dst, 64*(4*i+r)+32*part+16*j)
				}
			}
		}
	}
	I("ADD", dstStride.Shifted(2), dst)
	I("ADD", srcStride.Shifted(2), src)
	I("SUB", 1, n)
	I("CBNZ", n, "block")
	I("RET")
}
