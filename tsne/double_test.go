package tsne_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// doubles is x in double precision, moved by off.
func doubles(x tsne.Matrix, off ...float64) tsne.Float64Matrix {
	out := tsne.Float64Matrix{Data: make([]float64, len(x.Data)), Rows: x.Rows, Cols: x.Cols}
	for i, v := range x.Data {
		out.Data[i] = float64(v) + off[i%x.Cols%len(off)]
	}
	return out
}

func byColumn(x tsne.Float64Matrix) tsne.Float64Matrix {
	out := tsne.Float64Matrix{Data: make([]float64, len(x.Data)), Rows: x.Rows, Cols: x.Cols, ByColumn: true}
	for i := range x.Rows {
		for c := range x.Cols {
			out.Data[c*x.Rows+i] = x.Data[i*x.Cols+c]
		}
	}
	return out
}

func rounded(t *testing.T, x tsne.Float64Matrix, o tsne.Options) tsne.Matrix {
	t.Helper()
	m, err := tsne.FromFloat64(ctx, x, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// recall is the share of the k nearest of one that are among the other's.
func recall(t *testing.T, a, b tsne.Matrix, metric tsne.Metric) float64 {
	t.Helper()
	const k = 10
	var index [2][]int32
	for i, x := range []tsne.Matrix{a, b} {
		nb, err := tsne.FindNeighbors(ctx, x, k, tsne.Options{Metric: metric})
		if err != nil {
			t.Fatal(err)
		}
		index[i] = nb.Index
	}
	shared := 0
	for i := range a.Rows {
		for _, to := range index[0][i*k:][:k] {
			if slices.Contains(index[1][i*k:][:k], to) {
				shared++
			}
		}
	}
	return float64(shared) / float64(len(index[0]))
}

// The neighbours of rows do not depend on where zero is, for metrics that do not.
func TestFarFromZero(t *testing.T) {
	x := blobs(600, 8, 5, 1)
	for _, metric := range []tsne.Metric{tsne.MetricEuclidean, tsne.MetricCorrelation, tsne.MetricManhattan, tsne.MetricChebyshev} {
		for _, off := range []float64{1e8, -1e9, 1.7e12} {
			got := recall(t, x, rounded(t, doubles(x, off), tsne.Options{Metric: metric}), metric)
			// The doubles themselves have a step of 2e-4 at 1.7e12.
			if want := 0.99; got < want {
				t.Errorf("metric %d, %g: recall %v, want %v and more", metric, off, got, want)
			}
		}
	}
	// A clock in milliseconds beside columns about zero.
	if got := recall(t, x, rounded(t, doubles(x, 1.7e12, 0, 0, -3e8), tsne.Options{}), tsne.MetricEuclidean); got < 0.99 {
		t.Errorf("mixed: recall %v", got)
	}
}

// The same numbers give the same bits, whatever type and order they came in, and
// what lies about zero those of a plain conversion.
func TestRoundedAsBefore(t *testing.T) {
	x := blobs(3000, 5, 4, 2)
	for _, off := range []float64{0, 1 << 20} {
		d := doubles(x, off)
		for i, v := range d.Data {
			d.Data[i] = float64(float32(v))
		}
		m := rounded(t, d, tsne.Options{})
		for i, v := range m.Data {
			if m.Center != nil || float64(v) != d.Data[i] {
				t.Fatalf("offset %v: value %d: %v is now %v less %v", off, i, d.Data[i], v, m.Center)
			}
		}
	}
	d := doubles(x, 0.1)
	d.Data[7] = math.Pi * 1e6 // a heavy tail, which must not blur the rest
	m := rounded(t, d, tsne.Options{})
	for i, v := range d.Data {
		if m.Center != nil || m.Data[i] != float32(v) {
			t.Fatalf("value %d: %v became %v less %v", i, v, m.Data[i], m.Center)
		}
	}
	cosine := rounded(t, doubles(x, 1e8), tsne.Options{Metric: tsne.MetricCosine})
	constant := rounded(t, tsne.Float64Matrix{Data: slices.Repeat([]float64{1e9 + 0.1}, 8), Rows: 4, Cols: 2}, tsne.Options{})
	if cosine.Center != nil || constant.Center != nil {
		t.Errorf("cosine %v, constant %v: want no centre", cosine.Center, constant.Center)
	}
}

func TestRoundedOnceInAnyOrderOnAnyThreads(t *testing.T) {
	x := doubles(blobs(5000, 37, 4, 3), 1e8, 3, 1e10, 0)
	want := rounded(t, x, tsne.Options{Threads: 1})
	if want.Center == nil {
		t.Fatal("no centre")
	}
	for _, threads := range []int{2, 5} {
		for _, view := range []tsne.Float64Matrix{x, byColumn(x)} {
			got := rounded(t, view, tsne.Options{Threads: threads})
			if !slices.Equal(got.Data, want.Data) || !slices.Equal(got.Center, want.Center) {
				t.Fatalf("%d threads, by column %v: other bits", threads, view.ByColumn)
			}
		}
	}
	// Back and forth is the same again.
	back := tsne.Float64Matrix{Data: make([]float64, len(x.Data)), Rows: x.Rows, Cols: x.Cols, ByColumn: true}
	if err := want.Float64(back); err != nil {
		t.Fatal(err)
	}
	if again := rounded(t, back, tsne.Options{}); !slices.Equal(again.Data, want.Data) || !slices.Equal(again.Center, want.Center) {
		t.Error("rounding what was rounded gives other bits")
	}
}

// Any bits at all are rounded, no value further off than float32 is from what is
// left of it, or refused.
func TestAnyDoubles(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 0))
	refused, centred := 0, 0
	for range 2000 {
		x := tsne.Float64Matrix{Rows: 4 + r.IntN(20), Cols: 1 + r.IntN(4), ByColumn: r.IntN(2) == 0}
		x.Data = make([]float64, x.Rows*x.Cols)
		scale, off := math.Ldexp(1, r.IntN(300)-150), r.NormFloat64()*math.Ldexp(1, r.IntN(400)-200)
		for i := range x.Data {
			switch r.IntN(50) {
			case 0:
				x.Data[i] = math.Float64frombits(r.Uint64())
			case 1:
				x.Data[i] = 0
			default:
				x.Data[i] = off + scale*r.NormFloat64()
			}
		}
		m, err := tsne.FromFloat64(ctx, x, tsne.Options{Metric: tsne.Metric(1 + r.IntN(6))})
		if err != nil {
			if !errors.Is(err, tsne.ErrNotFinite) {
				t.Fatal(err)
			}
			refused++
			continue
		}
		for i := range x.Rows {
			for c := range x.Cols {
				v, centre := x.Data[i*x.Cols+c], 0.0
				if x.ByColumn {
					v = x.Data[c*x.Rows+i]
				}
				if m.Center != nil {
					centre = m.Center[c]
					centred++
				}
				left := v - centre
				if got := float64(m.Data[i*x.Cols+c]); math.Abs(got-left) > math.Abs(left)*0x1p-24+0x1p-150 {
					t.Fatalf("%v less %v is %v, got %v", v, centre, left, got)
				}
			}
		}
	}
	if refused == 0 || centred == 0 {
		t.Errorf("%d refused, %d values of centred matrices", refused, centred)
	}
}

