package tsne_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// part is some rows of x, from one on.
func part(x tsne.Matrix, from, n int) tsne.Matrix {
	return tsne.Matrix{Data: x.Data[from*x.Cols : (from+n)*x.Cols], Rows: n, Cols: x.Cols}
}

// count is the keys from one on.
func count(from, n int) []int64 {
	keys := make([]int64, n)
	for i := range keys {
		keys[i] = int64(from + i)
	}
	return keys
}

// apart is the mean distance of rows that two maps share, from a row of the first on
// and from the first of the other, as a share of the first's spread.
func apart(a, b *tsne.Embedding, from int) float64 {
	dims := a.Dims()
	y, z := a.Y(), b.Y()
	_, size := squares(y, y, dims)
	sum, n := 0.0, 0
	for i := from; i < a.N() && i-from < b.N(); i++ {
		at := 0.0
		for c := range dims {
			d := float64(y[i*dims+c]) - float64(z[(i-from)*dims+c])
			at += d * d
		}
		sum += math.Sqrt(at)
		n++
	}
	return sum / float64(n) / math.Sqrt(size/float64(a.N()))
}

func quick(o tsne.Options) tsne.Options {
	o.Perplexity, o.EarlyIterations, o.Iterations = 15, 150, 150
	return o
}

func TestTogetherIsNearer(t *testing.T) {
	x := blobs(900, 10, 10, 7)
	for dims := 1; dims <= 3; dims++ {
		o := quick(tsne.Options{Dims: dims})
		sets := []tsne.Matrix{part(x, 0, 500), part(x, 200, 500), part(x, 400, 500)}
		keys := [][]int64{count(0, 500), count(200, 500), count(400, 500)}
		apartBy := func(t2 tsne.TogetherOptions, o tsne.Options) (float64, []*tsne.Embedding) {
			maps := must[[]*tsne.Embedding](t)(tsne.FitTogether(ctx, sets, t2, o))
			return apart(maps[0], maps[1], 200) + apart(maps[1], maps[2], 200), maps
		}
		var alone []*tsne.Embedding
		for i, s := range sets {
			own := o
			if i > 0 {
				own.Init, own.Seed = tsne.InitRandom, uint64(i)
			}
			alone = append(alone, must[*tsne.Embedding](t)(tsne.Fit(ctx, s, own)))
		}
		free := apart(alone[0], alone[1], 200) + apart(alone[1], alone[2], 200)
		began, first := apartBy(tsne.TogetherOptions{Keys: keys, Rounds: -1}, o)
		near, maps := apartBy(tsne.TogetherOptions{Keys: keys}, o)
		strong := o
		strong.Pull = 1
		nearest, _ := apartBy(tsne.TogetherOptions{Keys: keys}, strong)
		if !(nearest < 0.05 && nearest < near && near < began && began < free/2) {
			t.Errorf("%d-D: alone %.3g, without rounds %.3g, with %.3g, by a strong pull %.3g", dims, free, began, near, nearest)
		}
		if !slices.Equal(first[0].Y(), alone[0].Y()) {
			t.Errorf("%d-D: without rounds the first map is not that of a fit", dims)
		}
		for i, e := range maps {
			if !finite(e.Y()) || !(e.KL() < 1.15*alone[i].KL()+0.02) {
				t.Errorf("%d-D: map %d has divergence %.3f, alone %.3f", dims, i, e.KL(), alone[i].KL())
			}
			if s := e.Settings(); s.Pull != 0 {
				t.Errorf("%d-D: map %d is held still, by %v", dims, i, s.Pull)
			}
		}
		o.Threads = 3
		if _, again := apartBy(tsne.TogetherOptions{Keys: keys, Window: 1, Rounds: 5}, o); !sameMaps(again, maps) {
			t.Errorf("%d-D: other maps on three threads, or by the defaults said", dims)
		}
		if _, wide := apartBy(tsne.TogetherOptions{Keys: keys, Window: 2}, o); sameMaps(wide, maps) {
			t.Errorf("%d-D: the same maps in another window", dims)
		}
	}
}

func sameMaps(a, b []*tsne.Embedding) bool {
	return slices.EqualFunc(a, b, func(a, b *tsne.Embedding) bool { return slices.Equal(a.Y(), b.Y()) && a.KL() == b.KL() })
}

// Sets of other rows are matched by their columns, and what keys do not match lies
// among its like.
func TestTogetherWithoutSharedRows(t *testing.T) {
	one, two := halves(400)
	o := quick(tsne.Options{})
	alone := o
	alone.Init, alone.Seed = tsne.InitRandom, 5
	far := centroidDistance(must[*tsne.Embedding](t)(tsne.Fit(ctx, one, o)).Y(), must[*tsne.Embedding](t)(tsne.Fit(ctx, two, alone)).Y(), 2)
	half := count(0, 400) // of the second set, only some rows are known
	for i := range half {
		if i >= 150 {
			half[i] = -1
		}
	}
	for name, keys := range map[string][][]int64{"placed": nil, "some rows": {count(0, 400), half}} {
		sets := []tsne.Matrix{one, two}
		if keys != nil {
			sets[1] = one
		}
		maps := must[[]*tsne.Embedding](t)(tsne.FitTogether(ctx, sets, tsne.TogetherOptions{Keys: keys}, o))
		if d := centroidDistance(maps[0].Y(), maps[1].Y(), 2); !(d < 0.25 && d < far/2) {
			t.Errorf("%s: class means are %v apart, alone %v", name, d, far)
		}
	}
	// Keys need no common columns.
	narrow := tsne.Matrix{Data: two.Data[:400*9], Rows: 400, Cols: 9}
	if _, err := tsne.FitTogether(ctx, []tsne.Matrix{one, narrow}, tsne.TogetherOptions{Keys: [][]int64{count(0, 400), count(0, 400)}}, o); err != nil {
		t.Error(err)
	}
}

