package tsne

import (
	"math/rand/v2"
	"slices"
)

var sampleStart = start{name: "sample", data: true, memory: (*Options).sampleMemory, write: (*job).sampleStart}

// samplePerplexity is the share of the sample that its second perplexity is:
// the paper, "Methods", n/100.
const samplePerplexity = 0.01

// sampleOptions are those of the map of the sample: the paper's recipe for a
// size of a few thousand to tens of thousands, with o's metric and searches.
func (o *Options) sampleOptions(rows int) Options {
	s := Options{
		Dims: o.Dims, Metric: o.Metric, DOF: o.DOF, Perplexities: []float64{defaultPerplexity},
		Neighbors: o.Neighbors, NeighborsEffort: o.NeighborsEffort, Repulsion: o.Repulsion, Theta: o.Theta,
		Seed: o.Seed, Threads: o.Threads, MaxMemory: o.MaxMemory, Log: o.Log,
	}
	s.Settle(0) // with a perplexity of some hundreds the schedule has not been tried
	if global := samplePerplexity * float64(rows); global > defaultPerplexity {
		s.Perplexities = append(s.Perplexities, global)
	}
	return s
}

// sampleMemory: the sample, and the making of its map or the placing of the others.
func (o *Options) sampleMemory(n, d int, _ uint64) uint64 {
	rows := min(o.SampleSize, n)
	s, err := o.sampleOptions(rows).resolveForData(rows)
	if err != nil {
		return 0
	}
	t := TransformOptions{K: papersK, AffinityK: 1}
	place := t.memory(Matrix{Rows: rows, Cols: d}, transformBatch, o.Dims, false, &s)
	return 4*uint64(rows)*uint64(d) + max(s.memory(rows, d).Peak, place)
}

// sampleStart is the start for very large data (the paper, "Methods"): a map
// of SampleSize random rows, from their principal components, with
// perplexities 30 and a hundredth of the sample together, and all other rows
// at the median of their 10 nearest in it; scaled as a PCA start is. With as
// many rows as the data have, or more, the sample is all of them.
func (j *job) sampleStart(y []float32, x Matrix, _ *Affinities) error {
	dims := j.o.Dims
	rows := drawRows(x.Rows, j.o.SampleSize, j.o.Seed)
	some := x
	if len(rows) < x.Rows {
		some = Matrix{Data: make([]float32, 0, len(rows)*x.Cols), Rows: len(rows), Cols: x.Cols, Center: x.Center}
		for _, i := range rows {
			some.Data = append(some.Data, x.Data[int(i)*x.Cols:][:x.Cols]...)
		}
	} else {
		j.o.info("Init", "sample: all %d rows are the sample", x.Rows)
	}
	o := j.o.sampleOptions(some.Rows)
	progress := j.stage(StageInit)
	const mapping = 0.9 // share of the time
	if progress != nil {
		o.ProgressEvery = j.o.ProgressEvery
		o.Progress = func(p Progress) bool {
			if p.Stage == StageOptimize {
				progress(mapping * p.Done)
			}
			return j.ctx.Err() != nil
		}
	}
	var e *Embedding
	var err error
	told(func() { e, err = Fit(j.ctx, some, o) }) // what panics in it is the user's
	if err != nil {
		return err
	}
	if len(rows) == x.Rows {
		e.CopyY(y)
	} else if err := j.placeOn(e, y, x, rows, func(done float64) {
		if progress != nil {
			progress(mapping + (1-mapping)*done)
		}
	}); err != nil {
		return err
	}
	settle(y, dims, j.o.Seed)
	return nil
}

// placeOn writes the places of the rows of x on the map of some of them: those
// keep theirs.
func (j *job) placeOn(e *Embedding, y []float32, x Matrix, rows []int32, progress func(float64)) error {
	dims := j.o.Dims
	m := &frozenMap{n: len(rows), dims: dims, dof: j.o.DOF, y: e.Y()}
	search, err := j.newRowSearch("X", e.x, j.o.Metric, nil)
	if err != nil {
		return err
	}
	if x, err = j.in(search.frame, x); err != nil {
		return err
	}
	k := min(papersK, len(rows))
	err = search.batches(j.quiet(), x, k, func(lo, hi int, nb *Neighbors) error {
		m.median(j, y[lo*dims:hi*dims], nb, k)
		progress(float64(hi) / float64(x.Rows))
		return nil
	})
	for i, row := range rows {
		copy(y[int(row)*dims:(int(row)+1)*dims], m.y[i*dims:])
	}
	return err
}

// drawRows draws size of n rows, all if there are no more, in ascending
// order.
func drawRows(n, size int, seed uint64) []int32 {
	size = min(size, n)
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	r := rand.New(rand.NewPCG(seed, 0x73616d706c65))
	for i := range size {
		at := i + r.IntN(n-i)
		rows[i], rows[at] = rows[at], rows[i]
	}
	rows = rows[:size]
	slices.Sort(rows)
	return rows
}

// quiet is the same job without its progress callback.
func (j *job) quiet() *job {
	q, o := *j, *j.o
	o.Progress, q.o = nil, &o
	return &q
}
