package knn

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// fullDims is the number of columns up to which points keep all their
// coordinates; beyond it, the leading ones and the length of the rest.
const fullDims = 64

// basis is an orthonormal set of directions, those of the largest variance
// first. Distances along it never exceed distances in the data.
type basis struct {
	d, dims int
	center  []float64
	cols    []float64 // for each span of directions, d lines of span
	defect  float64   // bound on the spectral norm of the Gram matrix less 1
}

func (b *basis) block(i int) []float64 { return b.cols[i*b.d*span:][:b.d*span] }

// rowOf spreads m sample rows over n.
func rowOf(i, m, n int) int { return int(int64(i) * int64(n) / int64(m)) }

// newBasis takes the principal components of a sample about its medians,
// which an outlier does not move. They decide how well the filter works, and
// what Approx calls near, but no distance.
func newBasis(ctx context.Context, pool *par.Pool, x []float32, n, d int) (*basis, error) {
	b := &basis{d: d, dims: min(d, fullDims), center: make([]float64, d)}
	m := min(n, 1024)
	s := make([]float64, m*d)
	few := min(m, 255)
	err := pool.ForContext(ctx, d, 16, func(_, lo, hi int) {
		v := make([]float32, few)
		for j := lo; j < hi; j++ {
			for i := range v {
				v[i] = x[rowOf(i, few, n)*d+j]
			}
			slices.Sort(v)
			b.center[j] = float64(v[few/2])
			for i := range m {
				s[i*d+j] = float64(x[rowOf(i, m, n)*d+j]) - b.center[j]
			}
		}
	})
	if err != nil {
		return nil, err
	}
	p := b.dims
	var v [][]float64 // the directions
	if d <= fullDims {
		c := make([][]float64, d)
		err = pool.ForContext(ctx, d, 4, func(_, lo, hi int) {
			for j := lo; j < hi; j++ {
				c[j] = make([]float64, d)
				for i := range m {
					axpy(c[j], s[i*d+j], s[i*d:][:d])
				}
			}
		})
		if err == nil {
			v = eigenvectors(c)
		}
	} else {
		v, err = subspace(ctx, pool, s, m, d, p)
	}
	if err != nil {
		return nil, err
	}
	b.cols = make([]float64, par.Chunks(p, span)*d*span)
	for k := range p {
		for l := range d {
			b.block(k / span)[l*span+k%span] = v[k][l]
		}
	}
	for i := range p {
		var row float64
		for j := range p {
			g := dot(v[i], v[j])
			if i == j && g != 0 {
				g--
			}
			row += math.Abs(g)
		}
		b.defect = max(b.defect, row)
	}
	return b, nil
}

// subspace finds p leading directions of the m x d sample s by subspace
// iteration; a direction without variance is zero.
func subspace(ctx context.Context, pool *par.Pool, s []float64, m, d, p int) ([][]float64, error) {
	r := rand.New(rand.NewPCG(1, 2))
	v := make([][]float64, p)
	w := make([][]float64, p)
	for k := range v {
		v[k], w[k] = make([]float64, d), make([]float64, d)
		for j := range v[k] {
			v[k][j] = r.NormFloat64()
		}
	}
	z := make([][]float64, p)
	times := func() error { // w = S'S v
		return pool.ForContext(ctx, p, 1, func(_, lo, hi int) {
			for k := lo; k < hi; k++ {
				clear(w[k])
				for i := range m {
					row := s[i*d:][:d]
					axpy(w[k], dot(row, v[k]), row)
				}
			}
		})
	}
	for range 3 {
		if err := times(); err != nil {
			return nil, err
		}
		v, w = w, v
		orthonormal(v)
	}
	if err := times(); err != nil {
		return nil, err
	}
	for k := range z {
		z[k] = make([]float64, p)
		for l := range z[k] {
			z[k][l] = dot(v[k], w[l])
		}
	}
	for k := range z {
		for l := range k {
			z[k][l] = z[l][k]
		}
	}
	e := eigenvectors(z)
	for k := range w {
		clear(w[k])
		for l, c := range e[k] {
			axpy(w[k], c, v[l])
		}
	}
	orthonormal(w)
	return w, nil
}

// orthonormal makes v orthonormal, twice over; a row that the others span
// becomes zero.
func orthonormal(v [][]float64) {
	for k := range v {
		before := math.Sqrt(dot(v[k], v[k]))
		for range 2 {
			for l := range k {
				axpy(v[k], -dot(v[k], v[l]), v[l])
			}
		}
		after := math.Sqrt(dot(v[k], v[k]))
		if !(after > 1e-9*before) {
			clear(v[k])
			continue
		}
		for j := range v[k] {
			v[k][j] /= after
		}
	}
}

// eigenvectors of a symmetric matrix, which it overwrites, by Jacobi's
// rotations; largest eigenvalue first.
func eigenvectors(a [][]float64) [][]float64 {
	n := len(a)
	v := make([][]float64, n)
	for i := range v {
		v[i] = make([]float64, n)
		v[i][i] = 1
	}
	for range 12 {
		var off, diag float64
		for i := range a {
			diag += math.Abs(a[i][i])
			for j := range i {
				off += math.Abs(a[i][j])
			}
		}
		if off <= 1e-12*diag {
			break
		}
		for p := range n {
			for q := p + 1; q < n; q++ {
				if math.Abs(a[p][q]) <= 1e-18*diag {
					continue
				}
				theta := (a[q][q] - a[p][p]) / (2 * a[p][q])
				t := 1 / (math.Abs(theta) + math.Sqrt(1+float64(theta*theta)))
				if theta < 0 {
					t = -t
				}
				c := 1 / math.Sqrt(1+float64(t*t))
				s := float64(t * c)
				for i := range a {
					a[i][p], a[i][q] = turn(a[i][p], a[i][q], c, s)
				}
				rotate(a[p], a[q], c, s)
				rotate(v[p], v[q], c, s)
			}
		}
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case a[i][i] > a[j][j]:
			return -1
		case a[i][i] < a[j][j]:
			return 1
		}
		return 0
	})
	out := make([][]float64, n)
	for i, o := range order {
		out[i] = v[o]
	}
	return out
}

func turn(x, y, c, s float64) (float64, float64) {
	return float64(c*x) - float64(s*y), float64(s*x) + float64(c*y)
}

func rotate(x, y []float64, c, s float64) {
	y = y[:len(x)]
	for i := range x {
		x[i], y[i] = turn(x[i], y[i], c, s)
	}
}

// dot sums in four lanes, the same bits everywhere.
func dot(a, b []float64) float64 {
	var s [4]float64
	b = b[:len(a)]
	for len(a) >= 4 && len(b) >= 4 {
		s[0] += float64(a[0] * b[0])
		s[1] += float64(a[1] * b[1])
		s[2] += float64(a[2] * b[2])
		s[3] += float64(a[3] * b[3])
		a, b = a[4:], b[4:]
	}
	for i := range a {
		s[i] += float64(a[i] * b[i])
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

// axpy adds c*x to y.
func axpy(y []float64, c float64, x []float64) {
	x = x[:len(y)]
	for i := range y {
		y[i] += float64(c * x[i])
	}
}
