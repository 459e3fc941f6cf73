package tsne

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

var repulsionNames = map[Repulsion]string{RepulsionExact: "exact", RepulsionBarnesHut: "bh", RepulsionFFT: "fft"}

// BenchmarkRepulsion is where exactBelow and exactBelow3D come from: maps with
// the spread that t-SNE ends with at each n.
func BenchmarkRepulsion(b *testing.B) {
	for dims := 2; dims <= 3; dims++ {
		for _, n := range []int{250, 500, 1000, 2000, 4000, 8000} {
			r := rand.New(rand.NewPCG(1, 1))
			y := make([]float32, n*dims)
			for i := range y {
				y[i] = float32(0.5 * math.Sqrt(float64(n)) * r.NormFloat64())
			}
			force := make([]float32, len(y))
			for _, method := range []Repulsion{RepulsionExact, RepulsionBarnesHut, RepulsionFFT} {
				if method == RepulsionFFT && dims == 3 {
					continue
				}
				b.Run(fmt.Sprintf("%d-D/n=%d/%s", dims, n, repulsionNames[method]), func(b *testing.B) {
					pool := par.New(0)
					defer pool.Close()
					rep := newRepulser(b.Context(), pool, &Options{Dims: dims, Repulsion: method, Theta: defaultTheta}, n)
					for b.Loop() {
						rep.Repulsion(y, force)
					}
				})
			}
		}
	}
}

// BenchmarkFewPoints is where pairOfCell and pointOfCell come from.
func BenchmarkFewPoints(b *testing.B) {
	for _, n := range []int{1600, 2400, 3600, 5400} {
		for _, span := range []float64{30, 60, 120, 180, 240} {
			r := rand.New(rand.NewPCG(1, 1))
			y := make([]float32, n*2)
			for i := range y {
				y[i] = float32(span * r.Float64())
			}
			force := make([]float32, len(y))
			for _, threads := range []int{1, 2} {
				for _, method := range []Repulsion{RepulsionExact, RepulsionFFT} {
					b.Run(fmt.Sprintf("n=%d/span=%g/threads=%d/%s", n, span, threads, repulsionNames[method]), func(b *testing.B) {
						pool := par.New(threads)
						defer pool.Close()
						rep := newRepulser(b.Context(), pool, &Options{Dims: 2, Repulsion: method, DOF: 1}, n)
						for b.Loop() {
							rep.Repulsion(y, force)
						}
					})
				}
			}
		}
	}
}
