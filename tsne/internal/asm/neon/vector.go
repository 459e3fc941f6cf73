package neon

import (
	"fmt"
	"log"
)

// Shape is how a vector register is cut: four 32-bit lanes, two of 64, or the
// lower two of 32.
type Shape int

const (
	S4 Shape = iota
	D2
	S2
)

func (s Shape) String() string { return [...]string{"4s", "2d", "2s"}[s] }

// name is a register as objdump has it.
func (s Shape) name(v V) string { return fmt.Sprintf("v%d.%v", v, s) }

// size are the bits of the shape in an instruction on floats.
func (s Shape) float() uint32 { return [...]uint32{1 << 30, 1<<30 | 1<<22, 0}[s] }

// integer are those in one on integers, or on lanes whatever they hold.
func (s Shape) integer() uint32 { return [...]uint32{1<<30 | 2<<22, 1<<30 | 3<<22, 2 << 22}[s] }

func word(code uint32, text string, operands ...any) {
	fmt.Fprintf(&out, "\tWORD\t$0x%08x // %s\n", code, fmt.Sprintf(text, operands...))
}

func (s Shape) three(code uint32, name string, d, n, m V) {
	word(code|uint32(m)<<16|uint32(n)<<5|uint32(d), "%s %s, %s, %s", name, s.name(d), s.name(n), s.name(m))
}

func (s Shape) two(code uint32, name string, d, n V) {
	word(code|uint32(n)<<5|uint32(d), "%s %s, %s", name, s.name(d), s.name(n))
}

// Add is d = n + m, lane by lane; the others are what their names say.
func (s Shape) Add(d, n, m V) { s.three(0x0e20d400|s.float(), "fadd", d, n, m) }

// Sub is d = n - m.
func (s Shape) Sub(d, n, m V) { s.three(0x0ea0d400|s.float(), "fsub", d, n, m) }

// Mul is d = n·m.
func (s Shape) Mul(d, n, m V) { s.three(0x2e20dc00|s.float(), "fmul", d, n, m) }

// Div is d = n/m.
func (s Shape) Div(d, n, m V) { s.three(0x2e20fc00|s.float(), "fdiv", d, n, m) }

// Max is d = max(n, m), NaN if one is.
func (s Shape) Max(d, n, m V) { s.three(0x0e20f400|s.float(), "fmax", d, n, m) }

// Min is d = min(n, m), NaN if one is.
func (s Shape) Min(d, n, m V) { s.three(0x0ea0f400|s.float(), "fmin", d, n, m) }

// MaxNumber is Max that prefers a number to NaN.
func (s Shape) MaxNumber(d, n, m V) { s.three(0x0e20c400|s.float(), "fmaxnm", d, n, m) }

// MinNumber is the least, and prefers a number to NaN.
func (s Shape) MinNumber(d, n, m V) { s.three(0x0ea0c400|s.float(), "fminnm", d, n, m) }

// Distance is d = |n - m|.
func (s Shape) Distance(d, n, m V) { s.three(0x2ea0d400|s.float(), "fabd", d, n, m) }

// Fma is d += n·m, rounded once.
func (s Shape) Fma(d, n, m V) { s.three(0x0e20cc00|s.float(), "fmla", d, n, m) }

// Fms is d -= n·m, rounded once.
func (s Shape) Fms(d, n, m V) { s.three(0x0ea0cc00|s.float(), "fmls", d, n, m) }

// AddPairs is d = n0+n1, ..., m0+m1, ...
func (s Shape) AddPairs(d, n, m V) { s.three(0x2e20d400|s.float(), "faddp", d, n, m) }

// Greater is all bits of a lane where n > m, or none.
func (s Shape) Greater(d, n, m V) { s.three(0x2ea0e400|s.float(), "fcmgt", d, n, m) }

// NotLess is all bits of a lane where n >= m.
func (s Shape) NotLess(d, n, m V) { s.three(0x2e20e400|s.float(), "fcmge", d, n, m) }

// Equal is all bits of a lane where n == m.
func (s Shape) Equal(d, n, m V) { s.three(0x0e20e400|s.float(), "fcmeq", d, n, m) }

// Neg is d = -n.
func (s Shape) Neg(d, n V) { s.two(0x2ea0f800|s.float(), "fneg", d, n) }

// Sqrt is the root.
func (s Shape) Sqrt(d, n V) { s.two(0x2ea1f800|s.float(), "fsqrt", d, n) }

// Truncate gives integers.
func (s Shape) Truncate(d, n V) { s.two(0x0ea1b800|s.float(), "fcvtzs", d, n) }

// Float makes floats of integers.
func (s Shape) Float(d, n V) { s.two(0x0e21d800|s.float(), "scvtf", d, n) }

// AddInt and SubInt are on integers.
func (s Shape) AddInt(d, n, m V) { s.three(0x0e208400|s.integer(), "add", d, n, m) }

// SubInt is d = n - m of integers.
func (s Shape) SubInt(d, n, m V) { s.three(0x2e208400|s.integer(), "sub", d, n, m) }

