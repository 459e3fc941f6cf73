package tsne

import (
	"fmt"
	"strconv"
	"strings"
)

// Message is a line of text in its parts, so that a program which names options
// otherwise than Go, counts rows from 1 or knows their names can put it in its
// own words. String puts it in Go's. One about an argument begins with its name.
type Message []Part

// Part is a piece of a Message.
type Part struct {
	Kind  PartKind
	Text  string // as Go says it; of PartName an option, argument or function
	Index int    // of PartRow and PartColumn, from 0
}

// PartKind says what a Part is.
type PartKind int

// What a Part may be.
const (
	PartText PartKind = iota
	PartName
	PartRow
	PartColumn
	PartValue // one of the caller's values, at the row and column before it
)

// Messagef makes a Message of a format of package fmt, in which arguments that
// are a Part or a Message stay what they are.
func Messagef(format string, args ...any) Message {
	if false {
		_ = fmt.Sprintf(format, args...) // by which go vet knows to check calls
	}
	var m Message
	text := func(format string, args []any) {
		if s := fmt.Sprintf(format, args...); s != "" {
			m = append(m, Part{Text: s})
		}
	}
	done, used, arg := 0, 0, 0 // of the format, of args, and the next of these
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		verb := i
		for i++; strings.IndexByte("+-# .0123456789", format[i]) >= 0; i++ {
		}
		if format[i] == '%' {
			continue
		}
		var parts Message
		switch v := args[arg].(type) {
		case Part:
			parts = Message{v}
		case Message:
			parts = v
		}
		if parts != nil {
			text(format[done:verb], args[used:arg])
			m = append(m, parts...)
			done, used = i+1, arg+1
		}
		arg++
	}
	text(format[done:], args[used:])
	return m
}

func (p Part) String() string { return p.Text }

// String is the whole line.
func (m Message) String() string {
	var b strings.Builder
	for _, p := range m {
		b.WriteString(p.Text)
	}
	return b.String()
}

// Argument is the argument or option that m is about; "" if it is about none.
func (m Message) Argument() string {
	if len(m) > 0 && m[0].Kind == PartName {
		return m[0].Text
	}
	return ""
}

// Renamed is m about an argument of another name, if it is about one.
func (m Message) Renamed(argument string) Message {
	if m.Argument() == "" {
		return m
	}
	return append(Message{named(argument)}, m[1:]...)
}

// Row is the first row that m names, from 0; -1 if it names none.
func (m Message) Row() int { return m.first(PartRow) }

// Column is the first column that m names, from 0; -1 if it names none.
func (m Message) Column() int { return m.first(PartColumn) }

func (m Message) first(kind PartKind) int {
	for _, p := range m {
		if p.Kind == kind {
			return p.Index
		}
	}
	return -1
}

func named(name string) Part { return Part{Kind: PartName, Text: name} }

func value(v any) Part { return Part{Kind: PartValue, Text: fmt.Sprint(v)} }

func atRow[I ~int | ~int32](i I) Part { return at(PartRow, int(i)) }

func atColumn[I ~int | ~int32](c I) Part { return at(PartColumn, int(c)) }

func at(kind PartKind, i int) Part { return Part{kind, strconv.Itoa(i), i} }

// about is the message of what is wrong, or noteworthy, with an argument; "" for
// none.
func about(argument, format string, args ...any) Message {
	m := Messagef(format, args...)
	if argument == "" {
		return m
	}
	return append(Message{named(argument), {Text: ": "}}, m...)
}
