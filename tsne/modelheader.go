package tsne

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"unicode/utf8"

	"github.com/libtsne/libtsne/tsne/internal/npz"
)

// modelHeader is the header of a model file.
type modelHeader struct {
	Format  string `json:"format"`
	Version int    `json:"version"` // of the format: one that only later libraries read is larger
	Library string `json:"library"` // that wrote it

	Rows         int    `json:"rows"`
	Iterations   int    `json:"iterations"`
	Planned      int    `json:"planned"`
	Exaggeration number `json:"exaggeration"` // of the last iteration
	KL           number `json:"kl"`
	PLogP        number `json:"plogp"`                 // sum of p log p
	DataSum      string `json:"data_sha256,omitempty"` // DataChecksum

	DataType string   `json:"data_type,omitempty"`          // in which the data came
	Columns  []string `json:"columns,omitempty"`            // names of the data's columns
	Asked    []number `json:"asked_perplexities,omitempty"` // those of the options before they were lowered

	MomentumIterations int `json:"momentum_iterations,omitempty"` // beside the options, where libraries before 0.4 pass over it

	Options map[string]json.RawMessage `json:"options"` // by the names of the fields
	Arrays  []modelArray               `json:"arrays"`
}

const floatType, doubleType = "float32", "float64"

// modelArray tells of an array after the header.
type modelArray struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Shape []int  `json:"shape"`
}

// number is a float64 in JSON, which has no words for some.
type number float64

func (v number) MarshalJSON() ([]byte, error) {
	f := float64(v)
	if f-f != 0 {
		return json.Marshal(strconv.FormatFloat(f, 'g', -1, 64))
	}
	return strconv.AppendFloat(nil, f, 'g', -1, 64), nil
}

func (v *number) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		b = []byte(text)
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return fmt.Errorf("%.40q is not a number", b)
	}
	*v = number(f)
	return nil
}

// savedField is a field of Options in the form that JSON keeps whole.
func savedField(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Float64:
		return number(v.Float())
	case reflect.Slice:
		out := make([]number, v.Len())
		for i := range out {
			out[i] = number(v.Index(i).Float())
		}
		return out
	}
	return v.Interface()
}

// saved are the options that decide what a map is, by the names of the fields.
func (o Options) saved() (map[string]json.RawMessage, error) {
	m := map[string]json.RawMessage{}
	v := reflect.ValueOf(o.unresolved())
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; !unsaved[name] {
			text, err := json.Marshal(savedField(v.Field(i)))
			if err != nil {
				return nil, err
			}
			m[name] = text
		}
	}
	return m, nil
}

// header describes the embedding and its arrays.
func (e *Embedding) header(parts []modelPart) ([]byte, error) {
	h := modelHeader{
		Format: modelFormat, Version: withoutCenter, Library: Version, Rows: e.N(),
		Iterations: e.iterations, Planned: e.planned,
		Exaggeration: number(e.exaggeration), KL: number(e.kl), PLogP: number(e.plogp),
	}
	var err error
	if h.Options, err = e.o.saved(); err != nil {
		return nil, err
	}
	h.MomentumIterations = e.o.MomentumIterations
	delete(h.Options, "MomentumIterations")
	if e.held == nil {
		for name := range ofHeld {
			delete(h.Options, name)
		}
	}
	for _, v := range e.asked {
		h.Asked = append(h.Asked, number(v))
	}
	for _, p := range parts {
		h.Arrays = append(h.Arrays, p.modelArray)
	}
	if e.x.Data != nil {
		h.DataSum, h.DataType, h.Columns = checksumOf(e.x), floatType, e.names
		if e.x.Double {
			h.DataType = doubleType
		}
		if e.x.Center != nil {
			h.Version = withoutHeld
		}
	}
	if e.held != nil || e.rowNames != nil {
		h.Version = modelVersion
	}
	return json.Marshal(h)
}

// ofHeld are options that only a file with reference positions has: earlier
// libraries know them not.
var ofHeld = map[string]bool{"Pull": true, "PullFrame": true}

// maxHeader bounds what a header is read for; names of columns may be many.
const maxHeader = 64 << 20

// header reads the header, without relying on more of the archive than it
// must: that of a later version says so.
func (m *modelReader) header() (*modelHeader, error) {
	text, err := m.headerText()
	if err != nil {
		return nil, err
	}
	return decodeHeader(text)
}

