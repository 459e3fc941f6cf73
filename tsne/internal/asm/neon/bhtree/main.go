// Command bhtree writes the NEON kernel of package bhtree.
package main

import . "github.com/libtsne/libtsne/tsne/internal/asm/neon"

// Where a block of 256 bytes has what.
const (
	x     = 32 * iota
	y     // centres of mass
	z     //
	width // sides
	lo    // points
	hi    //
	child // blocks of the cells
	inner // bits of the cells that are divided; leaf behind it
)

func main() {
	// For each set of four lanes the bytes of those that are in it, one lane
	// after the other, and how many bytes these are.
	var squeeze []uint32
	for set := range uint32(16) {
		var e []uint32
		for lane := range uint32(4) {
			if set>>lane&1 == 1 {
				e = append(e, 0x03020100+0x04040404*lane)
			}
		}
		n := uint32(len(e))
		squeeze = append(append(squeeze, append(e, make([]uint32, 4-n)...)...), 4*n, 0, 0, 0)
	}
	Table("squeeze", squeeze...)
	Table("lane", 0, 1, 2, 3, 4, 5, 6, 7)
	Table("bit", 1, 2, 4, 8, 16, 32, 64, 128)
	sortOut()
	Write("bhtree")
}

// sortOut looks at a block of eight cells, four to a vector, and squeezes the
// lanes of each list that it appends to.
func sortOut() {
	Text("sortOutSIMD", "sortOut", "blocks, s *float32, queue, near, far *int32, n *int", "")
	blocks, s, queue, near, far := Arg("blocks"), Arg("s"), Arg("queue"), Arg("near"), Arg("far")
	Comment("What is seen from: a middle, a radius, 1/theta and the points that are targets.")
	var mid [3]V
	for a := range mid {
		mid[a] = TakeV()
		S4.Everywhere(mid[a], s)
	}
	radius, open, from, to := TakeV(), TakeV(), TakeV(), TakeV()
	for _, v := range []V{radius, open, from, to} {
		S4.Everywhere(v, s)
	}
	table, constants := Address("squeeze"), Address("lane")
	lane, bit := Vs(2), Vs(2)
	LoadPair(lane[0], lane[1], constants, 0)
	constants = Address("bit")
	LoadPair(bit[0], bit[1], constants, 0)
	first := []R{queue, near, far}
	var end [3]R
	for i := range end {
		end[i] = Take()
		I("MOVD", first[i], end[i])
	}
	next, id, b, mask, in, leaf, set := Take(), Take(), Take(), Take(), Take(), Take(), Take()
	I("MOVD", queue, next)
	I("ADD", 4, end[0])
	v, d2, t, cells, children, places := Vs(2), Vs(2), Vs(2), Vs(2), Vs(2), TakeV()

	At("block")
	I("MOVWU.P", Mem{Base: next, Disp: 4}, id)
	I("ADD", id.Shifted(8), blocks, b)
	Comment("Squared distances to the centres of mass.")
	for a := range mid {
		LoadPair(v[0], v[1], b, x+32*a)
		for h := range v {
			S4.Sub(v[h], v[h], mid[a])
			S4.Mul(v[h], v[h], v[h])
			if a > 0 {
				S4.Add(v[h], d2[h], v[h])
			}
			Move(d2[h], v[h])
		}
	}
	Comment("Far is a cell whose squared distance is more than that of its reach, and which holds no target.")
	LoadPair(v[0], v[1], b, width)
	for h := range v {
		S4.Mul(v[h], v[h], open)
		S4.Add(v[h], v[h], radius)
		S4.Mul(v[h], v[h], v[h])
		S4.Greater(d2[h], d2[h], v[h])
	}
	LoadPair(v[0], v[1], b, lo)
	LoadPair(t[0], t[1], b, hi)
	for h := range v {
		S4.GreaterInt(v[h], to, v[h])
		S4.GreaterInt(t[h], t[h], from)
		And(v[h], v[h], t[h])
		AndNot(d2[h], d2[h], v[h])
		And(d2[h], d2[h], bit[h])
	}
	Or(d2[0], d2[0], d2[1])
	Sum(d2[0], d2[0])
	I("FMOVS", d2[0], mask)
	I("LDPW", Mem{Base: b, Disp: inner}, Pair{A: in, B: leaf})
	Comment("Cells are numbered block*8 + lane.")
	I("LSL", 3, id)
	S4.DupR(cells[0], id)
	S4.AddInt(cells[1], cells[0], lane[1])
	S4.AddInt(cells[0], cells[0], lane[0])
	LoadPair(children[0], children[1], b, child)
	Comment("Divided and not far: the block to look at. A leaf and not far: near. Else far.")
	either, lists := Take(), [3]R{in, leaf, mask}
	I("ORR", leaf, in, either)
	I("BIC", mask, in)
	I("BIC", mask, leaf)
	I("AND", either, mask)
	for i, list := range lists {
		what := cells
		if i == 0 {
			what = children
		}
		for h := range what {
			if h == 0 {
				I("AND", 15, list, set)
			} else {
				I("UBFX", 4, list, 4, set)
			}
			I("ADD", set.Shifted(5), table, set)
			Load(places, set, 0)
			I("MOVWU", Mem{Base: set, Disp: 16}, set)
			Lookup(places, what[h], places)
			Store(places, end[i], 0)
			I("ADD", set, end[i])
		}
	}
	I("CMP", end[0], next)
	I("BLO", "block")
	Comment("The lengths of the lists.")
	n := Arg("n")
	for i := range end {
		I("SUB", first[i], end[i])
		I("LSR", 2, end[i])
		I("MOVD", end[i], Mem{Base: n, Disp: 8 * i})
	}
	I("RET")
}
