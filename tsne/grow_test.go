package tsne_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

var (
	pinned = math.Inf(1)
	holds  = []float64{0, 1, pinned}
)

func TestUpdateHolds(t *testing.T) {
	x := blobs(700, 10, 10, 7)
	old, fresh := part(x, 0, 500), part(x, 500, 200)
	for dims := 1; dims <= 3; dims++ {
		o := quick(tsne.Options{Dims: dims})
		e := must[*tsne.Embedding](t)(tsne.Fit(ctx, old, o))
		before := e.Y()
		var moved []float64
		for _, hold := range holds {
			u := must[*tsne.Embedding](t)(e.Update(ctx, fresh, hold, o))
			if u.N() != 700 || u.Iterations() != 150 {
				t.Fatalf("%d points after %d iterations", u.N(), u.Iterations())
			}
			moved = append(moved, apart(e, u, 0))
			if data, _ := u.Data(); !slices.Equal(data.Data, x.Data) {
				t.Error("its data are not the old and then the new rows")
			}
			// New rows lie among their own class, blobs' i % 10.
			if right := accuracy(u.Y(), dims, func(i int) int { return i % 10 }); dims > 1 && right < 0.95 {
				t.Errorf("%d-D, held by %v: label accuracy %v", dims, hold, right)
			}
			more := o
			more.Threads = 3
			if again := must[*tsne.Embedding](t)(e.Update(ctx, fresh, hold, more)); !slices.Equal(again.Y(), u.Y()) {
				t.Errorf("%d-D, held by %v: another map on three threads", dims, hold)
			}
			if hold == pinned {
				if err := u.Optimize(ctx, tsne.Phase{Iterations: 10}); err != nil || !slices.Equal(u.Y()[:len(before)], before) {
					t.Errorf("%d-D: pinned rows moved by what goes on: %v", dims, err)
				}
			}
		}
		if moved[2] != 0 || !(moved[1] < moved[0]) || !slices.Equal(e.Y(), before) {
			t.Errorf("%d-D: moved by %v, free, held and pinned", dims, moved)
		}
	}
}

// What was rounded about a centre is joined there.
func TestUpdateOfDoubles(t *testing.T) {
	x := blobs(300, 10, 10, 7)
	o := quick(tsne.Options{})
	far := func(x tsne.Matrix) tsne.Float64Matrix {
		d := tsne.Float64Matrix{Data: make([]float64, len(x.Data)), Rows: x.Rows, Cols: x.Cols}
		for i, v := range x.Data {
			d.Data[i] = float64(v) + 1e8
		}
		return d
	}
	old, fresh := far(part(x, 0, 200)), far(part(x, 200, 100))
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, must[tsne.Matrix](t)(tsne.FromFloat64(ctx, old, o)), o))
	own := must[tsne.Matrix](t)(tsne.FromFloat64(ctx, fresh, o)) // about another centre
	beside := must[tsne.Matrix](t)(e.FromFloat64(ctx, fresh, tsne.TransformOptions{}))
	for name, new := range map[string]tsne.Matrix{"of its own centre": own, "of the model's": beside} {
		u := must[*tsne.Embedding](t)(e.Update(ctx, new, pinned, o))
		if right := accuracy(u.Y(), 2, func(i int) int { return i % 10 }); right < 0.95 {
			t.Errorf("new rows %s: label accuracy %v", name, right)
		}
	}
}

func TestZoomStaysInPlace(t *testing.T) {
	x := blobs(600, 10, 6, 7)
	for dims := 1; dims <= 3; dims++ {
		o := quick(tsne.Options{Dims: dims})
		e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
		before := e.Y()
		var rows []int32
		for i := 599; i >= 0; i-- {
			if i%6 < 2 {
				rows = append(rows, int32(i))
			}
		}
		o.Perplexity = 10
		z := must[*tsne.Embedding](t)(e.Zoom(ctx, rows, o))
		there, sub := make([]float32, 0, len(rows)*dims), tsne.Matrix{Rows: len(rows), Cols: 10}
		for _, r := range rows {
			there = append(there, before[int(r)*dims:][:dims]...)
			sub.Data = append(sub.Data, x.Data[int(r)*10:][:10]...)
		}
		a, b := centre(there, dims), centre(z.Y(), dims)
		for c := range dims {
			if math.Abs(a.mean[c]-b.mean[c]) > 1e-3 {
				t.Errorf("%d-D: the mean went from %v to %v", dims, a.mean, b.mean)
			}
		}
		if math.Abs(a.reach/b.reach-1) > 1e-4 {
			t.Errorf("%d-D: half lie within %v of it, before %v", dims, b.reach, a.reach)
		}
		// The map is one of its own affinities, and of the divergence that is said.
		p := must[*tsne.Affinities](t)(tsne.AffinitiesOf(ctx, sub, o))
		if got := z.Affinities(); !slices.Equal(got.Val, p.Val) || !slices.Equal(got.Col, p.Col) {
			t.Errorf("%d-D: other affinities than those of the rows", dims)
		}
		free := must[*tsne.Embedding](t)(tsne.Fit(ctx, sub, o))
		if !(z.KL() < 1.1*free.KL()+0.02) {
			t.Errorf("%d-D: divergence %v, of a fit %v", dims, z.KL(), free.KL())
		}
		whole := must[[]float32](t)(e.PutBack(rows, z))
		at := map[int]int{}
		for i, r := range rows {
			at[int(r)] = i
		}
		for i := range 600 {
			want := before[i*dims:][:dims]
			if k, ok := at[i]; ok {
				want = z.Y()[k*dims:][:dims]
			}
			if !slices.Equal(whole[i*dims:][:dims], want) {
				t.Fatalf("%d-D: row %d put back", dims, i)
			}
		}
		o.Threads = 3
		if again := must[*tsne.Embedding](t)(e.Zoom(ctx, rows, o)); !slices.Equal(again.Y(), z.Y()) || !slices.Equal(e.Y(), before) {
			t.Errorf("%d-D: another map on three threads, or the old one changed", dims)
		}
	}
}

