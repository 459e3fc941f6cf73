package tsne

import (
	"context"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

// Version of the library; the header include/tsne.h is its home, and a test
// holds the two together.
const Version = "0.4.0"

// CPU names the SIMD path in use: "portable", "avx2" or "avx512". All give the
// same bits. The environment variable TSNE_CPU forces one; every job fails with
// ErrOption if it names another than the machine has.
func CPU() string { return cpu.Use.String() }

// Fit embeds the rows of x: affinities, a start, early exaggeration, and the
// phase after it. When it is cancelled while optimising it returns the
// embedding so far beside the error.
func Fit(ctx context.Context, x Matrix, o Options) (e *Embedding, err error) {
	if err := x.checkShape(); err != nil {
		return nil, err
	}
	asked := slices.Clone(o.Perplexities)
	o, err = o.resolveForData(x.Rows)
	if err != nil {
		return nil, err
	}
	if len(asked) == 0 {
		asked = []float64{o.Perplexity}
	}
	need := o.memory(x.Rows, x.Cols).Peak
	if x.Double && o.MaxMemory > 0 {
		need += 4 * uint64(x.Rows) * uint64(x.Cols) // the machine's free memory has less by them
	}
	if err := o.checkMemory(x, need); err != nil {
		return nil, err
	}
	defer func() {
		if spoils(err) {
			e = nil
		}
	}()
	j := begin(ctx, &o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "X", x.Data, x.Cols); err != nil {
		return nil, err
	}
	var y []float32
	var p *Affinities
	if o.Init != InitSpectral {
		// First: cheap, and a bad InitY is better found before the search.
		if y, err = j.initialize(x, nil); err != nil {
			return nil, err
		}
	}
	if p, err = j.affinitiesOf(x); err != nil {
		return nil, err
	}
	if o.Init == InitSpectral {
		if y, err = j.initialize(x, p); err != nil {
			return nil, err
		}
	}
	e = newEmbedding(j.pool, p, y, o)
	e.x = x
	if !slices.Equal(asked, o.Perplexities) {
		e.asked = asked
	}
	err = e.run(j, j.o.phases()...)
	collect(x.Rows, j.o.neighborCount(x.Rows))
	return e, err
}
