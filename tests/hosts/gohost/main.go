// Command gohost is the Go host of tests/hosts/run.sh:
//
//	fit x.npy y.f32 model.npz
//	place model.npz new.npy y.f32
//	grow model.npz new.npy y.f32
//	trust model.npz new.npy y.f32
//
// Placing is by the median and 40 iterations, the same with affinities of two
// scales, and by affinities that are given. Grown: the map with the rows pinned,
// every eighth of its points fitted anew, and the first and last 60 rows together.
// Trust: all scores of the map beside the same backwards, and how far outside of it
// the rows lie.
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"log"
	"math"
	"os"
	"slices"

	"github.com/sbinet/npyio"

	"github.com/libtsne/libtsne/tsne"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 5 {
		log.Fatal("usage: gohost fit|place|grow|trust FILE FILE FILE")
	}
	do := map[string]func(a, b, c string) error{"fit": fit, "place": place, "grow": grow, "trust": trust}
	err := do[os.Args[1]](os.Args[2], os.Args[3], os.Args[4])
	if err != nil {
		log.Fatal(err)
	}
}

func fit(data, to, model string) error {
	x, err := read(data)
	if err != nil {
		return err
	}
	m, err := tsne.FromFloat64(context.Background(), x, tsne.Options{})
	if err != nil {
		return err
	}
	e, err := tsne.Fit(context.Background(), m, tsne.Options{
		Perplexities: []float64{10, 30}, Affinity: tsne.AffinityMultiscale,
		EarlyIterations: 100, Iterations: 150, Exaggeration: 2, Init: tsne.InitRandom, Seed: 42,
	})
	if err != nil {
		return err
	}
	if err := e.Save(model); err != nil {
		return err
	}
	return write(to, e.Y())
}

func place(model, data, to string) error {
	x, e, err := opened(model, data)
	if err != nil {
		return err
	}
	var y []float32
	o := tsne.TransformOptions{K: 15, Iterations: 40}
	for range 2 {
		rows, err := e.FromFloat64(context.Background(), x, o)
		if err != nil {
			return err
		}
		p, err := e.Transform(context.Background(), rows, o)
		if err != nil {
			return err
		}
		y = append(y, p.Y()...)
		o.Affinity, o.Perplexities = tsne.AffinityMultiscale, []float64{3, 12}
	}
	p, err := drawn(e, x.Rows)
	if err != nil {
		return err
	}
	return write(to, append(y, p.Y()...))
}

// drawn puts point i at (i % 10, i / 10), where 1 + i % 4 points of the map
// draw it.
func drawn(e *tsne.Embedding, m int) (*tsne.Partial, error) {
	var y0, val []float32
	var col []int32
	ptr := []int64{0}
	for i := range m {
		y0 = append(y0, float32(i%10), float32(i/10))
		for j := range 1 + i%4 {
			col, val = append(col, int32(5*i+13*j)), append(val, float32(j+1))
		}
		ptr = append(ptr, int64(len(col)))
	}
	p, err := e.NewPartial(context.Background(), y0, ptr, col, val, tsne.TransformOptions{})
	if err != nil {
		return nil, err
	}
	return p, p.Optimize(context.Background(), tsne.Phase{Iterations: 40, Exaggeration: 1.5, Momentum: 0.8}, nil)
}

func opened(model, data string) (x tsne.Float64Matrix, e *tsne.Embedding, err error) {
	if x, err = read(data); err == nil {
		e, err = tsne.Load(model, tsne.Options{})
	}
	return x, e, err
}

func grow(model, data, to string) error {
	ctx := context.Background()
	x, e, err := opened(model, data)
	if err != nil {
		return err
	}
	rows, err := e.FromFloat64(ctx, x, tsne.TransformOptions{})
	if err != nil {
		return err
	}
	o := tsne.Options{Perplexity: 10, EarlyIterations: 30, Iterations: 60, Seed: 5}
	both, err := e.Update(ctx, rows, math.Inf(1), o)
	if err != nil {
		return err
	}
	var eighth []int32
	for i := range 100 {
		eighth = append(eighth, int32(8*i))
	}
	part, err := e.Zoom(ctx, eighth, o)
	if err != nil {
		return err
	}
	y := append(both.Y(), part.Y()...)
	var sets []tsne.Matrix
	t := tsne.TogetherOptions{Rounds: 2}
	for _, from := range []int{0, 40} {
		one := tsne.Float64Matrix{Data: x.Data[from*x.Cols : (from+60)*x.Cols], Rows: 60, Cols: x.Cols}
		m, err := tsne.FromFloat64(ctx, one, o)
		if err != nil {
			return err
		}
		keys := make([]int64, 60)
		for i := range keys {
			keys[i] = int64(from + i)
		}
		sets, t.Keys = append(sets, m), append(t.Keys, keys)
	}
	maps, err := tsne.FitTogether(ctx, sets, t, o)
	if err != nil {
		return err
	}
	for _, m := range maps {
		y = append(y, m.Y()...)
	}
	return write(to, y)
}

func trust(model, data, to string) error {
	ctx := context.Background()
	x, e, err := opened(model, data)
	if err != nil {
		return err
	}
	y, n := e.Y(), e.N()
	var back []float32
	for i := n - 1; i >= 0; i-- {
		back = append(back, y[2*i], y[2*i+1])
	}
	d, err := e.Diagnose(ctx, tsne.DiagnoseOptions{K: 7, Maps: [][]float32{back}}, tsne.Options{Seed: 5})
	if err != nil {
		return err
	}
	dubious := make([]float32, n)
	for i, is := range d.Dubious {
		if is {
			dubious[i] = 1
		}
	}
	rows, err := e.FromFloat64(ctx, x, tsne.TransformOptions{})
	if err != nil {
		return err
	}
	o, err := e.Outside(ctx, rows, 7, tsne.TransformOptions{})
	if err != nil {
		return err
	}
	return write(to, slices.Concat(
		d.Recall, d.Trustworthiness, d.Continuity, d.Stretch, d.Perturbation, d.Singularity, d.Reliability, dubious, d.Spread,
		o.Distance, o.Quantile, o.Ratio))
}

// read gives the rows far from zero, where single precision would not do.
func read(name string) (x tsne.Float64Matrix, err error) {
	f, err := os.Open(name)
	if err != nil {
		return x, err
	}
	defer f.Close()
	r, err := npyio.NewReader(f)
	if err != nil {
		return x, err
	}
	x.Rows, x.Cols = r.Header.Descr.Shape[0], r.Header.Descr.Shape[1]
	var v []float32
	if err := r.Read(&v); err != nil {
		return x, err
	}
	for _, v := range v {
		x.Data = append(x.Data, float64(v)+1e8/3)
	}
	return x, nil
}

func write(name string, y []float32) error {
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, y); err != nil {
		return err
	}
	return os.WriteFile(name, b.Bytes(), 0o666)
}
