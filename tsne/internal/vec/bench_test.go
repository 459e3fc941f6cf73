package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// clustered is a matrix of rows of 120 to 180 entries near their row, and an
// embedding in which near rows are near: what a sorted map looks like.
func clustered(n, dims int) (ptr []int64, col []int32, val, y []float32) {
	rng := rand.New(rand.NewPCG(1, 2))
	ptr = append(ptr, 0)
	side := math.Sqrt(float64(n))
	for i := range n {
		for range 120 + rng.IntN(61) {
			k := i + int(rng.NormFloat64()*150)
			if rng.IntN(3) == 0 {
				k = i + int(rng.NormFloat64()*side*10)
			}
			col = append(col, int32(((k%n)+n)%n))
			val = append(val, rng.Float32())
		}
		ptr = append(ptr, int64(len(col)))
	}
	y = make([]float32, n*dims)
	for i := range y {
		y[i] = float32(float64(i/dims)/side + rng.NormFloat64())
	}
	return ptr, col, val, y
}

func levels(b *testing.B, f func(b *testing.B)) {
	for level := cpu.Portable; level <= cpu.Best; level++ {
		b.Run(level.String(), func(b *testing.B) { withCPU(level, func() { f(b) }) })
	}
}

func BenchmarkAttract(b *testing.B) {
	for _, c := range []struct{ n, dims, workers int }{{2000, 2, 1}, {70000, 2, 1}, {70000, 2, 2}, {70000, 1, 2}, {70000, 3, 2}} {
		b.Run(fmt.Sprintf("n=%d/dims=%d/workers=%d", c.n, c.dims, c.workers), func(b *testing.B) {
			ptr, col, val, y := clustered(c.n, c.dims)
			force := make([]float32, len(y))
			pool := par.New(c.workers)
			defer pool.Close()
			levels(b, func(b *testing.B) {
				for b.Loop() {
					pool.For(c.n, 256, func(_, lo, hi int) { Attract(c.dims, force, y, ptr, col[ptr[lo]:], val[ptr[lo]:], lo, hi) })
				}
				sec := b.Elapsed().Seconds() / float64(b.N)
				b.ReportMetric(sec*1e9/float64(len(col)), "ns/edge")
				b.ReportMetric(float64(len(col))*8/sec/1e9, "GB/s")
			})
		})
	}
}

func BenchmarkSumPLog(b *testing.B) {
	const n = 70000
	ptr, col, val, y := clustered(n, 2)
	levels(b, func(b *testing.B) {
		for b.Loop() {
			SumPLog(2, y, ptr, col, val, 0, n)
		}
		b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/float64(len(col)), "ns/edge")
	})
}

func BenchmarkUpdate(b *testing.B) {
	const n = 70000
	for _, dims := range []int{1, 2, 3} {
		b.Run(fmt.Sprintf("dims=%d", dims), func(b *testing.B) {
			var v [5][]float32
			for i := range v {
				v[i] = make([]float32, n*dims)
				for j := range v[i] {
					v[i][j] = rand.Float32() - 0.5
				}
			}
			s := Step{Rate: 1e-3, Momentum: 0.8, Exaggeration: 12, InvZ: 0.5, MaxStep: 5, MinGain: 0.01}
			pool := par.New(2)
			defer pool.Close()
			var sum [2][3]float64
			var grad2 [2]float64
			levels(b, func(b *testing.B) {
				for b.Loop() {
					pool.For(n, 2048, func(w, lo, hi int) {
						Update(s, dims, v[0], v[1], v[2], v[3], v[4], lo, hi, &sum[w], &grad2[w])
					})
				}
				b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N), "ms/70k")
			})
		})
	}
}

func BenchmarkShift(b *testing.B) {
	y := make([]float32, 140000)
	b.SetBytes(int64(4 * len(y)))
	for b.Loop() {
		Shift(2, y, 0, len(y)/2, [3]float64{1e-9, 1e-9})
	}
}

func BenchmarkGauss(b *testing.B) {
	d, w := make([]float64, 90), make([]float64, 90)
	for j := range d {
		d[j] = rand.Float64()
	}
	levels(b, func(b *testing.B) {
		for b.Loop() {
			Gauss(w, d, 3)
		}
		b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/90, "ns/exp")
	})
}