func TestDoublesThatFloatsCannotHold(t *testing.T) {
	x := doubles(blobs(1500, 3, 2, 4), 0)
	for _, bad := range []struct {
		v    float64
		want string
	}{{math.NaN(), "is NaN, want a finite value"}, {math.Inf(-1), "is -Inf, want a finite value"}, {1e300, "is 1e+300, beyond the 3.403e+38 that float32 reaches"}} {
		d := x
		d.Data = slices.Clone(x.Data)
		d.Data[3*1200+2] = bad.v
		for _, view := range []tsne.Float64Matrix{d, byColumn(d)} {
			_, err := tsne.FromFloat64(ctx, view, tsne.Options{})
			if !errors.Is(err, tsne.ErrNotFinite) || !strings.Contains(err.Error(), "row 1200, column 2 "+bad.want) {
				t.Errorf("%v: %v", bad.v, err)
			}
		}
	}
	for _, m := range []tsne.Float64Matrix{{}, {Data: make([]float64, 9), Rows: 5, Cols: 2}, {Rows: 5, Cols: math.MaxInt / 2}} {
		if _, err := tsne.FromFloat64(ctx, m, tsne.Options{}); !errors.Is(err, tsne.ErrShape) {
			t.Errorf("%d x %d: %v", m.Rows, m.Cols, err)
		}
	}
	bent := tsne.Matrix{Data: make([]float32, 8), Rows: 4, Cols: 2, Center: []float64{1}}
	if _, err := tsne.Fit(ctx, bent, tsne.Options{}); !errors.Is(err, tsne.ErrShape) {
		t.Errorf("a centre of 1 for 2 columns: %v", err)
	}
}

