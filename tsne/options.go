package tsne

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
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

// Numbers that are no options.
const (
	// Three neighbours a unit of perplexity: van der Maaten 2014, section 4.1.
	neighborsPerPerplexity = 3

	// Gains as in Jacobs 1988, with the floor of the reference program of van
	// der Maaten 2014.
	minGain = 0.01

	// Standard deviation of the first axis of the start: the paper, "Methods".
	initSD = 1e-4

	// Pull of an aligned map, and the part of the second phase that lets go:
	// docs/align.md, "What holds a map".
	alignPull = 2e-3
	alignFree = 0.2

	// Pull of maps beside each other and of what is held in a map that grows, each
	// point by itself: docs/together.md.
	heldPull = 5e-4

	// Jitter, as a share of initSD, that parts rows which are equal.
	initJitter = 0.01
)

// Preset is the options that go by a name in every host, of which docs/options.md has
// the list; fields that are set afterwards win. Of an unknown name it is an
// ErrOption that has the known ones.
func Preset(name string) (Options, error) {
	var known []string
	for _, p := range presets {
		if p.name == name {
			return p.options, nil
		}
		known = append(known, strconv.Quote(p.name))
	}
	return Options{}, badOption("preset", strconv.Quote(name), strings.Join(known, " or "))
}

// zero replaces the zero value by the default.
func zero[T comparable](v *T, def T) {
	var none T
	if *v == none {
		*v = def
	}
}

// span is the range of an option.
type span struct {
	low, high    float64
	above, below bool // the end is not in it
	zero, off    bool // 0, or any negative value, stands for something else
	want         string
}

func inRange[T int | float64](name string, v T, s span) error {
	f := float64(v)
	switch {
	case s.zero && v == 0, s.off && v < 0:
		return nil
	case !(f >= s.low) || f > s.high, s.above && f == s.low, s.below && f == s.high:
		return badOption(name, v, s.want)
	}
	return nil
}

// Settle writes what a fit of n points takes where o says nothing of its two phases: of 10,000 points and more
// the shorter schedule of docs/schedule.md, unless Iterations, EarlyIterations, Momentum or MomentumIterations is set, or what it has
// not been shown to do as well with: another exaggeration of either phase, a learning rate, AnnealIterations, AutoStop,
// DensityLambda or Pull. 250 and 500 iterations at momentum 0.5 and 0.8 otherwise, and of n = 0.
func (o *Options) Settle(n int) {
	said := o.EarlyIterations != 0 || o.Iterations != 0 || o.Momentum != 0 || o.MomentumIterations != 0
	plain := (o.EarlyExaggeration == 0 || o.EarlyExaggeration == defaultEarlyExaggeration) &&
		(o.Exaggeration == 0 || o.Exaggeration == defaultExaggeration) && o.LearningRate == 0
	beside := o.AnnealIterations != 0 || o.AutoStop != 0 || o.DensityLambda != 0 || o.Pull != 0
	if n >= scheduledFrom && !said && plain && !beside {
		o.takeSchedule()
	}
	o.takePhases()
}

// resolve fills the defaults in and refuses what is out of range; n is the
// number of points. The result is the only form the stages work with.
func (o Options) resolve(n int) (Options, error) {
	o.Settle(n)
	o.fill()
	zero(&o.Metric, MetricEuclidean)
	if cpu.Refused != "" {
		return o, badOption("TSNE_CPU", cpu.Refused, "portable, avx2, avx512 or neon, whichever this machine has")
	}
	if err := o.check(); err != nil {
		return o, err
	}
	switch {
	case o.Init == InitGiven && o.InitY == nil:
		return o, fail(ErrOption, "Init", "given, but %v is nil", named("InitY"))
	case o.Init == InitGiven && len(o.InitY) != n*o.Dims:
		return o, badOption("InitY", fmt.Sprintf("%d values", len(o.InitY)), fmt.Sprintf("%d rows x %d columns", n, o.Dims))
	case o.Repulsion == RepulsionFFT && o.Dims == 3:
		return o, fail(ErrOption, "Repulsion", "got fft with %v 3, want barnes_hut or exact", named("Dims"))
	}
	if err := o.checkPull(n); err != nil {
		return o, err
	}
	return o, o.Affinity.check(o.Sigma)
}

func (a AffinityKind) check(sigma float64) error {
	if a == AffinityFixedSigma && !positive(sigma) {
		return badOption("Sigma", sigma, "above 0")
	}
	return inRange("Affinity", int(a), affinityRange)
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
		o.warn(name, "%g is too large for %d points, using %.4g = (n - 1) / 3", p, n, most)
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
		if err := inRange(name, p, perplexityRange); err != nil {
			return err
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

func (o *Options) log(level Level, argument, format string, args ...any) {
	if o.Log != nil {
		o.Log(level, about(argument, format, args...))
	}
}

func (o *Options) info(argument, format string, args ...any) {
	o.log(LevelInfo, argument, format, args...)
}

func (o *Options) warn(argument, format string, args ...any) {
	o.log(LevelWarning, argument, format, args...)
}

func positive(v float64) bool { return v > 0 && !math.IsInf(v, 1) }
