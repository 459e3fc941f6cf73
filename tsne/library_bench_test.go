package tsne

import (
	"context"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/spatial/barneshut"
	"gonum.org/v1/gonum/spatial/r2"
	"gonum.org/v1/gonum/spatial/vptree"
	"gonum.org/v1/gonum/stat"

	"github.com/libtsne/libtsne/tsne/internal/bhtree"
	"github.com/libtsne/libtsne/tsne/internal/knn"
	"github.com/libtsne/libtsne/tsne/internal/par"
	"github.com/libtsne/libtsne/tsne/internal/pca"
)

type body struct{ at r2.Vec }

func (b *body) Coord2() r2.Vec { return b.at }
func (b *body) Mass() float64  { return 1 }

// BenchmarkLibrary has gonum beside what is written by hand, on one processor: where
// the figures in ARCHITECTURE.md are from.
func BenchmarkLibrary(b *testing.B) {
	pool := par.New(1)
	defer pool.Close()
	r := rand.New(rand.NewPCG(1, 1))
	const n, d = 5000, 50
	x, wide := make([]float32, n*d), make([]float64, n*d)
	for i := range x {
		x[i] = float32(r.NormFloat64() * float64(1+i%d))
		wide[i] = float64(x[i])
	}
	dense := mat.NewDense(n, d, wide)
	pair := func(name string, ours, theirs func()) {
		b.Run(name+"/ours", func(b *testing.B) {
			for b.Loop() {
				ours()
			}
		})
		b.Run(name+"/gonum", func(b *testing.B) {
			for b.Loop() {
				theirs()
			}
		})
	}
	pair("PCA of 5000 x 50", func() {
		if _, err := pca.Fit(context.Background(), pool, x, n, d, 2); err != nil {
			b.Fatal(err)
		}
	}, func() {
		var c stat.PC
		if !c.PrincipalComponents(dense, nil) {
			b.Fatal("no components")
		}
	})
	pair("90 neighbours of 5000 x 50", func() {
		if _, err := knn.Exact(context.Background(), pool, x, n, d, 90, nil); err != nil {
			b.Fatal(err)
		}
	}, func() {
		points := make([]vptree.Comparable, n)
		for i := range points {
			points[i] = vptree.Point(dense.RawRowView(i))
		}
		t, err := vptree.New(points, 0, rand.NewPCG(1, 1))
		if err != nil {
			b.Fatal(err)
		}
		for i := range n {
			t.NearestSet(vptree.NewNKeeper(91), vptree.Point(dense.RawRowView(i)))
		}
	})
	y := make([]float32, 2*n)
	bodies := make([]barneshut.Particle2, n)
	for i := range bodies {
		y[2*i], y[2*i+1] = float32(20*r.NormFloat64()), float32(20*r.NormFloat64())
		bodies[i] = &body{r2.Vec{X: float64(y[2*i]), Y: float64(y[2*i+1])}}
	}
	force := make([]float32, 2*n)
	tree := bhtree.New(pool, 2)
	pair("Barnes-Hut of 5000 points", func() {
		tree.Build(y)
		tree.Repulsion(y, force, 0.5)
	}, func() {
		plane, err := barneshut.NewPlane(bodies)
		if err != nil {
			b.Fatal(err)
		}
		for _, p := range bodies {
			plane.ForceOn(p, 0.5, func(_, _ barneshut.Particle2, _, m float64, v r2.Vec) r2.Vec {
				w := 1 / (1 + r2.Norm2(v))
				return r2.Scale(-m*w*w, v)
			})
		}
	})
	cross := [3][3]float64{{1, 2, 0.5}, {0.3, -1, 2}, {0.1, 0.2, 3}}
	pair("rotation of 3 axes", func() { nearestRotation(cross, 3, false) }, func() {
		m := mat.NewDense(3, 3, nil)
		m.Apply(func(i, j int, _ float64) float64 { return cross[i][j] }, m)
		var s mat.SVD
		if !s.Factorize(m, mat.SVDFull) {
			b.Fatal("no decomposition")
		}
		var u, v, p mat.Dense
		s.UTo(&u)
		s.VTo(&v)
		p.Mul(&v, u.T())
	})
}
