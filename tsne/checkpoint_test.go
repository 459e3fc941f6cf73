package tsne_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
	"github.com/libtsne/libtsne/tsne/internal/affinity"
)

// stopsAt stops a fit at the first report that at says, and counts the stages
// that were told of.
func stopsAt(o *tsne.Options, at func(tsne.Progress) bool) map[tsne.Stage]int {
	told := map[tsne.Stage]int{}
	o.ProgressEvery = 1
	o.Progress = func(p tsne.Progress) bool {
		told[p.Stage]++
		return at(p)
	}
	return told
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	for _, e := range must[[]os.DirEntry](t)(os.ReadDir(dir)) {
		names = append(names, e.Name())
	}
	return names
}

// A fit that is stopped at any point and called again has the bits of one that
// is not, does no stage again that was whole, and leaves nothing behind.
func TestAFitGoesOnFromItsCheckpoint(t *testing.T) {
	small, large := blobs(300, 8, 5, 1), blobs(4500, 5, 7, 2)
	from := affinity.ShortFrom
	pinned := make([]float32, small.Rows)
	for i := range 40 {
		pinned[i] = inf32
	}
	fit := func(x tsne.Matrix) func(tsne.Options) (*tsne.Embedding, error) {
		return func(o tsne.Options) (*tsne.Embedding, error) { return tsne.Fit(ctx, x, o) }
	}
	reference := must[*tsne.Embedding](t)(tsne.Fit(ctx, blobs(200, 8, 5, 4), short(tsne.Options{})))
	p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, large, short(tsne.Options{})))
	for name, c := range map[string]struct {
		fit func(tsne.Options) (*tsne.Embedding, error)
		o   tsne.Options
	}{
		"plain":      {fit(small), tsne.Options{}},
		"re-sorted":  {fit(large), tsne.Options{}},
		"short":      {fit(large), tsne.Options{}},
		"uniform":    {fit(large), tsne.Options{Affinity: tsne.AffinityUniform}},
		"affinities": {func(o tsne.Options) (*tsne.Embedding, error) { return tsne.FitAffinities(ctx, p, large, o) }, tsne.Options{}},
		"aligned": {func(o tsne.Options) (*tsne.Embedding, error) {
			e, _, err := tsne.Align(ctx, reference, small, tsne.TransformOptions{}, o)
			return e, err
		}, tsne.Options{}},
		"tree 3-D": {fit(small), tsne.Options{Dims: 3, Metric: tsne.MetricCorrelation}},
		"stops":    {fit(small), tsne.Options{AutoStop: 5000, AnnealIterations: 20, Affinity: tsne.AffinityUniformMax}},
		"density":  {fit(small), tsne.Options{DensityLambda: 0.3, Init: tsne.InitRandom, Seed: 3}},
		"spectral": {fit(small), tsne.Options{Init: tsne.InitSpectral}},
		"pulled":   {fit(small), tsne.Options{Pull: 0.1}},
		"pinned":   {fit(small), tsne.Options{Pull: 0.1, PullY: scatter(300, 2, 9, 5), PullWeights: pinned, PullFrame: tsne.PullFixed}},
	} {
		t.Run(name, func(t *testing.T) {
			if strings.HasPrefix(name, "short") {
				affinity.ShortFrom = 1
				defer func() { affinity.ShortFrom = from }()
			}
			dir := t.TempDir()
			o := short(c.o)
			want := must[*tsne.Embedding](t)(c.fit(o))
			o.Checkpoint, o.CheckpointEvery = filepath.Join(dir, "run.npz"), 7
			for _, at := range []struct {
				name  string
				stop  func(tsne.Progress) bool
				again []tsne.Stage // stages that the second call may do
			}{
				{"affinities", func(p tsne.Progress) bool { return p.Stage == tsne.StageAffinities }, []tsne.Stage{tsne.StageAffinities, tsne.StageOptimize}},
				{"first", func(p tsne.Progress) bool { return p.Iteration == 1 }, []tsne.Stage{tsne.StageOptimize}},
				{"early", func(p tsne.Progress) bool { return p.Iteration == 17 }, []tsne.Stage{tsne.StageOptimize}},
				{"annealing", func(p tsne.Progress) bool { return p.Iteration == 45 }, []tsne.Stage{tsne.StageOptimize}},
				{"late", func(p tsne.Progress) bool { return p.Iteration == 80 }, []tsne.Stage{tsne.StageOptimize}},
			} {
				stopping := o
				stopsAt(&stopping, at.stop)
				_, err := c.fit(stopping)
				if err == nil {
					continue // there is no such stage
				}
				if !errors.Is(err, tsne.ErrCancelled) {
					t.Fatal(at.name, err)
				}
				going := o
				going.Threads = 3
				told := stopsAt(&going, func(tsne.Progress) bool { return false })
				got := must[*tsne.Embedding](t)(c.fit(going))
				if !slices.Equal(got.Y(), want.Y()) || got.KL() != want.KL() || got.Iterations() != want.Iterations() {
					t.Errorf("%s: another map, KL %v, want %v", at.name, got.KL(), want.KL())
				}
				late := c.o.Init == tsne.InitSpectral && at.name == "affinities"
				for s := range maps.Keys(told) {
					if !slices.Contains(at.again, s) && !(late && s == tsne.StageInit) {
						t.Errorf("%s: stage %d was done again", at.name, s)
					}
				}
				if left := files(t, dir); len(left) != 0 {
					t.Errorf("%s: %v is left", at.name, left)
				}
				p, before := got.Affinities(), want.Affinities()
				if !slices.Equal(p.Col, before.Col) || !slices.Equal(p.Val, before.Val) {
					t.Errorf("%s: other affinities", at.name)
				}
			}
		})
	}
}

