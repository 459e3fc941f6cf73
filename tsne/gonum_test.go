package tsne_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/libtsne/libtsne/tsne"
)

// plain is a matrix that can do no more than it must.
type plain struct{ of mat.Matrix }

func (p plain) Dims() (r, c int)    { return p.of.Dims() }
func (p plain) At(i, j int) float64 { return p.of.At(i, j) }
func (p plain) T() mat.Matrix       { return mat.Transpose{Matrix: p} }

// looks are x as gonum matrices of every kind that is read in its own way.
func looks(x tsne.Float64Matrix) map[string]mat.Matrix {
	dense := mat.NewDense(x.Rows, x.Cols, x.Data)
	wide := mat.NewDense(x.Rows+3, x.Cols+2, nil)
	for i := range wide.RawMatrix().Data {
		wide.RawMatrix().Data[i] = math.Inf(1)
	}
	within := wide.Slice(1, x.Rows+1, 1, x.Cols+1).(*mat.Dense)
	within.Copy(dense)
	turned := mat.DenseCopyOf(dense.T())
	high := mat.NewDense(x.Cols+2, x.Rows+3, nil)
	beside := high.Slice(2, x.Cols+2, 0, x.Rows).(*mat.Dense)
	beside.Copy(turned)
	return map[string]mat.Matrix{
		"dense": dense, "slice": within, "transpose": turned.T(), "transpose of a slice": beside.T(),
		"twice": dense.T().T(), "plain": plain{dense}, "transpose of a plain one": plain{turned}.T(),
	}
}

func equal(a, b tsne.Matrix) bool {
	return a.Rows == b.Rows && a.Cols == b.Cols && a.Double == b.Double &&
		slices.Equal(a.Data, b.Data) && slices.Equal(a.Center, b.Center)
}

// However a matrix lies, its numbers give one Matrix: in a fit and for new points.
func TestFromMatIsFromFloat64(t *testing.T) {
	x := doubles(blobs(1500, 19, 4, 3), 1e8, 3, 1e10, 0)
	want := rounded(t, x, tsne.Options{})
	if want.Center == nil {
		t.Fatal("no centre")
	}
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, want, tsne.Options{EarlyIterations: 20, Iterations: 20}))
	to := tsne.TransformOptions{}
	beside := must[tsne.Matrix](t)(tsne.FromFloat64Beside(ctx, x, want, tsne.Options{}))
	place := must[tsne.Matrix](t)(e.FromFloat64(ctx, x, to))
	for name, m := range looks(x) {
		if got := must[tsne.Matrix](t)(tsne.FromMat(ctx, m, tsne.Options{})); !equal(got, want) {
			t.Errorf("%s: FromMat is another matrix", name)
		}
		if got := must[tsne.Matrix](t)(tsne.FromMatBeside(ctx, m, want, tsne.Options{})); !equal(got, beside) {
			t.Errorf("%s: FromMatBeside is another matrix", name)
		}
		if got := must[tsne.Matrix](t)(e.FromMat(ctx, m, to)); !equal(got, place) {
			t.Errorf("%s: the embedding's FromMat is another matrix", name)
		}
	}
	d := mat.NewDiagDense(7, []float64{1, 2, 3, 4, 5, 6, 7})
	got := must[tsne.Matrix](t)(tsne.FromMat(ctx, d, tsne.Options{}))
	for i, v := range got.Data {
		if float64(v) != d.At(i/7, i%7) {
			t.Fatalf("diagonal: value %d is %v", i, v)
		}
	}
}

