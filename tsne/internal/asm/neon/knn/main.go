// Command knn writes the NEON kernels of package knn.
package main

import (
	"fmt"

	. "github.com/libtsne/libtsne/tsne/internal/asm/neon"
)

const (
	width = 24 // points in a panel
	line  = width * 4
)

func main() {
	var weights []uint32
	for c := range width {
		weights = append(weights, 1<<c)
	}
	Table("weights", weights...)
	tile()
	stretch()
	gaps()
	distances()
	project()
	centers()
	outside()
	ranks()
	Write("knn")
}

// tile compares two panels: 24 accumulators hold four rows by 24 columns of
// products.
func tile() {
	Text("tileSIMD", "tilePortable", "a, b *float32, head, rows int, hits *[24]uint32", "uint32")
	a, b, head, rows, hits := Arg("a"), Arg("b"), Arg("head"), Arg("rows"), Arg("hits")
	Comment("Behind the rows of a panel are its lines of residual, need and reach.")
	ea, eb, tail, any, groups := Take(), Take(), Take(), Take(), Take()
	I("MOVD", line, ea)
	I("MUL", rows, ea)
	I("ADD", b, ea, eb)
	I("ADD", a, ea)
	I("SUB", head, rows, tail)
	I("MOVD", "ZR", any)
	I("MOVD", width/4, groups)
	bits := Address("weights")
	var acc [4][]V
	for r := range acc {
		acc[r] = Vs(width / 4)
	}
	x, y := TakeV(), Vs(6)

	At("group")
	Comment("Four columns of a by the 24 of b, in six vectors each.")
	for r := range acc {
		Clear(acc[r]...)
	}
	pa, pb, left := Take(), Take(), Take()
	I("MOVD", a, pa)
	I("MOVD", b, pb)
	products := func(name string, count R) {
		I("MOVD", count, left)
		At(Label(name))
		Load(x, pa, 0)
		for c := 0; c < len(y); c += 2 {
			LoadPair(y[c], y[c+1], pb, 16*c)
		}
		I("ADD", line, pa)
		I("ADD", line, pb)
		for r := range acc {
			for c := range y {
				S4.FmaLane(acc[r][c], y[c], x, r)
			}
		}
		I("SUB", 1, left)
		I("CBNZ", left, name)
	}
	products("head", head)
	I("CBZ", tail, "final")

	Comment("What is left of the product is at most that of the lengths left.")
	need, reach, m, t, live := y[0], y[1], y[2], y[3], y[4]
	// bound puts what the products of row r reach with columns 4c on into t.
	bound := func(r, c int) {
		S4.Dup(t, need, r)
		Load(m, eb, line+16*c)
		S4.Add(t, t, m)
		S4.Dup(y[5], reach, r)
		Load(m, eb, 2*line+16*c)
		S4.Max(m, y[5], m)
		S4.Sub(t, t, m)
	}
	Load(x, ea, 0)
	Load(need, ea, line)
	Load(reach, ea, 2*line)
	Clear(live)
	for r := range acc {
		for c := range acc[r] {
			bound(r, c)
			Load(m, eb, 16*c)
			Move(y[5], acc[r][c])
			S4.FmaLane(y[5], m, x, r)
			S4.NotLess(t, y[5], t)
			Or(live, live, t)
		}
	}
	Most(live, live)
	I("FMOVS", live, left)
	I("CBNZW", left, "more")
	Comment("No pair can reach its bound.")
	I("STP", "(ZR, ZR)", Mem{Base: hits})
	I("JMP", "next")
	At("more")
	products("tail", tail)

	At("final")
	Comment("A bit for each pair whose product reaches its bound: the needs less the larger reach.")
	Load(need, ea, line)
	Load(reach, ea, 2*line)
	for r := range acc {
		Clear(live)
		for c := range acc[r] {
			bound(r, c)
			S4.NotLess(t, acc[r][c], t)
			Load(m, bits, 16*c)
			And(t, t, m)
			Or(live, live, t)
		}
		Sum(live, live)
		I("FMOVS", live, Mem{Base: hits, Disp: 4 * r})
		I("FMOVS", live, left)
		I("ORR", left, any)
	}
	At("next")
	I("ADD", 16, a)
	I("ADD", 16, ea)
	I("ADD", 16, hits)
	I("SUB", 1, groups)
	I("CBNZ", groups, "group")
	Return(any)
}

// stretch takes a line of 24 at a time.
func stretch() {
	Text("stretchSIMD", "stretchPortable", "lines *int8, scale *float32, rows int, out *float32", "")
	lines, scale, rows, out := Arg("lines"), Arg("scale"), Arg("rows"), Arg("out")
	middle, step, from, low, high := TakeV(), TakeV(), Vs(width/8), Vs(width/8), Vs(width/8)
	At("loop")
	I("FMOVS", Mem{Base: scale}, middle)
	I("FMOVS", Mem{Base: scale, Disp: 4}, step)
	S4.Dup(middle, middle, 0)
	for c := range from {
		I("FMOVD", Mem{Base: lines, Disp: 8 * c}, from[c])
	}
	for c := range from {
		Widen8(from[c], from[c])
		Widen(low[c], from[c])
		WidenHigh(high[c], from[c])
		for _, v := range []V{low[c], high[c]} {
			S4.Float(v, v)
			S4.MulLane(v, v, step, 0)
			S4.Add(v, v, middle)
		}
		StorePair(low[c], high[c], out, 32*c)
	}
	I("ADD", 8, scale)
	I("ADD", width, lines)
	I("ADD", line, out)
	I("SUB", 1, rows)
	I("CBNZ", rows, "loop")
	I("RET")
}

