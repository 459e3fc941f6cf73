package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libtsne/libtsne/tsne"
)

// fit is the command that embeds.
type fit struct {
	o        tsne.Options
	settings settings
	reading  reading
	progress string
	format   string
	save     string
	plot     string
	labels   string
	preset   string
	options  []option
}

func fitCommand() *command {
	f := &fit{settings: settings{keepData: true}}
	f.options = append([]option{
		{topic: "files", name: "save", value: textValue{&f.save, "MODEL.npz"}, help: "keep the model, for tsne transform, tsne info and the library's other hosts"},
		{topic: "files", name: "plot", value: textValue{&f.plot, "FILE.png"}, help: "draw the map: the darker, the more points"},
		{topic: "files", name: "labels", value: textValue{&f.labels, "FILE"}, help: "a label for each row, by which --plot colours: a column of text or numbers, after one of row names if it likes"},
	}, outputOptions(&f.format, &f.progress, &f.reading)...)
	f.options = append(f.options, option{topic: "map", name: "preset", value: wordValue{&f.preset, presetWords}, help: "options under one name, beside which those that are given win"})
	f.options = append(f.options, fitOptions(&f.o, &f.settings)...)
	return &command{files: []string{"DATA", "MAP"}, options: f.options, under: f.under, run: f.run}
}

func outputOptions(format, progress *string, r *reading) []option {
	return append([]option{
		{
			topic: "files", name: "format", def: "auto", help: "what the map is written as",
			value: word(format, "auto: what its name ends in; on the standard output what the data are", "npy: NumPy's", "npz: NumPy's, the array map", "csv: text with a header, and row names if the data have some", "tsv: the same with tabs"),
		},
		{
			topic: "call", name: "progress", def: "auto", help: "what the standard error shows",
			value: word(progress, "auto: text on a terminal, json elsewhere", "text: one line, rewritten", "json: a line of JSON a step, and of each warning", "none: warnings alone"),
		},
	}, readingOptions(r)...)
}

func (f *fit) run(ctx context.Context, files []string) error {
	data, to := files[0], files[1]
	if _, err := formatOf(to, f.format); err != nil {
		return err
	}
	if f.labels != "" && f.plot == "" {
		return usage("--labels: without --plot, whose colours they are")
	}
	if err := checkOutputs([]string{data, f.labels, f.settings.initFile}, to, f.save, f.plot); err != nil {
		return err
	}
	began := time.Now()
	show := newProgress(f.progress)
	say := &words{f.options, map[string]string{"InitY": "--init"}, nil}
	show.words = say
	f.o.Progress, f.o.Log = show.step, show.log

	t, err := f.reading.read(ctx, data)
	if err != nil {
		return err
	}
	say.data = t
	var labels []string
	if f.labels != "" {
		if labels, err = f.reading.labels(ctx, f.labels, t); err != nil {
			return err
		}
	}
	if f.o.InitY, err = f.reading.positions(ctx, "--init", f.settings.initFile, t.array); err != nil {
		return err
	}
	x, err := t.array.Matrix(ctx, f.o)
	if err != nil {
		return say.error(err)
	}
	e, err := tsne.Fit(ctx, x, f.o)
	show.clear()
	if e == nil || err != nil && !errors.Is(err, tsne.ErrCancelled) {
		return say.error(err)
	}
	if e.Iterations() == 0 && err != nil {
		return err // a start is no map
	}
	m := placed{e.Y(), e.Dims(), t}
	if err := m.write(to, f.format); err != nil {
		return err
	}
	if f.save != "" {
		if err := f.keep(e, t); err != nil {
			return err
		}
	}
	if f.plot != "" {
		p := picture(m, labels)
		if err := output(f.plot, p.write); err != nil {
			return err
		}
		show.colours(p.colours)
	}
	if err != nil {
		by, _ := context.Cause(ctx).(interrupted)
		return stopped{by, fmt.Sprintf("interrupted after %d iterations; %s has the map so far", e.Iterations(), name(to))}
	}
	show.done(event{Data: t.of, Rows: x.Rows, Columns: x.Cols, Iteration: e.Iterations(), KL: finite(e.KL()), Seconds: time.Since(began).Seconds(), Map: name(to)})
	return nil
}

// under puts a preset below the options that are given, and says whether there is one.
func (f *fit) under() (bool, error) {
	if f.preset == "" {
		return false, nil
	}
	var err error
	f.o, err = tsne.Preset(f.preset)
	return true, err
}

// keep saves the model.
func (f *fit) keep(e *tsne.Embedding, t *table) error {
	if !f.settings.keepData {
		e.DropData()
	} else if t.columns != nil {
		if err := e.SetNames(t.columns); err != nil {
			return fmt.Errorf("%s: %w", t.of, err)
		}
	}
	return e.Save(f.save)
}

// name is a file as people call it.
func name(path string) string {
	if path == "-" {
		return "the standard output"
	}
	return path
}
