// Command vec writes the NEON kernels of package vec. The portable loops there say
// what each computes; the comments here say how.
package main

import (
	"fmt"
	"math"

	. "github.com/libtsne/libtsne/tsne/internal/asm/neon"
)

func main() {
	doubles("logPoly", 1./19, 1./17, 1./15, 1./13, 1./11, 1./9, 1./7, 1./5, 1./3, 1)
	Table64("sqrtHalf", 0x3fe6a09e667f3bcd)
	doubles("ln2", math.Ln2)
	doubles("expPoly", 1./479001600, 1./39916800, 1./3628800, 1./362880, 1./40320, 1./5040, 1./720, 1./120, 1./24, 1./6, 1./2, 1, 1)
	doubles("exp", math.Log2E, 3<<51, 0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56, -708)
	Table("gain", math.Float32bits(0.2), math.Float32bits(0.8))
	for _, dof := range []bool{false, true} {
		for dims := 1; dims <= 3; dims++ {
			attract(dims, dof)
		}
	}
	for dims := 1; dims <= 3; dims++ {
		sumPLog(dims)
	}
	update()
	gauss()
	Write("vec")
}

func doubles(name string, values ...float64) {
	var words []uint64
	for _, v := range values {
		words = append(words, math.Float64bits(v))
	}
	Table64(name, words...)
}

// edges walks rows lo to hi of the matrix in halves of a block of 8 entries. start
// runs at the head of a row, half for each 4 entries with the points and values
// they name, end after the last of a row. col and val begin with row lo. Where a row ends within a half, that is
// filled up with the row itself and value 0, which adds nothing to a sum.
type edges struct {
	dims             int
	y, col, val, row R
	point            [4]R
	z                []V // coordinates of four points, axis by axis
	v                V   // values
	t                []V
}

func (g *edges) walk(start, end func(), half func(h int)) {
	ptr, lo, hi := Arg("ptr"), Arg("lo"), Arg("hi")
	n, next := Take(), Take()
	for i := range g.point {
		g.point[i] = Take()
	}
	g.z, g.v, g.t = Vs(g.dims), TakeV(), Vs(4)
	g.row = lo
	I("ADD", lo.Shifted(3), ptr, ptr)
	I("MOVD.P", Mem{Base: ptr, Disp: 8}, n)
	At("row")
	I("MOVD.P", Mem{Base: ptr, Disp: 8}, next)
	I("SUB", n, next, n)
	start()
	I("SUBS", 8, n)
	I("BLT", "last")
	At("eight")
	Comment("Eight entries of the row.")
	for h := range 2 {
		g.full()
		half(h)
	}
	I("SUBS", 8, n)
	I("BGE", "eight")
	At("last")
	Comment("Up to seven are left.")
	I("ADDS", 8, n)
	I("BEQ", "end")
	I("SUBS", 4, n)
	I("BLT", "few")
	g.full()
	half(0)
	I("CBZ", n, "end")
	g.partial(n, "second")
	half(1)
	I("JMP", "end")
	At("few")
	I("ADD", 4, n)
	g.partial(n, "first")
	half(0)
	At("end")
	end()
	I("MOVD", next, n)
	I("ADD", 1, g.row)
	I("CMP", hi, g.row)
	I("BLT", "row")
	I("RET")
}

// full takes four entries.
func (g *edges) full() {
	I("LDPSW", Mem{Base: g.col}, Pair{A: g.point[0], B: g.point[1]})
	I("LDPSW", Mem{Base: g.col, Disp: 8}, Pair{A: g.point[2], B: g.point[3]})
	I("FMOVQ.P", Mem{Base: g.val, Disp: 16}, g.v)
	I("ADD", 16, g.col)
	g.points()
}

// partial takes the n entries left, 1 to 3.
func (g *edges) partial(n R, name string) {
	I("MOVW.P", Mem{Base: g.col, Disp: 4}, g.point[0])
	I("FMOVS.P", Mem{Base: g.val, Disp: 4}, g.v)
	for _, p := range g.point[1:] {
		I("MOVD", g.row, p)
	}
	for i := 1; i < 3; i++ {
		I("SUB", 1, n)
		I("CBZ", n, name)
		I("MOVW.P", Mem{Base: g.col, Disp: 4}, g.point[i])
		S4.LoadLane(g.v, i, g.val)
		I("ADD", 4, g.val)
	}
	At(Label(name))
	g.points()
}

