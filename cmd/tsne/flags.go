package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// option is a flag of a command.
type option struct {
	topic   string // the heading it stands under
	name    string // without dashes
	field   string // what package tsne calls it
	def     string // where nothing is said
	unsaved bool   // whether a model does not have it
	value   value
	help    string
}

// value is where an option goes.
type value interface {
	flag.Value
	takes() string    // what stands for it in the help
	values() []string // what it may be, in words
}

// parse takes args apart: options anywhere, until "--".
func parse(args []string, options []option) (positional []string, err error) {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, o := range options {
		flags.Var(noting{o, &err}, o.name, "")
	}
	for len(args) > 0 {
		failed := flags.Parse(args)
		switch {
		case err != nil:
			return nil, err
		case errors.Is(failed, flag.ErrHelp):
			return nil, failed
		case failed != nil:
			return nil, usage("%s", unknown(failed, options))
		}
		rest := flags.Args()
		if read := len(args) - len(rest); read > 0 && args[read-1] == "--" {
			return append(positional, rest...), nil
		}
		if len(rest) > 0 {
			positional, rest = append(positional, rest[0]), rest[1:]
		}
		args = rest
	}
	return positional, nil
}

// noting keeps what is wrong with a value, in the program's words.
type noting struct {
	option
	err *error
}

func (n noting) Set(text string) error {
	err := n.value.Set(text)
	if err != nil {
		*n.err = usage("--%s: %v", n.name, err)
	}
	return err
}

func (n noting) String() string {
	if n.value == nil { // package flag asks the zero value
		return ""
	}
	return n.value.String()
}

func (n noting) IsBoolFlag() bool { return n.value.takes() == "" }

// unknown says what package flag found wrong where no value is.
func unknown(failed error, options []option) string {
	text, name, _ := strings.Cut(failed.Error(), ": -")
	switch {
	case strings.HasPrefix(text, "flag needs"):
		return "--" + name + ": got nothing behind it, want " + options[slices.IndexFunc(options, func(o option) bool { return o.name == name })].value.takes()
	case !strings.HasPrefix(text, "flag provided"):
		return failed.Error()
	}
	var like []string
	for _, o := range options {
		if near(name, o.name) {
			like = append(like, "--"+o.name)
		}
	}
	if like == nil {
		return "--" + name + ": no such option; tsne --help lists them"
	}
	return "--" + name + ": no such option; is " + strings.Join(like, " or ") + " meant?"
}

// near is whether a is b but for a letter or two, or the beginning of it, or goes
// by another word separator.
func near(a, b string) bool {
	a = strings.ReplaceAll(a, "_", "-")
	if len(a) > 2 && (strings.HasPrefix(b, a) || strings.HasSuffix(b, "-"+a)) {
		return true
	}
	row := make([]int, len(b)+1) // Levenshtein's distances
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0]++
		for j := range len(b) {
			change := last
			if a[i] != b[j] {
				change++
			}
			last, row[j+1] = row[j+1], min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)] <= min(2, len(b)/3)
}

// span is the range of a number.
type span struct {
	low, high    float64
	above, below bool // the end is not in it
	zero         bool // 0, although outside, stands for something
	off          bool // package tsne takes -1 for 0
	want         string
}

type numeric interface {
	~int | ~int32 | ~uint64 | ~float64
}

func read[T numeric](text string, s span) (v T, err error) {
	switch p := any(&v).(type) {
	case *float64:
		*p, err = strconv.ParseFloat(text, 64)
	case *uint64:
		*p, err = strconv.ParseUint(text, 10, 64)
	case *int32:
		var wide int64
		wide, err = strconv.ParseInt(text, 10, 32)
		*p = int32(wide)
	case *int:
		*p, err = strconv.Atoi(text)
	}
	f := float64(v)
	out := !(f >= s.low) || f > s.high || s.above && f == s.low || s.below && f == s.high
	if err != nil || out && !(s.zero && v == 0) {
		return v, fmt.Errorf("got %q, want %s", text, s.want)
	}
	if s.off && v == 0 {
		none := -1.
		v = T(none)
	}
	return v, nil
}

func written[T numeric](v T) string {
	return strconv.FormatFloat(float64(v), 'g', -1, 64)
}

type numberValue[T numeric] struct {
	to *T
	span
}

func number[T numeric](to *T, s span) value { return numberValue[T]{to, s} }

func (n numberValue[T]) Set(text string) (err error) {
	v, err := read[T](text, n.span)
	if err == nil {
		*n.to = v
	}
	return err
}