// A checkpoint of an update or of a zoom is that of its fit.
func TestACheckpointOfRowsOfAMap(t *testing.T) {
	x := blobs(300, 8, 5, 1)
	o := short(tsne.Options{Checkpoint: filepath.Join(t.TempDir(), "run.npz"), CheckpointEvery: 10})
	free := o
	free.Checkpoint = ""
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, part(x, 0, 240), free))
	for name, run := range map[string]func(o tsne.Options) (*tsne.Embedding, error){
		"update": func(o tsne.Options) (*tsne.Embedding, error) { return e.Update(ctx, part(x, 240, 60), pinned, o) },
		"zoom": func(o tsne.Options) (*tsne.Embedding, error) {
			rows := make([]int32, 90)
			for i := range rows {
				rows[i] = int32(2 * i)
			}
			return e.Zoom(ctx, rows, o)
		},
	} {
		whole := must[*tsne.Embedding](t)(run(free))
		stopping := o
		stopsAt(&stopping, func(p tsne.Progress) bool { return p.Stage == tsne.StageOptimize && p.Iteration == 25 })
		if _, err := run(stopping); !errors.Is(err, tsne.ErrCancelled) {
			t.Fatalf("%s: %v", name, err)
		}
		going := o
		first := -1
		stopsAt(&going, func(p tsne.Progress) bool {
			if p.Stage == tsne.StageOptimize && first < 0 {
				first = p.Iteration
			}
			return false
		})
		if got := must[*tsne.Embedding](t)(run(going)); !slices.Equal(got.Y(), whole.Y()) || first < 20 {
			t.Errorf("%s: from iteration %d to another map", name, first)
		}
		if left := files(t, filepath.Dir(o.Checkpoint)); len(left) != 0 {
			t.Errorf("%s: %v is left", name, left)
		}
	}
}

// Phases that have not begun are no part of what a checkpoint is of; those that have are.
func TestACheckpointGoesOnWithOtherPhases(t *testing.T) {
	x := blobs(300, 8, 5, 1)
	o := short(tsne.Options{Checkpoint: filepath.Join(t.TempDir(), "run.npz"), CheckpointEvery: 5})
	other := o
	other.EarlyIterations, other.Iterations, other.Exaggeration, other.Momentum, other.AnnealIterations = 9, 21, 3, 0.9, 6
	plain := other
	plain.Checkpoint = ""
	want := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, plain))
	for _, stage := range []tsne.Stage{tsne.StageAffinities, tsne.StageOptimize} {
		stopped := o
		stopsAt(&stopped, func(p tsne.Progress) bool { return p.Stage == stage })
		if _, err := tsne.Fit(ctx, x, stopped); err == nil {
			t.Fatal("not stopped")
		}
		told := stopsAt(&other, func(tsne.Progress) bool { return false })
		got := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, other))
		if told[tsne.StageNeighbors] > 0 || !slices.Equal(got.Y(), want.Y()) || got.Iterations() != 30 {
			t.Errorf("stopped in stage %d: %d iterations, or another map; told of %v", stage, got.Iterations(), told)
		}
	}
	stopped := o
	stopsAt(&stopped, func(p tsne.Progress) bool { return p.Iteration == 6 })
	if _, err := tsne.Fit(ctx, x, stopped); err == nil {
		t.Fatal("not stopped")
	}
	if _, err := tsne.Fit(ctx, x, other); !errors.Is(err, tsne.ErrOption) || !strings.Contains(err.Error(), "is of EarlyIterations") {
		t.Errorf("phases that have begun: %v", err)
	}
}