// points loads the coordinates of four points.
func (g *edges) points() {
	t := g.t
	switch g.dims {
	case 1:
		for i, p := range g.point {
			I("FMOVS", Indexed{Base: g.y, Index: p, Shift: 2}, t[i])
		}
		S4.Zip1(t[0], t[0], t[1])
		S4.Zip1(t[2], t[2], t[3])
		D2.Zip1(g.z[0], t[0], t[2])
		return
	case 2:
		for i, p := range g.point {
			I("FMOVD", Indexed{Base: g.y, Index: p, Shift: 3}, t[i])
		}
	case 3:
		for i, p := range g.point {
			I("ADD", p.Shifted(1), p)
			I("ADD", p.Shifted(2), g.y, p)
			I("FMOVD", Mem{Base: p}, t[i])
		}
		I("FMOVS", Mem{Base: g.point[0], Disp: 8}, g.z[2])
		for i := 1; i < 4; i++ {
			I("ADD", 8, g.point[i])
			S4.LoadLane(g.z[2], i, g.point[i])
		}
	}
	Comment("Points are pairs: their first coordinates, and their second.")
	D2.Zip1(t[0], t[0], t[1])
	D2.Zip1(t[2], t[2], t[3])
	S4.Even(g.z[0], t[0], t[2])
	S4.Odd(g.z[1], t[0], t[2])
}

// here loads the row's own coordinates, each in all lanes, and leaves its place.
func (g *edges) here(x []V, place R) {
	I("MOVD", 4*g.dims, place)
	I("MADD", place, g.y, g.row, place)
	for d := range x {
		S4.Everywhere(x[d], place)
	}
}

func attract(dims int, dof bool) {
	name, parameters := "attract", "force, y *float32, ptr *int64, col *int32, val *float32, lo, hi int"
	if dof {
		name, parameters = "attractDOF", parameters+", inv float32"
	}
	Text(fmt.Sprintf("%s%dSIMD", name, dims), fmt.Sprintf("%s of %d dimensions", name, dims), parameters, "")
	force := Arg("force")
	g := &edges{dims: dims, y: Arg("y"), col: Arg("col"), val: Arg("val")}
	x, one, place := Vs(dims), TakeV(), Take()
	var inv V
	if dof {
		inv = ArgV("inv")
	}
	var f [2][]V
	for h := range f {
		f[h] = Vs(dims)
	}
	w, p := TakeV(), TakeV()
	S4.One(one)
	lo := Arg("lo")
	I("MOVD", 4*dims, place)
	I("MADD", place, force, lo, force)
	FreeR(lo)
	g.walk(func() {
		g.here(x, place)
		Clear(append(f[0], f[1]...)...)
	}, func() {
		Comment("Lanes l and l+4 add up, then the halves, then the two that are left.")
		for d := range x {
			S4.Add(w, f[0][d], f[1][d])
			Shifted(p, w, w, 8)
			S4.Add(w, w, p)
			AddHalves(w, w)
			I("FMOVS.P", w, Mem{Base: force, Disp: 4})
		}
	}, func(h int) {
		for d := range x {
			S4.Sub(g.z[d], x[d], g.z[d])
		}
		for d, z := range g.z {
			if d == 0 {
				S4.Mul(w, z, z)
				continue
			}
			S4.Mul(p, z, z)
			S4.Add(w, w, p)
		}
		if dof {
			S4.MulLane(w, w, inv, 0)
		}
		S4.Add(w, one, w)
		S4.Div(w, g.v, w)
		for d, z := range g.z {
			S4.Mul(z, w, z)
			S4.Add(f[h][d], f[h][d], z)
		}
	})
}

// horner is the polynomial of a table, two values a register: p and t take turns.
// It returns what holds the result.
func horner(table R, terms int, p, t, x []V) []V {
	for i := range p {
		Load(p[i], table, 0)
	}
	for k := 1; k < terms; k++ {
		for i := range p {
			Load(t[i], table, 16*k)
			D2.Fma(t[i], p[i], x[i])
		}
		p, t = t, p
	}
	return p
}