func (n numberValue[T]) String() string {
	if n.off && *n.to < 0 {
		return "0"
	}
	return strings.Replace(fmt.Sprint(*n.to), "+Inf", "0", 1) // no limit
}

func (n numberValue[T]) takes() string    { return "N" }
func (n numberValue[T]) values() []string { return []string{n.want} }

type listValue[T numeric] struct {
	to *[]T
	span
}

func numbers[T numeric](to *[]T, s span) value { return listValue[T]{to, s} }

func (n listValue[T]) Set(text string) error {
	var list []T
	for part := range strings.SplitSeq(text, ",") {
		v, err := read[T](strings.TrimSpace(part), n.span)
		if err != nil {
			return err
		}
		list = append(list, v)
	}
	*n.to = list
	return nil
}

func (n listValue[T]) String() string {
	var parts []string
	for _, v := range *n.to {
		parts = append(parts, written(v))
	}
	return strings.Join(parts, ",")
}

func (n listValue[T]) takes() string    { return "N,N,..." }
func (n listValue[T]) values() []string { return []string{n.want} }

type choiceValue[T ~int] struct {
	to    *T
	words []string // "name: what it is"
}

func choice[T ~int](to *T, words ...string) value { return choiceValue[T]{to, words} }

func (c choiceValue[T]) names() (names []string) {
	for _, w := range c.words {
		name, _, _ := strings.Cut(w, ":")
		names = append(names, name)
	}
	return names
}

func (c choiceValue[T]) Set(text string) error {
	at := slices.Index(c.names(), text)
	if at < 0 {
		return fmt.Errorf("got %q, want %s", text, either(c.names()))
	}
	*c.to = T(at)
	return nil
}

func (c choiceValue[T]) String() string   { return c.names()[*c.to] }
func (c choiceValue[T]) takes() string    { return "NAME" }
func (c choiceValue[T]) values() []string { return c.words }

// fileValue is a choice of which one, given, is a file of positions.
type fileValue struct {
	value
	file *string
}

func orFile(v value, file *string) value { return fileValue{v, file} }

func (f fileValue) Set(text string) error {
	if text != given && f.value.Set(text) == nil {
		*f.file = ""
		return nil
	}
	if _, err := os.Stat(text); err != nil {
		var names []string
		for _, w := range f.values() {
			name, _, _ := strings.Cut(w, ":")
			names = append(names, name)
		}
		return fmt.Errorf("got %q, want %s", text, either(append(names, "a file of positions")))
	}
	*f.file = text
	return f.value.Set(given)
}

func (f fileValue) takes() string { return "NAME|FILE" }

func (f fileValue) values() []string {
	return slices.DeleteFunc(slices.Clone(f.value.values()), func(w string) bool { return strings.HasPrefix(w, given+":") })
}

// given is the choice of a start at positions of the caller's.
const given = "given"

type truthValue struct{ to *bool }

func truth(to *bool) value { return truthValue{to} }

func (t truthValue) Set(text string) error {
	v, err := strconv.ParseBool(text)
	if err != nil {
		return fmt.Errorf("got %q, want true or false", text)
	}
	*t.to = v
	return nil
}

func (t truthValue) String() string   { return strconv.FormatBool(*t.to) }
func (t truthValue) takes() string    { return "" }
func (t truthValue) values() []string { return []string{"true or false"} }

// textValue is a file's name or another word.
type textValue struct {
	to   *string
	kind string
}

func (t textValue) Set(text string) error {
	if text == "" {
		return errors.New("got nothing, want " + t.kind)
	}
	*t.to = text
	return nil
}

func (t textValue) String() string   { return *t.to }
func (t textValue) takes() string    { return t.kind }
func (t textValue) values() []string { return nil }

// wordValue is one of a few words, the first without anything said.
type wordValue struct {
	to    *string
	words []string
}

func word(to *string, words ...string) value {
	*to, _, _ = strings.Cut(words[0], ":")
	return wordValue{to, words}
}

func (w wordValue) Set(text string) error {
	var at int
	if err := choice(&at, w.words...).Set(text); err != nil {
		return err
	}
	*w.to = text
	return nil
}

func (w wordValue) String() string   { return *w.to }
func (w wordValue) takes() string    { return "NAME" }
func (w wordValue) values() []string { return w.words }

// either is "a, b or c".
func either(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// unset is whether an option has its default.
func (o option) unset() bool {
	now := o.value.String()
	return now == o.def || now == "0" && o.def == "" || math.Abs(number64(now)-number64(o.def)) == 0
}

func number64(text string) float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return math.NaN()
	}
	return v
}