func TestFromMatReadsADenseWhereItLies(t *testing.T) {
	x := mat.NewDense(4096, 64, nil)
	for name, m := range map[string]mat.Matrix{"dense": x, "slice": x.Slice(0, 4096, 0, 63), "transpose": x.T()} {
		r, c := m.Dims()
		// The estimate of the copy that is made, and no more.
		if _, err := tsne.FromMat(ctx, m, tsne.Options{MaxMemory: uint64(4 * r * c)}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := tsne.FromMat(ctx, plain{x}, tsne.Options{MaxMemory: 11 * 4096 * 64}); !errors.Is(err, tsne.ErrMemory) {
		t.Errorf("a copy: got %v, want ErrMemory", err)
	}
}

func TestFromMatRefuses(t *testing.T) {
	bad := mat.NewDense(5, 3, nil)
	bad.Set(3, 1, math.Inf(-1))
	far := mat.NewDense(5, 3, nil)
	far.Set(4, 2, 1e300)
	stopped, stop := context.WithCancel(ctx)
	stop()
	for _, c := range []struct {
		ctx  context.Context
		m    mat.Matrix
		kind error
		says string
	}{
		{ctx, nil, tsne.ErrShape, "X: got nil"},
		{ctx, (*mat.Dense)(nil), tsne.ErrShape, "X: got nil"},
		{ctx, mat.Transpose{}, tsne.ErrShape, "X: got nil"},
		{ctx, &mat.Dense{}, tsne.ErrShape, "X: got 0 rows"},
		{ctx, mat.NewDense(3, 2, nil), tsne.ErrShape, "X: got 3 rows, want at least 4"},
		{ctx, mat.NewDense(2, 3, nil).T(), tsne.ErrShape, "X: got 3 rows, want at least 4"},
		{ctx, bad, tsne.ErrNotFinite, "X: row 3, column 1 is -Inf"},
		{ctx, bad.T(), tsne.ErrShape, "X: got 3 rows"},
		{ctx, plain{bad}, tsne.ErrNotFinite, "X: row 3, column 1 is -Inf"},
		{ctx, far.Slice(1, 5, 1, 3), tsne.ErrNotFinite, "X: row 3, column 1 is 1e+300, beyond"},
		{stopped, plain{far}, tsne.ErrCancelled, "cancelled"},
		{stopped, far, tsne.ErrCancelled, "cancelled"},
	} {
		m, err := tsne.FromMat(c.ctx, c.m, tsne.Options{})
		if !errors.Is(err, c.kind) || !strings.HasPrefix(err.Error(), c.says) || m.Data != nil {
			t.Errorf("got %v, %v, want %q", m, err, c.says)
		}
	}
	x := rounded(t, doubles(blobs(9, 3, 2, 1), 0), tsne.Options{})
	if _, err := tsne.FromMatBeside(ctx, mat.NewDense(2, 4, nil), x, tsne.Options{}); !errors.Is(err, tsne.ErrShape) || !strings.HasPrefix(err.Error(), "q: got 4 columns, want 3") {
		t.Errorf("beside: %v", err)
	}
}

func TestFromFloat64HoldsTheStride(t *testing.T) {
	data := make([]float64, 4*6+3)
	for says, x := range map[string]tsne.Float64Matrix{
		"X: got a stride of 2, want at least 3":                        {Data: data, Rows: 5, Cols: 3, Stride: 2},
		"X: got a stride of 4, want at least 5":                        {Data: data, Rows: 5, Cols: 3, Stride: 4, ByColumn: true},
		"X: got a stride of -3, want at least 3":                       {Data: data, Rows: 5, Cols: 3, Stride: -3},
		"X: got 26 values, want 5 rows x 3 columns with a stride of 6": {Data: data[1:], Rows: 5, Cols: 3, Stride: 6},
		"X: got 2 values, want 5 rows x 3 columns with a stride of 6":  {Data: data[:2], Rows: 5, Cols: 3, Stride: 6},
		"X: got 18 values, want 5 rows x 3 columns with a stride of 7": {Data: data[:18], Rows: 5, Cols: 3, Stride: 7, ByColumn: true},
		"X: got 3 rows, want at least 4":                               {Data: data, Rows: 3, Cols: 3, Stride: 6},
	} {
		_, err := tsne.FromFloat64(ctx, x, tsne.Options{})
		if !errors.Is(err, tsne.ErrShape) || err.Error() != says {
			t.Errorf("got %v, want %s", err, says)
		}
	}
	for _, x := range []tsne.Float64Matrix{
		{Data: data, Rows: 5, Cols: 3, Stride: 6},
		{Data: data[:19], Rows: 5, Cols: 3, Stride: 7, ByColumn: true},
	} {
		for i := range data {
			data[i] = float64(i)
		}
		m := rounded(t, x, tsne.Options{})
		to := tsne.Float64Matrix{Data: make([]float64, len(x.Data)), Rows: 5, Cols: 3, ByColumn: x.ByColumn, Stride: x.Stride}
		if err := m.Float64(to); err != nil {
			t.Fatal(err)
		}
		for i, v := range to.Data {
			if v != 0 && v != x.Data[i] {
				t.Errorf("place %d: got %v, want %v", i, v, x.Data[i])
			}
		}
		if to.Data[len(to.Data)-1] != x.Data[len(x.Data)-1] || m.Float64(tsne.Float64Matrix{Data: to.Data[1:], Rows: 5, Cols: 3, ByColumn: x.ByColumn, Stride: x.Stride}) == nil {
			t.Error("the last value is not written, or too little room is taken")
		}
	}
}

func TestDense(t *testing.T) {
	x := blobs(60, 5, 3, 1)
	for dims := 1; dims <= 3; dims++ {
		e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{Dims: dims, EarlyIterations: 5, Iterations: 5}))
		p := must[*tsne.Partial](t)(e.Transform(ctx, blobs(7, 5, 3, 2), tsne.TransformOptions{}))
		for _, of := range []struct {
			d *mat.Dense
			y []float32
		}{{e.Dense(), e.Y()}, {p.Dense(), p.Y()}} {
			if r, c := of.d.Dims(); r != len(of.y)/dims || c != dims {
				t.Fatalf("%d x %d", r, c)
			}
			for i, v := range of.y {
				if of.d.At(i/dims, i%dims) != float64(v) {
					t.Fatalf("value %d: got %v, want %v", i, of.d.At(i/dims, i%dims), v)
				}
			}
		}
		none := must[*tsne.Partial](t)(e.Transform(ctx, tsne.Matrix{Cols: 5}, tsne.TransformOptions{}))
		if !none.Dense().IsEmpty() {
			t.Error("no points: want an empty matrix")
		}
		e.Dense().Zero()
		if finite(e.Y()) && slices.Max(e.Y()) == 0 {
			t.Error("Dense is the map itself")
		}
	}
}
