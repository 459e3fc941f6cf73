package tsne_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/libtsne/libtsne/tsne"
)

// knob is a field of options: what it is set to, beside what else it needs to
// matter, and a bad value.
type knob[O any] struct {
	with, set, spoil func(o *O)
}

// told counts what the hooks of a call are told, of lines the letters. Before the optimiser the number of
// reports is a matter of chance. As the context of a call it sees its workers.
type told struct {
	context.Context
	any                     bool
	reports, lines, workers int
}

func (s *told) Done() <-chan struct{} {
	if runtime.NumGoroutine() <= s.workers {
		return nil
	}
	// That was counted while goroutines start and end, and can be many too high; a profile stops them.
	var all [256]runtime.StackRecord
	n, _ := runtime.GoroutineProfile(all[:])
	s.workers = max(s.workers, n)
	return nil
}

// Each field is in the map once, or in the table of options; threads and hooks are seen by what they do.
func knobs(n int, seen *told) map[string]knob[tsne.Options] {
	type O = tsne.Options
	y := scatter(n, 2, 1e-4, 3)
	report := func(o *O) {
		o.ProgressEvery = 1
		o.Progress = func(p tsne.Progress) bool {
			seen.any = true
			if p.Stage == tsne.StageOptimize {
				seen.reports++
			}
			return false
		}
	}
	approx := func(o *O) { o.Neighbors, o.NeighborsEffort = tsne.NeighborsApprox, 0.01 }
	listen := func(o *O) { o.Log = func(_ tsne.Level, line tsne.Message) { seen.lines += len(line.String()) } }
	keep := func(o *O) {
		listen(o)
		o.Checkpoint = filepath.Join(os.TempDir(), rand.Text())
	}
	fields := map[string]knob[O]{
		"Dims":            {nil, func(o *O) { o.Dims = 1 }, func(o *O) { o.Dims = 4 }},
		"Perplexity":      {nil, func(o *O) { o.Perplexity = 4 }, func(o *O) { o.Perplexity = -4 }},
		"Perplexities":    {nil, func(o *O) { o.Perplexities = []float64{3, 9} }, func(o *O) { o.Perplexities = []float64{3, math.NaN()} }},
		"Metric":          {nil, func(o *O) { o.Metric = tsne.MetricManhattan }, func(o *O) { o.Metric = 99 }},
		"Affinity":        {nil, func(o *O) { o.Affinity = tsne.AffinityUniform }, func(o *O) { o.Affinity = -1 }},
		"Init":            {nil, func(o *O) { o.Init = tsne.InitSpectral }, func(o *O) { o.Init = 99 }},
		"InitY":           {func(o *O) { o.Init, o.InitY = tsne.InitGiven, y }, func(o *O) { o.InitY = scatter(n, 2, 1e-4, 4) }, func(o *O) { o.InitY = y[1:] }},
		"PullY":           {func(o *O) { o.Pull, o.PullY = 0.5, scatter(n, 2, 1, 3) }, func(o *O) { o.PullY = scatter(n, 2, 1, 4) }, func(o *O) { o.PullY = y[1:] }},
		"PullWeights":     {func(o *O) { o.Pull = 0.5 }, func(o *O) { o.PullWeights = make([]float32, n) }, func(o *O) { o.PullWeights = append(make([]float32, n-1), -1) }},
		"Neighbors":       {approx, func(o *O) { o.Neighbors = tsne.NeighborsExact }, func(o *O) { o.Neighbors = 99 }},
		"NeighborsEffort": {approx, func(o *O) { o.NeighborsEffort = 1 }, func(o *O) { o.NeighborsEffort = -1 }},
		"Repulsion":       {nil, func(o *O) { o.Repulsion = tsne.RepulsionBarnesHut }, func(o *O) { o.Repulsion = 99 }},
		"MaxStepNorm":     {nil, func(o *O) { o.MaxStepNorm = 1e-5 }, func(o *O) { o.MaxStepNorm = math.NaN() }},
		"Seed":            {func(o *O) { approx(o); o.Init = tsne.InitRandom }, func(o *O) { o.Seed = 9 }, nil},
		"Threads":         {nil, func(o *O) { o.Threads = 17 }, func(o *O) { o.Threads = -1 }},
		"MaxMemory":       {nil, func(o *O) { o.MaxMemory = 1 }, nil},
		"Progress":        {nil, report, nil},
		"ProgressEvery":   {report, func(o *O) { o.ProgressEvery = 3 }, func(o *O) { o.ProgressEvery = -1 }},
		"Checkpoint":      {listen, func(o *O) { o.Checkpoint = filepath.Join("no such folder", "run.npz") }, func(o *O) { o.Checkpoint = "." }},
		"Scratch":         {nil, func(o *O) { o.Scratch = "no such folder" }, nil},
		"CheckpointEvery": {keep, func(o *O) { o.CheckpointEvery = 3 }, func(o *O) { o.CheckpointEvery = -1 }},
		"Log":             {nil, listen, nil},
	}
	for name, field := range tries {
		if _, own := fields[name]; !own {
			fields[name] = field
		}
	}
	return fields
}

