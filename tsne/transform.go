package tsne

import "context"

// Placement says where new points start on a finished map.
type Placement int

const (
	PlaceMedian   Placement = iota // median of the map's coordinates of the K nearest reference points
	PlaceWeighted                  // their mean, weighted by the affinities to them
	PlaceGiven                     // TransformOptions.InitY
)

// TransformOptions is what Transform can be told. Its zero value is the
// paper's mapping: the median of the 10 nearest reference points, no
// refinement. Defaults of the refinement are openTSNE's.
type TransformOptions struct {
	K         int       // nearest reference points that place a new one; 0: 10
	Placement Placement // 0: median
	InitY     []float32 // m x dims start for PlaceGiven

	Metric  Metric  // 0: that of the model
	Columns []int32 // column j of the new data is column Columns[j] of the reference; nil: all, in order

	Perplexity        float64 // 0: 5; above n/3 it is lowered to that, with a warning
	EarlyIterations   int     // 0: none
	Iterations        int     // 0: none
	EarlyExaggeration float64 // 0: 4
	Exaggeration      float64 // 0: 1.5
	LearningRate      float64 // 0: 0.1
	EarlyMomentum     float64 // 0: 0.8; NoMomentum: none
	Momentum          float64 // 0: 0.8; NoMomentum: none
	MaxGradNorm       float64 // longest gradient of a point; 0: 0.25; negative: no limit
	MaxStepNorm       float64 // longest step of a point; 0: no limit

	Repulsion       Repulsion      // 0: chosen by the reference's size and dims
	Theta           float64        // Barnes-Hut angle, up to 2; 0: 0.5
	Neighbors       NeighborMethod // 0: chosen by n and d
	NeighborsEffort float64        // of the approximate search; 0: 1

	Seed      uint64 // of the approximate search and of Bootstrap's resamples
	Threads   int    // 0: all processors
	MaxMemory uint64 // bytes the estimate may reach; 0: what the machine has free

	Progress      func(Progress) (stop bool) // called on the calling goroutine; nil: none
	ProgressEvery int                        // iterations between two calls; 0: 50
	Log           func(Level, string)        // one line a call, on the calling goroutine; nil: none
}

// SetData gives the embedding the rows that its points stand for, which
// Transform searches and Save writes. x.Data is borrowed for as long as the
// embedding has it, and must not change. Fit sets the data itself.
func (e *Embedding) SetData(x Matrix) (err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := x.checkShape(); err != nil {
		return err
	}
	if x.Rows != e.N() {
		return fail(ErrShape, "X: got %d rows, want %d, one for each point of the embedding", x.Rows, e.N())
	}
	j := begin(context.Background(), &e.o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "X", x.Data, x.Cols); err != nil {
		return err
	}
	e.x = x
	return nil
}

// Data is the data of SetData or Fit, borrowed; ok is false without any.
func (e *Embedding) Data() (x Matrix, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.x, e.x.Data != nil
}

// Transform places the rows of x on the finished map and refines their
// positions if o asks for iterations. New points do not see each other: one
// by one, in batches or all at once they get the same bits. The embedding is
// not changed.
func (e *Embedding) Transform(ctx context.Context, x Matrix, o TransformOptions) (p *Partial, err error) {
	return nil, fail(ErrInternal, "transform: not built yet")
}

// frozen is what transforms need of a map, made once for each of its states.
type frozen struct {
	iterations int // of the embedding when it was made
}
