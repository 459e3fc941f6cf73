package tsne

import (
	"fmt"
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

// Init says where the points start.
type Init int

const (
	InitPCA      Init = iota // first principal components, scaled
	InitRandom               // Gaussian
	InitGiven                // Options.InitY
	InitSpectral             // eigenvectors of the affinities' graph
	InitSample               // a map of SampleSize rows, the others placed on it
)

// Metric is a distance between rows.
type Metric int

const (
	MetricDefault     Metric = iota // of a fit: Euclidean; of a transform: that of the model
	MetricEuclidean                 // square root of the sum of squared differences
	MetricCosine                    // 1 - cosine of the angle
	MetricCorrelation               // 1 - Pearson correlation
	MetricManhattan                 // sum of absolute differences
	MetricChebyshev                 // largest absolute difference
	MetricHamming                   // share of columns that differ
)

// AffinityKind says how a neighbour graph becomes affinities.
type AffinityKind int

const (
	AffinityPerplexity AffinityKind = iota // Gaussians of the given perplexity; several: the mean of their p_j|i
	AffinityMultiscale                     // several perplexities: one p_j|i from the sum of their Gaussians
	AffinityUniform                        // the same for all neighbours
	AffinityFixedSigma                     // Gaussians of one bandwidth, Sigma
	AffinityUniformMax                     // the same for each pair of which either is a neighbour of the other
)

// NeighborMethod says how neighbours are found.
type NeighborMethod int

const (
	NeighborsAuto   NeighborMethod = iota // the faster for this n and d
	NeighborsExact                        // all pairs
	NeighborsApprox                       // inverted lists, recall about 0.99
)

// Repulsion says how the sum over all pairs of points is evaluated.
type Repulsion int

const (
	RepulsionAuto      Repulsion = iota // by n and dims
	RepulsionExact                      // all pairs: the oracle, and quickest for small n
	RepulsionBarnesHut                  // tree; 1 to 3 dims
	RepulsionFFT                        // interpolation on a grid; 1 and 2 dims
)

// Level is the weight of a log line.
type Level int

const (
	LevelInfo Level = iota
	LevelWarning
)

// Stage is a part of the job, as progress reports name it.
type Stage int

const (
	StageNeighbors Stage = iota
	StageAffinities
	StageInit
	StageOptimize
)

// Progress is what a progress callback is told.
type Progress struct {
	Stage        Stage
	Done         float64   // of this stage, 0 to 1
	Iteration    int       // done since the embedding began
	Iterations   int       // planned, those done included
	KL           float64   // before this iteration's step, without exaggeration; NaN outside StageOptimize
	Exaggeration float64   // in force
	N, Dims      int       // size of the map
	Y            []float32 // the map, N x Dims, valid during the call; nil outside StageOptimize
}

// NoMomentum stands for a momentum of 0, which in Options means the default.
const NoMomentum = -1

// Options is what Fit can be told. Its zero value is the paper's recipe:
// every field says what 0 means.
type Options struct {
	Dims int // columns of the map, 1 to 3; 0: 2

	Perplexity   float64   // 0: 30; above (n-1)/3 it is lowered to that, with a warning
	Perplexities []float64 // several at once, averaged; nil: the one above

	Metric   Metric       // 0: Euclidean
	Affinity AffinityKind // 0: by perplexity
	K        int          // neighbours of a point; 0: three a unit of the largest perplexity
	Sigma    float64      // bandwidth for AffinityFixedSigma, in the unit of the distances

	Init       Init      // 0: PCA
	SampleSize int       // rows of InitSample; 0: 25,000
	InitY      []float32 // n x Dims start for InitGiven, used as it is

	Neighbors       NeighborMethod // 0: chosen by n and d
	NeighborsEffort float64        // of the approximate search, more is better and slower; 0: 1

	Repulsion Repulsion // 0: chosen by n and Dims
	Theta     float64   // Barnes-Hut angle, up to 2; 0: 0.5

	EarlyExaggeration float64 // 0: 12
	EarlyIterations   int     // 0: 250; negative: none
	Exaggeration      float64 // of the second phase; 0: 1
	Iterations        int     // of the second phase; 0: 500; negative: none
	LearningRate      float64 // 0: n / exaggeration of the phase
	EarlyMomentum     float64 // 0: 0.5; NoMomentum: none
	Momentum          float64 // 0: 0.8; NoMomentum: none
	MaxStepNorm       float64 // longest step of a point; 0: 5; negative: no limit
	MaxGradNorm       float64 // longest gradient of a point; 0: no limit
	DOF               float64 // degrees of freedom of the map's kernel, below 1 heavier tails; 0: 1
	AnnealIterations  int     // of the second phase, over which exaggeration goes from early to late; 0: none
	AutoStop          float64 // a phase ends once KL falls by less than KL / AutoStop an iteration; 0: never

	DensityLambda   float64 // weight of density preservation; 0: none
	DensityFraction float64 // last share of the iterations that has it; 0: 0.3
	DensityShift    float64 // added to the variance of the log radii; 0: 0.1

	Seed      uint64 // of the random start, the jitter and the approximate search
	Threads   int    // 0: all processors
	MaxMemory uint64 // bytes the estimate may reach; 0: what the machine has free

	Progress      func(Progress) (stop bool) // called on the calling goroutine; nil: none
	ProgressEvery int                        // iterations between two calls; 0: 50
	Log           func(Level, string)        // one line a call, on the calling goroutine; nil: none
}

// The defaults and where each comes from.
const (
	defaultDims       = 2
	defaultPerplexity = 30 // van der Maaten & Hinton 2008; the paper keeps it for local structure

	// Three neighbours a unit of perplexity: van der Maaten 2014, section 4.1.
	neighborsPerPerplexity = 3

	// Exaggeration 12 for 250 iterations: van der Maaten 2014, section 5; that
	// n/12 is then the rate to go with it: Linderman & Steinerberger 2019,
	// Belkina et al. 2019. 500 more: docs/fidelity.md.
	defaultEarlyExaggeration = 12
	defaultEarlyIterations   = 250
	defaultExaggeration      = 1
	defaultIterations        = 500

	// Momentum 0.5 while exaggerated and 0.8 after: van der Maaten & Hinton
	// 2008, section 3.4.
	defaultEarlyMomentum = 0.5
	defaultMomentum      = 0.8

	// Gains as in Jacobs 1988, with the floor of the reference program of van
	// der Maaten 2014.
	minGain = 0.01

	// A point that leaves its cluster by more than this in one step comes back
	// late or never; openTSNE's default.
	defaultMaxStepNorm = 5

	// Standard deviation of the first axis of the start: the paper, "Methods".
	initSD = 1e-4
	// Jitter, as a share of initSD, that parts rows which are equal.
	initJitter = 0.01

	// The paper, "Methods" (Cao et al. data).
	defaultSampleSize = 25_000

	defaultDOF = 1 // van der Maaten & Hinton 2008
	// Above, the kernel is a Gaussian to all intents, and the grid's sum of
	// Gaussians takes ever more terms; below, it hardly falls at all.
	minDOF = 0.01
	maxDOF = 10_000

	// Narayan, Berger & Cho 2021, den-SNE.
	defaultDensityFraction = 0.3
	defaultDensityShift    = 0.1

	defaultTheta         = 0.5 // van der Maaten 2014, section 5
	defaultEffort        = 1
	defaultProgressEvery = 50
)

// zero replaces the zero value by the default.
func zero[T comparable](v *T, def T) {
	var none T
	if *v == none {
		*v = def
	}
}

// resolve fills the defaults in and refuses what is out of range; n is the
// number of points. The result is the only form the stages work with.
func (o Options) resolve(n int) (Options, error) {
	zero(&o.Dims, defaultDims)
	zero(&o.Perplexity, defaultPerplexity)
	zero(&o.NeighborsEffort, defaultEffort)
	zero(&o.Theta, defaultTheta)
	zero(&o.EarlyExaggeration, defaultEarlyExaggeration)
	zero(&o.EarlyIterations, defaultEarlyIterations)
	zero(&o.Exaggeration, defaultExaggeration)
	zero(&o.Iterations, defaultIterations)
	zero(&o.EarlyMomentum, defaultEarlyMomentum)
	zero(&o.Momentum, defaultMomentum)
	zero(&o.MaxStepNorm, defaultMaxStepNorm)
	zero(&o.ProgressEvery, defaultProgressEvery)
	zero(&o.Metric, MetricEuclidean)
	zero(&o.SampleSize, defaultSampleSize)
	zero(&o.DOF, defaultDOF)
	zero(&o.DensityFraction, defaultDensityFraction)
	zero(&o.DensityShift, defaultDensityShift)

	switch {
	case cpu.Refused != "":
		return o, badOption("TSNE_CPU", cpu.Refused, "portable, avx2 or avx512, whichever this machine has")
	case o.Dims < 1 || o.Dims > 3:
		return o, badOption("Dims", o.Dims, "1, 2 or 3")
	case o.Init < InitPCA || o.Init > InitSample:
		return o, badOption("Init", int(o.Init), "PCA (0), random (1), given (2), spectral (3) or sample (4)")
	case o.SampleSize < minRows:
		return o, badOption("SampleSize", o.SampleSize, "4 or more")
	case o.Metric < MetricEuclidean || o.Metric > MetricHamming:
		return o, badOption("Metric", int(o.Metric), "Euclidean (1), cosine (2), correlation (3), Manhattan (4), Chebyshev (5) or Hamming (6)")
	case o.K < 0:
		return o, badOption("K", o.K, "1 or more, or 0 for three a unit of perplexity")
	case !(o.DOF >= minDOF) || o.DOF > maxDOF:
		return o, badOption("DOF", o.DOF, "0.01 to 10000")
	case o.MaxGradNorm != 0 && !(o.MaxGradNorm > 0):
		return o, badOption("MaxGradNorm", o.MaxGradNorm, "above 0, or 0 for none")
	case o.AnnealIterations < 0:
		return o, badOption("AnnealIterations", o.AnnealIterations, "0 or more")
	case o.AutoStop != 0 && !positive(o.AutoStop):
		return o, badOption("AutoStop", o.AutoStop, "above 0, or 0 for never")
	case !(o.DensityLambda >= 0) || math.IsInf(o.DensityLambda, 0):
		return o, badOption("DensityLambda", o.DensityLambda, "0 or more")
	case !(o.DensityFraction > 0) || o.DensityFraction > 1:
		return o, badOption("DensityFraction", o.DensityFraction, "above 0, at most 1")
	case !positive(o.DensityShift):
		return o, badOption("DensityShift", o.DensityShift, "above 0")
	case o.Init == InitGiven && o.InitY == nil:
		return o, fail(ErrOption, "Init: given, but InitY is nil")
	case o.Init == InitGiven && len(o.InitY) != n*o.Dims:
		return o, badOption("InitY", fmt.Sprintf("%d values", len(o.InitY)), fmt.Sprintf("%d rows x %d columns", n, o.Dims))
	case o.Neighbors < NeighborsAuto || o.Neighbors > NeighborsApprox:
		return o, badOption("Neighbors", int(o.Neighbors), "auto (0), exact (1) or approx (2)")
	case !(o.NeighborsEffort > 0) || o.NeighborsEffort > 1000:
		return o, badOption("NeighborsEffort", o.NeighborsEffort, "above 0, at most 1000")
	case o.Repulsion < RepulsionAuto || o.Repulsion > RepulsionFFT:
		return o, badOption("Repulsion", int(o.Repulsion), "auto (0), exact (1), Barnes-Hut (2) or FFT (3)")
	case o.Repulsion == RepulsionFFT && o.Dims == 3:
		return o, badOption("Repulsion", "FFT with 3 dims", "Barnes-Hut or exact for 3 dims")
	case !(o.Theta > 0) || o.Theta > 2:
		return o, badOption("Theta", o.Theta, "above 0, at most 2")
	case !positive(o.EarlyExaggeration):
		return o, badOption("EarlyExaggeration", o.EarlyExaggeration, "above 0")
	case !positive(o.Exaggeration):
		return o, badOption("Exaggeration", o.Exaggeration, "above 0")
	case o.LearningRate != 0 && !positive(o.LearningRate):
		return o, badOption("LearningRate", o.LearningRate, "above 0, or 0 for n / exaggeration")
	case !momentumOK(&o.EarlyMomentum):
		return o, badOption("EarlyMomentum", o.EarlyMomentum, "0 to below 1")
	case !momentumOK(&o.Momentum):
		return o, badOption("Momentum", o.Momentum, "0 to below 1")
	case math.IsNaN(o.MaxStepNorm):
		return o, badOption("MaxStepNorm", o.MaxStepNorm, "above 0, or none")
	case o.Threads < 0:
		return o, badOption("Threads", o.Threads, "1 or more, or 0 for all processors")
	case o.EarlyIterations > math.MaxInt32:
		return o, badOption("EarlyIterations", o.EarlyIterations, "at most 2^31 - 1")
	case o.Iterations > math.MaxInt32:
		return o, badOption("Iterations", o.Iterations, "at most 2^31 - 1")
	case o.ProgressEvery < 1:
		return o, badOption("ProgressEvery", o.ProgressEvery, "1 or more")
	}
	o.EarlyIterations = max(o.EarlyIterations, 0)
	o.Iterations = max(o.Iterations, 0)
	return o, o.Affinity.check(o.Sigma)
}

func (a AffinityKind) check(sigma float64) error {
	switch {
	case a < AffinityPerplexity || a > AffinityUniformMax:
		return badOption("Affinity", int(a), "perplexity (0), multiscale (1), uniform (2), fixed sigma (3) or uniform max (4)")
	case a == AffinityFixedSigma && !positive(sigma):
		return badOption("Sigma", sigma, "above 0")
	}
	return nil
}

// resolveForData is resolve for the calls that use the perplexities.
func (o Options) resolveForData(n int) (Options, error) {
	o, err := o.resolve(n)
	if err != nil {
		return o, err
	}
	if o.K >= n {
		return o, badOption("K", o.K, fmt.Sprintf("1 to %d, one less than the points", n-1))
	}
	return o, o.resolvePerplexities(n)
}

// resolvePerplexities leaves Perplexities as the one list to use, each value
// lowered, as openTSNE does, to what n points can carry.
func (o *Options) resolvePerplexities(n int) error {
	most := float64(n-1) / neighborsPerPerplexity
	return o.lowerPerplexities(most, o.Affinity.byPerplexity() || o.K == 0, func(name string, p float64) {
		o.warn("%s: %g is too large for %d points, using %.4g = (n - 1) / 3", name, p, n, most)
	})
}

// lowerPerplexities leaves Perplexities as the one list to use, none above most;
// with tell it warns of those that were, by the name of the option.
func (o *Options) lowerPerplexities(most float64, tell bool, warn func(name string, p float64)) error {
	list, name := o.Perplexities, "Perplexities"
	if len(list) == 0 {
		list, name = []float64{o.Perplexity}, "Perplexity"
	}
	o.Perplexities = nil
	for _, p := range list {
		if !positive(p) {
			return badOption(name, p, "above 0")
		}
		if p > most && tell {
			warn(name, p)
		}
		o.Perplexities = append(o.Perplexities, min(p, most))
	}
	return nil
}

// askedPerplexities are those of options not yet resolved.
func (o *Options) askedPerplexities() []float64 {
	switch {
	case len(o.Perplexities) > 0:
		return slices.Clone(o.Perplexities)
	case o.Perplexity == 0:
		return []float64{defaultPerplexity}
	}
	return []float64{o.Perplexity}
}

// neighborCount is K, or how many neighbours the largest perplexity needs, but
// at most the other points.
func (o *Options) neighborCount(n int) int {
	if o.K > 0 {
		return o.K
	}
	return neighborsFor(o.Perplexities, n-1)
}

// neighborsFor is how many neighbours the largest perplexity needs, at most
// so many.
func neighborsFor(perplexities []float64, most int) (k int) {
	for _, p := range perplexities {
		k = max(k, int(neighborsPerPerplexity*p))
	}
	return min(max(k, 1), most)
}

func (o *Options) log(level Level, format string, args ...any) {
	if o.Log != nil {
		o.Log(level, fmt.Sprintf(format, args...))
	}
}

func (o *Options) info(format string, args ...any) { o.log(LevelInfo, format, args...) }
func (o *Options) warn(format string, args ...any) { o.log(LevelWarning, format, args...) }

func positive(v float64) bool { return v > 0 && !math.IsInf(v, 1) }

func momentumOK(m *float64) bool {
	if *m == NoMomentum {
		*m = 0
	}
	return *m >= 0 && *m < 1
}