func newKnobs(m int, seen *told) map[string]knob[tsne.TransformOptions] {
	type O = tsne.TransformOptions
	y := scatter(m, 2, 1, 3)
	report := func(o *O) {
		o.ProgressEvery = 1
		o.Progress = func(p tsne.Progress) bool {
			seen.any = true
			if p.Stage == tsne.StageOptimize {
				seen.reports++
			}
			return false
		}
	}
	approx := func(o *O) { o.Neighbors, o.NeighborsEffort = tsne.NeighborsApprox, 0.01 }
	tree := func(o *O) { o.Repulsion = tsne.RepulsionBarnesHut }
	return map[string]knob[O]{
		"K":                 {nil, func(o *O) { o.K = 3 }, func(o *O) { o.K = -1 }},
		"Placement":         {nil, func(o *O) { o.Placement = tsne.PlaceWeighted }, func(o *O) { o.Placement = 99 }},
		"InitY":             {func(o *O) { o.Placement, o.InitY = tsne.PlaceGiven, y }, func(o *O) { o.InitY = scatter(m, 2, 1, 4) }, func(o *O) { o.Placement, o.InitY = tsne.PlaceGiven, y[1:] }},
		"Metric":            {nil, func(o *O) { o.Metric = tsne.MetricManhattan }, func(o *O) { o.Metric = 99 }},
		"Columns":           {nil, func(o *O) { o.Columns = []int32{19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0} }, func(o *O) { o.Columns = []int32{20} }},
		"Affinity":          {nil, func(o *O) { o.Affinity = tsne.AffinityUniform }, func(o *O) { o.Affinity = -1 }},
		"Perplexities":      {nil, func(o *O) { o.Perplexities = []float64{3, 9} }, func(o *O) { o.Perplexities = []float64{-3} }},
		"Sigma":             {func(o *O) { o.Affinity, o.Sigma = tsne.AffinityFixedSigma, 2 }, func(o *O) { o.Sigma = 3 }, func(o *O) { o.Sigma = -2 }},
		"AffinityK":         {nil, func(o *O) { o.AffinityK = 7 }, func(o *O) { o.AffinityK = -1 }},
		"EarlyIterations":   {nil, func(o *O) { o.EarlyIterations = 5 }, func(o *O) { o.EarlyIterations = -5 }},
		"Iterations":        {nil, func(o *O) { o.Iterations = 5 }, func(o *O) { o.Iterations = -5 }},
		"EarlyExaggeration": {nil, func(o *O) { o.EarlyExaggeration = 9 }, func(o *O) { o.EarlyExaggeration = -9 }},
		"Exaggeration":      {nil, func(o *O) { o.Exaggeration = 9 }, func(o *O) { o.Exaggeration = -9 }},
		"LearningRate":      {nil, func(o *O) { o.LearningRate = 1 }, func(o *O) { o.LearningRate = -1 }},
		"EarlyMomentum":     {nil, func(o *O) { o.EarlyMomentum = 0.5 }, func(o *O) { o.EarlyMomentum = 1 }},
		"Momentum":          {nil, func(o *O) { o.Momentum = 0.5 }, func(o *O) { o.Momentum = 1 }},
		"MaxGradNorm":       {nil, func(o *O) { o.MaxGradNorm = 1e-4 }, func(o *O) { o.MaxGradNorm = math.NaN() }},
		"MaxStepNorm":       {nil, func(o *O) { o.MaxStepNorm = 1e-4 }, func(o *O) { o.MaxStepNorm = -1 }},
		"Repulsion":         {nil, tree, func(o *O) { o.Repulsion = 99 }},
		"Theta":             {tree, func(o *O) { o.Theta = 1.5 }, func(o *O) { o.Theta = 3 }},
		"Neighbors":         {approx, func(o *O) { o.Neighbors = tsne.NeighborsExact }, func(o *O) { o.Neighbors = 99 }},
		"NeighborsEffort":   {approx, func(o *O) { o.NeighborsEffort = 1 }, func(o *O) { o.NeighborsEffort = -1 }},
		"Seed":              {approx, func(o *O) { o.Seed = 9 }, nil},
		"Threads":           {nil, func(o *O) { o.Threads = 17 }, func(o *O) { o.Threads = -1 }},
		"MaxMemory":         {nil, func(o *O) { o.MaxMemory = 1 }, nil},
		"Progress":          {nil, report, nil},
		"ProgressEvery":     {report, func(o *O) { o.ProgressEvery = 3 }, func(o *O) { o.ProgressEvery = -1 }},
		"Log":               {nil, func(o *O) { o.Perplexities = []float64{1e6}; o.Log = func(tsne.Level, tsne.Message) { seen.lines++ } }, nil},
	}
}

