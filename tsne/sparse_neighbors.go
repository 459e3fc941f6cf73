package tsne

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/knn"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// FindNeighborsOfNewSparse is FindNeighborsOfNew of sparse rows, as of genes, which
// are not made dense: x has one row or more, and its distances are the Euclidean ones, cosine
// or correlation. They are exact, those of a loop over two rows in float64, ties by
// lower index, whatever Neighbors says. Of o it reads Metric, Threads, MaxMemory and the
// hooks.
func FindNeighborsOfNewSparse(ctx context.Context, x, q SparseMatrix, k int, o Options) (nb *Neighbors, err error) {
	if err := x.checkShape("X", 1); err != nil {
		return nil, err
	}
	if q.Cols != x.Cols {
		return nil, fail(ErrShape, "q", "got %d columns, want %d, those of the reference", q.Cols, x.Cols)
	}
	if err := q.checkShape("q", 0); err != nil {
		return nil, err
	}
	if o, err = o.resolve(max(minRows, x.Rows)); err != nil {
		return nil, err
	}
	by := o.Metric.definition()
	if by.Inner == nil {
		return nil, badOption("Metric", by.Name, "Euclidean, cosine or correlation for sparse rows")
	}
	if k < 1 || k > x.Rows {
		return nil, badOption("k", k, fmt.Sprintf("1 to %d, the rows of X", x.Rows))
	}
	batch := min(q.Rows, transformBatch)
	need := uint64(knn.SparseBytes(knn.SparseRows(x), batch, k, par.Workers(o.Threads))) + graphBytes(q.Rows, k)
	for _, s := range []*SparseMatrix{&x, &q} {
		if !s.plain() {
			need += 8*uint64(s.Rows) + 8*uint64(len(s.Col)) // a copy that is
		}
	}
	if err := o.checkRoom(need, "%d x %d sparse data", x.Rows, x.Cols); err != nil {
		return nil, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	if x, err = j.sparseRows("X", x, o.Metric); err != nil {
		return nil, err
	}
	if q, err = j.sparseRows("q", q, o.Metric); err != nil {
		return nil, err
	}
	nb = &Neighbors{N: q.Rows, K: k, Index: make([]int32, q.Rows*k), Dist2: make([]float32, q.Rows*k)}
	report := j.stage(StageNeighbors)
	for lo := 0; lo < q.Rows; lo += transformBatch {
		hi := min(q.Rows, lo+transformBatch)
		some := knn.SparseRows{Rows: hi - lo, Cols: q.Cols, Ptr: q.Ptr[lo : hi+1], Col: q.Col, Val: q.Val}
		err := knn.SparseOfNew(j.ctx, j.pool, *by.Inner, knn.SparseRows(x), some, k, nb.Index[lo*k:hi*k], nb.Dist2[lo*k:hi*k], func(done float64) {
			if report != nil {
				report((float64(lo) + done*float64(hi-lo)) / float64(q.Rows))
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return nb, j.square(nb)
}

// sparseRows checks the entries of s and that m can compare its rows, and gives them
// plain.
func (j *job) sparseRows(name string, s SparseMatrix, m Metric) (SparseMatrix, error) {
	if err := j.checkEntries(name, s); err != nil {
		return s, err
	}
	s, err := j.plainRows(name, s)
	if err != nil {
		return s, err
	}
	by := m.definition()
	if by.Normalize == nil {
		return s, nil
	}
	var lost []int
	for i := range s.Rows {
		val := s.Val[s.Ptr[i]:s.Ptr[i+1]]
		same := len(val) == 0 || by.Inner.Centred && len(val) == s.Cols && !slices.ContainsFunc(val, func(v float32) bool { return v != val[0] })
		if same {
			lost = append(lost, i)
		}
	}
	return s, m.cannotCompare(name, lost)
}

// plain says whether the columns of each row ascend and no value is 0.
func (s *SparseMatrix) plain() bool {
	for i := range s.Rows {
		col := s.Col[s.Ptr[i]:s.Ptr[i+1]]
		for e := 1; e < len(col); e++ {
			if col[e-1] >= col[e] {
				return false
			}
		}
	}
	return !slices.Contains(s.Val, 0)
}

// plainRows is s itself or a copy that is plain.
func (j *job) plainRows(name string, s SparseMatrix) (SparseMatrix, error) {
	if s.plain() {
		return s, j.ctx.Err()
	}
	type entry struct {
		col int32
		val float64
	}
	out := SparseMatrix{Rows: s.Rows, Cols: s.Cols, Ptr: make([]int64, 1, s.Rows+1), Col: make([]int32, 0, len(s.Col)), Val: make([]float32, 0, len(s.Val))}
	var row []entry
	for i := range s.Rows {
		if err := j.ctx.Err(); err != nil {
			return s, err
		}
		row = row[:0]
		for e := s.Ptr[i]; e < s.Ptr[i+1]; e++ {
			row = append(row, entry{s.Col[e], float64(s.Val[e])})
		}
		slices.SortStableFunc(row, func(a, b entry) int { return cmp.Compare(a.col, b.col) })
		for e := 0; e < len(row); {
			c, sum := row[e].col, 0.0
			for ; e < len(row) && row[e].col == c; e++ {
				sum += row[e].val
			}
			v := float32(sum)
			if v-v != 0 {
				return s, fail(ErrNotFinite, name, "row %v, column %v is %v, want a finite value", atRow(i), atColumn(int(c)), value(v))
			}
			if v != 0 {
				out.Col, out.Val = append(out.Col, c), append(out.Val, v)
			}
		}
		out.Ptr = append(out.Ptr, int64(len(out.Col)))
	}
	return out, nil
}
