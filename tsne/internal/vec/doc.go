// Package vec holds the loops over edges, points and distances that the
// optimiser and the affinities spend their time in.
//
// Each kernel is a portable loop and an AVX2 or NEON twin, on amd64 for sums of
// float64 an AVX-512 one too, that gives the same bits: sums run in a fixed number of lanes that are added up in a fixed
// order, float32 products are rounded before they are added, and float64
// products are fused only where both sides say so. The portable loop is the
// specification.
//
// Embeddings are n x dims float32, row-major, dims 1, 2 or 3. Sparse matrices
// are CSR: row i holds the entries ptr[i] to ptr[i+1] of col and val. Sizes
// and indices are the caller's to check.
package vec

//go:generate go run -C ../asm ./vec -out ../vec/vec_amd64.s -stubs ../vec/vec_amd64.go -pkg vec
//go:generate go run -C ../asm ./vec -avx512 -out ../vec/vec_avx512_amd64.s -stubs ../vec/vec_avx512_amd64.go -pkg vec
//go:generate go run -C ../asm ./neon/vec -out ../vec/vec_arm64.s -stubs ../vec/vec_arm64.go -pkg vec
