package tsne

import "github.com/libtsne/libtsne/tsne/internal/vec"

// smooth is a pull that holds neighbourhoods: of a point's and its neighbours'
// displacements from where they belong the mean is pulled, so that how points
// lie among their neighbours costs nothing. With u a displacement and w its
// weight, what is minimised beside the divergence is Pull times the sum over the
// points i of c_i |m_i|², where c_i is the sum over j of p_ij w_j and m_i that of
// p_ij w_j u_j, over c_i.
type smooth struct {
	known      bool      // what follows is of the present order
	degree     []float32 // sum of a row of P
	weight     []float32 // c
	there, and []float32 // w u, and what is made of it
}

func newSmooth(n, dims int) *smooth {
	return &smooth{
		degree: make([]float32, n), weight: make([]float32, n),
		there: make([]float32, n*dims), and: make([]float32, n*dims),
	}
}

func (s *smooth) know(d *descent, t *pull) {
	p := d.e.p
	d.pool.For(d.e.N(), d.grain, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			var degree, weight float64
			for k := p.Ptr[i]; k < p.Ptr[i+1]; k++ {
				degree += float64(p.Val[k])
				if t.weight != nil {
					weight += float64(float64(p.Val[k]) * float64(t.weight[p.Col[k]]))
				}
			}
			if t.weight == nil {
				weight = degree
			}
			s.degree[i], s.weight[i] = float32(degree), float32(weight)
		}
	})
	s.known = true
}

// tiny makes displacements so short that Attract's kernel is 1: what it sums up
// is then P's Laplacian. A power of two changes no digit.
const tiny = 0x1p-30

func (s *smooth) add(d *descent, t *pull, f *frame, rate, exaggeration float64) {
	if !s.known {
		s.know(d, t)
	}
	e, dims := d.e, d.e.o.Dims
	p := e.p
	each := func(do func(lo, hi int)) {
		d.pool.For(e.N(), d.grain, func(_, lo, hi int) { do(lo, hi) })
	}
	weight := func(i int) float64 {
		if t.weight == nil {
			return 1
		}
		return float64(t.weight[i])
	}
	each(func(lo, hi int) {
		for i := lo; i < hi; i++ {
			w, to := float64(tiny*weight(i)), f.of(t.y[i*dims:][:dims])
			for c, v := range e.y[i*dims:][:dims] {
				s.there[i*dims+c] = float32(w * (float64(v) - to[c]))
			}
		}
	})
	each(func(lo, hi int) {
		vec.Attract(dims, s.and, s.there, p.Ptr, p.Col[p.Ptr[lo]:], p.Val[p.Ptr[lo]:], lo, hi)
		for i := lo; i < hi; i++ {
			c := float64(s.weight[i])
			for k := i * dims; k < (i+1)*dims; k++ {
				if sum := float64(float64(s.degree[i])*float64(s.there[k])) - float64(s.and[k]); c > 0 {
					s.and[k] = float32(sum / c)
				} else {
					s.and[k] = 0
				}
			}
		}
	})
	strength := t.strength * float64(e.N())
	each(func(lo, hi int) {
		vec.Attract(dims, s.there, s.and, p.Ptr, p.Col[p.Ptr[lo]:], p.Val[p.Ptr[lo]:], lo, hi)
		for i := lo; i < hi; i++ {
			w := float64(strength * weight(i))
			// What the term adds to the curvature is no more than this.
			damp := 1 / (1 + float64(rate*float64(float64(w*float64(s.degree[i]))*exaggeration)))
			for k := i * dims; k < (i+1)*dims; k++ {
				sum := (float64(float64(s.degree[i])*float64(s.and[k])) - float64(s.there[k])) / tiny
				d.attract[k] = float32(damp * (float64(d.attract[k]) + float64(w*sum)))
				d.repulse[k] = float32(damp * float64(d.repulse[k]))
			}
		}
	})
}