// changes says which fields change what run gives: its bits, an error, or what
// the hooks are told.
func changes[O any](t *testing.T, fields map[string]knob[O], base O, seen *told, run func(o O) (any, error), only ...string) map[string]bool {
	idle := runtime.NumGoroutine()
	for range 100 { // some of these are workers of another test
		time.Sleep(100 * time.Microsecond)
		idle = min(idle, runtime.NumGoroutine())
	}
	digest := func(name string, o O) string {
		for i := 0; i < 1e5 && runtime.NumGoroutine() > idle; i++ { // the workers of the call before
			time.Sleep(100 * time.Microsecond)
		}
		*seen = told{Context: context.Background()}
		v, err := run(o)
		workers := seen.workers >= idle+16
		return fmt.Sprint(v, err, seen.any && name == "Progress", seen.reports, seen.lines, workers)
	}
	changed := map[string]bool{}
	for i := range reflect.TypeFor[O]().NumField() {
		name := reflect.TypeFor[O]().Field(i).Name
		field, ok := fields[name]
		if !ok {
			t.Fatalf("no knob for %s", name)
		}
		if len(only) > 0 && !slices.Contains(only, name) {
			continue
		}
		o := base
		if field.with != nil {
			field.with(&o)
		}
		before := digest(name, o)
		field.set(&o)
		changed[name] = digest(name, o) != before
	}
	return changed
}

func bits(v ...[]float32) any {
	sums := make([]uint64, len(v))
	for i := range v {
		sums[i] = checksum(v[i])
	}
	return sums
}

func neighborBits(nb *tsne.Neighbors, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return fmt.Sprint(nb.Index, nb.Dist2), nil
}

func affinityBits(p *tsne.Affinities, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return fmt.Sprint(p.Col, p.Val), nil
}

func mapBits(e *tsne.Embedding, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return fmt.Sprint(bits(e.Y()), e.Iterations(), e.KL()), nil
}

