// Package neon writes arm64 assembly for Go.
//
// Go's assembler knows loads, stores, branches and integers, and few of the
// vector instructions that take floats. Those are encoded here and written as
// words, each with its name as objdump has it in a comment: scripts/neon.sh
// holds the words of every file to the comments.
//
// A generator calls Text, takes arguments by Arg and registers by R and V, which
// it gives back by Free where it needs more than there are, and ends with Write.
package neon

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"log"
	"os"
	"strings"
)

// R is a general register, V a vector one.
type (
	R int
	V int
)

func (r R) String() string { return fmt.Sprintf("R%d", int(r)) }

// String is what Go's own instructions call it.
func (v V) String() string { return fmt.Sprintf("F%d", int(v)) }

// Mem is an operand in memory, Label a place to go to.
type (
	Mem struct {
		Base R
		Disp int
	}
	// Indexed is at Base + Index<<Shift.
	Indexed struct {
		Base, Index R
		Shift       int
	}
	// Pair is two registers next to each other in memory.
	Pair  struct{ A, B R }
	Label string
)

func (p Pair) String() string { return fmt.Sprintf("(%v, %v)", p.A, p.B) }

// Shifted is an operand, r<<by.
func (r R) Shifted(by int) string { return fmt.Sprintf("%v<<%d", r, by) }

func (m Mem) String() string { return fmt.Sprintf("%d(%v)", m.Disp, m.Base) }

func (m Indexed) String() string { return fmt.Sprintf("(%v)(%v<<%d)", m.Base, m.Index, m.Shift) }

var (
	out, stubs, data bytes.Buffer
	freeR            []R
	freeV            []V
	args             map[string]arg
	labels           int
)

type arg struct {
	offset int
	typ    string
}

// general are the registers that are nobody else's: R16 and R17 are the linker's
// between functions, R18 the system's, R26 on Go's.
var general = []R{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21, 22, 23, 24, 25}

// Text begins the function name, which is like its portable twin. Its parameters
// are as in Go; result may be empty.
func Text(name, like, parameters, result string) {
	freeR, freeV = append([]R(nil), general...), nil
	for v := range V(32) {
		freeV = append(freeV, v)
	}
	args = map[string]arg{}
	size := 0
	var names []string
	for _, p := range strings.Split(parameters, ", ") {
		n, typ, typed := strings.Cut(p, " ")
		if names = append(names, n); !typed {
			continue
		}
		for _, n := range names {
			width := 8
			if typ == "float32" {
				width = 4
			}
			size = (size + width - 1) / width * width
			args[n] = arg{size, typ}
			size += width
		}
		names = nil
	}
	if result != "" {
		size = (size + 7) / 8 * 8
		args["ret"] = arg{size, result}
		size += 8
		if result == "uint32" {
			size -= 4
		}
	}
	fmt.Fprintf(&out, "\n// func %s(%s) %s\nTEXT ·%s(SB), NOSPLIT, $0-%d\n", name, parameters, result, name, size)
	fmt.Fprintf(&stubs, "\n// %s is %s.\n//\n//go:noescape\nfunc %s(%s) %s\n", name, like, name, parameters, result)
}

// Take gives a register that is free, TakeV a vector register.
func Take() R { return take(&freeR) }

// TakeV gives a vector register that is free.
func TakeV() V { return take(&freeV) }

// Vs gives n vector registers.
func Vs(n int) []V {
	v := make([]V, n)
	for i := range v {
		v[i] = TakeV()
	}
	return v
}

func take[T any](free *[]T) T {
	if len(*free) == 0 {
		log.Panic("no register is left")
	}
	r := (*free)[0]
	*free = (*free)[1:]
	return r
}

// Free gives vector registers back.
func Free(v ...V) { freeV = append(v[:len(v):len(v)], freeV...) }

// FreeR gives registers back.
func FreeR(r ...R) { freeR = append(r[:len(r):len(r)], freeR...) }

// Arg loads a parameter that is no float.
func Arg(name string) R {
	r := Take()
	I("MOVD", fmt.Sprintf("%s+%d(FP)", name, args[name].offset), r)
	return r
}