// A checkpoint of another job is refused by the name of what differs, and left
// as it is.
func TestACheckpointOfAnotherJob(t *testing.T) {
	x, other := blobs(300, 8, 5, 1), blobs(300, 8, 5, 2)
	path := filepath.Join(t.TempDir(), "run.npz")
	o := short(tsne.Options{Checkpoint: path, CheckpointEvery: 10})
	stopping := o
	stopsAt(&stopping, func(p tsne.Progress) bool { return p.Iteration == 25 })
	if _, err := tsne.Fit(ctx, x, stopping); !errors.Is(err, tsne.ErrCancelled) {
		t.Fatal(err)
	}
	kept := must[[]byte](t)(os.ReadFile(path))
	for want, try := range map[string]func() error{
		"of another X": func() error { _, err := tsne.Fit(ctx, other, o); return err },
		"of Exaggeration 1, got 4": func() error {
			o := o
			o.Exaggeration = 4
			_, err := tsne.Fit(ctx, x, o)
			return err
		},
		"of Dims 2, got 3": func() error {
			o := o
			o.Dims = 3
			_, err := tsne.Fit(ctx, x, o)
			return err
		},
		"of another InitY": func() error {
			o := o
			o.Init, o.InitY = tsne.InitGiven, scatter(300, 2, 1e-4, 3)
			_, err := tsne.Fit(ctx, x, o)
			return err
		},
	} {
		err := try()
		if !errors.Is(err, tsne.ErrOption) || !strings.Contains(err.Error(), "Checkpoint: "+path) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if now := must[[]byte](t)(os.ReadFile(path)); !slices.Equal(now, kept) {
			t.Error("the checkpoint changed")
		}
	}
	write := func(b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for at := 0; at < len(kept); at += max(len(kept)/50, 1) {
		write(kept[:at])
		if _, err := tsne.Fit(ctx, x, o); !errors.Is(err, tsne.ErrFile) {
			t.Fatalf("%d of %d bytes: %v", at, len(kept), err)
		}
		bad := slices.Clone(kept)
		bad[at] ^= 0x40
		write(bad)
		if _, err := tsne.Fit(ctx, x, o); err == nil {
			t.Fatalf("byte %d altered: no error", at)
		}
	}
}

// Where there is no room for the affinities the neighbours stay, and the next call goes on from there.
func TestACheckpointThatIsStuckAtTheNeighbours(t *testing.T) {
	x := blobs(300, 8, 5, 1)
	for _, kind := range []tsne.AffinityKind{tsne.AffinityPerplexity, tsne.AffinityUniform} {
		o := short(tsne.Options{Affinity: kind})
		want := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
		dir := t.TempDir()
		o.Checkpoint, o.CheckpointEvery = filepath.Join(dir, "run.npz"), 5
		inTheWay := filepath.Join(dir, "run.npz.affinities")
		if err := os.MkdirAll(filepath.Join(inTheWay, "full"), 0o700); err != nil {
			t.Fatal(err)
		}
		stopping := o
		stopsAt(&stopping, func(p tsne.Progress) bool { return p.Iteration == 25 })
		if _, err := tsne.Fit(ctx, x, stopping); !errors.Is(err, tsne.ErrCancelled) {
			t.Fatal(err)
		}
		if err := os.RemoveAll(inTheWay); err != nil {
			t.Fatal(err)
		}
		if left := files(t, dir); !slices.Equal(left, []string{"run.npz.graph"}) {
			t.Fatalf("kept: %v", left)
		}
		told := stopsAt(&o, func(tsne.Progress) bool { return false })
		got := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
		if told[tsne.StageNeighbors] > 0 || !slices.Equal(got.Y(), want.Y()) {
			t.Error("searched again, or another map")
		}
	}
}

// Where it cannot be written there is one warning, and the map.
func TestACheckpointThatCannotBeWritten(t *testing.T) {
	x := blobs(300, 8, 5, 1)
	o := short(tsne.Options{})
	want := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
	o.Checkpoint, o.CheckpointEvery = filepath.Join(t.TempDir(), "absent", "run.npz"), 1
	var said []string
	o.Log = func(level tsne.Level, line tsne.Message) {
		if level == tsne.LevelWarning {
			said = append(said, line.String())
		}
	}
	got := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
	if !slices.Equal(got.Y(), want.Y()) {
		t.Error("another map")
	}
	if len(said) != 1 || !strings.Contains(said[0], "run.npz") || !strings.Contains(said[0], "the fit goes on") {
		t.Errorf("warnings %q", said)
	}
}
