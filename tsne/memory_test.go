package tsne_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// statusKiB is a line of /proc/self/status; false where there is none.
func statusKiB(name string) (uint64, bool) {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, false
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if rest, ok := strings.CutPrefix(s.Text(), name+":"); ok {
			v, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return v, err == nil
		}
	}
	return 0, false
}

// The process that fits takes no more memory than is estimated, and not much
// less. It is one of its own, with the collector at the pace that the C library
// sets.
func TestPeakMemoryIsAsEstimated(t *testing.T) {
	if _, ok := statusKiB("VmHWM"); !ok {
		t.Skip("this system does not say what a process has used")
	}
	if testing.Short() {
		t.Skip("the race detector's memory is not the fit's")
	}
	const n, d = 20000, 50
	var o tsne.Options
	const child = "TSNE_TEST_PEAK"
	if os.Getenv(child) != "" {
		debug.SetGCPercent(10)
		r := rand.New(rand.NewPCG(1, 1))
		x := tsne.Matrix{Rows: n, Cols: d, Data: make([]float32, n*d)}
		for i := range x.Data {
			x.Data[i] = float32(r.NormFloat64())
		}
		before, _ := statusKiB("VmRSS")
		if _, err := tsne.Fit(ctx, x, o); err != nil {
			t.Fatal(err)
		}
		peak, _ := statusKiB("VmHWM")
		fmt.Println("peak KiB", peak-before)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestPeakMemoryIsAsEstimated$")
	cmd.Env = append(os.Environ(), child+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var peak uint64
	if _, err := fmt.Sscanf(string(out), "peak KiB %d", &peak); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	m, err := tsne.EstimateMemory(n, d, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d MiB of %d", peak>>10, m.Peak>>20)
	if peak <<= 10; peak > m.Peak || peak < m.Peak/3*2 {
		t.Errorf("the peak is %d bytes, %d estimated", peak, m.Peak)
	}
}

// What no machine has is the most there is, never little; and more of
// anything never needs less.
func TestEstimatesDoNotWrap(t *testing.T) {
	const most = math.MaxInt32
	sizes := []int{4, 1000, 1 << 16, 1 << 20, 1 << 24, 1 << 28, most}
	estimate := func(n, d int, o tsne.Options) float64 {
		m, err := tsne.EstimateMemory(n, d, o)
		if err != nil {
			t.Fatalf("n %d, d %d, K %d: %v", n, d, o.K, err)
		}
		for _, part := range []uint64{m.Neighbors, m.Affinities, m.Init, m.Optimize} {
			if part > m.Peak {
				t.Errorf("n %d, d %d, K %d: a stage takes %d, the peak is %d", n, d, o.K, part, m.Peak)
			}
		}
		return float64(m.Peak)
	}
	for _, o := range []tsne.Options{{}, {Init: tsne.InitSpectral}, {Init: tsne.InitSample}, {Metric: tsne.MetricCosine}, {Metric: tsne.MetricHamming},
		{Neighbors: tsne.NeighborsExact}, {Neighbors: tsne.NeighborsApprox}, {Perplexity: 1e300}, {DensityLambda: 0.1}, {Dims: 3}, {Dims: 1}} {
		for _, n := range sizes {
			before := 0.0
			for _, d := range sizes {
				v := estimate(n, d, o)
				if v < before*0.99 { // a search of another kind may take a little less
					t.Errorf("n %d: %g bytes with %d columns, %g with fewer", n, v, d, before)
				}
				before = v
			}
			before = 0
			for _, k := range sizes {
				o.K = min(k, n-1)
				v := estimate(n, 10, o)
				if v < before || v < 8*float64(n)*float64(o.K) && v < math.MaxUint64 {
					t.Errorf("n %d: %g bytes for %d neighbours, %g for fewer", n, v, o.K, before)
				}
				before = v
			}
			o.K = 0
		}
		if v := estimate(most, most, o); v < math.MaxUint64 {
			t.Errorf("the largest data take %g bytes", v)
		}
	}
}

// One point far off, or a map wider than t-SNE makes them, takes no grid of
// many times the estimate.
func TestRepulsionKeepsToItsEstimate(t *testing.T) {
	const n = 2000
	x := blobs(n, 5, 4, 41)
	p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, tsne.Options{}))
	far := scatter(n, 2, 20, 42)
	far[0], far[1] = 900, -900
	for name, y := range map[string][]float32{"a far point": far, "wide": scatter(n, 2, 400, 43)} {
		exact, _, err := tsne.Gradient(ctx, p, y, tsne.Options{Repulsion: tsne.RepulsionExact})
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		g, _, err := tsne.Gradient(ctx, p, y, tsne.Options{})
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		if off := relativeRMS(g, exact); !(off < 1e-2) {
			t.Errorf("%s: off by %g", name, off)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 16<<20 {
			t.Errorf("%s: took %d MiB", name, took>>20)
		}
	}
}

// TestRefusedFitSaysWhatWouldDo holds the line that is said to what then fits.
func TestRefusedFitSaysWhatWouldDo(t *testing.T) {
	x := tsne.Matrix{Data: make([]float32, 200_000*3), Rows: 200_000, Cols: 3}
	less := tsne.Options{Affinity: tsne.AffinityUniform, K: 15}
	need, err := tsne.EstimateMemory(x.Rows, x.Cols, less)
	if err != nil {
		t.Fatal(err)
	}
	fit := func(o tsne.Options) string {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // what is not refused goes no further
		_, err := tsne.Fit(ctx, x, o)
		return fmt.Sprint(err)
	}
	want := fmt.Sprintf("; Affinity uniform with K 15 needs %d MiB", need.Peak>>20)
	if got := fit(tsne.Options{MaxMemory: need.Peak}); !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want it to end in %q", got, want)
	}
	less.MaxMemory = need.Peak
	if got := fit(less); !strings.HasPrefix(got, "cancelled") {
		t.Errorf("what was said to fit: %s", got)
	}
	less.MaxMemory--
	for _, o := range []tsne.Options{{MaxMemory: less.MaxMemory}, less} {
		if got := fit(o); !strings.HasPrefix(got, "memory: 200000 x 3 data need about") || strings.Contains(got, "uniform") {
			t.Errorf("where nothing fits: %s", got)
		}
	}
}

// TestLargeFitSaysWhatItTakes is of the line before the work.
func TestLargeFitSaysWhatItTakes(t *testing.T) {
	x := tsne.Matrix{Data: make([]float32, 3_000_000), Rows: 3_000_000, Cols: 1}
	ctx, cancel := context.WithCancel(context.Background())
	var lines []string
	o := tsne.Options{
		Affinity: tsne.AffinityUniform, K: 15, MaxMemory: 1 << 40, Checkpoint: filepath.Join(t.TempDir(), "run.npz"),
		Log: func(_ tsne.Level, m tsne.Message) { lines = append(lines, m.String()); cancel() },
	}
	need, err := tsne.EstimateMemory(x.Rows, x.Cols, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = tsne.Fit(ctx, x, o); !errors.Is(err, tsne.ErrCancelled) {
		t.Fatal(err)
	}
	want := fmt.Sprintf("memory: about %d MiB, MaxMemory is 1048576 MiB; of disk about ", need.Peak>>20)
	if !strings.HasPrefix(lines[0], want) {
		t.Errorf("got %q, want it to begin with %q", lines, want)
	}
}
