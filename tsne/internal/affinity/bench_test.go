package affinity

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// made is a graph like that of n points on a line with noise: neighbours near
// in number, about a third of the edges one-sided, each row by distance.
func made(n, k int) (index []int32, dist2 []float32) {
	rng := rand.New(rand.NewPCG(1, 1))
	index, dist2 = make([]int32, n*k), make([]float32, n*k)
	number := rng.Perm(n)
	offsets := make([]int, 3*k)
	for i := range offsets {
		offsets[i] = i - 3*k/2
		if offsets[i] >= 0 {
			offsets[i]++
		}
	}
	for i := range n {
		rng.Shuffle(len(offsets), func(a, b int) { offsets[a], offsets[b] = offsets[b], offsets[a] })
		for e := range k {
			index[number[i]*k+e] = int32(number[(i+offsets[e]+n)%n])
			dist2[number[i]*k+e] = float32(50 + 20*rng.NormFloat64())
		}
		slices.Sort(dist2[number[i]*k:][:k])
	}
	return index, dist2
}

func BenchmarkAffinities(b *testing.B) {
	const n, k = 70000, 90
	index, dist2 := made(n, k)
	pool := par.New(2)
	defer pool.Close()
	p := make([]float32, n*k)
	i2, d2 := make([]int32, n*k), make([]float32, n*k)
	b.Run("Perplexity", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			copy(i2, index)
			copy(d2, dist2)
			b.StartTimer()
			if _, err := Perplexity([]float64{30}).Joint(bg, pool, n, k, i2, d2, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Conditional", func(b *testing.B) {
		for b.Loop() {
			Perplexity([]float64{30}).Conditional(bg, pool, n, k, dist2, p, nil)
		}
	})
	b.Run("joint", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			copy(i2, index)
			copy(d2, p)
			b.StartTimer()
			Joint(bg, pool, n, k, i2, d2)
		}
	})
	c, _ := Joint(bg, pool, n, k, index, p)
	order, inverse := make([]int32, n), make([]int32, n)
	for i, o := range rand.Perm(n) {
		order[i], inverse[o] = int32(o), int32(i)
	}
	var spare Spare
	c.Reorder(&spare, pool, order, inverse)
	b.Run("Reorder", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.Reorder(&spare, pool, order, inverse)
		}
		b.ReportMetric(float64(16*c.NNZ())*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
	})
}
