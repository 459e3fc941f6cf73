// Command sparse writes the NEON kernels of package sparse.
package main

import (
	"fmt"

	. "github.com/libtsne/libtsne/tsne/internal/asm/neon"
)

// lanes is the number of chains that entries are dealt to.
const lanes = 4

func main() {
	gather(8)
	gather(12)
	scatter(12)
	narrow()
	Write("sparse")
}

type entries struct {
	col, val, n, q, row, size R
}

func load(width int) entries {
	a := entries{Arg("col"), Arg("val"), Arg("n"), Arg("q"), Take(), Take()}
	I("MOVD", 8*width, a.size)
	return a
}

// next gives the value of the next entry in the lowest lane, and the row of q
// that it belongs to in a.row.
func (a entries) next(v V) {
	I("MOVW.P", Mem{Base: a.col, Disp: 4}, a.row)
	I("FMOVS.P", Mem{Base: a.val, Disp: 4}, v)
	I("MADD", a.size, a.q, a.row, a.row)
	I("FCVTSD", v, v)
}

func gather(width int) {
	Text(fmt.Sprintf("gather%dSIMD", width), fmt.Sprintf("gather of %d columns", width),
		"col *int32, val *float32, n int, q, out *float64", "")
	a := load(width)
	Comment("Entry e goes to sum e%4.")
	var s [lanes][]V
	for e := range s {
		s[e] = Vs(width / 2)
		Clear(s[e]...)
	}
	v, t := TakeV(), Vs(2)
	At("entries")
	Comment("Entries one after the other, until none is left.")
	for e := range s {
		I("CBZ", a.n, "sum")
		a.next(v)
		for h := 0; h < len(s[e]); h += 2 {
			LoadPair(t[0], t[1], a.row, 16*h)
			D2.FmaLane(s[e][h], t[0], v, 0)
			D2.FmaLane(s[e][h+1], t[1], v, 0)
		}
		I("SUB", 1, a.n)
	}
	I("JMP", "entries")
	At("sum")
	Comment("(0 + 1) + (2 + 3)")
	out := Arg("out")
	for h := range s[0] {
		D2.Add(s[0][h], s[0][h], s[1][h])
		D2.Add(s[2][h], s[2][h], s[3][h])
		D2.Add(s[0][h], s[0][h], s[2][h])
		Store(s[0][h], out, 16*h)
	}
	I("RET")
}

func scatter(width int) {
	Text(fmt.Sprintf("scatter%dSIMD", width), fmt.Sprintf("scatter of %d columns", width),
		"col *int32, val *float32, n int, q, t *float64", "")
	a := load(width)
	Comment("The row that is added stays in registers.")
	from := Arg("t")
	t, sum, v := Vs(width/2), Vs(width/2), TakeV()
	for h := range t {
		Load(t[h], from, 16*h)
	}
	At("entry")
	a.next(v)
	Comment("That row gains the value times t.")
	for h := 0; h < len(sum); h += 2 {
		LoadPair(sum[h], sum[h+1], a.row, 16*h)
	}
	for h := range sum {
		D2.FmaLane(sum[h], t[h], v, 0)
	}
	for h := 0; h < len(sum); h += 2 {
		StorePair(sum[h], sum[h+1], a.row, 16*h)
	}
	I("SUB", 1, a.n)
	I("CBNZ", a.n, "entry")
	I("RET")
}

// narrow has a row of q in eight registers: the products of an entry are rounded and
// added, each to a sum of its own.
func narrow() {
	Text("gather32SIMD", "gather of 32 float32 columns", "col *int32, val *float32, n int, q, out *float32", "")
	col, val, n, q, row, size := Arg("col"), Arg("val"), Arg("n"), Arg("q"), Take(), Take()
	I("MOVD", 128, size)
	sum, x, v := Vs(8), Vs(8), TakeV()
	Clear(sum...)
	At("entry")
	Comment("An entry: its row of q, and its value in the lowest lane.")
	I("MOVW.P", Mem{Base: col, Disp: 4}, row)
	I("FMOVS.P", Mem{Base: val, Disp: 4}, v)
	I("MADD", size, q, row, row)
	for h := 0; h < len(x); h += 2 {
		LoadPair(x[h], x[h+1], row, 16*h)
	}
	for h := range x {
		S4.MulLane(x[h], x[h], v, 0)
	}
	for h := range x {
		S4.Add(sum[h], sum[h], x[h])
	}
	I("SUB", 1, n)
	I("CBNZ", n, "entry")
	out := Arg("out")
	for h := 0; h < len(sum); h += 2 {
		StorePair(sum[h], sum[h+1], out, 16*h)
	}
	I("RET")
}