func partialBits(p *tsne.Partial, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return fmt.Sprint(bits(p.Y()), p.Iterations()), nil
}

func diagnosisBits(d *tsne.Diagnosis, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return fmt.Sprint(bits(d.Recall, d.Trustworthiness, d.Continuity, d.Stretch, d.Perturbation, d.Singularity, d.Reliability), d.Dubious), nil
}

func outsideBits(o *tsne.Outside, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return bits(o.Distance, o.Quantile, o.Ratio), nil
}

const search = "Metric MaxMemory"

// What a search among few rows, which is exact, does not look at.
var ofMany = []string{"Neighbors", "NeighborsEffort", "Seed"}

// TestEveryOptionIsRead holds each function to the fields that its comment says
// it reads: these change what it gives, and no other does.
func TestEveryOptionIsRead(t *testing.T) {
	const n = 240
	x, q := blobs(n, 20, 3, 1), blobs(40, 20, 3, 2)
	x.Data = slices.Clone(x.Data)
	for i, v := range blobs(n, 20, 1, 9).Data { // noise, in which an approximate search misses
		x.Data[i] += 5 * v
	}
	var seen told
	fields := knobs(n, &seen)
	small := tsne.Options{EarlyIterations: 20, Iterations: 20, Perplexity: 6}
	near := must[*tsne.Neighbors](t)(tsne.FindNeighbors(ctx, x, 40, tsne.Options{}))
	p := must[*tsne.Affinities](t)(tsne.NewAffinities(ctx, near, tsne.Options{Perplexity: 6, DensityLambda: 1}))
	fitted := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{EarlyIterations: 20, Iterations: 20, Perplexity: 6, DensityLambda: 1, Pull: 1}))
	if err := fitted.Configure(tsne.Options{}); err != nil {
		t.Fatal(err)
	}
	far := make([]float32, n*n)
	for i := range n {
		for j := range n {
			far[i*n+j] = float32(math.Sqrt(dist2(x.Data, 20, i, j)))
		}
	}
	sparse := tsne.SparseMatrix{Rows: n, Cols: 20, Ptr: make([]int64, n+1), Col: make([]int32, 20*n), Val: x.Data}
	for i := range sparse.Col {
		sparse.Ptr[i/20+1], sparse.Col[i] = int64(i/20+1)*20, int32(i%20)
	}
	labels := make([]int32, n)
	for i := range labels {
		labels[i] = int32(i % 7)
	}
	var file bytes.Buffer
	must[int64](t)(fitted.WriteTo(&file))
	matrix := func(m tsne.Matrix, err error) (any, error) { return bits(m.Data), err }
	const affinity = " Perplexity Perplexities Affinity K Sigma"
	for name, f := range map[string]struct {
		reads string // with ? what only chance shows
		run   func(o tsne.Options) (any, error)
	}{
		"Fit": {"all but Neighbors NeighborsEffort", func(o tsne.Options) (any, error) { return mapBits(tsne.Fit(&seen, x, o)) }},
		"FitAffinities": {"all but Metric Neighbors NeighborsEffort Scratch Log" + affinity, func(o tsne.Options) (any, error) {
			return mapBits(tsne.FitAffinities(&seen, p, x, o))
		}},
		"FindNeighbors": {search + " Scratch Threads Progress? Log", func(o tsne.Options) (any, error) {
			return neighborBits(tsne.FindNeighbors(&seen, x, 10, o))
		}},
		"FindNeighborsOfNew": {search + " Threads Progress?", func(o tsne.Options) (any, error) {
			return neighborBits(tsne.FindNeighborsOfNew(&seen, x, q, 10, o))
		}},
		"NeighborsFromMatrix": {"Threads Progress?", func(o tsne.Options) (any, error) {
			return neighborBits(tsne.NeighborsFromMatrix(&seen, far, n, 10, o))
		}},
		"NewAffinities": {affinity + " Progress? Threads", func(o tsne.Options) (any, error) { return affinityBits(tsne.NewAffinities(&seen, near, o)) }},
		"Conditional": {"Perplexity Perplexities Affinity Sigma MaxMemory Threads Progress?", func(o tsne.Options) (any, error) {
			v, err := tsne.Conditional(&seen, near.Distances(), n, 40, o)
			return bits(v), err
		}},
		"AffinitiesFromMatrix": {affinity + " Progress? Threads", func(o tsne.Options) (any, error) {
			return affinityBits(tsne.AffinitiesFromMatrix(&seen, far, n, o))
		}},
		"AffinitiesOf": {search + affinity + " Scratch Progress? Threads Log", func(o tsne.Options) (any, error) { return affinityBits(tsne.AffinitiesOf(&seen, x, o)) }},
		"Initialize": {"Dims Init InitY SampleSize Seed Progress Threads", func(o tsne.Options) (any, error) {
			v, err := tsne.Initialize(&seen, x, o)
			return bits(v), err
		}},
		"SpectralInit": {"Dims Init MaxMemory Progress Threads", func(o tsne.Options) (any, error) {
			v, err := tsne.SpectralInit(&seen, p, o)
			return bits(v), err
		}},
		"Reduce":    {"MaxMemory Threads", func(o tsne.Options) (any, error) { return matrix(tsne.Reduce(&seen, sparse, 3, o)) }},
		"ReducePCA": {"MaxMemory Threads", func(o tsne.Options) (any, error) { return matrix(tsne.ReducePCA(&seen, x, 3, o)) }},
		"Gradient": {"Dims Repulsion Theta DOF Threads", func(o tsne.Options) (any, error) {
			y := fitted.Y()
			if o.Dims == 1 {
				y = y[:n]
			}
			v, kl, err := tsne.Gradient(&seen, p, y, o)
			return fmt.Sprint(bits(v), kl), err
		}},
		"MeasureQuality": {search + " Scratch Threads Progress? Log", func(o tsne.Options) (any, error) {
			return tsne.MeasureQuality(&seen, x, fitted.Y(), 2, labels, o)
		}},
		"Diagnose": {"Repulsion Theta Seed? MaxMemory Threads Progress? Log", func(o tsne.Options) (any, error) {
			return diagnosisBits(fitted.Diagnose(&seen, tsne.DiagnoseOptions{K: 7}, o))
		}},
		"Configure": {forces + "Threads Progress ProgressEvery",
			func(o tsne.Options) (any, error) {
				e := fitted.Clone()
				if err := e.Configure(o); err != nil {
					return nil, err
				}
				err := e.Optimize(&seen, tsne.Phase{Iterations: 9})
				return bits(e.Y()), err
			}},
		"NewEmbedding": {forces + "PullY PullWeights Dims DOF Threads Progress ProgressEvery",
			func(o tsne.Options) (any, error) {
				y := scatter(n, 2, 1e-4, 3)
				if o.Dims == 1 {
					y = y[:n]
				}
				e, err := tsne.NewEmbedding(p, y, o)
				if err == nil {
					err = e.Optimize(&seen, tsne.Phase{Iterations: 30, Exaggeration: 12})
				}
				return mapBits(e, err)
			}},
		"Read": {"Threads Progress ProgressEvery MaxMemory", func(o tsne.Options) (any, error) {
			e, err := tsne.Read(bytes.NewReader(file.Bytes()), int64(file.Len()), o)
			if err == nil {
				err = e.Optimize(&seen, tsne.Phase{Iterations: 9})
			}
			return mapBits(e, err)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, changes(t, fields, small, &seen, f.run), f.reads)
		})
	}
}

