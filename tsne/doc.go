// Package tsne embeds data in one, two or three dimensions by t-SNE, with the
// recipe of Kobak & Berens, "The art of using t-SNE for single-cell
// transcriptomics" (Nature Communications 10:5416, 2019) as its default.
//
// The pipeline, a file each, in the order that data flow:
//
//	neighbors.go   the nearest rows of each row
//	affinities.go  similarities P by the perplexity search, symmetric, sparse
//	init_*.go      where the points start, a way a file
//	optimizer.go   gradient descent with gains and momentum, in phases
//	repulse.go     the sum over all pairs: exact, Barnes-Hut or FFT grid
//	embedding.go   the map, its KL divergence, and going on from it
//
// [Fit] runs all of it:
//
//	e, err := tsne.Fit(ctx, tsne.Matrix{Data: x, Rows: n, Cols: d}, tsne.Options{})
//	y := e.Y() // n x 2, row-major
//
// The stages can be called one by one, so that a neighbour graph, affinities
// or an initial map may come from elsewhere; [FitAffinities] is the same job from
// P on.
//
// Data are float32, row-major, borrowed for the call and never written;
// [FromFloat64] makes them of doubles, without loss far from zero, and [FromMat] of
// a gonum matrix, which [Embedding.Dense] gives the map as. Package
// [github.com/libtsne/libtsne/tsne/npy] reads and writes NumPy's files. The
// same input, options and seed give the same bits on any number of threads
// and on every CPU path. Cancelling the context stops a call within 50 ms or
// an iteration.
//
// Sources: van der Maaten & Hinton, JMLR 9 (2008); van der Maaten, JMLR 15
// (2014), Barnes-Hut; Linderman et al., Nature Methods 16 (2019), FFT
// interpolation; Belkina et al., Nature Communications 10:5415 (2019),
// learning rate.
package tsne
