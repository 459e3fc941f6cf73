package tsne

import (
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/par"
	"github.com/libtsne/libtsne/tsne/internal/vec"
)

// Density preservation, den-SNE: Narayan, Berger & Cho, "Assessing single-cell
// transcriptomic variability through density-preserving data visualization",
// Nat Biotechnol 2021. The local radius of a row is the mean squared distance
// to its neighbours, weighted by P's row; that of a point of the map the same
// over the same neighbours, weighted by 1/(1+d²) (whatever DOF is). What is
// minimised is the divergence less DensityLambda times the correlation of the
// logarithms of the two, where the variance in the map has DensityShift added.
// Their program leaves a factor of 4 out of one gradient and of 2 out of the
// other: its lambda of 0.1 is one of 0.2 here.

// errNoRadii says why affinities cannot do it.
func errNoRadii() error {
	return fail(ErrOption, "DensityLambda", "these affinities have no local radii, want some made of data or of neighbours")
}

// radii are the logarithms of the local radii in the data. Rows that coincide
// with all their neighbours get the smallest radius there is.
func (j *job) radii(p *Affinities, nb *Neighbors) ([]float32, error) {
	radius := make([]float64, p.N)
	err := j.pool.ForContext(j.ctx, p.N, 256, func(_, lo, hi int) {
		own := make([]uint64, nb.K) // neighbours in the order of P's columns, and where they stand
		var at []int                // in the graph, of each entry of P's row; -1: nowhere
		for i := lo; i < hi; i++ {
			for s, k := range nb.Index[i*nb.K:][:nb.K] {
				own[s] = uint64(k)<<32 | uint64(s)
			}
			slices.Sort(own)
			left, row := own, p.Col[p.Ptr[i]:p.Ptr[i+1]]
			at = at[:0]
			for _, k := range row {
				for len(left) > 0 && int32(left[0]>>32) < k {
					left = left[1:]
				}
				if len(left) > 0 && int32(left[0]>>32) == k {
					at = append(at, i*nb.K+int(uint32(left[0])))
				} else if s := slices.Index(nb.Index[int(k)*nb.K:][:nb.K], int32(i)); s >= 0 {
					at = append(at, int(k)*nb.K+s)
				} else {
					at = append(at, -1)
				}
			}
			// A loop of its own, for reads that lie far apart not to wait for each other.
			var sum, weight float64
			for e, v := range p.Val[p.Ptr[i]:p.Ptr[i+1]] {
				if at[e] >= 0 {
					sum += float64(float64(v) * nb.dist2(at[e]))
					weight += float64(v)
				}
			}
			if weight > 0 {
				radius[i] = sum / weight
			}
		}
	})
	if err != nil {
		return nil, err
	}
	least := math.Inf(1)
	for _, r := range radius {
		if r > 0 {
			least = min(least, r)
		}
	}
	logs := make([]float32, p.N)
	for i, r := range radius {
		if least < math.Inf(1) {
			logs[i] = float32(vec.Log(max(r, least)))
		}
	}
	return logs, nil
}

// dist2 is the squared distance that stands at a place of Dist2.
func (nb *Neighbors) dist2(at int) float64 {
	d2 := float64(nb.Dist2[at])
	if nb.Exponents == nil {
		return d2
	}
	return math.Ldexp(d2, -2*nb.exponent(at/nb.K))
}

// density is the part of a descent that preserves densities. Points are in
// the order of memory but in data.
type density struct {
	lambda, shift float64
	data          []float64 // log radii in the data, of mean 0 and variance 1
	log           []float64 // and in the map
	pull          []float64 // derivative of the correlation by a point's squared distances, over the squared weight
	parts         [][2]float64
}

// Added to the local radius in the map, so that points may coincide.
const leastRadius = 1e-8

func newDensity(o *Options, radius []float32) *density {
	n := len(radius)
	t := &density{lambda: o.DensityLambda, shift: o.DensityShift}
	t.data, t.log, t.pull = make([]float64, n), make([]float64, n), make([]float64, n)
	t.parts = make([][2]float64, par.Chunks(n, densityGrain))
	mean, variance := 0.0, 0.0
	for _, r := range radius {
		mean += float64(r) / float64(n)
	}
	for i, r := range radius {
		t.data[i] = float64(r) - mean
		variance += float64(t.data[i]*t.data[i]) / float64(n-1)
	}
	if variance > 0 {
		sd := math.Sqrt(variance)
		for i := range t.data {
			t.data[i] /= sd
		}
	}
	return t
}