// TestEveryOptionOfLargeSearches: with 3,000 rows and more the approximate search
// is one.
func TestEveryOptionOfLargeSearches(t *testing.T) {
	const n = 3100
	x, q := blobs(n, 5, 1, 1), blobs(700, 5, 1, 2)
	y := scatter(n, 2, 1, 1)
	few := tsne.Options{EarlyIterations: -1, Iterations: 1, Perplexity: 4, Repulsion: tsne.RepulsionBarnesHut}
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, few))
	var seen told
	for name, run := range map[string]func(o tsne.Options) (any, error){
		"Fit":           func(o tsne.Options) (any, error) { return mapBits(tsne.Fit(&seen, x, o)) },
		"FindNeighbors": func(o tsne.Options) (any, error) { return neighborBits(tsne.FindNeighbors(&seen, x, 10, o)) },
		"FindNeighborsOfNew": func(o tsne.Options) (any, error) {
			return neighborBits(tsne.FindNeighborsOfNew(&seen, x, q, 10, o))
		},
		"AffinitiesOf": func(o tsne.Options) (any, error) { return affinityBits(tsne.AffinitiesOf(&seen, x, o)) },
		"MeasureQuality": func(o tsne.Options) (any, error) {
			return tsne.MeasureQuality(&seen, x, y, 2, nil, o)
		},
		"Diagnose": func(o tsne.Options) (any, error) {
			return diagnosisBits(e.Diagnose(&seen, tsne.DiagnoseOptions{Only: tsne.ScoreRecall | tsne.ScoreContinuity}, o))
		},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, changes(t, knobs(n, &seen), few, &seen, run, ofMany...), strings.Join(ofMany, " "))
		})
	}
	for name, run := range map[string]func(o tsne.TransformOptions) (any, error){
		"Transform": func(o tsne.TransformOptions) (any, error) { return partialBits(e.Transform(&seen, q, o)) },
		"Bootstrap": func(o tsne.TransformOptions) (any, error) {
			b, err := e.Bootstrap(&seen, q, 2, o)
			return bits(b.Y), err
		},
		"Align": func(o tsne.TransformOptions) (any, error) {
			a, _, err := tsne.Align(&seen, e, q, o, tsne.Options{EarlyIterations: 1, Iterations: -1})
			return mapBits(a, err)
		},
		"Outside": func(o tsne.TransformOptions) (any, error) { return outsideBits(e.Outside(&seen, q, 10, o)) },
	} {
		t.Run(name, func(t *testing.T) {
			want(t, changes(t, newKnobs(700, &seen), tsne.TransformOptions{K: 3}, &seen, run, ofMany...), strings.Join(ofMany, " "))
		})
	}
}