// GreaterInt is all bits of a lane where n > m, of integers with sign.
func (s Shape) GreaterInt(d, n, m V) { s.three(0x0e203400|s.integer(), "cmgt", d, n, m) }

// Zip1 takes the lower lanes of n and m in turn, Zip2 the upper, Even every other
// lane of n and then of m from the first on, Odd from the second.
func (s Shape) Zip1(d, n, m V) { s.three(0x0e003800|s.integer(), "zip1", d, n, m) }

// Zip2 takes the upper lanes in turn.
func (s Shape) Zip2(d, n, m V) { s.three(0x0e007800|s.integer(), "zip2", d, n, m) }

// Even takes lanes 0, 2, ... of n, then of m.
func (s Shape) Even(d, n, m V) { s.three(0x0e001800|s.integer(), "uzp1", d, n, m) }

// Odd takes lanes 1, 3, ... of n, then of m.
func (s Shape) Odd(d, n, m V) { s.three(0x0e005800|s.integer(), "uzp2", d, n, m) }

func (s Shape) bits() int { return [...]int{32, 64, 32}[s] }

func (s Shape) shift(code uint32, name string, d, n V, field, by int) {
	q := s.float() & (1 << 30)
	word(code|q|uint32(field)<<16|uint32(n)<<5|uint32(d), "%s %s, %s, #%d", name, s.name(d), s.name(n), by)
}

// Left shifts the bits of a lane up, Right down with the sign, Logical without.
func (s Shape) Left(d, n V, by int) { s.shift(0x0f005400, "shl", d, n, s.bits()+by, by) }

// Right shifts down and keeps the sign.
func (s Shape) Right(d, n V, by int) { s.shift(0x0f000400, "sshr", d, n, 2*s.bits()-by, by) }

// lane gives the bits that name lane i of m, and the name.
func (s Shape) lane(m V, i int) (code uint32, name string) {
	if s == D2 {
		return uint32(i)<<11 | uint32(m)<<16, fmt.Sprintf("v%d.d[%d]", m, i)
	}
	return uint32(i>>1)<<11 | uint32(i&1)<<21 | uint32(m)<<16, fmt.Sprintf("v%d.s[%d]", m, i)
}

func (s Shape) byLane(code uint32, op string, d, n, m V, i int) {
	l, name := s.lane(m, i)
	word(code|s.float()|l|uint32(n)<<5|uint32(d), "%s %s, %s, %s", op, s.name(d), s.name(n), name)
}

// MulLane is d = n times lane i of m.
func (s Shape) MulLane(d, n, m V, i int) { s.byLane(0x0f809000, "fmul", d, n, m, i) }

// FmaLane is d += n times lane i of m, rounded once.
func (s Shape) FmaLane(d, n, m V, i int) { s.byLane(0x0f801000, "fmla", d, n, m, i) }

// Dup is lane i of n in all lanes.
func (s Shape) Dup(d, n V, i int) {
	code, kind := uint32(i)<<19|4<<16, 's'
	if s == D2 {
		code, kind = uint32(i)<<20|8<<16, 'd'
	}
	word(0x0e000400|s.float()&(1<<30)|code|uint32(n)<<5|uint32(d), "dup %s, v%d.%c[%d]", s.name(d), n, kind, i)
}

// DupR is a general register in all lanes.
func (s Shape) DupR(d V, r R) {
	code, kind := uint32(4<<16), 'w'
	if s == D2 {
		code, kind = 8<<16, 'x'
	}
	word(0x0e000c00|s.float()&(1<<30)|code|uint32(r)<<5|uint32(d), "dup %s, %c%d", s.name(d), kind, int(r))
}

// Insert puts lane j of n into lane i of d.
func (s Shape) Insert(d V, i int, n V, j int) {
	if s == D2 {
		word(0x6e000400|uint32(i)<<20|8<<16|uint32(j)<<14|uint32(n)<<5|uint32(d), "mov v%d.d[%d], v%d.d[%d]", d, i, n, j)
		return
	}
	word(0x6e000400|uint32(i)<<19|4<<16|uint32(j)<<13|uint32(n)<<5|uint32(d), "mov v%d.s[%d], v%d.s[%d]", d, i, n, j)
}

// One is 1 in all lanes.
func (s Shape) One(d V) {
	code := uint32(0x0f00f400)
	if s == D2 {
		code |= 1 << 29
	}
	word(code|s.float()&(1<<30)|3<<16|16<<5|uint32(d), "fmov %s, #1.000000000000000000e+00", s.name(d))
}

// Double makes float64 of the lower two float32, DoubleHigh of the upper.
func Double(d, n V) { word(0x0e617800|uint32(n)<<5|uint32(d), "fcvtl v%d.2d, v%d.2s", d, n) }

// DoubleHigh makes float64 of the upper two float32.
func DoubleHigh(d, n V) { word(0x4e617800|uint32(n)<<5|uint32(d), "fcvtl2 v%d.2d, v%d.4s", d, n) }

