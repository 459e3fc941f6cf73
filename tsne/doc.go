// Package tsne embeds data in one, two or three dimensions by t-SNE, with the
// recipe of Kobak & Berens, "The art of using t-SNE for single-cell
// transcriptomics" (Nature Communications 10:5416, 2019) as its default.
//
// [Fit] is the whole job, from rows to a map:
//
//	e, err := tsne.Fit(ctx, tsne.Matrix{Data: x, Rows: n, Cols: d}, tsne.Options{})
//	y := e.Y() // n x 2, row-major
//
// The zero [Options] are the paper's recipe. What is worth setting first: Perplexities,
// say 30 and n / 100, for the local and the global picture at once; Exaggeration,
// 4 for white space between clusters from 100,000 rows on; Seed and Threads.
// [Embedding.Optimize] goes on from where a map stands, [Embedding.Transform] places new
// rows on it, [Embedding.Align] fits another map to it, [Embedding.Save] and [Load] keep
// it, and [MeasureQuality] says how much of the data it shows. Data of more than some
// hundred columns are best given by their principal components; sparse counts
// by [Reduce].
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
