package tsne

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// Bootstrap is where new points land on a map as the columns vary.
type Bootstrap struct {
	N, Dims, B int
	Y          []float32 // N x Dims, placed by all columns
	Samples    []float32 // B x N x Dims, placed by each resample of the columns
	Radius     []float32 // N: 95 % of a point's samples lie within it of Y
}

// Bootstrap places the rows of x on the map by b resamples of the columns,
// drawn with replacement: what positions owe to the choice of columns (the
// paper, "Methods", map_to_tsne). The resamples follow from o.Seed and the
// number of columns, so a point gets the same samples alone as among others. Of
// o it reads what places points, but for PlaceGiven, Threads, MaxMemory and the
// hooks.
//
// A row that a resample leaves without direction, which cosine and correlation
// need, has no place by it: a row of x gets NaN for that sample, which its
// radius passes over, and a reference row is nobody's neighbour.
//
// It fails as Transform does, and with ErrOption for b below 1.
func (e *Embedding) Bootstrap(ctx context.Context, x Matrix, b int, o TransformOptions) (out *Bootstrap, err error) {
	switch {
	case b < 1:
		return nil, badOption("b", b, "1 or more resamples")
	case o.Placement == PlaceGiven:
		return nil, badOption("Placement", "given", "median (0) or weighted (1)")
	case x.Rows > 0 && b > math.MaxInt/16/x.Rows:
		return nil, fail(ErrMemory, "", "memory: %d samples of %d points exceed the address space", b, x.Rows)
	}
	err = e.transforming(ctx, x, o, func(t *transform) error {
		out, err = t.bootstrap(t.x, b)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (t *transform) bootstrap(x Matrix, b int) (*Bootstrap, error) {
	data, m, dims := t.search.x, x.Rows, t.m.dims
	copies := 4 * (uint64(data.Rows)*uint64(x.Cols) + uint64(m)*uint64(x.Cols) + uint64(b)*uint64(m)*uint64(dims))
	need := copies + t.o.memory(data, m, dims, false, t.job.o)
	if err := t.job.o.checkMemory(x, need); err != nil {
		return nil, err
	}
	report := t.stage(StageNeighbors)
	t.job = t.quiet()
	p, err := t.place(x)
	if err != nil {
		return nil, err
	}
	out := &Bootstrap{N: m, Dims: dims, B: b, Y: p.y}
	if m == 0 {
		return out, nil // however many resamples there were to be
	}
	out.Samples, out.Radius = make([]float32, 0, b*m*dims), make([]float32, m)
	r := rand.New(rand.NewPCG(t.o.Seed, 0x626f6f74))
	for i := range b {
		if report != nil {
			report(float64(i) / float64(b))
		}
		y, err := t.resampled(x, resample(r, x.Cols))
		if err != nil {
			return nil, err
		}
		out.Samples = append(out.Samples, y...)
	}
	out.radii(t.job)
	return out, nil
}

// resample draws d of d columns with replacement, in ascending order.
func resample(r *rand.Rand, d int) []int32 {
	columns := make([]int32, d)
	for i := range columns {
		columns[i] = int32(r.IntN(d))
	}
	slices.Sort(columns)
	return columns
}

// resampled places the rows of x by some of its columns, which may repeat.
func (t *transform) resampled(x Matrix, columns []int32) ([]float32, error) {
	q, err := t.pick(x, columns)
	if err != nil {
		return nil, err
	}
	of := columns
	if t.search.columns != nil {
		of = make([]int32, len(columns))
		for c, from := range columns {
			of[c] = t.search.columns[from]
		}
	}
	ref, err := t.pick(t.search.x, of)
	if err != nil {
		return nil, err
	}
	if ref, err = t.in(q.Center, ref); err != nil {
		return nil, err
	}
	dims := t.m.dims
	lost := t.lost(q)
	for _, i := range lost { // any row will do that has something to compare
		q.Data[i*q.Cols] = 1
		clear(q.Data[i*q.Cols+1:][:q.Cols-1])
	}
	if len(lost) > 0 && len(t.lost(q)) > 0 { // none has
		return notANumber(x.Rows * dims), nil
	}
	over := *t
	over.m = t.m
	if gone := t.lost(ref); len(gone) > 0 {
		ref, over.m = dropRows(ref, t.m, gone)
		if over.m.n < max(t.o.K, t.o.neighbors(t.m.n)) {
			return notANumber(x.Rows * dims), nil
		}
	}
	if over.search, err = t.newRowSearch("the reference", ref, t.search.metric, nil); err != nil {
		return nil, err
	}
	p, err := over.place(q)
	if err != nil {
		return nil, err
	}
	for _, i := range lost {
		copy(p.y[i*dims:(i+1)*dims], notANumber(dims))
	}
	return p.y, nil
}

func notANumber(n int) []float32 {
	return slices.Repeat([]float32{float32(math.NaN())}, n)
}

// lost lists the rows that the metric cannot compare.
func (t *transform) lost(x Matrix) (rows []int) {
	normalize := t.search.metric.definition().Normalize
	if normalize == nil {
		return nil
	}
	row := make([]float64, x.Cols)
	for i := range x.Rows {
		if widen(row, x.Data[i*x.Cols:]); !normalize(row) {
			rows = append(rows, i)
		}
	}
	return rows
}

// dropRows takes rows, in ascending order, out of the reference and its map.
func dropRows(x Matrix, m *frozenMap, gone []int) (Matrix, *frozenMap) {
	out := Matrix{Data: make([]float32, 0, len(x.Data)), Cols: x.Cols, Center: x.Center}
	left := &frozenMap{dims: m.dims, dof: m.dof}
	for i := range x.Rows {
		if len(gone) > 0 && gone[0] == i {
			gone = gone[1:]
			continue
		}
		out.Data = append(out.Data, x.Data[i*x.Cols:][:x.Cols]...)
		left.y = append(left.y, m.y[i*m.dims:][:m.dims]...)
		out.Rows++
	}
	left.n = out.Rows
	return out, left
}

// radii are the 95 % quantiles of the distances of the samples.
func (out *Bootstrap) radii(j *job) {
	dims := out.Dims
	j.pool.For(out.N, 64, func(_, lo, hi int) {
		away := make([]float64, 0, out.B)
		for i := lo; i < hi; i++ {
			away = away[:0]
			for b := range out.B {
				sum := 0.0
				for c := range dims {
					d := float64(out.Samples[(b*out.N+i)*dims+c]) - float64(out.Y[i*dims+c])
					sum += float64(d * d)
				}
				if sum == sum {
					away = append(away, math.Sqrt(sum))
				}
			}
			if len(away) == 0 {
				out.Radius[i] = float32(math.NaN())
				continue
			}
			slices.Sort(away)
			out.Radius[i] = float32(away[int(math.Ceil(0.95*float64(len(away))))-1])
		}
	})
}
