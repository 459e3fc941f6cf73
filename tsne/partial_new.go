package tsne

import (
	"context"
	"math"
	"slices"
)

// NewPartial takes new points at y0, m x Dims, drawn by affinities that are
// given in CSR form: p_j|i, at ptr[i] to ptr[i+1] of col and val, draws new point
// i to the embedding's point j. Columns of a row come in any order; entries of the
// same row and column add up; rows are scaled to sum to 1, and one that does, but
// for rounding, is taken as it is. Everything is copied. The embedding needs no
// data; the map is taken as it is now.
//
// Of o it reads Repulsion, Theta, MaxGradNorm, MaxStepNorm, MaxMemory, Threads and
// the hooks.
//
// A row that is empty, all 0 or has a column or a value out of range is ErrGraph,
// which names it. It also fails with ErrShape, ErrNotFinite, ErrOption, ErrMemory
// or ErrCancelled.
func (e *Embedding) NewPartial(ctx context.Context, y0 []float32, ptr []int64, col []int32, val []float32, o TransformOptions) (p *Partial, err error) {
	m, dims := len(ptr)-1, e.Dims()
	switch {
	case m < 0 || int64(m) > math.MaxInt32:
		return nil, fail(ErrShape, "ptr", "got %d entries, want 1 to 2^31, one more than the rows", len(ptr))
	case len(y0) != m*dims:
		return nil, fail(ErrShape, "y0", "got %d values, want %d rows x %d columns", len(y0), m, dims)
	case len(col) != len(val):
		return nil, fail(ErrShape, "affinities", "got %d columns and %d values", len(col), len(val))
	}
	o = TransformOptions{
		Repulsion: o.Repulsion, Theta: o.Theta, MaxGradNorm: o.MaxGradNorm, MaxStepNorm: o.MaxStepNorm, MaxMemory: o.MaxMemory,
		Threads: o.Threads, Progress: o.Progress, ProgressEvery: o.ProgressEvery, Log: o.Log,
	}
	jo, err := o.options(e.N(), e.Settings())
	if err != nil {
		return nil, err
	}
	if err := o.resolve(e.N(), m, dims); err != nil {
		return nil, err
	}
	if err := jo.checkMemory(Matrix{Rows: m, Cols: dims}, partialBytes(m, dims, uint64(len(val)))); err != nil {
		return nil, err
	}
	j := begin(ctx, &jo)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "y0", y0, dims); err != nil {
		return nil, err
	}
	rows, err := j.conditionalRows(ptr, col, val, e.N())
	if err != nil {
		return nil, err
	}
	p = newPartial(e.freeze(), o, jo, slices.Clone(y0))
	p.ptr, p.col, p.val = rows.ptr, rows.col, rows.val
	return p, nil
}

// freeze is the map as it is, kept with the embedding.
func (e *Embedding) freeze() *frozenMap {
	e.mu.Lock()
	defer e.mu.Unlock()
	f := e.reference()
	e.frozen = &f
	return f.reference
}

// NNZ is the number of affinities.
func (p *Partial) NNZ() int { return len(p.val) }

// Affinities are copies of what draws the points, p_j|i in CSR form as NewPartial
// takes it. Rows of Transform's are by ascending distance.
func (p *Partial) Affinities() (ptr []int64, col []int32, val []float32) {
	return slices.Clone(p.ptr), slices.Clone(p.col), slices.Clone(p.val)
}

// conditional are rows of p_j|i in CSR form.
type conditional struct {
	ptr []int64
	col []int32
	val []float32
}

// roundedSum is how far the sum of float32 values may be from 1 that would sum to
// 1 without their rounding.
const roundedSum = 0x1p-23

// conditionalRows copies rows of affinities to n points, each with its columns
// once and scaled to sum to 1.
func (j *job) conditionalRows(ptr []int64, col []int32, val []float32, n int) (*conditional, error) {
	m := len(ptr) - 1
	if ptr[0] != 0 || ptr[m] != int64(len(col)) {
		return nil, fail(ErrGraph, "ptr", "runs from %d to %d, want 0 to %d, the number of values", ptr[0], ptr[m], len(col))
	}
	out := &conditional{make([]int64, m+1), make([]int32, 0, len(col)), make([]float32, 0, len(val))}
	place := make([]int64, n) // of column c in out, if not before the row
	for i := range place {
		place[i] = -1
	}
	for i := range m {
		if i%1024 == 0 && j.ctx.Err() != nil {
			return nil, j.ctx.Err()
		}
		if ptr[i] >= ptr[i+1] || ptr[i+1] > ptr[m] {
			return nil, fail(ErrGraph, "affinities", "row %v runs from %d to %d, want one value or more", atRow(i), ptr[i], ptr[i+1])
		}
		first := int64(len(out.col))
		sum := 0.0
		for e := ptr[i]; e < ptr[i+1]; e++ {
			c, v := col[e], val[e]
			switch {
			case c < 0 || int(c) >= n:
				return nil, fail(ErrGraph, "affinities", "row %v: column %d is outside 0 to %d", atRow(i), c, n-1)
			case v-v != 0:
				return nil, fail(ErrNotFinite, "affinities", "row %v, column %v is %v, want a finite value", atRow(i), atColumn(c), value(v))
			case v < 0:
				return nil, fail(ErrGraph, "affinities", "row %v, column %v is %v, want 0 or more", atRow(i), atColumn(c), value(v))
			}
			sum += float64(v)
			if place[c] >= first {
				out.val[place[c]] += v
				continue
			}
			place[c] = int64(len(out.col))
			out.col, out.val = append(out.col, c), append(out.val, v)
		}
		if sum == 0 || sum > math.MaxFloat32 {
			return nil, fail(ErrGraph, "affinities", "row %v sums to %g, want above 0 and at most float32 holds", atRow(i), sum)
		}
		if math.Abs(sum-1) > roundedSum {
			for e, v := range out.val[first:] {
				out.val[first+int64(e)] = float32(float64(v) / sum)
			}
		}
		out.ptr[i+1] = int64(len(out.col))
	}
	return out, nil
}
