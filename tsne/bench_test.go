package tsne

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// BenchmarkRepulsion is where exactBelow and exactBelow3D come from: maps with
// the spread that t-SNE ends with at each n.
func BenchmarkRepulsion(b *testing.B) {
	names := map[Repulsion]string{RepulsionExact: "exact", RepulsionBarnesHut: "bh", RepulsionFFT: "fft"}
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
				b.Run(fmt.Sprintf("%d-D/n=%d/%s", dims, n, names[method]), func(b *testing.B) {
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
