package tsne

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/libtsne/libtsne/tsne/internal/pca"
)

// Initialize gives the map that o asks to start from, Rows x Dims. Of o it
// reads Dims, Init, InitY, Seed, Threads and the hooks.
//
// PCA is scaled so that its first axis has standard deviation 1e-4: large
// enough to carry the global arrangement into the map, small enough for
// t-SNE's forces to be those of a point (the paper, "Methods"). A jitter of a
// hundredth of that parts equal rows. InitSpectral makes the affinities first,
// as AffinitiesOf does, and reads those options too.
func Initialize(ctx context.Context, x Matrix, o Options) (y []float32, err error) {
	if err := x.checkShape(); err != nil {
		return nil, err
	}
	if o.Init != InitSpectral {
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
	if o.Init == InitSpectral {
		if p, err = j.affinitiesOf(x, false); err != nil {
			return nil, err
		}
	}
	return j.initialize(x.Rows, x, p)
}

// initialize makes the start of n points, whose data InitPCA and InitSample need
// and whose affinities InitSpectral.
func (j *job) initialize(n int, x Matrix, p *Affinities) ([]float32, error) {
	dims := j.o.Dims
	progress := j.stage(StageInit)
	if progress != nil {
		progress(0)
	}
	y := make([]float32, n*dims)
	var err error
	switch j.o.Init {
	case InitGiven:
		copy(y, j.o.InitY)
		err = checkFinite(j.ctx, j.pool, "InitY", y, dims)
	case InitRandom:
		addNoise(y, initSD, j.o.Seed)
	case InitPCA:
		err = j.principalComponents(y, x)
	case InitSpectral:
		err = j.spectralStart(y, p)
	case InitSample:
		err = j.sampleStart(y, x)
	}
	if err != nil {
		return nil, err
	}
	if progress != nil {
		progress(1)
	}
	return y, nil
}

func (j *job) principalComponents(y []float32, x Matrix) error {
	dims := j.o.Dims
	k := min(dims, x.Cols)
	model, err := pca.Fit(j.ctx, j.pool, x.Data, x.Rows, x.Cols, k)
	if err != nil {
		return err
	}
	scores := y
	if k < dims {
		scores = make([]float32, x.Rows*k)
	}
	if err := model.Transform(j.ctx, j.pool, x.Data, x.Rows, scores); err != nil {
		return err
	}
	if k < dims {
		for i := range x.Rows {
			copy(y[i*dims:], scores[i*k:(i+1)*k])
		}
	}
	scaleFirstAxis(y, dims, initSD)
	addNoise(y, initSD*initJitter, j.o.Seed)
	return nil
}

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
		s := math.Sqrt(max(sum2/n-float64(sum/n)*(sum/n), 0)) * most
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
