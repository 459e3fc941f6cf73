package tsne

import (
	"context"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

// Version of the library; the header include/tsne.h is its home, and a test
// holds the two together.
const Version = "0.5.0"

// CPU names the SIMD path in use: "portable", "avx2" or "avx512". All give the
// same bits. The environment variable TSNE_CPU forces one; every job fails with
// ErrOption if it names another than the machine has.
func CPU() string { return cpu.Use.String() }

// Fit embeds the rows of x: affinities, a start, early exaggeration, and the
// phase after it. When it is cancelled while optimising it returns the
// embedding so far beside the error. What it warned of, Embedding.Warnings has
// too; a panic of o's Progress or Log comes out of the call.
func Fit(ctx context.Context, x Matrix, o Options) (e *Embedding, err error) {
	return fit(ctx, x, o, 0)
}

// fit is Fit whose pull lets go for the last part of the second phase.
func fit(ctx context.Context, x Matrix, o Options, free float64) (e *Embedding, err error) {
	if err := x.checkShape(); err != nil {
		return nil, err
	}
	kept := o.keepWarnings()
	defer func() { kept.give(e) }()
	asked := o.askedPerplexities()
	o, err = o.resolveForData(x.Rows)
	if err != nil {
		return nil, err
	}
	rounded := uint64(0)
	if x.Double && o.MaxMemory > 0 {
		rounded = 4 * uint64(x.Rows) * uint64(x.Cols) // the machine's free memory has less by them
	}
	if err := o.checkFit(x, rounded); err != nil {
		return nil, err
	}
	return embed(ctx, x.Rows, x, asked, o, nil, free)
}

// FitAffinities is Fit for affinities at hand: Fit(x) has the bits of
// FitAffinities(AffinitiesOf(x), x) with the same options. x are the data that
// the embedding keeps and that some starts are made of; without, it is the zero
// Matrix. DensityLambda takes affinities made of data or of neighbours, not
// those of a CSR matrix, nor of an Embedding fitted to data without it.
//
// Of o it reads Init and what that reads, what Optimize reads, both phases,
// MaxMemory and the hooks; Metric, Affinity, the perplexities, K and Sigma are
// what the embedding knows of how p was made.
func FitAffinities(ctx context.Context, p *Affinities, x Matrix, o Options) (e *Embedding, err error) {
	data := x.Data != nil || x.Rows != 0 || x.Cols != 0
	if data {
		if err := x.checkShape(); err != nil {
			return nil, err
		}
		if x.Rows != p.N {
			return nil, fail(ErrShape, "X", "got %d rows, want %d, as many as the affinities have", x.Rows, p.N)
		}
	}
	kept := o.keepWarnings()
	defer func() { kept.give(e) }()
	asked, log := o.askedPerplexities(), o.Log
	o.Log = nil // of what is lowered p's maker has told
	if o, err = o.resolveForData(p.N); err != nil {
		return nil, err
	}
	o.Log = log
	if !data {
		if err := o.checkWithoutData(); err != nil {
			return nil, err
		}
	}
	if o.DensityLambda > 0 && p.radius == nil {
		return nil, errNoRadii()
	}
	entries := uint64(len(p.Val))
	m := o.memoryWith(p.N, x.Cols, 8*entries+8*uint64(p.N), entries)
	if err := o.checkRoom(max(m.Init, m.Optimize), "%d points of %d affinities", p.N, len(p.Val)); err != nil {
		return nil, err
	}
	return embed(ctx, p.N, x, asked, o, p, 0)
}

// embed is the job of every fit: n points, that x are the data of if it has any,
// and of the affinities p, which are made of x where there are none; free is the
// part of the second phase without a pull.
func embed(ctx context.Context, n int, x Matrix, asked []float64, o Options, p *Affinities, free float64) (e *Embedding, err error) {
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
	if err := checkFinite(j.ctx, j.pool, "PullY", o.PullY, o.Dims); err != nil {
		return nil, err
	}
	keep, err := newCheckpoint(j, x, p, free)
	if err != nil {
		return nil, err
	}
	e, at, err := keep.embedding(n, p)
	if err != nil {
		return nil, err
	}
	if e == nil {
		if e, err = j.begun(keep, n, x, p); err != nil {
			return nil, err
		}
	}
	e.x, e.pShared = x, p != nil && e.order == nil
	if !slices.Equal(asked, o.Perplexities) {
		e.asked = asked
	}
	phases := o.phases()
	phases[1].free = int(free * float64(o.Iterations))
	err = e.run(j, keep, at, phases...)
	collect(n, o.neighborCount(n))
	if j.ctx.Err() == nil { // whatever it was, it would be again
		keep.remove()
	}
	return e, err
}

// begun is the embedding at its start.
func (j *job) begun(keep *checkpoint, n int, x Matrix, p *Affinities) (*Embedding, error) {
	k, late := j.o.neighborCount(n), j.o.startsLate(n)
	nb, y, err := keep.graph(n, k)
	if err != nil {
		return nil, err
	}
	if y == nil && !late {
		// First: cheap, and a bad InitY is better found before the search.
		if y, err = j.initialize(n, x, nil); err != nil {
			return nil, err
		}
	}
	if p == nil {
		if nb == nil {
			if nb, err = j.neighbors(x, k); err != nil {
				return nil, err
			}
			if err := keep.keepGraph(nb, y); err != nil {
				return nil, err
			}
		}
		if j.o.compact() {
			p, err = j.compactOfGraph(nb)
		} else {
			p, err = j.affinitiesOfGraph(nb, j.o.DensityLambda > 0)
		}
		if err != nil {
			return nil, err
		}
		if err := keep.keepAffinities(p); err != nil {
			return nil, err
		}
	}
	if late {
		if y, err = j.initialize(n, x, p); err != nil {
			return nil, err
		}
	}
	e := newEmbedding(j.pool, p, y, *j.o)
	return e, keep.keepMap(e, mark{})
}