func want(t *testing.T, changed map[string]bool, reads string) {
	list := strings.Fields(reads)
	for name, got := range changed {
		if slices.Contains(list, name+"?") {
			continue
		}
		if reads := strings.HasPrefix(reads, "all but") != slices.Contains(list, name); got != reads {
			t.Errorf("%s: changes something: %v, want %v", name, got, reads)
		}
	}
}

func TestEveryTransformOptionIsRead(t *testing.T) {
	x, q := blobs(240, 20, 3, 1), blobs(30, 20, 3, 2)
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{EarlyIterations: 50, Iterations: 50, Perplexity: 10}))
	var seen told
	fields := newKnobs(30, &seen)
	small := tsne.TransformOptions{EarlyIterations: 10, Iterations: 10}
	placed := must[*tsne.Partial](t)(e.Transform(ctx, q, tsne.TransformOptions{}))
	ptr, col, val := placed.Affinities()
	const refine = "Repulsion Theta MaxGradNorm MaxStepNorm Threads Progress ProgressEvery"
	const place = " K Metric Columns MaxMemory"
	for name, f := range map[string]struct {
		reads string
		run   func(o tsne.TransformOptions) (any, error)
	}{
		"Transform": {"all but Neighbors NeighborsEffort Seed", func(o tsne.TransformOptions) (any, error) { return partialBits(e.Transform(&seen, q, o)) }},
		"NewPartial": {refine + " MaxMemory", func(o tsne.TransformOptions) (any, error) {
			p, err := e.NewPartial(&seen, placed.Y(), ptr, col, val, o)
			if err == nil {
				err = p.Optimize(&seen, tsne.Phase{Iterations: 9}, nil)
			}
			return partialBits(p, err)
		}},
		"Optimize": {refine, func(o tsne.TransformOptions) (any, error) {
			p := placed.Clone()
			return partialBits(p, p.Optimize(&seen, tsne.Phase{Iterations: 9}, &o))
		}},
		"Bootstrap": {place + " Seed Placement Threads Progress? Log", func(o tsne.TransformOptions) (any, error) {
			b, err := e.Bootstrap(&seen, q, 3, o)
			if err != nil {
				return nil, err
			}
			return bits(b.Y, b.Samples, b.Radius), nil
		}},
		"Align": {place + " Placement InitY EarlyIterations Iterations EarlyExaggeration Exaggeration LearningRate EarlyMomentum Momentum " +
			"Affinity Perplexities Sigma AffinityK Log " + refine, func(o tsne.TransformOptions) (any, error) {
			e, _, err := tsne.Align(&seen, e, q, o, tsne.Options{EarlyIterations: 3, Iterations: 3})
			return mapBits(e, err)
		}},
		"Outside": {"Metric Columns MaxMemory Threads Progress? Log", func(o tsne.TransformOptions) (any, error) {
			return outsideBits(e.Outside(&seen, q, 7, o))
		}},
	} {
		t.Run(name, func(t *testing.T) { want(t, changes(t, fields, small, &seen, f.run), f.reads) })
	}
}

