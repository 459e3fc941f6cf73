package tsne

var randomStart = start{
	name: "random",
	write: func(j *job, y []float32, _ Matrix, _ *Affinities) error {
		addNoise(y, initSD, j.o.Seed)
		return nil
	},
}
