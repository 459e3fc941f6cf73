package svd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

var ctx = context.Background()

// counts makes a matrix of counts that fall off from column to column, with
// groups of rows; columns of a row are out of order, and some come twice.
func counts(rows, cols int, density float64) CSR {
	r := rand.New(rand.NewPCG(uint64(rows), uint64(cols)))
	a := CSR{Rows: rows, Cols: cols, Ptr: []int64{0}}
	for i := range rows {
		for _, c := range r.Perm(cols) {
			if p := density * (1 + float64((c+i)%5)) / 3; r.Float64() < p {
				a.Col = append(a.Col, int32(c))
				a.Val = append(a.Val, float32(math.Ceil(3*r.ExpFloat64()/(1+float64(c)/20))))
				if r.IntN(9) == 0 {
					a.Col = append(a.Col, int32(c))
					a.Val = append(a.Val, 1)
				}
			}
		}
		a.Ptr = append(a.Ptr, int64(len(a.Col)))
	}
	return a
}

func (a *CSR) dense() *mat.Dense {
	m := mat.NewDense(a.Rows, a.Cols, nil)
	for i := range a.Rows {
		for e := a.Ptr[i]; e < a.Ptr[i+1]; e++ {
			c := int(a.Col[e])
			m.Set(i, c, m.At(i, c)+float64(a.Val[e]))
		}
	}
	return m
}

func scores(t testing.TB, a CSR, k, workers int) []float32 {
	t.Helper()
	pool := par.New(workers)
	defer pool.Close()
	s, err := Scores(ctx, pool, a, k)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// compare holds scores to gonum's decomposition: norms of the columns are the
// singular values, and columns apart from their neighbours equal the oracle's,
// sign and all.
func compare(t *testing.T, a CSR, k int) {
	t.Helper()
	var o mat.SVD
	if !o.Factorize(a.dense(), mat.SVDThin) {
		t.Fatal("the oracle failed")
	}
	var u, v mat.Dense
	o.UTo(&u)
	o.VTo(&v)
	sigma := o.Values(nil)
	got := scores(t, a, k, 2)
	compared := 0
	for j := range k {
		norm := 0.0
		for i := range a.Rows {
			norm += float64(got[i*k+j]) * float64(got[i*k+j])
		}
		norm = math.Sqrt(norm)
		if sigma[j] < 1e-10*sigma[0] {
			if norm != 0 {
				t.Errorf("column %d has norm %g, want 0", j, norm)
			}
			continue
		}
		if math.Abs(norm-sigma[j]) > 1e-5*sigma[j] {
			t.Errorf("singular value %d is %.9g, want %.9g", j, norm, sigma[j])
		}
		if j+1 < len(sigma) && sigma[j]-sigma[j+1] < 0.01*sigma[j] || j > 0 && sigma[j-1]-sigma[j] < 0.01*sigma[j] {
			continue
		}
		s := 0.0
		for i := range a.Cols {
			if math.Abs(v.At(i, j)) > math.Abs(s)*(1+1e-9) {
				s = v.At(i, j)
			}
		}
		s = math.Copysign(sigma[j], s)
		for i := range a.Rows {
			if off := math.Abs(float64(got[i*k+j]) - s*u.At(i, j)); off > 2e-3*sigma[j] {
				t.Errorf("row %d of column %d is %g, want %g", i, j, got[i*k+j], s*u.At(i, j))
				break
			}
		}
		compared++
	}
	if compared == 0 && sigma[0] > 0 {
		t.Error("no column was compared")
	}
}

func TestScoresAreTheDecomposition(t *testing.T) {
	for _, c := range []struct{ rows, cols, k int }{
		{300, 80, 10}, {80, 300, 10}, {200, 200, 50}, {400, 30, 30}, {5, 40, 5}, {40, 5, 1}, {6, 1, 1}, {700, 500, 50},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) { compare(t, counts(c.rows, c.cols, 0.2), c.k) })
	}
}

