package tsne

// givenStart is Options.InitY as it is.
var givenStart = start{
	name: "given",
	write: func(j *job, y []float32, _ Matrix, _ *Affinities) error {
		copy(y, j.o.InitY)
		return checkFinite(j.ctx, j.pool, "InitY", y, j.o.Dims)
	},
}

// startingAt is o with the start y.
func (o Options) startingAt(y []float32) Options {
	o.Init, o.InitY = InitGiven, y
	return o
}

// withoutStart is o for a call that makes no start and reads none, nor
// reference positions.
func (o Options) withoutStart() Options {
	o.Init, o.InitY, o.PullY, o.PullWeights = InitPCA, nil, nil, nil
	return o
}

// withoutGiven is o for a call that only asks about its start: what is given
// need not be at hand.
func (o Options) withoutGiven() Options {
	o.PullY, o.PullWeights = nil, nil
	if o.Init == InitGiven {
		return o.withoutStart()
	}
	return o
}
