package tsne

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
)

// start is what is known of a way for points to start. Each has a file of its
// own, init_NAME.go.
type start struct {
	name string // in errors

	// What it is made from; it can do without what it does not name.
	data, affinities bool

	// memory is what write takes beside the positions, for n x d data and
	// affinities of p bytes; nil: nothing.
	memory func(o *Options, n, d int, p uint64) uint64

	// write makes the positions, Dims a row, in y, which is all 0.
	write func(j *job, y []float32, x Matrix, p *Affinities) error
}

// definition is what is known of the start; nothing if there is no such start,
// which resolve refuses.
func (i Init) definition() (s start) {
	if i >= 0 && int(i) < len(starts) {
		s = starts[i]
	}
	return s
}

// startsLateFrom is the number of points whose start has to wait until the search needs its room no more; tests lower it.
var startsLateFrom = 200_000

// startsLate says whether the start of n points is made after their affinities.
func (o *Options) startsLate(n int) bool {
	return o.Init.definition().affinities || o.Init != InitGiven && n >= startsLateFrom
}

// Initialize gives the map that o asks to start from, Rows x Dims. Of o it
// reads Dims, Init, InitY, Seed, Threads and the hooks.
//
// PCA is scaled so that its first axis has standard deviation 1e-4: large
// enough to carry the global arrangement into the map, small enough for
// t-SNE's forces to be those of a point (the paper, "Methods"). A jitter of a
// hundredth of that parts equal rows. A start made of affinities, as InitSpectral
// is, makes those first, as AffinitiesOf does, and reads its options too.
func Initialize(ctx context.Context, x Matrix, o Options) (y []float32, err error) {
	if err := x.checkShape(); err != nil {
		return nil, err
	}
	needs := o.Init.definition()
	if !needs.affinities {
		o, err = o.resolve(x.Rows)
	} else if o, err = o.resolveForData(x.Rows); err == nil {
		m := o.memory(x.Rows, x.Cols)
		err = o.checkMemory(x, max(m.Neighbors, m.Affinities, m.Init))
	}
	if err != nil {
		return nil, err
	}
	j := begin(ctx, &o)
	defer j.end(&err)
	if err := checkFinite(j.ctx, j.pool, "X", x.Data, x.Cols); err != nil {
		return nil, err
	}
	var p *Affinities
	if needs.affinities {
		if p, err = j.affinitiesOf(x, false); err != nil {
			return nil, err
		}
	}
	return j.initialize(x.Rows, x, p)
}

// initialize makes the start of n points of what its definition names.
func (j *job) initialize(n int, x Matrix, p *Affinities) ([]float32, error) {
	return j.started(n, func(y []float32) error { return j.o.Init.definition().write(j, y, x, p) })
}

// started is the stage in which a start of n points is written.
func (j *job) started(n int, write func(y []float32) error) ([]float32, error) {
	progress := j.stage(StageInit)
	if progress != nil {
		progress(0)
	}
	y := make([]float32, n*j.o.Dims)
	if err := write(y); err != nil {
		return nil, err
	}
	if progress != nil {
		progress(1)
	}
	return y, nil
}

// checkWithoutData refuses a start that is made of data where there are none.
func (o *Options) checkWithoutData() error {
	if !o.Init.definition().data {
		return nil
	}
	var others []string
	for _, s := range starts {
		if !s.data {
			others = append(others, s.name)
		}
	}
	last := len(others) - 1
	return badOption("Init", o.Init.definition().name+" without data", strings.Join(others[:last], ", ")+" or "+others[last])
}

// settle gives the positions of a start their scale and parts equal ones.
func settle(y []float32, dims int, seed uint64) {
	scaleFirstAxis(y, dims, initSD)
	jitter(y, seed)
}

// jitter parts equal positions of a start.
func jitter(y []float32, seed uint64) { addNoise(y, initSD*initJitter, seed) }

// farApart is how many times wider than another an axis of a start may be.
const farApart = 10

// scaleFirstAxis scales a map so that its first axis has the standard deviation
// sd, or the widest if that is farApart from it; one without spread it leaves at 0.
func scaleFirstAxis(y []float32, dims int, sd float64) {
	var most float64
	for _, v := range y {
		most = max(most, math.Abs(float64(v)))
	}
	if most == 0 {
		return
	}
	n := float64(len(y) / dims)
	var spread, widest float64
	for c := range dims {
		var sum, sum2 float64
		for i := c; i < len(y); i += dims {
			v := float64(y[i]) / most
			sum += v
			sum2 += float64(v * v)
		}
		s := math.Sqrt(max(sum2/n-float64(float64(sum/n)*(sum/n)), 0)) * most
		if c == 0 {
			spread = s
		}
		widest = max(widest, s)
	}
	if widest > farApart*spread {
		spread = widest
	}
	if !(spread > 0) {
		clear(y)
		return
	}
	for i, v := range y {
		y[i] = float32(float64(v) / spread * sd)
	}
}

func addNoise(y []float32, sd float64, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0))
	for i, v := range y {
		y[i] = float32(float64(v) + float64(sd*r.NormFloat64()))
	}
}