func sumPLog(dims int) {
	Text(fmt.Sprintf("sumPLog%dNEON", dims), fmt.Sprintf("sumPLog of %d dimensions", dims),
		"s *[8]float64, y *float32, ptr *int64, col *int32, val *float32, lo, hi int", "")
	sums := Arg("s")
	g := &edges{dims: dims, y: Arg("y"), col: Arg("col"), val: Arg("val")}
	x, s, place := Vs(dims), Vs(4), Take()
	one, sqrtHalf, ln2 := TakeV(), TakeV(), TakeV()
	D2.One(one)
	Load(sqrtHalf, Address("sqrtHalf"), 0)
	Load(ln2, Address("ln2"), 0)
	table := Address("logPoly")
	t, diff, e, p, q := Vs(2), Vs(2), Vs(2), Vs(2), Vs(2)
	both := func(f func(i int)) {
		for i := range 2 {
			f(i)
		}
	}
	for i := range s {
		Load(s[i], sums, 16*i)
	}
	g.walk(func() {
		g.here(x, place)
		for d := range x {
			Double(x[d], x[d])
		}
	}, func() {
		for i := range s {
			Store(s[i], sums, 16*i)
		}
	}, func(h int) {
		Comment("1 + d², two entries a register.")
		both(func(i int) { Move(t[i], one) })
		for d := range x {
			Double(diff[0], g.z[d])
			DoubleHigh(diff[1], g.z[d])
			both(func(i int) { D2.Sub(diff[i], x[d], diff[i]) })
			both(func(i int) { D2.Fma(t[i], diff[i], diff[i]) })
		}
		Comment("Its logarithm: exponent and mantissa part so that the latter is near 1.")
		both(func(i int) { D2.SubInt(e[i], t[i], sqrtHalf) })
		both(func(i int) { D2.Right(e[i], e[i], 52) })
		both(func(i int) { D2.Left(p[i], e[i], 52) })
		both(func(i int) { D2.SubInt(p[i], t[i], p[i]) })
		both(func(i int) { D2.Sub(diff[i], p[i], one) })
		both(func(i int) { D2.Add(p[i], p[i], one) })
		both(func(i int) { D2.Div(diff[i], diff[i], p[i]) })
		both(func(i int) { D2.Sub(t[i], t[i], t[i]) })
		both(func(i int) { D2.Float(e[i], e[i]) })
		z := g.t[:2]
		both(func(i int) { D2.Mul(z[i], diff[i], diff[i]) })
		r := horner(table, 10, p, q, z)
		both(func(i int) { D2.Add(diff[i], diff[i], diff[i]) })
		both(func(i int) { D2.Fma(t[i], diff[i], r[i]) })
		both(func(i int) { D2.Fma(t[i], e[i], ln2) })
		Double(diff[0], g.v)
		DoubleHigh(diff[1], g.v)
		both(func(i int) { D2.Fma(s[2*h+i], diff[i], t[i]) })
	})
}

// update takes four points at a time, two a register.
func update() {
	Text("update2SIMD", "update of two dimensions", "s *float32, max2 float32, y, velocity, gains, attract, repulse *float32, n int, t *float64", "")
	s := Arg("s")
	step := Vs(6)
	for i := range step {
		S4.Everywhere(step[i], s)
	}
	rate, momentum, exaggeration, invZ, maxStep, minGain := step[0], step[1], step[2], step[3], step[4], step[5]
	max2, grow, shrink, zero := ArgV("max2"), TakeV(), TakeV(), TakeV()
	S4.Dup(max2, max2, 0)
	constants := Address("gain")
	S4.Everywhere(grow, constants)
	S4.Everywhere(shrink, constants)
	Clear(zero)
	y, velocity, gains, attract, repulse, n, totals := Arg("y"), Arg("velocity"), Arg("gains"), Arg("attract"), Arg("repulse"), Arg("n"), Arg("t")
	sum, grad2 := Vs(4), Vs(4)
	for i := range sum {
		Load(sum[i], totals, 16*i)
		Load(grad2[i], totals, 96+16*i)
	}
	u, gain, grad, a, b, c := TakeV(), TakeV(), TakeV(), TakeV(), TakeV(), TakeV()
	At("four")
	for h := range 2 {
		Comment("The gradient of two points.")
		Load(grad, attract, 16*h)
		Load(a, repulse, 16*h)
		Load(u, velocity, 16*h)
		Load(gain, gains, 16*h)
		S4.Mul(grad, exaggeration, grad)
		S4.Mul(a, invZ, a)
		S4.Sub(grad, grad, a)
		Comment("Gains grow where the signs differ.")
		S4.Greater(a, u, zero)
		S4.Greater(b, grad, zero)
		Xor(a, a, b)
		S4.Greater(b, zero, u)
		S4.Greater(c, zero, grad)
		Xor(b, b, c)
		Or(a, a, b)
		S4.Add(b, gain, grow)
		S4.Mul(c, gain, shrink)
		S4.Add(c, c, minGain)
		Choose(a, b, c)
		Store(a, gains, 16*h)
		Comment("Velocity.")
		S4.Mul(u, momentum, u)
		S4.Mul(a, rate, a)
		S4.Mul(a, a, grad)
		S4.Sub(u, u, a)
		Double(b, grad)
		DoubleHigh(c, grad)
		D2.Fma(grad2[2*h], b, b)
		D2.Fma(grad2[2*h+1], c, c)
		Comment("Steps longer than the longest are cut.")
		S4.Mul(a, u, u)
		S4.AddPairs(a, a, a)
		S4.Zip1(a, a, a)
		S4.Sqrt(b, a)
		S4.Div(b, u, b)
		S4.Mul(b, b, maxStep)
		S4.Greater(a, a, max2)
		Choose(a, b, u)
		Store(a, velocity, 16*h)
		Comment("Positions.")
		Load(b, y, 16*h)
		S4.Add(b, b, a)
		Store(b, y, 16*h)
		Double(a, b)
		DoubleHigh(b, b)
		D2.Add(sum[2*h], sum[2*h], a)
		D2.Add(sum[2*h+1], sum[2*h+1], b)
	}
	for _, p := range []R{y, velocity, gains, attract, repulse} {
		I("ADD", 32, p)
	}
	I("SUBS", 8, n)
	I("BGT", "four")
	for i := range sum {
		Store(sum[i], totals, 16*i)
		Store(grad2[i], totals, 96+16*i)
	}
	I("RET")
}

