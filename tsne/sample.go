package tsne

// sampleStart is the start for very large data (the paper, "Methods"): a map
// of SampleSize random rows, from their principal components, with
// perplexities 30 and a hundredth of the sample together, and all other rows
// at the median of their 10 nearest in it; scaled as a PCA start is.
func (j *job) sampleStart(y []float32, x Matrix) error {
	return fail(ErrInternal, "init: sample not built yet")
}
