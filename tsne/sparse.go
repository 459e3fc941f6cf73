package tsne

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/pca"
	"github.com/libtsne/libtsne/tsne/internal/svd"
)

// SparseMatrix is a borrowed view of a matrix in CSR form: row i holds the
// entries Ptr[i] to Ptr[i+1] of Col and Val. Columns need no order; entries of
// the same place are added up.
type SparseMatrix struct {
	Rows, Cols int
	Ptr        []int64   // Rows + 1 offsets, from 0 to len(Col)
	Col        []int32   // columns, from 0 to Cols - 1
	Val        []float32 // finite
}

// defaultReduced is the number of columns that data are reduced to: the paper,
// "Methods".
const defaultReduced = 50

// Reduce gives the scores of the rows of s on its first k right singular
// vectors, Rows x k (truncated SVD: columns are not centred, which would fill
// the matrix); k 0 means min(50, Rows, Cols). Of each vector the loading
// greatest in size is positive. Of o it reads Threads, MaxMemory and the hooks.
func Reduce(ctx context.Context, s SparseMatrix, k int, o Options) (m Matrix, err error) {
	if err := s.checkShape("X", minRows); err != nil {
		return Matrix{}, err
	}
	if k, err = reducedTo(k, s.Rows, s.Cols); err != nil {
		return Matrix{}, err
	}
	if o, err = o.resolveForReduction(); err != nil {
		return Matrix{}, err
	}
	if err := o.checkMemory(Matrix{Rows: s.Rows, Cols: s.Cols}, uint64(svd.Bytes(s.Rows, s.Cols, len(s.Col), k))); err != nil {
		return Matrix{}, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	if err := j.checkEntries("X", s); err != nil {
		return Matrix{}, err
	}
	scores, err := svd.Scores(j.ctx, j.pool, svd.CSR{Rows: s.Rows, Cols: s.Cols, Ptr: s.Ptr, Col: s.Col, Val: s.Val}, k)
	if err != nil {
		return Matrix{}, err
	}
	return j.reduced(scores, s.Rows, k)
}

// ReducePCA gives the scores of the rows of x on its first k principal
// components, Rows x k; k 0 means min(50, Rows, Cols). Of each component the
// loading greatest in size is positive. Of o it reads Threads, MaxMemory and the hooks.
func ReducePCA(ctx context.Context, x Matrix, k int, o Options) (m Matrix, err error) {
	if err := x.checkShape(); err != nil {
		return Matrix{}, err
	}
	if k, err = reducedTo(k, x.Rows, x.Cols); err != nil {
		return Matrix{}, err
	}
	if o, err = o.resolveForReduction(); err != nil {
		return Matrix{}, err
	}
	if err := o.checkMemory(x, uint64(pca.Bytes(x.Rows, x.Cols, k))+4*uint64(x.Rows)*uint64(k)); err != nil {
		return Matrix{}, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "X", x.Data, x.Cols); err != nil {
		return Matrix{}, err
	}
	model, err := pca.Fit(j.ctx, j.pool, x.Data, x.Rows, x.Cols, k)
	if err != nil {
		return Matrix{}, err
	}
	scores := make([]float32, x.Rows*k)
	if err := model.Transform(j.ctx, j.pool, x.Data, x.Rows, scores); err != nil {
		return Matrix{}, err
	}
	return j.reduced(scores, x.Rows, k)
}

// resolveForReduction is resolve of what a reduction reads.
func (o Options) resolveForReduction() (Options, error) {
	return Options{
		Seed: o.Seed, Threads: o.Threads, MaxMemory: o.MaxMemory,
		Progress: o.Progress, ProgressEvery: o.ProgressEvery, Log: o.Log,
	}.resolve(minRows)
}

func reducedTo(k, rows, cols int) (int, error) {
	most := min(rows, cols)
	switch {
	case k == 0:
		return min(defaultReduced, most), nil
	case k < 0 || k > most:
		return 0, badOption("k", k, fmt.Sprintf("1 to %d, the lesser of rows and columns, or 0 for up to %d", most, defaultReduced))
	}
	return k, nil
}

// reduced wraps scores, of which those of data near the end of float32 may lie
// beyond it.
func (j *job) reduced(scores []float32, rows, k int) (Matrix, error) {
	if err := checkFinite(j.ctx, j.pool, "scores", scores, k); err != nil {
		return Matrix{}, err
	}
	return Matrix{Data: scores, Rows: rows, Cols: k}, nil
}

func (s *SparseMatrix) checkShape(name string, least int) error {
	switch {
	case s.Rows < least:
		return fail(ErrShape, name, "got %d rows, want at least %d", s.Rows, least)
	case int64(s.Rows) > math.MaxInt32:
		return fail(ErrShape, name, "got %d rows, want at most 2^31 - 1", s.Rows)
	case s.Cols < 1 || int64(s.Cols) > math.MaxInt32:
		return fail(ErrShape, name, "got %d columns, want 1 to 2^31 - 1", s.Cols)
	case len(s.Ptr) != s.Rows+1:
		return fail(ErrShape, name, "got %d row offsets, want %d for %d rows", len(s.Ptr), s.Rows+1, s.Rows)
	case len(s.Col) != len(s.Val):
		return fail(ErrShape, name, "got %d column indices, want as many as the %d values", len(s.Col), len(s.Val))
	case s.Ptr[0] != 0:
		return fail(ErrGraph, name, "row %v starts at offset %d, want 0", atRow(0), s.Ptr[0])
	}
	for i := range s.Rows {
		switch lo, hi := s.Ptr[i], s.Ptr[i+1]; {
		case hi < lo:
			return fail(ErrGraph, name, "row %v ends at offset %d, before its start %d", atRow(i), hi, lo)
		case hi > int64(len(s.Col)):
			return fail(ErrGraph, name, "row %v ends at offset %d, past the %d entries", atRow(i), hi, len(s.Col))
		}
	}
	if end := s.Ptr[s.Rows]; end != int64(len(s.Col)) {
		return fail(ErrGraph, name, "the last row ends at offset %d, but there are %d entries", end, len(s.Col))
	}
	return nil
}

// checkEntries names the first entry with a column out of range or a value
// that is not finite.
func (j *job) checkEntries(name string, s SparseMatrix) error {
	const grain = 256
	bad := make([]error, (s.Rows+grain-1)/grain)
	err := j.pool.ForContext(j.ctx, s.Rows, grain, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			for e := s.Ptr[i]; e < s.Ptr[i+1]; e++ {
				c, v := s.Col[e], s.Val[e]
				switch {
				case c < 0 || int(c) >= s.Cols:
					bad[lo/grain] = fail(ErrGraph, name, "row %v has column %d, want 0 to %d", atRow(i), c, s.Cols-1)
					return
				case v-v != 0:
					bad[lo/grain] = fail(ErrNotFinite, name, "row %v, column %v is %v, want a finite value", atRow(i), atColumn(c), value(v))
					return
				}
			}
		}
	})
	if err != nil {
		return err
	}
	return cmp.Or(bad...)
}
