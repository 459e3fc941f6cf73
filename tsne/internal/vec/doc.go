// Package vec holds the loops over edges, points and distances that the
// optimiser and the affinities spend their time in.
//
// Each kernel is a portable loop and, on amd64, an AVX2 twin, for sums of
// float64 an AVX-512 one too, that gives the same bits: sums run in a fixed number of lanes that are added up in a fixed
// order, float32 products are rounded before they are added, and float64
// products are fused only where both sides say so. The portable loop is the
// specification.
//
// Embeddings are n x dims float32, row-major, dims 1, 2 or 3. Sparse matrices
// are CSR: row i holds the entries ptr[i] to ptr[i+1] of col and val. Sizes
// and indices are the caller's to check.
package vec
