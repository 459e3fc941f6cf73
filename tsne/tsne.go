package tsne

import (
	"context"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

// Version of the library; the header include/tsne.h is its home, and a test
// holds the two together.
const Version = "0.1.0"

// CPU names the SIMD path in use: "portable" or "avx2". Both give the same
// bits. The environment variable TSNE_CPU forces one.
func CPU() string { return cpu.Use.String() }

// Fit embeds the rows of x: affinities, a start, early exaggeration, and the
// phase after it. When it is cancelled while optimising it returns the
// embedding so far beside the error.
func Fit(ctx context.Context, x Matrix, o Options) (e *Embedding, err error) {
	if err := x.checkShape(); err != nil {
		return nil, err
	}
	o, err = o.resolveForData(x.Rows)
	if err != nil {
		return nil, err
	}
	if err := o.checkMemory(x, o.memory(x.Rows, x.Cols).Peak); err != nil {
		return nil, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "X", x.Data, x.Cols); err != nil {
		return nil, err
	}
	y, err := j.initialize(x)
	if err != nil {
		return nil, err
	}
	p, err := j.affinitiesOf(x)
	if err != nil {
		return nil, err
	}
	early := Phase{o.EarlyIterations, o.EarlyExaggeration, o.LearningRate, orNone(o.EarlyMomentum)}
	late := Phase{o.Iterations, o.Exaggeration, o.LearningRate, orNone(o.Momentum)}
	for _, ph := range []*Phase{&early, &late} {
		if err := ph.resolve(x.Rows); err != nil {
			return nil, err
		}
	}
	e = newEmbedding(j.pool, p, y, o)
	e.planned = early.Iterations + late.Iterations
	e.x = x
	return e, e.run(j, early, late)
}

// orNone says a resolved momentum in the words of an unresolved one.
func orNone(m float64) float64 {
	if m == 0 {
		return NoMomentum
	}
	return m
}