// gauss takes eight elements at a time, two a register.
func gauss() {
	Text("gaussNEON", "gauss for a multiple of eight elements", "w, d *float64, n int, beta float64, l *[3][8]float64", "")
	w, d, n, l := Arg("w"), Arg("d"), Arg("n"), Arg("l")
	beta := ArgV("beta")
	D2.Dup(beta, beta, 0)
	D2.Neg(beta, beta)
	constants := Vs(5)
	at := Address("exp")
	for i := range constants {
		Load(constants[i], at, 16*i)
	}
	log2e, magic, ln2Hi, ln2Lo, least := constants[0], constants[1], constants[2], constants[3], constants[4]
	table := Address("expPoly")
	x, t, r, p, q := Vs(4), Vs(4), Vs(4), Vs(4), Vs(4)
	each := func(f func(i int)) {
		for i := range x {
			f(i)
		}
	}
	At("eight")
	Comment("x = -beta d = n ln 2 + r")
	each(func(i int) { Load(x[i], d, 16*i) })
	each(func(i int) { D2.Mul(x[i], beta, x[i]) })
	each(func(i int) { Move(t[i], magic) })
	each(func(i int) { D2.Fma(t[i], x[i], log2e) })
	each(func(i int) { D2.Sub(q[i], t[i], magic) })
	each(func(i int) { Move(r[i], x[i]) })
	each(func(i int) { D2.Fms(r[i], q[i], ln2Hi) })
	each(func(i int) { D2.Fms(r[i], q[i], ln2Lo) })
	Comment("exp r, times two to the n")
	e := horner(table, 13, p, q, r)
	each(func(i int) { D2.Left(t[i], t[i], 52) })
	each(func(i int) { D2.AddInt(e[i], e[i], t[i]) })
	each(func(i int) { D2.NotLess(x[i], x[i], least) })
	each(func(i int) { And(e[i], e[i], x[i]) })
	each(func(i int) { Store(e[i], w, 16*i) })
	Comment("Sums of w, of d w and of d d w.")
	each(func(i int) { Load(x[i], d, 16*i) })
	each(func(i int) { D2.Mul(r[i], x[i], e[i]) })
	each(func(i int) {
		Load(t[i], l, 16*i)
		D2.Add(t[i], t[i], e[i])
		Store(t[i], l, 16*i)
	})
	each(func(i int) {
		Load(t[i], l, 64+16*i)
		D2.Add(t[i], t[i], r[i])
		Store(t[i], l, 64+16*i)
	})
	each(func(i int) {
		Load(t[i], l, 128+16*i)
		D2.Fma(t[i], x[i], r[i])
		Store(t[i], l, 128+16*i)
	})
	I("ADD", 64, d)
	I("ADD", 64, w)
	I("SUBS", 8, n)
	I("BGT", "eight")
	I("RET")
}