// A set is centred by itself, and its rows are compared with another's by their
// values.
func TestTogetherOfDoubles(t *testing.T) {
	one, two := halves(200)
	o := quick(tsne.Options{})
	double := func(x tsne.Matrix) tsne.Matrix {
		d := tsne.Float64Matrix{Data: make([]float64, len(x.Data)), Rows: x.Rows, Cols: x.Cols}
		for i, v := range x.Data {
			d.Data[i] = float64(v) + 1e8
		}
		return must[tsne.Matrix](t)(tsne.FromFloat64(ctx, d, o))
	}
	a, b := double(one), double(two)
	if a.Center == nil || b.Center == nil || slices.Equal(a.Center, b.Center) {
		t.Fatal("the sets are to have centres of their own")
	}
	maps := must[[]*tsne.Embedding](t)(tsne.FitTogether(ctx, []tsne.Matrix{a, b}, tsne.TogetherOptions{}, o))
	if d := centroidDistance(maps[0].Y(), maps[1].Y(), 2); d > 0.3 {
		t.Errorf("class means are %v apart", d)
	}
}

func TestTogetherRefuses(t *testing.T) {
	one, two := halves(40)
	o := tsne.Options{Perplexity: 5, EarlyIterations: 5, Iterations: 5}
	narrow := tsne.Matrix{Data: two.Data[:120], Rows: 40, Cols: 3}
	hole := tsne.Matrix{Data: slices.Clone(two.Data), Rows: 40, Cols: 10}
	hole.Data[3*10+2] = float32(math.NaN())
	few := part(two, 0, 3)
	twice := count(0, 40)
	twice[7] = 3
	keyed := func(keys ...[]int64) tsne.TogetherOptions { return tsne.TogetherOptions{Keys: keys} }
	for _, c := range []struct {
		sets []tsne.Matrix
		t    tsne.TogetherOptions
		kind error
		want string
	}{
		{nil, tsne.TogetherOptions{}, tsne.ErrShape, "X: got 0 data sets, want at least 2"},
		{[]tsne.Matrix{one}, tsne.TogetherOptions{}, tsne.ErrShape, "X: got 1 data sets"},
		{[]tsne.Matrix{one, narrow}, tsne.TogetherOptions{}, tsne.ErrShape, "X[1]: got 3 columns, want those of X[0], 10"},
		{[]tsne.Matrix{one, hole}, tsne.TogetherOptions{}, tsne.ErrNotFinite, "X[1]: row 3, column 2 is NaN"},
		{[]tsne.Matrix{one, hole}, keyed(count(0, 40), count(0, 40)), tsne.ErrNotFinite, "X[1]: row 3, column 2 is NaN"},
		{[]tsne.Matrix{one, few}, tsne.TogetherOptions{}, tsne.ErrShape, "X[1]: got 3 rows, want at least 4"},
		{[]tsne.Matrix{one, two}, tsne.TogetherOptions{Window: -1}, tsne.ErrOption, "Window: got -1, want 1 or more"},
		{[]tsne.Matrix{one, two}, keyed(count(0, 40)), tsne.ErrOption, "Keys: got those of 1 sets, want those of 2"},
		{[]tsne.Matrix{one, two}, keyed(count(0, 40), count(0, 39)), tsne.ErrOption, "Keys[1]: got 39 keys, want 40, one for each row of X[1]"},
		{[]tsne.Matrix{one, two}, keyed(count(0, 40), twice), tsne.ErrOption, "Keys[1]: rows 3 and 7 have the same key"},
		{[]tsne.Matrix{one, two}, keyed(count(0, 40), count(100, 40)), tsne.ErrOption, "Keys[1]: no key is one of Keys[0]"},
	} {
		maps, err := tsne.FitTogether(ctx, c.sets, c.t, o)
		if maps != nil || !errors.Is(err, c.kind) || !strings.HasPrefix(fmt.Sprint(err), c.want) {
			t.Errorf("got %v, %v, want %q", maps != nil, err, c.want)
		}
	}
	bad := o
	bad.Pull = -1
	if _, err := tsne.FitTogether(ctx, []tsne.Matrix{one, two}, tsne.TogetherOptions{}, bad); !errors.Is(err, tsne.ErrOption) {
		t.Errorf("a pull below 0: %v", err)
	}
	kept := o
	kept.Checkpoint = filepath.Join(t.TempDir(), "run.npz")
	if _, err := tsne.FitTogether(ctx, []tsne.Matrix{one, two}, tsne.TogetherOptions{}, kept); !errors.Is(err, tsne.ErrOption) ||
		err.Error() != "Checkpoint: got "+kept.Checkpoint+", want none: a file is of one map" {
		t.Errorf("a checkpoint: %v", err)
	}
	// Cancelled anywhere, there are no maps.
	for _, at := range []int{1, 12, 40} {
		stop, cancel := context.WithCancel(ctx)
		seen, hooked := 0, o
		hooked.ProgressEvery = 1
		hooked.Progress = func(p tsne.Progress) bool {
			if p.Stage == tsne.StageOptimize {
				if seen++; seen == at {
					cancel()
				}
			}
			return false
		}
		maps, err := tsne.FitTogether(stop, []tsne.Matrix{one, two}, tsne.TogetherOptions{}, hooked)
		if cancel(); maps != nil || !errors.Is(err, tsne.ErrCancelled) {
			t.Errorf("cancelled at %d: %v, %v", at, maps != nil, err)
		}
	}
}
