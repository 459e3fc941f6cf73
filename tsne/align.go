package tsne

import "context"

// Alignment is how well a map kept to the start it got from another.
type Alignment struct {
	Disparity       float64 // of the map against its start, after the best superposition with scale
	NeighborOverlap float64 // share of the 10 nearest in the start that are among the 10 nearest in the map
}

// Align embeds x as a map that looks like reference's: each row is placed on
// reference as t says, those places, scaled so that the first axis has
// standard deviation 1e-4, are the start of an ordinary fit as o says (the
// paper, "Methods"). When it is cancelled while optimising it returns the
// embedding so far beside the error.
func Align(ctx context.Context, reference *Embedding, x Matrix, t TransformOptions, o Options) (*Embedding, *Alignment, error) {
	return nil, nil, fail(ErrInternal, "align: not built")
}