// gaps sums the squared gaps of eight-dimensional boxes.
func gaps() {
	Text("gapsSIMD", "gapsPortable", "a, b *float32, m int, out *float32", "")
	a, b, m, out := Arg("a"), Arg("b"), Arg("m"), Arg("out")
	lo, hi, from, to, z := Vs(2), Vs(2), Vs(2), Vs(2), TakeV()
	LoadPair(lo[0], lo[1], a, 0)
	LoadPair(hi[0], hi[1], a, 32)
	Clear(z)
	At("loop")
	Comment("The gap of each axis: 0 or what parts the boxes.")
	LoadPair(from[0], from[1], b, 0)
	LoadPair(to[0], to[1], b, 32)
	for h := range lo {
		S4.Sub(from[h], from[h], hi[h])
		S4.Sub(to[h], lo[h], to[h])
		S4.Max(from[h], from[h], to[h])
		S4.Max(from[h], from[h], z)
		S4.Mul(from[h], from[h], from[h])
	}
	Comment("Eight squares add up.")
	S4.Add(from[0], from[0], from[1])
	S4.AddPairs(from[0], from[0], from[0])
	AddHalves(from[0], from[0])
	I("FMOVS", from[0], Mem{Base: out})
	I("ADD", 64, b)
	I("ADD", 4, out)
	I("SUB", 1, m)
	I("CBNZ", m, "loop")
	I("RET")
}

// distances takes four rows at a time; the sums of one row stay in two
// registers, a column in lane column%8.
func distances() {
	Text("distancesSIMD", "distancesPortable", "a, base *float32, vecs int, at *int32, fours int, out *float32", "")
	a, base, vecs, at, fours, out := Arg("a"), Arg("base"), Arg("vecs"), Arg("at"), Arg("fours"), Arg("out")
	stride, pa, left := Take(), Take(), Take()
	I("LSL", 5, vecs, stride)
	var rows [4]R
	var acc, t [4][]V
	for r := range rows {
		rows[r], acc[r], t[r] = Take(), Vs(2), Vs(2)
	}
	x := Vs(2)
	At("four")
	Comment("Four rows.")
	for r, p := range rows {
		I("MOVW", Mem{Base: at, Disp: 4 * r}, p)
		I("MADD", stride, base, p, p)
		Clear(acc[r]...)
	}
	I("MOVD", a, pa)
	I("MOVD", vecs, left)
	At("loop")
	Comment("Eight columns of each.")
	LoadPair(x[0], x[1], pa, 0)
	for r, p := range rows {
		LoadPair(t[r][0], t[r][1], p, 0)
	}
	for _, step := range []func(t, acc, x V){
		func(t, _, x V) { S4.Sub(t, x, t) },
		func(t, _, _ V) { S4.Mul(t, t, t) },
		func(t, acc, _ V) { S4.Add(acc, acc, t) },
	} {
		for r := range rows {
			for h := range x {
				step(t[r][h], acc[r][h], x[h])
			}
		}
	}
	I("ADD", 32, pa)
	for _, p := range rows {
		I("ADD", 32, p)
	}
	I("SUB", 1, left)
	I("CBNZ", left, "loop")
	Comment("Lanes l and l+4 add up.")
	for r := range rows {
		S4.Add(acc[r][0], acc[r][0], acc[r][1])
	}
	ab, cd := t[0], t[1]
	for i, z := range [][]V{ab, cd} {
		Comment(fmt.Sprintf("%[1]c0 %[2]c0 %[1]c1 %[2]c1, %[1]c2 %[2]c2 %[1]c3 %[2]c3, of which the halves add up", 'a'+2*i, 'b'+2*i))
		S4.Zip1(z[0], acc[2*i][0], acc[2*i+1][0])
		S4.Zip2(z[1], acc[2*i][0], acc[2*i+1][0])
		S4.Add(z[0], z[0], z[1])
	}
	Comment("a b c d")
	D2.Zip1(x[0], ab[0], cd[0])
	D2.Zip2(x[1], ab[0], cd[0])
	S4.Add(x[0], x[0], x[1])
	Store(x[0], out, 0)
	I("ADD", 16, at)
	I("ADD", 16, out)
	I("SUB", 1, fours)
	I("CBNZ", fours, "four")
	I("RET")
}