const densityGrain = 256

// add adds to the attraction, as a step with the given exaggeration reads it,
// the gradient of the correlation's part.
func (t *density) add(d *descent, exaggeration float64) error {
	if _, err := t.correlation(d); err != nil {
		return err
	}
	e, dims := d.e, d.e.o.Dims
	// A step is along a fourth of the gradient; d² gives a factor of 2.
	factor := t.lambda / 2 / exaggeration
	return d.pool.ForContext(d.ctx, e.N(), densityGrain, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			x := e.y[i*dims:][:dims]
			var sum [3]float64
			for _, k := range e.p.Col[e.p.Ptr[i]:e.p.Ptr[i+1]] {
				z := e.y[int(k)*dims:][:dims]
				q := 1 / (1 + squared(x, z))
				w := float64(float64((t.pull[i]+t.pull[k])*q) * q)
				for c := range x {
					sum[c] += float64(w * (float64(x[c]) - float64(z[c])))
				}
			}
			for c := range dims {
				d.attract[i*dims+c] -= float32(factor * sum[c])
			}
		}
	})
}

// correlation is that of the objective; it sets log and pull.
func (t *density) correlation(d *descent) (float64, error) {
	e, n := d.e, d.e.N()
	err := d.pool.ForContext(d.ctx, n, densityGrain, func(_, lo, hi int) {
		part := &t.parts[lo/densityGrain]
		part[0] = 0
		for i := lo; i < hi; i++ {
			r, weight := e.localRadius(i)
			t.log[i] = vec.Log(r)
			t.pull[i] = (1 + r) / float64(weight*r)
			part[0] += t.log[i]
		}
	})
	if err != nil {
		return 0, err
	}
	mean := t.total(0) / float64(n)
	d.pool.For(n, densityGrain, func(_, lo, hi int) {
		part := &t.parts[lo/densityGrain]
		*part = [2]float64{}
		for i := lo; i < hi; i++ {
			t.log[i] -= mean
			part[0] += float64(t.log[i] * t.log[i])
			part[1] += float64(t.log[i] * t.data[e.row(i)])
		}
	})
	variance := t.total(0)/float64(n-1) + t.shift
	cov := t.total(1) / float64(n-1)
	sd := math.Sqrt(variance)
	d.pool.For(n, densityGrain, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			by := t.data[e.row(i)] - float64(cov/variance*t.log[i])
			t.pull[i] *= by / float64(sd*float64(n-1))
		}
	})
	return cov / sd, nil
}

func (t *density) total(which int) (sum float64) {
	for i := range t.parts {
		sum += t.parts[i][which]
	}
	return sum
}

// localRadius is that of the point at place i in the map, and the weight of
// its neighbours, which is 1 where it has none.
func (e *Embedding) localRadius(i int) (radius, weight float64) {
	dims := e.o.Dims
	x := e.y[i*dims:][:dims]
	for _, k := range e.p.Col[e.p.Ptr[i]:e.p.Ptr[i+1]] {
		d2 := squared(x, e.y[int(k)*dims:][:dims])
		q := 1 / (1 + d2)
		radius += float64(d2 * q)
		weight += q
	}
	if weight == 0 {
		weight = 1
	}
	return leastRadius + radius/weight, weight
}

func squared(x, z []float32) (d2 float64) {
	for c := range x {
		diff := float64(x[c]) - float64(z[c])
		d2 += float64(diff * diff)
	}
	return d2
}

// row is the original row of the point at place i.
func (e *Embedding) row(i int) int {
	if e.order == nil {
		return i
	}
	return int(e.order[i])
}

// LogRadii are the logarithms of the local radii that density preservation
// correlates, in the order of the input rows: those in the data, up to a
// constant, and those in the map as it stands. It needs affinities made of data
// or of neighbours, and of a Fit DensityLambda.
func (e *Embedding) LogRadii() (data, mapped []float32, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.radius == nil {
		return nil, nil, errNoRadii()
	}
	data, mapped = slices.Clone(e.radius), make([]float32, e.N())
	for i := range mapped {
		r, _ := e.localRadius(i)
		mapped[e.row(i)] = float32(vec.Log(r))
	}
	return data, mapped, nil
}
