package tsne_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

func TestBadInputNamesTheCulprit(t *testing.T) {
	inf := math.Inf(1)
	with := func(at int, v float64) func() tsne.Matrix {
		return func() tsne.Matrix {
			x := blobs(20, 3, 2, 1)
			x.Data[at] = float32(v)
			return x
		}
	}
	good := func() tsne.Matrix { return blobs(20, 3, 2, 1) }
	shape := func(rows, cols, values int) func() tsne.Matrix {
		return func() tsne.Matrix { return tsne.Matrix{Data: make([]float32, values), Rows: rows, Cols: cols} }
	}
	for _, c := range []struct {
		name string
		x    func() tsne.Matrix
		o    tsne.Options
		kind error
		says string
	}{
		{"nan", with(7, math.NaN()), tsne.Options{}, tsne.ErrNotFinite, "X: row 2, column 1 is NaN"},
		{"inf", with(59, inf), tsne.Options{}, tsne.ErrNotFinite, "X: row 19, column 2 is +Inf"},
		{"three rows", shape(3, 2, 6), tsne.Options{}, tsne.ErrShape, "got 3 rows"},
		{"negative rows", shape(-1, 2, 0), tsne.Options{}, tsne.ErrShape, "got -1 rows"},
		{"no columns", shape(5, 0, 0), tsne.Options{}, tsne.ErrShape, "got 0 columns"},
		{"short buffer", shape(5, 2, 9), tsne.Options{}, tsne.ErrShape, "got 9 values, want 5 rows x 2 columns"},
		{"overflow", shape(math.MaxInt32, math.MaxInt/8, 0), tsne.Options{}, tsne.ErrShape, "exceed"},
		{"dims 4", good, tsne.Options{Dims: 4}, tsne.ErrOption, "Dims: got 4"},
		{"dims -1", good, tsne.Options{Dims: -1}, tsne.ErrOption, "Dims: got -1"},
		{"perplexity", good, tsne.Options{Perplexity: -5}, tsne.ErrOption, "Perplexity: got -5"},
		{"perplexity nan", good, tsne.Options{Perplexity: math.NaN()}, tsne.ErrOption, "Perplexity: got NaN"},
		{"perplexities", good, tsne.Options{Perplexities: []float64{3, 0}}, tsne.ErrOption, "Perplexities: got 0"},
		{"init", good, tsne.Options{Init: 9}, tsne.ErrOption, "Init: got 9"},
		{"init nil", good, tsne.Options{Init: tsne.InitGiven}, tsne.ErrOption, "InitY is nil"},
		{"init shape", good, tsne.Options{Init: tsne.InitGiven, InitY: make([]float32, 39)}, tsne.ErrOption, "InitY: got 39 values, want 20 rows x 2 columns"},
		{"init nan", good, tsne.Options{Init: tsne.InitGiven, InitY: append(make([]float32, 39), float32(math.NaN()))}, tsne.ErrNotFinite, "InitY: row 19, column 1"},
		{"neighbors", good, tsne.Options{Neighbors: -1}, tsne.ErrOption, "Neighbors: got -1"},
		{"effort", good, tsne.Options{NeighborsEffort: -1}, tsne.ErrOption, "NeighborsEffort: got -1"},
		{"repulsion", good, tsne.Options{Repulsion: 4}, tsne.ErrOption, "Repulsion: got 4"},
		{"fft in 3-D", good, tsne.Options{Repulsion: tsne.RepulsionFFT, Dims: 3}, tsne.ErrOption, "Repulsion: got fft with Dims 3"},
		{"theta", good, tsne.Options{Theta: 3}, tsne.ErrOption, "Theta: got 3"},
		{"early exaggeration", good, tsne.Options{EarlyExaggeration: -1}, tsne.ErrOption, "EarlyExaggeration: got -1"},
		{"exaggeration", good, tsne.Options{Exaggeration: inf}, tsne.ErrOption, "Exaggeration: got +Inf"},
		{"learning rate", good, tsne.Options{LearningRate: -200}, tsne.ErrOption, "LearningRate: got -200"},
		{"early momentum", good, tsne.Options{EarlyMomentum: 1}, tsne.ErrOption, "EarlyMomentum: got 1"},
		{"momentum", good, tsne.Options{Momentum: -0.5}, tsne.ErrOption, "Momentum: got -0.5"},
		{"threads", good, tsne.Options{Threads: -2}, tsne.ErrOption, "Threads: got -2"},
		{"memory", good, tsne.Options{MaxMemory: 100}, tsne.ErrMemory, "MaxMemory is 0 MiB"},
		{"divergence", good, tsne.Options{LearningRate: 1e38, MaxStepNorm: -1}, tsne.ErrOption, "LearningRate: got 1e+38"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := tsne.Fit(ctx, c.x(), c.o)
			if !errors.Is(err, c.kind) || !strings.Contains(fmt.Sprint(err), c.says) || strings.Contains(fmt.Sprint(err), "\n") {
				t.Errorf("got %q, want a %q that says %q", err, c.kind, c.says)
			}
		})
	}
}