type middle struct {
	mean  [3]float64
	reach float64
}

// centre is the mean of a map and the lower median distance from it.
func centre(y []float32, dims int) (m middle) {
	n := len(y) / dims
	for i, v := range y {
		m.mean[i%dims] += float64(v) / float64(n)
	}
	d := make([]float64, n)
	for i, v := range y {
		d[i/dims] += (float64(v) - m.mean[i%dims]) * (float64(v) - m.mean[i%dims])
	}
	slices.Sort(d)
	m.reach = math.Sqrt(d[(n-1)/2])
	return m
}

func TestUpdateAndZoomRefuse(t *testing.T) {
	x := blobs(60, 5, 3, 1)
	o := tsne.Options{Perplexity: 5, EarlyIterations: 5, Iterations: 5}
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
	bare := must[*tsne.Embedding](t)(tsne.NewEmbedding(e.Affinities(), e.Y(), o))
	flat := o
	flat.Dims = 3
	hole := part(x, 0, 2)
	hole.Data = slices.Clone(hole.Data)
	hole.Data[1*5+4] = float32(math.Inf(1))
	update := func(e *tsne.Embedding, x tsne.Matrix, hold float64, o tsne.Options) func() error {
		return func() error {
			u, err := e.Update(ctx, x, hold, o)
			if u != nil {
				t.Error("there is a map")
			}
			return err
		}
	}
	zoom := func(e *tsne.Embedding, o tsne.Options, rows ...int32) func() error {
		return func() error {
			u, err := e.Zoom(ctx, rows, o)
			if u != nil {
				t.Error("there is a map")
			}
			return err
		}
	}
	for _, c := range []struct {
		do   func() error
		kind error
		want string
	}{
		{update(e, part(x, 0, 2), -1, o), tsne.ErrOption, "hold: got -1, want 0 or more; infinity pins"},
		{update(e, part(x, 0, 2), math.NaN(), o), tsne.ErrOption, "hold: got NaN"},
		{update(e, part(x, 0, 0), 1, o), tsne.ErrShape, "X: got 0 rows, want at least 1"},
		{update(e, tsne.Matrix{Data: x.Data[:8], Rows: 2, Cols: 4}, 1, o), tsne.ErrShape, "X: got 4 columns, want 5"},
		{update(e, hole, 1, o), tsne.ErrNotFinite, "X: row 1, column 4 is +Inf"},
		{update(e, part(x, 0, 2), 1, flat), tsne.ErrOption, "Dims: got 3, want 2, those of the map"},
		{update(bare, part(x, 0, 2), 1, o), tsne.ErrNoData, "transform: the embedding has no data"},
		{zoom(e, o, 1, 2, 3), tsne.ErrOption, "rows: got 3 rows, want at least 4"},
		{zoom(e, o, 1, 2, 3, 60), tsne.ErrOption, "rows: entry 3 is 60, want 0 to 59"},
		{zoom(e, o, 1, 2, 3, -1), tsne.ErrOption, "rows: entry 3 is -1, want 0 to 59"},
		{zoom(e, o, 1, 2, 3, 2), tsne.ErrOption, "rows: entry 3 is row 2, which is there already"},
		{zoom(e, flat, 1, 2, 3, 4), tsne.ErrOption, "Dims: got 3, want 2"},
		{zoom(bare, o, 1, 2, 3, 4), tsne.ErrNoData, "zoom: the embedding has no data"},
		{func() error { _, err := e.PutBack([]int32{1, 2}, e); return err }, tsne.ErrOption, "rows: got 2 rows, want 60"},
	} {
		if err := c.do(); !errors.Is(err, c.kind) || !strings.HasPrefix(fmt.Sprint(err), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

// Names of columns go with the data, and what is given is not changed.
func TestUpdateAndZoomKeepNames(t *testing.T) {
	x := blobs(60, 3, 3, 1)
	o := tsne.Options{Perplexity: 5, EarlyIterations: 5, Iterations: 5}
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, part(x, 0, 50), o))
	names := []string{"a", "b", "c"}
	if err := e.SetNames(names); err != nil {
		t.Fatal(err)
	}
	u := must[*tsne.Embedding](t)(e.Update(ctx, part(x, 50, 10), 1, o))
	z := must[*tsne.Embedding](t)(u.Zoom(ctx, []int32{5, 59, 3, 17, 8, 9, 20}, o))
	if !slices.Equal(u.Names(), names) || !slices.Equal(z.Names(), names) {
		t.Errorf("names %q and %q", u.Names(), z.Names())
	}
	data, _ := z.Data()
	if !slices.Equal(data.Data[:6], append(slices.Clone(x.Data[15:18]), x.Data[177:180]...)) {
		t.Error("other rows than those asked for")
	}
}