// ArgV loads a float into the lowest lane.
func ArgV(name string) V {
	v := TakeV()
	op := "FMOVD"
	if args[name].typ == "float32" {
		op = "FMOVS"
	}
	I(op, fmt.Sprintf("%s+%d(FP)", name, args[name].offset), v)
	return v
}

// Return gives a uint32 back.
func Return(r R) {
	I("MOVW", r, fmt.Sprintf("ret+%d(FP)", args["ret"].offset))
	I("RET")
}

// I writes an instruction of Go's assembler; an int is an immediate.
func I(op string, operands ...any) {
	var text []string
	for _, o := range operands {
		if i, ok := o.(int); ok {
			o = fmt.Sprintf("$%d", i)
		}
		text = append(text, fmt.Sprint(o))
	}
	fmt.Fprintf(&out, "\t%s\t%s\n", op, strings.Join(text, ", "))
}

// Comment says what follows.
func Comment(text string) { fmt.Fprintf(&out, "\t// %s\n", text) }

// At is a label here.
func At(l Label) { fmt.Fprintf(&out, "%s:\n", l) }

// New is a label of its own for code that is written more than once.
func New(name string) Label {
	labels++
	return Label(fmt.Sprintf("%s%d", name, labels))
}

// Load and Store move 16 bytes, LoadPair and StorePair 32.
func Load(v V, base R, disp int) { I("FMOVQ", Mem{base, disp}, v) }

// Store is the inverse of Load.
func Store(v V, base R, disp int) { I("FMOVQ", v, Mem{base, disp}) }

// LoadPair loads two registers, whose displacement is a multiple of 16 under 1024.
func LoadPair(a, b V, base R, disp int) {
	I("FLDPQ", Mem{base, disp}, fmt.Sprintf("(%v, %v)", a, b))
}

// StorePair is the inverse of LoadPair.
func StorePair(a, b V, base R, disp int) {
	I("FSTPQ", fmt.Sprintf("(%v, %v)", a, b), Mem{base, disp})
}

// Table puts 32-bit words into read-only memory.
func Table(name string, words ...uint32) {
	for i, w := range words {
		fmt.Fprintf(&data, "DATA %s<>+%d(SB)/4, $0x%08x\n", name, 4*i, w)
	}
	fmt.Fprintf(&data, "GLOBL %s<>(SB), RODATA|NOPTR, $%d\n\n", name, 4*len(words))
}

// Table64 puts 64-bit words there, each twice: a vector.
func Table64(name string, words ...uint64) {
	for i, w := range words {
		for h := range 2 {
			fmt.Fprintf(&data, "DATA %s<>+%d(SB)/8, $0x%016x\n", name, 16*i+8*h, w)
		}
	}
	fmt.Fprintf(&data, "GLOBL %s<>(SB), RODATA|NOPTR, $%d\n\n", name, 16*len(words))
}

// Address gives the place of a table.
func Address(name string) R {
	r := Take()
	I("MOVD", fmt.Sprintf("$%s<>(SB)", name), r)
	return r
}

// Write writes what the flags -out, -stubs and -pkg name.
func Write(command string) {
	to := flag.String("out", "", "assembly file")
	declared := flag.String("stubs", "", "Go file that declares its functions")
	pkg := flag.String("pkg", "", "package of both")
	flag.Parse()
	head := fmt.Sprintf("// Code generated by command: go run ./neon/%s. DO NOT EDIT.\n\n//go:build arm64 && !purego\n\n", command)
	text, err := format.Source([]byte(head + "package " + *pkg + "\n" + stubs.String()))
	if err != nil {
		log.Fatal(err)
	}
	write(*declared, text)
	write(*to, []byte(head+"#include \"textflag.h\"\n\n"+strings.TrimSuffix(data.String()+out.String()[1:], "\n")+"\n"))
}

func write(name string, text []byte) {
	if err := os.WriteFile(name, text, 0o666); err != nil {
		log.Fatal(err)
	}
}
