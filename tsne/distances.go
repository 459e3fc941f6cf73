package tsne

import (
	"cmp"
	"context"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/knn"
)

// diagonalTolerance is how large the distance of a point from itself may be,
// relative to its largest: the rounding of formulas that subtract squares.
const diagonalTolerance = 1e-3

// NeighborsFromMatrix takes the k nearest of each of n points from all their
// distances: row i of dist, n x n, holds those from point i, of any metric, and
// is 0, give or take rounding, at i. It need not be symmetric. Ties go to the
// lower index. Of o it reads Threads and the hooks. A value that is not finite
// is ErrNotFinite, one that is no distance ErrGraph; both name row and column.
func NeighborsFromMatrix(ctx context.Context, dist []float32, n, k int, o Options) (nb *Neighbors, err error) {
	if n < minRows || n > math.MaxInt32 {
		return nil, fail(ErrShape, "n", "got %d points, want %d to %d", n, minRows, math.MaxInt32)
	}
	if n > math.MaxInt/4/n || len(dist) != n*n {
		return nil, fail(ErrShape, "distances", "got %d values, want %d x %d", len(dist), n, n)
	}
	if o, err = o.resolve(n); err != nil {
		return nil, err
	}
	if k < 1 || k >= n {
		return nil, badOption("k", k, "1 to n - 1")
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "distances", dist, n); err != nil {
		return nil, err
	}
	if err := j.checkDistances(dist, n); err != nil {
		return nil, err
	}
	nb = &Neighbors{N: n, K: k, Index: make([]int32, n*k), Dist2: make([]float32, n*k), Exponents: make([]int16, n)}
	progress := j.stage(StageNeighbors)
	err = j.pool.ForContext(j.ctx, n, 16, func(w, lo, hi int) {
		for i := lo; i < hi; i++ {
			far := nb.Dist2[i*k:][:k]
			knn.Nearest(dist[i*n:][:n], i, nb.Index[i*k:][:k], far)
			nb.Exponents[i] = squareRow(far)
		}
		if w == 0 && progress != nil {
			progress(float64(hi) / float64(n))
		}
	})
	if err != nil {
		return nil, err
	}
	nb.dropExponents()
	return nb, nil
}

// checkDistances refuses finite values that are no distances.
func (j *job) checkDistances(dist []float32, n int) error {
	bad := make([]error, n)
	err := j.pool.ForContext(j.ctx, n, 16, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			bad[i] = checkDistanceRow(dist[i*n:][:n], i)
		}
	})
	if err != nil {
		return err
	}
	return cmp.Or(bad...)
}

func checkDistanceRow(row []float32, i int) error {
	most := float32(0)
	for c, v := range row {
		if c == i {
			continue
		}
		if v < 0 {
			return fail(ErrGraph, "distances", "row %v, column %v is %v, want 0 or more", atRow(i), atColumn(c), value(v))
		}
		most = max(most, v)
	}
	if own := math.Abs(float64(row[i])); own > diagonalTolerance*float64(most) {
		return fail(ErrGraph, "distances", "row %v, column %v is %v, want 0: the distance of a point from itself", atRow(i), atColumn(i), value(row[i]))
	}
	return nil
}