func TestBadGraphs(t *testing.T) {
	line := func(n int) (ptr []int64, col []int32, val []float32) {
		ptr = []int64{0}
		for i := range n {
			for _, j := range []int{i - 1, i + 1} {
				if j >= 0 && j < n {
					col = append(col, int32(j))
					val = append(val, 1)
				}
			}
			ptr = append(ptr, int64(len(col)))
		}
		return ptr, col, val
	}
	ptr, col, val := line(5)
	p := must[*tsne.Affinities](t)(tsne.AffinitiesFromCSR(ptr, col, val))
	if p.N != 5 || p.Val[0] != 0.125 {
		t.Errorf("n %d, values %v", p.N, p.Val)
	}
	for name, spoil := range map[string]func(){
		"columns do not ascend": func() { col[1], col[2] = col[2], col[1] },
		"not symmetric":         func() { val[1] = 2 },
		"all values are 0":      func() { clear(val) },
		"diagonal":              func() { col[0] = 0 },
		"row 4 has column 5":    func() { col[7] = 5 },
		"row 1 ends":            func() { ptr[2] = 9 },
	} {
		ptr, col, val = line(5)
		spoil()
		if _, err := tsne.AffinitiesFromCSR(ptr, col, val); !errors.Is(err, tsne.ErrGraph) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	index, dist := []int32{1, 2, 0, 2, 0, 1, 0, 1}, []float32{1, 1, 1, 1, 1, 1, 1, 1}
	for says, at := range map[string]int{"row 3, column 1: index 4": 7, "row 1, column 0: the row itself": 2} {
		bad := append([]int32(nil), index...)
		bad[at] = map[int]int32{7: 4, 2: 1}[at]
		if _, err := tsne.NeighborsFromDistances(4, 2, bad, dist); !errors.Is(err, tsne.ErrGraph) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	if _, err := tsne.NeighborsFromDistances(4, 2, index, []float32{1, 1, 1, -1, 1, 1, 1, 1}); !errors.Is(err, tsne.ErrNotFinite) {
		t.Error(err)
	}
}

func TestHardDataStaysFinite(t *testing.T) {
	fill := func(n, d int, f func(i, c int) float64) tsne.Matrix {
		x := tsne.Matrix{Data: make([]float32, n*d), Rows: n, Cols: d}
		for i := range x.Data {
			x.Data[i] = float32(f(i/d, i%d))
		}
		return x
	}
	noise := blobs(600, 4, 3, 2).Data
	for name, x := range map[string]tsne.Matrix{
		"duplicates":       fill(600, 4, func(i, c int) float64 { return float64(noise[i%5*4+c]) }),
		"constant column":  fill(600, 4, func(i, c int) float64 { return float64(noise[i*4+c]) * float64(c%2) }),
		"identical rows":   fill(600, 4, func(i, c int) float64 { return float64(c) }),
		"all zero":         fill(600, 4, func(i, c int) float64 { return 0 }),
		"four rows":        fill(4, 3, func(i, c int) float64 { return float64(noise[i*4+c]) }),
		"four equal rows":  fill(4, 3, func(i, c int) float64 { return 1 }),
		"one column":       fill(600, 1, func(i, c int) float64 { return float64(noise[i]) }),
		"1e30":             fill(600, 4, func(i, c int) float64 { return 1e30 * float64(noise[i*4+c]) }),
		"1e-30":            fill(600, 4, func(i, c int) float64 { return 1e-30 * float64(noise[i*4+c]) }),
		"one outlier":      fill(600, 4, func(i, c int) float64 { return float64(noise[i*4+c]) * math.Pow(1e20, float64(i/599)) }),
		"large and offset": fill(1300, 2, func(i, c int) float64 { return 1e6 + float64(i%7) }),
		"1e30 and 1e-30":   fill(600, 2, func(i, c int) float64 { return []float64{1e30, 1e-30}[c] * float64(noise[i*4+c]) }),
	} {
		for dims := 1; dims <= 3; dims++ {
			for _, method := range []tsne.Repulsion{tsne.RepulsionExact, tsne.RepulsionBarnesHut, tsne.RepulsionFFT} {
				if method == tsne.RepulsionFFT && dims == 3 {
					continue
				}
				e, err := tsne.Fit(ctx, x, tsne.Options{Dims: dims, Repulsion: method, EarlyIterations: 60, Iterations: 60})
				if err != nil {
					t.Errorf("%s, %d-D, method %d: %v", name, dims, method, err)
				} else if !finite(e.Y()) || math.IsNaN(e.KL()) || math.IsInf(e.KL(), 0) {
					t.Errorf("%s, %d-D, method %d: KL %v", name, dims, method, e.KL())
				}
			}
		}
	}
}
