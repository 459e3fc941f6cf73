package fftgrid

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

var benchMaps = []struct {
	n    int
	span float64
}{{70000, 1e-3}, {70000, 50}, {70000, 200}, {2000, 60}, {1000000, 350}}

func BenchmarkRepulsion(b *testing.B) {
	for _, m := range benchMaps {
		b.Run(fmt.Sprintf("n=%d/span=%g", m.n, m.span), func(b *testing.B) {
			pool := par.New(2)
			defer pool.Close()
			y := ordered(clusters(rand.New(rand.NewPCG(1, 2)), m.n, m.span), m.span)
			force := make([]float32, len(y))
			g := New(pool, 2)
			g.Repulsion(y, force)
			for b.Loop() {
				g.Repulsion(y, force)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(m.n), "ns/point")
		})
	}
}

func BenchmarkStages(b *testing.B) {
	for _, m := range benchMaps[2:] {
		name := fmt.Sprintf("n=%d/span=%g/", m.n, m.span)
		pool := par.New(2)
		y := ordered(clusters(rand.New(rand.NewPCG(1, 2)), m.n, m.span), m.span)
		force := make([]float32, len(y))
		g := New(pool, 2)
		g.Repulsion(y, force)
		stage := func(name string, f func()) {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(m.n), "ns/point")
			})
		}
		stage(name+"box", func() { g.bounds(y) })
		stage(name+"spread", func() { g.y = y; g.spreadStripes() })
		stage(name+"cells", func() { pool.Run(par.Chunks(g.n, g.sortGrain()), g.body.count) })
		stage(name+"stripes", func() {
			pool.Run(par.Chunks(g.fine.my, 2*stripe), g.body.even)
			pool.Run(g.stripes/2, g.body.odd)
		})
		stage(name+"restrict", g.restrict)
		stage(name+"fine", func() { clear(g.data); g.fine.convolve(pool, g.data) })
		stage(name+"coarse", func() { clear(g.rest); g.coarse.convolve(pool, g.rest) })
		stage(name+"prolong", g.prolong)
		stage(name+"both", func() { clear(g.data); clear(g.rest); g.convolveBoth() })
		stage(name+"gather", func() {
			g.force = force
			for i := range g.gone {
				g.gone[i].Store(0)
			}
			pool.Run(par.Chunks(g.n, few), g.body.gather)
		})
		stage(name+"setup", func() {
			g.fine.key, g.coarse.key = kernelKey{}, kernelKey{}
			g.shape([2]float32{}, [2]float32{float32(m.span), float32(m.span)})
		})
		pool.Close()
	}
}
