package tsne_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// Of each kind of error what is at fault, beside the line that names it.
func TestErrorsSayWhatIsAtFault(t *testing.T) {
	nan := float32(math.NaN())
	x := blobs(40, 5, 2, 1)
	with := func(at int, v float32) tsne.Matrix {
		bad := x
		bad.Data = append([]float32(nil), x.Data...)
		bad.Data[at] = v
		return bad
	}
	fit := func(x tsne.Matrix, o tsne.Options) error {
		_, err := tsne.Fit(ctx, x, o)
		return err
	}
	double := tsne.Float64Matrix{Data: make([]float64, 60), Rows: 20, Cols: 3, ByColumn: true}
	double.Data[2*20+7], double.Data[1*20+9] = 1e39, math.NaN()
	_, rounded := tsne.FromFloat64(ctx, double, tsne.Options{})
	_, csr := tsne.AffinitiesFromCSR([]int64{0, 1, 2, 3, 4}, []int32{1, 0, 3, 2}, []float32{1, 1, 1, -1})
	_, crooked := tsne.AffinitiesFromCSR([]int64{0, 1, 2, 3, 4}, []int32{1, 0, 3, 2}, []float32{1, 1, 2, 1})
	_, distances := tsne.NeighborsFromMatrix(ctx, []float32{0, 1, 1, 1, 1, 0, 1, 1, 1, nan, 0, 1, 1, 1, 1, 0}, 4, 2, tsne.Options{})
	_, graph := tsne.NeighborsFromDistances(4, 1, []int32{1, 0, 9, 0}, []float32{1, 1, 1, 1})
	_, _, y := tsne.Gradient(ctx, must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, x, tsne.Options{})), make([]float32, 3), tsne.Options{})
	constant := with(0, 0)
	for c := range constant.Cols {
		constant.Data[6*constant.Cols+c], constant.Data[8*constant.Cols+c] = 0, 0
	}
	for line, c := range map[string]struct {
		err         error
		kind        error
		argument    string
		row, column int
	}{
		"X: row 3, column 1 is NaN, want a finite value":                             {fit(with(16, nan), tsne.Options{}), tsne.ErrNotFinite, "X", 3, 1},
		"X: row 7, column 2 is 1e+39, beyond the 3.403e+38 that float32 reaches":     {rounded, tsne.ErrNotFinite, "X", 7, 2},
		"X: got 3 rows, want at least 4":                                             {fit(blobs(3, 5, 2, 1), tsne.Options{}), tsne.ErrShape, "X", -1, -1},
		"Dims: got 9, want 1, 2 or 3":                                                {fit(x, tsne.Options{Dims: 9}), tsne.ErrOption, "Dims", -1, -1},
		"Init: given, but InitY is nil":                                              {fit(x, tsne.Options{Init: tsne.InitGiven}), tsne.ErrOption, "Init", -1, -1},
		"Perplexities: got -1, want above 0":                                         {fit(x, tsne.Options{Perplexities: []float64{5, -1}}), tsne.ErrOption, "Perplexities", -1, -1},
		"Metric: cosine: 2 rows of X are all zeros and have no direction: rows 6, 8": {fit(constant, tsne.Options{Metric: tsne.MetricCosine}), tsne.ErrOption, "Metric", 6, -1},
		"memory: 40 x 5 data need about 0 MiB, MaxMemory is 0 MiB":                   {fit(x, tsne.Options{MaxMemory: 1}), tsne.ErrMemory, "", -1, -1},
		"affinities: row 3, column 2 is -1, want 0 or more and finite":               {csr, tsne.ErrGraph, "affinities", 3, 2},
		"affinities: not symmetric: row 2, column 3 is 2 and row 3, column 2 is 1":   {crooked, tsne.ErrGraph, "affinities", 2, 3},
		"distances: row 2, column 1 is NaN, want a finite value":                     {distances, tsne.ErrNotFinite, "distances", 2, 1},
		"neighbours: row 2, column 0: index 9 is outside 0 to 3":                     {graph, tsne.ErrGraph, "neighbours", 2, 0},
		"y: got 3 values, want 40 rows x 2 columns":                                  {y, tsne.ErrShape, "y", -1, -1},
	} {
		var e *tsne.Error
		if !errors.As(c.err, &e) {
			t.Errorf("%v is no *Error", c.err)
			continue
		}
		if !errors.Is(c.err, c.kind) || e.Kind != c.kind {
			t.Errorf("%v: kind %v, want %v", c.err, e.Kind, c.kind)
		}
		if e.Argument() != c.argument || e.Row() != c.row || e.Column() != c.column {
			t.Errorf("%v: at %q, row %d, column %d; want %q, %d, %d", c.err, e.Argument(), e.Row(), e.Column(), c.argument, c.row, c.column)
		}
		// The maker of the memory estimate alone knows its figure.
		if got := c.err.Error(); c.kind != tsne.ErrMemory && got != line || !strings.HasPrefix(got, line[:7]) {
			t.Errorf("got  %s\nwant %s", got, line)
		}
	}
}

// A host's words: names and indices of its own, values as it writes them.
func TestMessagesCanBePutInOtherWords(t *testing.T) {
	m := tsne.Messagef("%v: 100%% of %-4d, row %v is %v and %s", tsne.Part{Kind: tsne.PartName, Text: "EarlyIterations"}, 7,
		tsne.Part{Kind: tsne.PartRow, Text: "3", Index: 3}, tsne.Part{Kind: tsne.PartValue, Text: "NaN"}, "so on")
	if got := m.String(); got != "EarlyIterations: 100% of 7   , row 3 is NaN and so on" {
		t.Errorf("got %q", got)
	}
	kinds := []tsne.PartKind{tsne.PartName, tsne.PartText, tsne.PartRow, tsne.PartText, tsne.PartValue, tsne.PartText}
	for i, p := range m {
		if i >= len(kinds) || p.Kind != kinds[i] {
			t.Fatalf("parts %v, want kinds %v", []tsne.Part(m), kinds)
		}
	}
	if whole := tsne.Messagef("model: %v", m); whole.Row() != 3 || whole.Argument() != "" || whole.String() != "model: "+m.String() {
		t.Errorf("a message in a message: %q, row %d", whole, whole.Row())
	}
	var said []tsne.Message
	o := tsne.Options{Perplexity: 50, Iterations: -1, EarlyIterations: -1, Log: func(l tsne.Level, m tsne.Message) {
		if l == tsne.LevelWarning {
			said = append(said, m)
		}
	}}
	if _, err := tsne.Fit(ctx, blobs(40, 5, 2, 1), o); err != nil {
		t.Fatal(err)
	}
	if len(said) != 1 || said[0].Argument() != "Perplexity" {
		t.Errorf("warnings %v, want one about Perplexity", said)
	}
}
