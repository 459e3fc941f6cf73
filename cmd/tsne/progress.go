package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/libtsne/libtsne/tsne"
)

// progress tells on the standard error what is going on.
type progress struct {
	mode  string // text, json or none
	words *words
	began time.Time
	last  time.Time // of a step that was told
	at    mark      // where the stage was when it was first told of
	width int       // of the line that stands there
}

// mark is how far a stage was at a time.
type mark struct {
	stage tsne.Stage
	done  float64
	when  time.Time
}

// event is a line of JSON: a step, a warning, or what the program did.
type event struct {
	Event      string   `json:"event"`
	Stage      string   `json:"stage,omitempty"`
	Done       float64  `json:"done,omitempty"` // of the stage, 0 to 1
	Left       float64  `json:"left,omitempty"` // seconds of the stage, by its pace so far
	Iteration  int      `json:"iteration,omitempty"`
	Iterations int      `json:"iterations,omitempty"`
	KL         *float64 `json:"kl,omitempty"`
	Text       string   `json:"text,omitempty"`

	Data    string            `json:"data,omitempty"`
	Rows    int               `json:"rows,omitempty"`
	Columns int               `json:"columns,omitempty"`
	Map     string            `json:"map,omitempty"`
	Colours map[string]string `json:"colours,omitempty"`
	Seconds float64           `json:"seconds,omitempty"`
}

var stages = map[tsne.Stage]string{
	tsne.StageNeighbors: "neighbours", tsne.StageAffinities: "affinities", tsne.StageInit: "start", tsne.StageOptimize: "optimise",
}

func newProgress(mode string) *progress {
	if mode == "auto" {
		mode = "json"
		if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			mode = "text"
		}
	}
	return &progress{mode: mode, began: time.Now()}
}

func (p *progress) emit(e event) {
	if e.Seconds == 0 {
		e.Seconds = time.Since(p.began).Seconds()
	}
	e.Seconds = math.Round(1000*e.Seconds) / 1000
	line, _ := json.Marshal(e) // of finite numbers and text
	fmt.Fprintf(os.Stderr, "%s\n", line)
}

// often is how close two lines about what is not the optimisation come: one for a
// reader, a log.
var often = map[string]time.Duration{"text": time.Second / 10, "json": time.Second}

func (p *progress) step(s tsne.Progress) bool {
	if s.Stage != tsne.StageOptimize && s.Done < 1 && time.Since(p.last) < often[p.mode] {
		return false
	}
	p.last = time.Now()
	rest := p.left(s)
	switch p.mode {
	case "json":
		p.emit(event{Event: "progress", Stage: stages[s.Stage], Done: math.Round(1e4*s.Done) / 1e4, Left: math.Round(10*rest) / 10, Iteration: s.Iteration, Iterations: s.Iterations, KL: finite(s.KL)})
	case "text":
		line := fmt.Sprintf("%s  %3.0f %%", stages[s.Stage], 100*s.Done)
		if s.Stage == tsne.StageOptimize {
			line = fmt.Sprintf("iteration %d of %d  KL %.4f", s.Iteration, s.Iterations, s.KL)
		}
		line = fmt.Sprintf("%s  %.1f s", line, time.Since(p.began).Seconds())
		if rest >= 60 {
			line += fmt.Sprintf(", %.0f min left", rest/60)
		}
		p.rewrite(line)
	}
	return false
}

// left is how many seconds the stage still takes at its pace so far, 0 in the first.
func (p *progress) left(s tsne.Progress) float64 {
	now, done := time.Now(), s.Done
	if s.Stage == tsne.StageOptimize {
		done = float64(s.Iteration) / float64(max(s.Iterations, 1))
	}
	if p.at.when.IsZero() || s.Stage != p.at.stage {
		p.at = mark{s.Stage, done, now}
	}
	took := now.Sub(p.at.when).Seconds()
	if took < 1 || done <= p.at.done {
		return 0
	}
	return took * (1 - done) / (done - p.at.done)
}

// rewrite puts a line in the place of the one before.
func (p *progress) rewrite(line string) {
	fmt.Fprintf(os.Stderr, "\r%-*s\r%s", p.width, "", line)
	p.width = len(line)
}

func (p *progress) clear() {
	if p.width > 0 {
		p.rewrite("")
	}
}

func (p *progress) log(level tsne.Level, m tsne.Message) {
	if level != tsne.LevelWarning {
		return
	}
	text := p.words.text(m)
	if p.mode == "json" {
		p.emit(event{Event: "warning", Text: text})
		return
	}
	p.clear()
	fmt.Fprintln(os.Stderr, "tsne: warning:", text)
}

func (p *progress) colours(of map[string]string) {
	switch {
	case len(of) == 0 || p.mode == "none":
	case p.mode == "json":
		p.emit(event{Event: "colours", Colours: of})
	default:
		for _, label := range sorted(of) {
			fmt.Fprintf(os.Stderr, "%s  %s\n", of[label], label)
		}
	}
}

// done is the last line.
func (p *progress) done(e event) {
	switch p.mode {
	case "json":
		e.Event = "done"
		p.emit(e)
	case "text":
		line := fmt.Sprintf("%s, %d x %d: ", e.Data, e.Rows, e.Columns)
		if e.Iteration > 0 {
			line += fmt.Sprintf("%d iterations, ", e.Iteration)
		}
		if e.KL != nil {
			line += fmt.Sprintf("KL %.4f, ", *e.KL)
		}
		fmt.Fprintf(os.Stderr, "%s%.1f s: %s\n", line, e.Seconds, e.Map)
	}
}

// finite is nil for what JSON has no word for.
func finite(v float64) *float64 {
	if v-v != 0 {
		return nil
	}
	return &v
}
