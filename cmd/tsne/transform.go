package main

import (
	"context"
	"time"

	"github.com/libtsne/libtsne/tsne"
)

// transform is the command that places new rows on a map.
type transform struct {
	o        tsne.TransformOptions
	settings settings
	reading  reading
	progress string
	format   string
	options  []option
}

func transformCommand() *command {
	t := &transform{}
	t.options = append(outputOptions(&t.format, &t.progress, &t.reading), transformOptions(&t.o, &t.settings)...)
	return &command{name: "transform", files: []string{"MODEL", "DATA", "MAP"}, options: t.options, run: t.run}
}

func (t *transform) run(ctx context.Context, files []string) error {
	model, data, to := files[0], files[1], files[2]
	if _, err := formatOf(to, t.format); err != nil {
		return err
	}
	if err := checkOutputs([]string{model, data, t.settings.placementFile}, to); err != nil {
		return err
	}
	began := time.Now()
	show := newProgress(t.progress)
	say := &words{t.options, map[string]string{"InitY": "--placement", "SetData": "--keep-data of the fit"}, nil}
	show.words = say
	t.o.Progress, t.o.Log = show.step, show.log

	e, err := tsne.LoadContext(ctx, model, tsne.Options{Threads: t.o.Threads, MaxMemory: t.o.MaxMemory})
	if err != nil {
		return say.error(err)
	}
	in, err := t.reading.read(ctx, data)
	if err != nil {
		return err
	}
	say.data = in
	if t.o.Columns == nil {
		if err := in.inOrder(e.Names()); err != nil {
			return err
		}
	}
	if t.o.InitY, err = t.reading.positions(ctx, "--placement", t.settings.placementFile, in.array); err != nil {
		return err
	}
	x, err := in.array.MatrixFor(ctx, e, t.o)
	if err != nil {
		return say.error(err)
	}
	p, err := e.Transform(ctx, x, t.o)
	show.clear()
	if err != nil {
		return say.error(err)
	}
	if err := (placed{p.Y(), p.Dims(), in}).write(to, t.format); err != nil {
		return err
	}
	show.done(event{Data: in.of, Rows: x.Rows, Columns: x.Cols, Iteration: p.Iterations(), KL: finite(p.KL()), Seconds: time.Since(began).Seconds(), Map: name(to)})
	return nil
}
