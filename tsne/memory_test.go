package tsne_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
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