// A model far from zero places new rows of either type, some columns of them, and
// resamples, as one about zero does; and so does its copy from a file.
func TestNewRowsFarFromZero(t *testing.T) {
	near, far := blobs(400, 6, 4, 5), []float64{1e8, 2e9, -3e8, 1e8, 5e8, 0}
	fresh := blobs(50, 6, 4, 5)
	o := tsne.Options{Iterations: 100, EarlyIterations: 50}
	fit := func(x tsne.Matrix) *tsne.Embedding {
		e, err := tsne.Fit(ctx, x, o)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	m := rounded(t, doubles(near, far...), o)
	if m.Center == nil {
		t.Fatal("no centre")
	}
	// The plain twin sees the very numbers that the model keeps.
	twin := tsne.Matrix{Data: m.Data, Rows: m.Rows, Cols: m.Cols}
	plain, moved := fit(twin), fit(m)
	if !slices.Equal(plain.Y(), moved.Y()) {
		t.Fatal("the map depends on the centre")
	}
	if err := moved.SetNames([]string{"a", "b", "c", "ä", "e", ""}); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := moved.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	loaded, err := tsne.Read(bytes.NewReader(file.Bytes()), int64(file.Len()), tsne.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := loaded.Data(); !slices.Equal(got.Center, m.Center) || !got.Double || !slices.Equal(loaded.Names(), moved.Names()) {
		t.Errorf("loaded: centre %v, double %v, names %v", got.Center, got.Double, loaded.Names())
	}
	for name, e := range map[string]*tsne.Embedding{"fitted": moved, "cloned": moved.Clone(), "loaded": loaded} {
		for _, columns := range [][]int32{nil, {4, 0, 2, 5}} {
			q, off := fresh, far
			if columns != nil {
				q = tsne.Matrix{Rows: fresh.Rows, Cols: len(columns)}
				off = nil
				for i := range fresh.Rows {
					for _, c := range columns {
						q.Data = append(q.Data, fresh.Data[i*6+int(c)])
					}
				}
				for _, c := range columns {
					off = append(off, far[c])
				}
			}
			to := tsne.TransformOptions{Columns: columns, Iterations: 20}
			x, err := e.FromFloat64(ctx, doubles(q, off...), to)
			if err != nil {
				t.Fatal(err)
			}
			if columns == nil {
				// A row that was fitted is itself again.
				old, err := e.FromFloat64(ctx, doubles(near, far...), to)
				if err != nil || !slices.Equal(old.Data, m.Data) {
					t.Fatalf("%s: rows of the fit come out otherwise: %v", name, err)
				}
			}
			got, err := e.Transform(ctx, x, to)
			if err != nil {
				t.Fatal(err)
			}
			want, err := plain.Transform(ctx, tsne.Matrix{Data: x.Data, Rows: x.Rows, Cols: x.Cols}, to)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Y(), want.Y()) {
				t.Errorf("%s, columns %v: places differ", name, columns)
			}
			// Floats of the same rows are as near as floats can be: here exact.
			flat := tsne.Matrix{Data: make([]float32, len(q.Data)), Rows: q.Rows, Cols: q.Cols}
			for i := range flat.Data {
				flat.Data[i] = float32(off[i%q.Cols])
			}
			a, err := e.Transform(ctx, flat, to)
			if err != nil {
				t.Fatal(err)
			}
			wide := doubles(flat, 0)
			x, err = e.FromFloat64(ctx, wide, to)
			if err != nil {
				t.Fatal(err)
			}
			b, err := e.Transform(ctx, x, to)
			if err != nil || !slices.Equal(a.Y(), b.Y()) {
				t.Errorf("%s, columns %v: floats and doubles of the same numbers differ: %v", name, columns, err)
			}
			s, err := e.Bootstrap(ctx, x, 3, to)
			if err != nil {
				t.Fatal(err)
			}
			w, err := plain.Bootstrap(ctx, tsne.Matrix{Data: x.Data, Rows: x.Rows, Cols: x.Cols}, 3, to)
			if err != nil || !slices.Equal(s.Samples, w.Samples) {
				t.Errorf("%s, columns %v: samples differ: %v", name, columns, err)
			}
		}
	}
}

// By a metric that zero has a meaning for, a model far from zero compares its rows
// as they came.
func TestCosineOnAModelFarFromZero(t *testing.T) {
	x := blobs(300, 4, 3, 6)
	d := doubles(x, 2e4, 300, 0, -1e5)
	for i, v := range d.Data {
		d.Data[i] = v + 1e-7
	}
	m := rounded(t, d, tsne.Options{})
	if m.Center == nil {
		t.Fatal("no centre")
	}
	e, err := tsne.Fit(ctx, m, tsne.Options{Iterations: 50, EarlyIterations: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, metric := range []tsne.Metric{tsne.MetricCosine, tsne.MetricCorrelation} {
		o := tsne.TransformOptions{Metric: metric, K: 1}
		q, err := e.FromFloat64(ctx, d, o)
		if err != nil {
			t.Fatal(err)
		}
		p, err := e.Transform(ctx, q, o)
		if err != nil {
			t.Fatal(err)
		}
		raw := tsne.Matrix{Data: make([]float32, len(d.Data)), Rows: d.Rows, Cols: d.Cols}
		for i, v := range d.Data {
			raw.Data[i] = float32(v)
		}
		want, err := tsne.FindNeighborsOfNew(ctx, raw, raw, 1, tsne.Options{Metric: metric})
		if err != nil {
			t.Fatal(err)
		}
		y, got := e.Y(), p.Y()
		for i := range x.Rows {
			if at := want.Index[i]; got[2*i] != y[2*at] || got[2*i+1] != y[2*at+1] {
				t.Fatalf("metric %d: row %d is at %v, want where row %d is", metric, i, got[2*i:][:2], at)
			}
		}
		if _, err := e.Bootstrap(ctx, q, 2, o); err != nil {
			t.Errorf("metric %d: %v", metric, err)
		}
	}
	// Aligning counts both from where the reference does.
	shifted := rounded(t, doubles(x, 3e6, 300.5, 0.1, -1e5), tsne.Options{})
	if _, _, err := tsne.Align(ctx, e, shifted, tsne.TransformOptions{}, tsne.Options{Iterations: 10, EarlyIterations: 10}); err != nil {
		t.Error(err)
	}
}

func TestNamesAreOfTheData(t *testing.T) {
	x := blobs(50, 3, 2, 7)
	e, err := tsne.Fit(ctx, x, tsne.Options{Iterations: 5, EarlyIterations: 5})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]string{{"a"}, {"a", "b", "c\x00"}, {"a", "b", "\xff"}} {
		if err := e.SetNames(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	names := []string{"a", "b", "c"}
	if err := e.SetNames(names); err != nil {
		t.Fatal(err)
	}
	names[0] = "changed"
	other, err := tsne.Fit(ctx, x, tsne.Options{Iterations: 5, EarlyIterations: 5})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.ShareData(e); err != nil || !slices.Equal(other.Names(), []string{"a", "b", "c"}) {
		t.Errorf("shared: %v, %v", other.Names(), err)
	}
	if err := e.SetData(x); err != nil || e.Names() != nil {
		t.Errorf("the names outlive the data: %v, %v", e.Names(), err)
	}
	e.DropData()
	if err := e.SetNames(names); !errors.Is(err, tsne.ErrNoData) {
		t.Errorf("without data: %v", err)
	}
	if err := other.ShareData(e); !errors.Is(err, tsne.ErrNoData) {
		t.Errorf("sharing none: %v", err)
	}
}

func BenchmarkFromFloat64(b *testing.B) {
	x := doubles(tsne.Matrix{Data: make([]float32, 20000*500), Rows: 20000, Cols: 500}, 0.1, 1e8)
	for i := range x.Data {
		x.Data[i] += float64(i%977) * 0.1
	}
	for _, view := range []tsne.Float64Matrix{x, byColumn(x)} {
		name := "by row"
		if view.ByColumn {
			name = "by column"
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(8 * len(x.Data)))
			for b.Loop() {
				if _, err := tsne.FromFloat64(ctx, view, tsne.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
