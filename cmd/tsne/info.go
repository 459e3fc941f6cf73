package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"strings"

	"github.com/libtsne/libtsne/tsne"
)

// facts are what tsne info tells of a model.
type facts struct {
	Model        string    `json:"model"`
	Rows         int       `json:"rows"`
	Dims         int       `json:"dims"`
	Columns      int       `json:"columns,omitempty"` // of the data, which there may be none of
	Double       bool      `json:"double,omitempty"`
	Names        []string  `json:"names,omitempty"`
	Checksum     string    `json:"data_sha256,omitempty"`
	Positions    string    `json:"positions_sha256"` // row-major little-endian float32
	Iterations   int       `json:"iterations"`
	KL           *float64  `json:"kl,omitempty"`
	Affinities   int       `json:"affinities"`
	Perplexities []float64 `json:"perplexities"` // as they were lowered
	Options      []string  `json:"options"`      // that differ from the defaults
}

func infoCommand() *command {
	inJSON := false
	return &command{
		name: "info", files: []string{"MODEL"},
		options: []option{{topic: "files", name: "json", def: "false", value: truth(&inJSON), help: "as JSON"}},
		run: func(ctx context.Context, files []string) error {
			e, err := tsne.LoadContext(ctx, files[0], tsne.Options{})
			if err != nil {
				return err
			}
			f := factsOf(files[0], e)
			if inJSON {
				return json.NewEncoder(os.Stdout).Encode(f)
			}
			_, err = fmt.Print(f)
			return err
		},
	}
}

func factsOf(model string, e *tsne.Embedding) facts {
	asked, lowered := e.Perplexities()
	f := facts{
		Model: model, Rows: e.N(), Dims: e.Dims(), Names: e.Names(), Iterations: e.Iterations(), KL: finite(e.KL()),
		Affinities: len(e.Affinities().Val), Perplexities: lowered, Options: []string{},
	}
	f.Positions = sumOf(e.Y())
	if x, ok := e.Data(); ok {
		f.Columns, f.Double = x.Cols, x.Double
		f.Checksum, _ = e.DataChecksum()
	}
	o := e.Settings()
	o.Perplexities = asked
	taken := takenPhases(&o, e.N())
	for _, option := range fitOptions(&o, &settings{}) {
		if option.field != "" && !option.unsaved && !taken[option.field] && !option.unset() {
			f.Options = append(f.Options, "--"+option.name, option.value.String())
		}
	}
	return f
}

// takenPhases are the fields of the phases that a fit of n points has as they are if the others that differ are said.
func takenPhases(o *tsne.Options, n int) map[string]bool {
	var plain, few tsne.Options
	plain.Settle(n)
	few.Settle(0)
	taken := map[string]bool{}
	for name, v := range phases(&plain) {
		if phases(o)[name] == v {
			taken[name] = true
		}
	}
	if len(taken) < len(phases(o)) && !maps.Equal(phases(&plain), phases(&few)) {
		return nil // one that is said changes what the others are
	}
	return taken
}

func phases(o *tsne.Options) map[string]float64 {
	return map[string]float64{
		"EarlyIterations": float64(o.EarlyIterations), "Iterations": float64(o.Iterations),
		"EarlyMomentum": o.EarlyMomentum, "Momentum": o.Momentum, "MomentumIterations": float64(o.MomentumIterations),
	}
}

func (f facts) String() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-13s"+format+"\n", append([]any{name}, args...)...)
	}
	line("model", "%s", f.Model)
	line("map", "%d x %d", f.Rows, f.Dims)
	data := "not in the model, which cannot place new rows"
	if f.Columns > 0 {
		data = fmt.Sprintf("%d columns", f.Columns)
		if f.Double {
			data += ", given in double precision"
		}
	}
	line("data", "%s", data)
	if f.Names != nil {
		const most = 8
		list := strings.Join(f.Names[:min(most, len(f.Names))], ", ")
		if len(f.Names) > most {
			list += ", ..."
		}
		line("", "%s", list)
	}
	line("positions", "SHA-256 %s", f.Positions)
	if f.Checksum != "" {
		line("", "of the data %s", f.Checksum)
	}
	line("iterations", "%d", f.Iterations)
	if f.KL != nil {
		line("KL", "%.6f", *f.KL)
	}
	line("affinities", "%d, perplexity %s", f.Affinities, strings.Trim(fmt.Sprint(f.Perplexities), "[]"))
	options := strings.Join(f.Options, " ")
	if options == "" {
		options = "the defaults"
	}
	line("options", "%s", options)
	return b.String()
}

// sumOf is the SHA-256 of positions, in hexadecimal.
func sumOf(y []float32) string {
	sum := sha256.New()
	_ = binary.Write(sum, binary.LittleEndian, y) // a hash takes all
	return hex.EncodeToString(sum.Sum(nil))
}
