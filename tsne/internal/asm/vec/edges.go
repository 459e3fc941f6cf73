package main

import (
	"math/bits"
	"sync"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// tailMask holds 8 words of ones and 8 of zeros: read at 4*(8-rest), it selects
// the first rest of 8 floats.
func tailMask() Mem {
	m := GLOBL("tailMask", RODATA|NOPTR)
	for i := range 16 {
		v := uint32(0xffffffff)
		if i >= 8 {
			v = 0
		}
		DATA(4*i, U32(v))
	}
	return m
}

// edges walks rows lo to hi of the matrix in blocks of 8 entries. start runs at
// the head of a row, block for each 8 with their columns in memory and their
// values in a register, end after the last block of a row. What is over in a row's last block are entries of the next
// rows, in whose place come the row itself and value 0, which add nothing to a sum.
type edges struct {
	dims   int
	form   form
	y, row Register
	mask   Mem
	within VecVirtual // of a last block: which entries are the row's
}

// A form is how entries lie in memory.
type form int

const (
	plain  form = iota
	short       // values of 16 bits
	packed      // which of two values in the columns' sign bits
)

// at is the first coordinate of point i, behind base.
func (g *edges) at(base, i Register) Mem {
	switch g.dims {
	case 1:
		return Mem{Base: base, Index: i, Scale: 4}
	case 2:
		return Mem{Base: base, Index: i, Scale: 8}
	}
	i3 := GP64()
	LEAQ(Mem{Base: i, Index: i, Scale: 2}, i3)
	return Mem{Base: base, Index: i3, Scale: 4}
}

// self broadcasts the coordinates of the row's own point.
func (g *edges) self(x []VecVirtual) {
	at := g.at(g.y, g.row)
	for d := range x {
		VBROADCASTSS(at.Offset(4*d), x[d])
	}
}

func (g *edges) walk(start func(), block func(cols Mem, val VecVirtual), end func()) {
	g.y = Load(Param("y"), GP64())
	ptr := Load(Param("ptr"), GP64())
	col := Load(Param("col"), GP64())
	values := g.values(col)
	row := Load(Param("lo"), GP64())
	g.row = row
	hi := Load(Param("hi"), GP64())
	Comment("Entries begin with row lo.")
	begin := GP64()
	MOVQ(Mem{Base: ptr, Index: row, Scale: 8}, begin)
	values.from(begin)
	SHLQ(U8(2), begin)
	SUBQ(begin, col)
	maskAt := GP64()
	LEAQ(g.mask, maskAt)
	stop := GP64()
	MOVQ(Mem{Base: ptr, Index: hi, Scale: 8}, stop)

	Label("row")
	start()
	Comment("The entries of the row, eight at a time.")
	e, rest := GP64(), GP64()
	MOVQ(Mem{Base: ptr, Index: row, Scale: 8}, e)
	MOVQ(Mem{Base: ptr, Index: row, Scale: 8, Disp: 8}, rest)
	SUBQ(e, rest)
	JZ(LabelRef("end"))
	SUBQ(U8(8), rest)
	JLE(LabelRef("tail"))
	Label("block")
	values.fetch(e)
	fetch(col, e, 4)
	block(Mem{Base: col, Index: e, Scale: 4}, values.load(e))
	ADDQ(U8(8), e)
	SUBQ(U8(8), rest)
	JG(LabelRef("block"))
	Label("tail")
	Comment("The last one to eight.")
	NEGQ(rest)
	m := YMM()
	VMOVDQU(Mem{Base: maskAt, Index: rest, Scale: 4}, m)
	if g.form == plain {
		past := GP64()
		LEAQ(Mem{Base: e, Disp: 8}, past)
		CMPQ(past, stop)
		JG(LabelRef("last"))
	}
	v := values.load(e)
	VANDPS(m, v, v)
	g.within = m
	block(Mem{Base: col, Index: e, Scale: 4}, v)
	g.within = nil
	if g.form == plain {
		JMP(LabelRef("end"))
		Label("last")
		Comment("No rows come after them.")
		cols := AllocLocal(32)
		c, self := YMM(), YMM()
		VPMASKMOVD(Mem{Base: col, Index: e, Scale: 4}, m, c)
		VMOVD(row.(GPVirtual).As32(), self.AsX())
		VPBROADCASTD(self.AsX(), self)
		VPBLENDVB(m, c, self, c)
		VMOVDQU(c, cols)
		v = YMM()
		VMASKMOVPS(Mem{Base: values.base, Index: e, Scale: 4}, m, v)
		block(cols, v)
	}
	Label("end")
	end()
	INCQ(row)
	CMPQ(row, hi)
	JLT(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// values are those of the entries.
type values struct {
	form   form
	base   Register
	size   uint8      // bytes of one; 0: they stand in the columns
	first  VecVirtual // the level of a clear sign bit, or the base of short ones
	second VecVirtual
}

func (g *edges) values(col Register) values {
	v := values{form: g.form}
	switch g.form {
	case plain:
		v.base, v.size = Load(Param("val"), GP64()), 4
	case short:
		v.base, v.size, v.first = Load(Param("short"), GP64()), 2, YMM()
		VMOVD(Load(Param("base"), GP32()), v.first.AsX())
		VPBROADCASTD(v.first.AsX(), v.first)
	case packed:
		levels := Load(Param("levels"), GP64())
		v.base, v.first, v.second = col, YMM(), YMM()
		VBROADCASTSS(Mem{Base: levels}, v.first)
		VBROADCASTSS(Mem{Base: levels, Disp: 4}, v.second)
	}
	return v
}

// from makes entry numbers count from begin, which is left as it is.
func (v *values) from(begin Register) {
	if v.size > 0 {
		bytes := GP64()
		MOVQ(begin, bytes)
		SHLQ(U8(bits.TrailingZeros8(v.size)), bytes)
		SUBQ(bytes, v.base)
	}
}

func (v *values) fetch(e Register) {
	if v.size > 0 {
		fetch(v.base, e, v.size)
	}
}

func (v *values) load(e Register) VecVirtual {
	val := YMM()
	switch v.form {
	case plain:
		VMOVUPS(Mem{Base: v.base, Index: e, Scale: 4}, val)
	case short:
		widened(Mem{Base: v.base, Index: e, Scale: 2}, v.first, val)
	case packed:
		VMOVDQU(Mem{Base: v.base, Index: e, Scale: 4}, val)
		VBLENDVPS(val, v.second, v.first, val)
	}
	return val
}

// ahead is by how many bytes what is read once, in order, is asked for before it is read: left to themselves
// processors look no further than a page, and less far beside loads from all over.
const ahead = 3072

func fetch(base, i Register, size uint8) {
	PREFETCHT0(Mem{Base: base, Index: i, Scale: size, Disp: ahead})
}

// points loads the points of 8 columns and parts them: vector d holds their
// coordinates d, in order.
func (g *edges) points(cols Mem) []VecVirtual {
	x := g.loaded(cols)
	if g.within == nil {
		return x
	}
	Comment("The row itself in the place of others' entries.")
	at := g.at(g.y, g.row)
	for d := range x {
		self := YMM()
		VBROADCASTSS(at.Offset(4*d), self)
		VBLENDVPS(g.within, x[d], self, x[d])
	}
	return x
}

func (g *edges) loaded(cols Mem) []VecVirtual {
	point := func(i int) Mem {
		k := GP64()
		if g.form == packed { // without its sign, and twice over
			MOVL(cols.Offset(4*i), k.As32())
			ADDL(k.As32(), k.As32())
			return Mem{Base: g.y, Index: k, Scale: 4}
		}
		MOVLQSX(cols.Offset(4*i), k)
		return g.at(g.y, k)
	}
	join := func(lo, hi VecVirtual) VecVirtual {
		q := YMM()
		VINSERTF128(U8(1), hi, lo.AsY(), q)
		return q
	}
	singles := func(i, disp int) VecVirtual {
		p := XMM()
		VMOVSS(point(i).Offset(disp), p)
		for e := 1; e < 4; e++ {
			VINSERTPS(U8(e<<4), point(i+e).Offset(disp), p, p)
		}
		return p
	}
	Comment("The points of eight columns, parted into their coordinates.")
	if g.dims == 1 {
		return []VecVirtual{join(singles(0, 0), singles(4, 0))}
	}
	pair := func(i int) VecVirtual {
		p := XMM()
		VMOVSD(point(i), p)
		VMOVHPS(point(i+1), p, p)
		return p
	}
	a := join(pair(0), pair(4))
	b := join(pair(2), pair(6))
	x, z := YMM(), YMM()
	VSHUFPS(U8(0x88), b, a, x)
	VSHUFPS(U8(0xdd), b, a, z)
	if g.dims == 2 {
		return []VecVirtual{x, z}
	}
	return []VecVirtual{x, z, join(singles(0, 8), singles(4, 8))}
}

func vectors(n int) []VecVirtual {
	v := make([]VecVirtual, n)
	for i := range v {
		v[i] = YMM()
	}
	return v
}

var mask = sync.OnceValue(tailMask)
