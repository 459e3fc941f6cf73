package tsne

import "context"

// SparseMatrix is a borrowed view of a matrix in CSR form: row i holds the
// entries Ptr[i] to Ptr[i+1] of Col and Val. Columns need no order; entries of
// the same place are added up.
type SparseMatrix struct {
	Rows, Cols int
	Ptr        []int64   // Rows + 1 offsets, from 0 to len(Col)
	Col        []int32   // columns, from 0 to Cols - 1
	Val        []float32 // finite
}

// Reduce gives the scores of the rows of s on its first k right singular
// vectors, Rows x k (truncated SVD: columns are not centred, which would fill
// the matrix); k 0 means min(50, Rows, Cols). Of each vector the loading
// greatest in size is positive. Of o it reads Threads and the hooks.
func Reduce(ctx context.Context, s SparseMatrix, k int, o Options) (Matrix, error) {
	return Matrix{}, fail(ErrInternal, "not there yet")
}

// ReducePCA gives the scores of the rows of x on its first k principal
// components, Rows x k; k 0 means min(50, Rows, Cols). Of o it reads Threads
// and the hooks.
func ReducePCA(ctx context.Context, x Matrix, k int, o Options) (Matrix, error) {
	return Matrix{}, fail(ErrInternal, "not there yet")
}