// TestPoorMatrices has fewer directions than are asked for.
func TestPoorMatrices(t *testing.T) {
	few := CSR{Rows: 90, Cols: 60, Ptr: []int64{0}} // rank 3, rows between empty
	for i := range few.Rows {
		if i%2 == 0 {
			for c := i / 2 % 3; c < few.Cols; c += 3 {
				few.Col = append(few.Col, int32(c))
				few.Val = append(few.Val, float32(i+1))
			}
		}
		few.Ptr = append(few.Ptr, int64(len(few.Col)))
	}
	compare(t, few, 12)
	wide := transposed(t, few)
	compare(t, wide, 12)
	empty := CSR{Rows: 7, Cols: 9, Ptr: make([]int64, 8)}
	if s := scores(t, empty, 4, 1); slices.ContainsFunc(s, func(v float32) bool { return v != 0 }) {
		t.Errorf("scores of a matrix of zeros: %v", s)
	}
	for _, scale := range []float32{1e30, 1e-30} {
		a := counts(100, 40, 0.3)
		plain := scores(t, a, 5, 1)
		for e := range a.Val {
			a.Val[e] *= scale
		}
		for i, v := range scores(t, a, 5, 1) {
			if off := math.Abs(float64(v/scale - plain[i])); off > 1e-3 {
				t.Fatalf("times %g: score %d is off by %g", scale, i, off)
			}
		}
	}
}

func transposed(t *testing.T, a CSR) CSR {
	t.Helper()
	pool := par.New(2)
	defer pool.Close()
	b, err := a.transpose(ctx, pool)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTransposeIsOne(t *testing.T) {
	a := counts(70, 40, 0.2)
	b := transposed(t, a)
	if !mat.Equal(a.dense().T(), b.dense()) {
		t.Error("the transpose differs")
	}
}

func TestSameBitsOnAnyNumberOfWorkersAndPath(t *testing.T) {
	was := cpu.Use
	defer func() { cpu.Use = was }()
	for _, c := range []struct{ rows, cols int }{{900, 300}, {300, 900}} {
		a := counts(c.rows, c.cols, 0.1)
		want := scores(t, a, 20, 1)
		for cpu.Use = cpu.Portable; cpu.Use <= cpu.Best; cpu.Use++ {
			for _, workers := range []int{2, 3, 8} {
				if !slices.Equal(scores(t, a, 20, workers), want) {
					t.Errorf("%v: %d workers, %v give other bits", c, workers, cpu.Use)
				}
			}
		}
		cpu.Use = was
	}
}

// TestEqualValues has more copies of a singular value than a block has columns.
func TestEqualValues(t *testing.T) {
	a := CSR{Rows: 800, Cols: 400, Ptr: []int64{0}}
	for i := range a.Rows {
		a.Col = append(a.Col, int32(i%a.Cols))
		a.Val = append(a.Val, float32(1+i%a.Cols/390))
		a.Ptr = append(a.Ptr, int64(i+1))
	}
	got := scores(t, a, 20, 2)
	for j := range 20 {
		norm, want := 0.0, math.Sqrt2
		if j < 10 {
			want *= 2
		}
		for i := range a.Rows {
			norm += float64(got[i*20+j]) * float64(got[i*20+j])
		}
		if norm = math.Sqrt(norm); math.Abs(norm-want) > 1e-5 {
			t.Errorf("singular value %d is %g, want %g", j, norm, want)
		}
	}
}

func TestCancel(t *testing.T) {
	c, cancel := context.WithCancel(ctx)
	cancel()
	pool := par.New(2)
	defer pool.Close()
	if _, err := Scores(c, pool, counts(50, 20, 0.3), 3); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func BenchmarkScores(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	a := CSR{Rows: 10000, Cols: 2000, Ptr: []int64{0}}
	for range a.Rows {
		for c := range a.Cols {
			if r.Float64() < 0.05 {
				a.Col = append(a.Col, int32(c))
				a.Val = append(a.Val, r.Float32())
			}
		}
		a.Ptr = append(a.Ptr, int64(len(a.Col)))
	}
	for b.Loop() {
		scores(b, a, 50, 0)
	}
}