// project multiplies a centred row by 32 columns of a basis in float64.
func project() {
	Text("projectSIMD", "projectPortable", "x *float32, center, basis *float64, d int, out *float64", "")
	x, center, basis, d, out := Arg("x"), Arg("center"), Arg("basis"), Arg("d"), Arg("out")
	acc, row, v, c := Vs(16), Vs(4), TakeV(), TakeV()
	Clear(acc...)
	At("loop")
	Comment("An element less the centre, times its row of the basis.")
	I("FMOVS.P", Mem{Base: x, Disp: 4}, v)
	I("FMOVD.P", Mem{Base: center, Disp: 8}, c)
	I("FCVTSD", v, v)
	I("FSUBD", c, v, v)
	for i := 0; i < len(acc); i += 4 {
		LoadPair(row[0], row[1], basis, 16*i)
		LoadPair(row[2], row[3], basis, 16*i+32)
		for j := range row {
			D2.FmaLane(acc[i+j], row[j], v, 0)
		}
	}
	I("ADD", 256, basis)
	I("SUB", 1, d)
	I("CBNZ", d, "loop")
	Comment("32 coordinates.")
	for i := 0; i < len(acc); i += 2 {
		StorePair(acc[i], acc[i+1], out, 16*i)
	}
	I("RET")
}

// centers takes a row's distances to 32 centres, a centre in each lane.
func centers() {
	Text("centersSIMD", "centersPortable", "y, centers *float32, dims int, out *float32", "")
	y, centers, dims, out := Arg("y"), Arg("centers"), Arg("dims"), Arg("out")
	acc, t, v := Vs(8), Vs(8), TakeV()
	Clear(acc...)
	At("loop")
	Comment("An axis of the row, in all lanes, and of 32 centres.")
	S4.Everywhere(v, y)
	for i := 0; i < len(t); i += 2 {
		LoadPair(t[i], t[i+1], centers, 16*i)
	}
	for i := range t {
		S4.Sub(t[i], v, t[i])
	}
	for i := range t {
		S4.Mul(t[i], t[i], t[i])
	}
	for i := range t {
		S4.Add(acc[i], acc[i], t[i])
	}
	I("ADD", 128, centers)
	I("SUB", 1, dims)
	I("CBNZ", dims, "loop")
	for i := 0; i < len(acc); i += 2 {
		StorePair(acc[i], acc[i+1], out, 16*i)
	}
	I("RET")
}

// outside measures a row against 32 boxes, one in each lane.
func outside() {
	Text("outsideSIMD", "outsidePortable", "y, boxes *float32, dims int, out *float32", "")
	y, boxes, dims, out := Arg("y"), Arg("boxes"), Arg("dims"), Arg("out")
	acc, t, u, v, zero := Vs(8), Vs(8), Vs(8), TakeV(), TakeV()
	Clear(acc...)
	Clear(zero)
	At("loop")
	Comment("How far an axis of the row is below the lower bounds, or above the upper.")
	S4.Everywhere(v, y)
	for i := 0; i < len(t); i += 2 {
		LoadPair(t[i], t[i+1], boxes, 16*i)
		LoadPair(u[i], u[i+1], boxes, 128+16*i)
	}
	for i := range t {
		S4.Sub(t[i], v, t[i])
		S4.Sub(u[i], v, u[i])
		S4.Min(t[i], t[i], zero)
		S4.Max(u[i], u[i], zero)
		S4.Add(t[i], t[i], u[i])
		S4.Mul(t[i], t[i], t[i])
		S4.Add(acc[i], acc[i], t[i])
	}
	I("ADD", 256, boxes)
	I("SUB", 1, dims)
	I("CBNZ", dims, "loop")
	for i := 0; i < len(acc); i += 2 {
		StorePair(acc[i], acc[i+1], out, 16*i)
	}
	I("RET")
}

// ranks counts for 32 places at a time, a place in each lane.
func ranks() {
	Text("ranksSIMD", "ranksPortable, of spans of 32 places", "v *float32, n int, spans int, rank *int32", "")
	v, n, spans, rank := Arg("v"), Arg("n"), Arg("spans"), Arg("rank")
	from, p, left := Take(), Take(), Take()
	own, count, t, x := Vs(8), Vs(8), Vs(8), TakeV()
	I("MOVD", v, from)
	At("span")
	for i := 0; i < len(own); i += 2 {
		LoadPair(own[i], own[i+1], v, 16*i)
	}
	Clear(count...)
	I("MOVD", from, p)
	I("MOVD", n, left)
	At("loop")
	Comment("A value that is less counts: its mask is -1.")
	S4.Everywhere(x, p)
	for i := range own {
		S4.Greater(t[i], own[i], x)
	}
	for i := range own {
		S4.SubInt(count[i], count[i], t[i])
	}
	I("SUB", 1, left)
	I("CBNZ", left, "loop")
	for i := 0; i < len(count); i += 2 {
		StorePair(count[i], count[i+1], rank, 16*i)
	}
	I("ADD", 128, v)
	I("ADD", 128, rank)
	I("SUB", 1, spans)
	I("CBNZ", spans, "span")
	I("RET")
}
