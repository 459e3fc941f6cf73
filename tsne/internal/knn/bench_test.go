package knn

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// mixture draws n rows about random means.
func mixture(n, d, means int) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	c := make([]float32, means*d)
	for i := range c {
		c[i] = float32(r.NormFloat64())
	}
	x := make([]float32, n*d)
	for i := range n {
		m := r.IntN(means)
		for j := range d {
			x[i*d+j] = c[m*d+j] + float32(r.NormFloat64())
		}
	}
	return x
}

// benchData is a mixture of Gaussians, or the float32 values at the end of the
// file that TSNE_KNN_DATA names (a .npy file of n x d).
func benchData(b *testing.B, n, d int) []float32 {
	path := os.Getenv("TSNE_KNN_DATA")
	if path == "" {
		return mixture(n, d, 100)
	}
	raw, err := os.ReadFile(path)
	if err != nil || len(raw) < 4*n*d {
		b.Skipf("%s: %d bytes, %v", path, len(raw), err)
	}
	raw = raw[len(raw)%4:]
	x := make([]float32, n*d)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*(len(raw)/4-len(x)+i):]))
	}
	return x
}

func BenchmarkExact(b *testing.B) {
	for _, c := range []struct{ n, d, k int }{{1000, 50, 90}, {10000, 50, 90}, {70000, 50, 90}, {70000, 50, 15}} {
		b.Run(fmt.Sprintf("%dx%d/k%d", c.n, c.d, c.k), func(b *testing.B) {
			x := benchData(b, c.n, c.d)
			pool := par.New(0)
			defer pool.Close()
			for b.Loop() {
				if _, err := Exact(context.Background(), pool, x, c.n, c.d, c.k, nil); err != nil {
					b.Fatal(err)
				}
			}
			pairs := float64(c.n) * float64(c.n-1) / 2
			b.ReportMetric(pairs*float64(c.d)*2*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s-of-all-pairs")
		})
	}
}

func BenchmarkApprox(b *testing.B) {
	for _, c := range []struct{ n, d, k int }{{20000, 50, 90}, {70000, 50, 90}, {70000, 50, 15}} {
		b.Run(fmt.Sprintf("%dx%d/k%d", c.n, c.d, c.k), func(b *testing.B) {
			x := benchData(b, c.n, c.d)
			pool := par.New(0)
			defer pool.Close()
			for b.Loop() {
				if _, err := Approx(context.Background(), pool, x, c.n, c.d, c.k, ApproxOptions{}, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(c.n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func BenchmarkTile(b *testing.B) {
	for _, rows := range []int{16, 50, 64, 784} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			p := make([]float32, 2*(rows+3)*width)
			for i := range p {
				p[i] = 1e-3
			}
			var hits [width]uint32
			for b.Loop() {
				tile(p[:len(p)/2], p[len(p)/2:], rows, rows, &hits)
			}
			b.ReportMetric(2*width*width*float64(rows)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

func BenchmarkDistances(b *testing.B) {
	for _, d := range []int{56, 784} {
		b.Run(fmt.Sprint(d), func(b *testing.B) {
			x := make([]float32, width*d)
			at := make([]int32, width)
			for i := range at {
				at[i] = int32(i)
			}
			out := make([]float32, width)
			for b.Loop() {
				distances(x[:d], x, at, out)
			}
			b.ReportMetric(3*width*float64(d)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

func BenchmarkCenters(b *testing.B) {
	y, c := make([]float32, 32), make([]float32, 32*centerSpan)
	var out [centerSpan]float32
	for b.Loop() {
		centers(y, c, &out)
	}
	b.ReportMetric(3*32*centerSpan*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

func BenchmarkProject(b *testing.B) {
	x, c, v := make([]float32, 50), make([]float64, 50), make([]float64, 50*span)
	var out [span]float64
	for b.Loop() {
		project(x, c, v, &out)
	}
	b.ReportMetric(2*50*span*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

func BenchmarkReplaceRoot(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	v := make([]float32, 1<<16)
	for i := range v {
		v[i] = r.Float32()
	}
	dist, index := make([]float32, 90), make([]int32, 90)
	i := 0
	for b.Loop() {
		if i%512 == 0 {
			for j := range dist {
				dist[j], index[j] = 2, none
			}
		}
		replaceRoot(dist, index, min(v[i%len(v)], dist[0]*0.99), int32(i))
		i++
	}
}

func BenchmarkSortHeap(b *testing.B) {
	const k = 90
	r := rand.New(rand.NewPCG(1, 2))
	heap, from := make([]float32, k), make([]int32, k)
	for i, v := range r.Perm(k) {
		heap[i], from[i] = float32(v), int32(i)
	}
	heapify(heap, from)
	dist, index := make([]float32, k), make([]int32, k)
	for b.Loop() {
		copy(dist, heap)
		copy(index, from)
		sortHeap(dist, index)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