func (m *modelReader) headerText() ([]byte, error) {
	if len(m.r.Arrays) == 0 || m.r.Arrays[0].Name != "header" {
		return nil, fail(ErrFile, "", "not a model: it does not begin with a header")
	}
	a := m.find("header", -1)
	if m.err != nil {
		return nil, m.err
	}
	if a.Len() > maxHeader {
		return nil, fail(ErrFile, "", "header: %d bytes, want at most %d", a.Len(), maxHeader)
	}
	return npz.ReadAll[uint8](m.r, a)
}

func decodeHeader(text []byte) (*modelHeader, error) {
	if !utf8.Valid(text) {
		return nil, fail(ErrFile, "", "not a model: its header is not UTF-8")
	}
	var first struct {
		Format, Library string
		Version         int
	}
	if json.Unmarshal(text, &first) != nil || first.Format != modelFormat {
		return nil, fail(ErrFile, "", "not a model: its header is of something else")
	}
	if first.Version > modelVersion {
		return nil, fail(ErrFile, "", "a model of format %d, written by libtsne %.20q: this is %s, which reads formats up to %d", first.Version, first.Library, Version, modelVersion)
	}
	h := &modelHeader{}
	if err := json.Unmarshal(text, h); err != nil {
		return nil, fail(ErrFile, "", "header: %v", err)
	}
	return h, nil
}

// restore gives e the options and the state of the header, but for what o says
// of this machine and this call.
func (h *modelHeader) restore(e *Embedding, o Options) error {
	for name, v := range map[string]int{"rows": h.Rows, "iterations": h.Iterations, "planned": h.Planned} {
		if v < 0 || v > math.MaxInt32 {
			return fail(ErrFile, "", "header: %s is %d", name, v)
		}
	}
	switch {
	case h.Version < 1:
		return fail(ErrFile, "", "header: version is %d", h.Version)
	case h.Rows < minRows:
		return fail(ErrFile, "", "header: %d rows, want at least %d", h.Rows, minRows)
	case math.IsInf(float64(h.KL), 0):
		return fail(ErrFile, "", "header: kl is %v", h.KL)
	case h.PLogP-h.PLogP != 0:
		return fail(ErrFile, "", "header: plogp is %v", h.PLogP)
	case h.Exaggeration != 0 && !positive(float64(h.Exaggeration)):
		return fail(ErrFile, "", "header: exaggeration is %v", h.Exaggeration)
	}
	to := Options{
		Threads: o.Threads, MaxMemory: o.MaxMemory, Progress: o.Progress, ProgressEvery: o.ProgressEvery, Log: o.Log,
	}
	fields := reflect.ValueOf(&to).Elem()
	for name, text := range h.Options {
		f := fields.FieldByName(name)
		if !f.IsValid() || unsaved[name] {
			return fail(ErrFile, "", "option %.40q is not known here: written by libtsne %.20q, this is %s", name, h.Library, Version)
		}
		if err := fill(f, text); err != nil {
			return fail(ErrFile, "", "header: option %s: %v", name, err)
		}
	}
	to.MomentumIterations = h.MomentumIterations
	init := to.Init
	to, err := to.withoutGiven().resolve(h.Rows) // the start itself is no part of a model
	if err != nil {
		return fail(ErrFile, "", "header: %v", err)
	}
	to.Init = init
	for _, v := range h.Asked {
		if !positive(float64(v)) {
			return fail(ErrFile, "", "header: asked_perplexities has %v", v)
		}
		e.asked = append(e.asked, float64(v))
	}
	e.o = to
	e.iterations, e.planned = h.Iterations, h.Planned
	e.exaggeration, e.kl, e.plogp = float64(h.Exaggeration), float64(h.KL), float64(h.PLogP)
	return nil
}

// fill sets a field of Options to what saved made of it.
func fill(f reflect.Value, text []byte) error {
	switch f.Kind() {
	case reflect.Float64:
		var v number
		err := json.Unmarshal(text, &v)
		if math.IsNaN(float64(v)) {
			return errors.New("is NaN")
		}
		f.SetFloat(float64(v))
		return err
	case reflect.Slice:
		var v []number
		if err := json.Unmarshal(text, &v); err != nil || v == nil {
			return err
		}
		out := reflect.MakeSlice(f.Type(), len(v), len(v))
		for i, x := range v {
			if !positive(float64(x)) {
				return fmt.Errorf("value %d is %v, want above 0", i, float64(x))
			}
			out.Index(i).SetFloat(float64(x))
		}
		f.Set(out)
		return nil
	}
	return json.Unmarshal(text, f.Addr().Interface())
}
