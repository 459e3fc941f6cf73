package tsne_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/libtsne/libtsne/tsne"
)

func ExampleFit() {
	x := blobs(500, 10, 5, 1) // 500 rows, 10 columns, float32
	e, err := tsne.Fit(context.Background(), x, tsne.Options{Seed: 42})
	if err != nil {
		fmt.Println(err)
		return
	}
	y := e.Y()
	fmt.Println(len(y)/e.Dims(), "points in", e.Dims(), "dimensions, KL below 1:", e.KL() < 1)
	// Output: 500 points in 2 dimensions, KL below 1: true
}

// A gonum user goes in by FromMat and out by Dense.
func ExampleFromMat() {
	ctx := context.Background()
	m := mat.NewDense(500, 10, nil)
	m.Apply(func(i, c int, _ float64) float64 { return float64(i%5*c) + float64(i*(c+3)%17)/10 }, m)
	x, err := tsne.FromMat(ctx, m, tsne.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := tsne.Fit(ctx, x, tsne.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	y := e.Dense()
	fmt.Println(y.Dims())
	// Output: 500 2
}

// New points are rows of a matrix too, here a slice of the first.
func ExampleEmbedding_FromMat() {
	ctx := context.Background()
	m := mat.NewDense(500, 10, nil)
	m.Apply(func(i, c int, _ float64) float64 { return float64(i%5*c) + float64(i*(c+3)%17)/10 }, m)
	x, err := tsne.FromMat(ctx, m.Slice(0, 450, 0, 10), tsne.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := tsne.Fit(ctx, x, tsne.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	q, err := e.FromMat(ctx, m.Slice(450, 500, 0, 10), tsne.TransformOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := e.Transform(ctx, q, tsne.TransformOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	y := p.Dense()
	fmt.Println(y.Dims())
	// Output: 50 2
}

func ExampleEmbedding_Optimize() {
	ctx := context.Background()
	x := blobs(500, 10, 5, 1)
	e, err := tsne.Fit(ctx, x, tsne.Options{Perplexities: []float64{5, 30}})
	if err != nil {
		fmt.Println(err)
		return
	}
	// White space between the clusters, from where the map stands.
	if err := e.Optimize(ctx, tsne.Phase{Iterations: 100, Exaggeration: 4}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Iterations(), "iterations")
	// Output: 850 iterations
}

func ExampleNewEmbedding() {
	ctx := context.Background()
	x := blobs(500, 10, 5, 1)
	o := tsne.Options{Dims: 3}
	nb, err := tsne.FindNeighbors(ctx, x, 90, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := tsne.NewAffinities(ctx, nb, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	y0, err := tsne.Initialize(ctx, x, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := tsne.NewEmbedding(p, y0, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	err = e.Optimize(ctx, tsne.Phase{Iterations: 250, Exaggeration: 12, Momentum: 0.5})
	fmt.Println(err, len(e.Y()))
	// Output: <nil> 1500
}

// A model takes new rows after it has been saved and loaded.
func ExampleEmbedding_Transform() {
	ctx := context.Background()
	x := blobs(500, 10, 5, 1)
	e, err := tsne.Fit(ctx, x, tsne.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := e.Transform(ctx, blobs(20, 10, 5, 1), tsne.TransformOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(p.Y())/e.Dims(), "new points on a map of", e.N())
	// Output: 20 new points on a map of 500
}

func ExampleEmbedding_Save() {
	ctx := context.Background()
	e, err := tsne.Fit(ctx, blobs(500, 10, 5, 1), tsne.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "model.npz")
	if err := e.Save(file); err != nil {
		fmt.Println(err)
		return
	}
	again, err := tsne.Load(file, tsne.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(slices.Equal(e.Y(), again.Y()))
	// Output: true
}

// Sparse counts, of cells by genes say, by 50 columns that keep most of them.
func ExampleReduce() {
	ctx := context.Background()
	s := tsne.SparseMatrix{Rows: 400, Cols: 2000, Ptr: make([]int64, 1, 401)}
	for i := range s.Rows {
		for c := range int32(20) {
			s.Col = append(s.Col, int32(i%4*500)+(c*37+int32(i*7))%500)
			s.Val = append(s.Val, float32(1+i%3))
		}
		s.Ptr = append(s.Ptr, int64(len(s.Col)))
	}
	x, err := tsne.Reduce(ctx, s, 50, tsne.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := tsne.Fit(ctx, x, tsne.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(x.Rows, "x", x.Cols, "to", e.N(), "x", e.Dims())
	// Output: 400 x 50 to 400 x 2
}

func ExampleEmbedding_Warnings() {
	e, err := tsne.Fit(context.Background(), blobs(61, 10, 5, 1), tsne.Options{Perplexity: 100})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Warnings())
	// Output: [Perplexity: 100 is too large for 61 points, using 20 = (n - 1) / 3]
}

func ExampleOptions_errors() {
	x := blobs(500, 10, 5, 1)
	_, err := tsne.Fit(context.Background(), x, tsne.Options{Dims: 7})
	fmt.Println(errors.Is(err, tsne.ErrOption), err)
	// Output: true Dims: got 7, want 1, 2 or 3
}