// Widen and WidenHigh make 32 bits of the low and the high four numbers of 16.
func Widen(d, n V) { word(0x0f10a400|uint32(n)<<5|uint32(d), "sxtl v%d.4s, v%d.4h", d, n) }

func WidenHigh(d, n V) { word(0x4f10a400|uint32(n)<<5|uint32(d), "sxtl2 v%d.4s, v%d.8h", d, n) }

// Widen8 makes 16 bits of the low eight numbers of 8.
func Widen8(d, n V) { word(0x0f08a400|uint32(n)<<5|uint32(d), "sxtl v%d.8h, v%d.8b", d, n) }

// Clear is no bit.
func Clear(v ...V) {
	for _, d := range v {
		word(0x4f000400|uint32(d), "movi v%d.4s, #0x0", d)
	}
}

func bytes16(code uint32, name string, d, n, m V) {
	word(code|uint32(m)<<16|uint32(n)<<5|uint32(d), "%s v%d.16b, v%d.16b, v%d.16b", name, d, n, m)
}

// And and the others are on all 128 bits.
func And(d, n, m V) { bytes16(0x4e201c00, "and", d, n, m) }

// Or is of bits.
func Or(d, n, m V) {
	if n == m {
		log.Panic("Or of one register is Move")
	}
	bytes16(0x4ea01c00, "orr", d, n, m)
}

// AndNot is n without the bits of m.
func AndNot(d, n, m V) { bytes16(0x4e601c00, "bic", d, n, m) }

// Xor is of bits.
func Xor(d, n, m V) { bytes16(0x6e201c00, "eor", d, n, m) }

// Choose takes into d, whose bits choose, the bits of n where it has one and of m
// elsewhere.
func Choose(d, n, m V) { bytes16(0x6e601c00, "bsl", d, n, m) }

// Move is d = n.
func Move(d, n V) {
	word(0x4ea01c00|uint32(n)<<16|uint32(n)<<5|uint32(d), "mov v%d.16b, v%d.16b", d, n)
}

// Shifted takes 16 bytes of n and m behind it from byte at on.
func Shifted(d, n, m V, at int) {
	word(0x6e000000|uint32(m)<<16|uint32(at)<<11|uint32(n)<<5|uint32(d), "ext v%d.16b, v%d.16b, v%d.16b, #%d", d, n, m, at)
}

// Sum adds four integers into the lowest lane; Most is the largest, without sign.
func Sum(d, n V) { word(0x4eb1b800|uint32(n)<<5|uint32(d), "addv s%d, v%d.4s", d, n) }

// Most is the largest of four integers without sign.
func Most(d, n V) { word(0x6eb0a800|uint32(n)<<5|uint32(d), "umaxv s%d, v%d.4s", d, n) }

// AddHalves is d = n0 + n1 of two float32, in the lowest lane.
func AddHalves(d, n V) { word(0x7e30d800|uint32(n)<<5|uint32(d), "faddp s%d, v%d.2s", d, n) }

// Everywhere loads a lane into all, and moves the address behind it.
func (s Shape) Everywhere(d V, base R) {
	size, code := 4, uint32(2<<10)
	if s == D2 {
		size, code = 8, 3<<10
	}
	word(0x4ddfc000|code|uint32(base)<<5|uint32(d), "ld1r {v%d.%v}, [x%d], #%d", d, s, int(base), size)
}

// LoadLane loads lane i of d, and leaves the others.
func (s Shape) LoadLane(d V, i int, base R) {
	if s == D2 {
		word(0x0d408400|uint32(i)<<30|uint32(base)<<5|uint32(d), "ld1 {v%d.d}[%d], [x%d]", d, i, int(base))
		return
	}
	word(0x0d408000|uint32(i>>1)<<30|uint32(i&1)<<12|uint32(base)<<5|uint32(d), "ld1 {v%d.s}[%d], [x%d]", d, i, int(base))
}

// LoadApart loads 16 floats, every fourth into a register, and moves the address
// behind them; the registers follow each other. StoreTogether is the inverse.
func LoadApart(v []V, base R) { four(0x4cdf0800, "ld4", v, base) }

// StoreTogether is the inverse of LoadApart.
func StoreTogether(v []V, base R) { four(0x4c9f0800, "st4", v, base) }

func four(code uint32, name string, v []V, base R) {
	for i := range v {
		if len(v) != 4 || v[i] != v[0]+V(i) {
			log.Panic("four registers in a row are wanted")
		}
	}
	word(code|uint32(base)<<5|uint32(v[0]), "%s {v%d.4s-v%d.4s}, [x%d], #64", name, v[0], v[3], int(base))
}

// Lookup takes byte i of n for each byte i of m.
func Lookup(d, n, m V) {
	word(0x4e000000|uint32(m)<<16|uint32(n)<<5|uint32(d), "tbl v%d.16b, {v%d.16b}, v%d.16b", d, n, m)
}