func TestEveryPhaseFieldIsRead(t *testing.T) {
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, blobs(240, 20, 3, 1), tsne.Options{EarlyIterations: 50, Iterations: -1, Perplexity: 10}))
	want(t, changes(t, map[string]knob[tsne.Phase]{
		"Iterations":   {nil, func(p *tsne.Phase) { p.Iterations = 9 }, nil},
		"Exaggeration": {nil, func(p *tsne.Phase) { p.Exaggeration = 3 }, nil},
		"LearningRate": {nil, func(p *tsne.Phase) { p.LearningRate = 3 }, nil},
		"Momentum":     {nil, func(p *tsne.Phase) { p.Momentum = 0.3 }, nil},
		"From":         {func(p *tsne.Phase) { p.Anneal = 5 }, func(p *tsne.Phase) { p.From = 3 }, nil},
		"Anneal":       {nil, func(p *tsne.Phase) { p.Anneal = 5 }, nil},
		"AutoStop":     {nil, func(p *tsne.Phase) { p.AutoStop = 1 }, nil},
		"dense":        {nil, func(*tsne.Phase) {}, nil}, // the package's own
		"from":         {nil, func(*tsne.Phase) {}, nil},
		"rising":       {nil, func(*tsne.Phase) {}, nil},
		"free":         {nil, func(*tsne.Phase) {}, nil},
	}, tsne.Phase{Iterations: 40}, &told{}, func(ph tsne.Phase) (any, error) {
		c := e.Clone()
		return mapBits(c, c.Optimize(ctx, ph))
	}), "Iterations Exaggeration LearningRate Momentum From Anneal AutoStop")
}

// TestErrorsNameTheField gives each field a bad value.
func TestErrorsNameTheField(t *testing.T) {
	x := blobs(30, 20, 3, 1)
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{EarlyIterations: 3, Iterations: 3}))
	named(t, knobs(30, &told{}), func(o tsne.Options) error { _, err := tsne.Fit(ctx, x, o); return err })
	named(t, newKnobs(30, &told{}), func(o tsne.TransformOptions) error { _, err := e.Transform(ctx, x, o); return err })
}

func named[O any](t *testing.T, fields map[string]knob[O], run func(o O) error) {
	for name, field := range fields {
		var o O
		if field.with != nil {
			field.with(&o)
		}
		if field.spoil == nil {
			continue
		}
		field.spoil(&o)
		if err := run(o); err == nil || !strings.HasPrefix(err.Error(), name+": got ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
