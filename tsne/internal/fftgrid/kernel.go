package fftgrid

import (
	"math"
	"math/bits"

	"github.com/libtsne/libtsne/tsne/internal/par"
	"github.com/libtsne/libtsne/tsne/internal/vec"
)

// The kernel is a sum of Gaussians, the trapezoid rule in s = log t of
//
//	(1+d²/α)^-α = 1/Γ(α) ∫ t^(α-1) exp(-t(1+d²/α)) dt
//
// whose error at the spacings below is 1e-8 of the value or less. Gaussians separate into
// a factor for each axis, which makes a spectrum cheap to set up, and the slow
// ones are smooth enough for a coarser grid.
const nodeSpacing = 0.5

// A node is the term weight·exp(-rate·d²).
type node struct{ rate, weight float64 }

// nodes returns the terms of the kernel of dof degrees of freedom with lo <= rate <
// hi. Those too slow to be seen within distance reach are one constant if lo is 0.
func nodes(dof, lo, hi, reach float64) (list []node) {
	slowest := 0.0
	if lo == 0 {
		slowest = 1e-3 / (1 + float64(reach*reach))
	}
	// The integrand falls off as exp(α s - e^s), which is narrow for large α
	// and has long tails for small.
	h, tail := nodeSpacing/math.Sqrt(max(dof, 1)), 1/min(dof, 1)
	fastest := int(math.Ceil((4 + vec.Log(tail)) / h))
	slow := -int(math.Ceil(60 * tail / h))
	gamma := logGamma(dof)
	var rest float64
	for i := fastest; i > slow; i-- {
		s := float64(h * float64(i))
		rate := vec.Exp(s)
		var w float64
		if dof == 1 {
			w = h * rate * vec.Exp(-rate)
		} else { // t is α·rate
			w = h * vec.Exp(float64(dof*(vec.Log(dof)+s-rate))-gamma)
			// Of large α's many terms few are not nothing.
			if w < math.SmallestNonzeroFloat32 {
				continue
			}
		}
		switch {
		case rate >= hi || rate < lo:
		case rate < slowest:
			rest += w
		default:
			list = append(list, node{rate, w})
		}
	}
	if lo == 0 {
		list = append(list, node{0, rest})
	}
	return list
}

// influence is the factor of one axis by which a node's lattice spectrum is
// multiplied so that spreading and gathering with cubic splines give the node
// back: the optimal one of Hockney and Eastwood (for the energy) where the
// node reaches the shortest waves of the grid. For a smooth node it does not
// matter, and the exact inverse of the spline's samples, which is local, keeps
// the fold of the period out of the result.
func influence(f float64, smooth bool) float64 {
	c := cosine(f)
	if smooth {
		b := (2 + c) / 3
		return 1 / (b * b)
	}
	f -= math.Round(f)
	w := 1.0
	if f != 0 {
		sine, _ := sincos(f / 2)
		w = sine / (math.Pi * f)
	}
	w *= w
	w *= w
	s := splineSquare(f)
	return w * w / (s * s)
}

// splineSquare is the spectrum of the samples of the cubic spline convolved with
// itself.
func splineSquare(f float64) float64 {
	c1, c2, c3 := cosine(f), cosine(2*f), cosine(3*f)
	return (2416 + float64(2382*c1) + float64(240*c2) + 2*c3) / 5040
}

// An axis has, slot by slot, the spectra of the nodes along an axis of the given
// period and step, with influence applied: slots x len(list). A real axis has
// period/2 slots, a complex one period.
type axis struct {
	list          []node
	period        int
	step          float64
	real          bool
	plan          *plan[float64]
	sharp, smooth []float64 // influence slot by slot, of either kind of node
	out           []float64
}

func newAxis(list []node, period int, step float64, real bool) *axis {
	n, phase := period, 0.0
	if real {
		n, phase = period/2, 0.75
	}
	a := &axis{list: list, period: period, step: step, real: real, plan: newPlan[float64](n, phase)}
	for _, f := range a.plan.freq {
		a.sharp = append(a.sharp, influence(f, false))
		a.smooth = append(a.smooth, influence(f, true))
	}
	a.out = make([]float64, n*len(list))
	return a
}

// parts is how many calls of fill make the spectra.
func (a *axis) parts() int { return par.Chunks(len(a.list), lanes) }

// fill makes the spectra of some of the nodes.
func (a *axis) fill(part int) {
	n, i0 := a.plan.n, part*lanes
	buf := make([]float64, n*element)
	some := a.list[i0:min(i0+lanes, len(a.list))]
	for l, nd := range some {
		for j := 0; j <= a.period/2; j++ {
			v := vec.Exp(-nd.rate * a.step * a.step * float64(j) * float64(j))
			switch {
			case !a.real:
				buf[j*element+l] = v
				buf[(a.period-j)%a.period*element+l] = v
			case j == 0:
				buf[l] = v
			case j < n: // the far half of the period is negated
				buf[j*element+l] = v
				buf[(n-j)*element+lanes+l] = -v
			}
		}
	}
	a.plan.forward(buf)
	for l, nd := range some {
		factor := a.sharp
		if nd.rate*a.step*a.step < 0.1 {
			factor = a.smooth
		}
		for s := range n {
			a.out[s*len(a.list)+i0+l] = buf[s*element+l] * factor[s]
		}
	}
}

// axes makes the spectra of some axes.
func axes(pool *par.Pool, all ...*axis) {
	var tasks []func()
	var size []int
	for _, a := range all {
		for part := range a.parts() {
			tasks = append(tasks, func() { a.fill(part) })
			size = append(size, a.plan.n*element*bits.Len(uint(a.plan.n)))
		}
	}
	pool.Run(len(tasks), func(_, t int) { tasks[t]() })
	pool.Weigh("axes", func(t int) int { return size[t] })
}

// A kernelSelf is what the grid makes of a unit charge's action on itself.
type kernelSelf struct {
	potential float64 // mean over positions in a cell
	slope     float64 // of the potential in cells is slope·t(1-t)(1-2t) at t along an axis
}

// spectrum fills khat, blocks of 8 y slots x nx x 8, with the kernel's
// spectrum divided by the number of slots.
func spectrum(pool *par.Pool, khat []float32, list []node, nx, ny int, step float64) kernelSelf {
	y, k := newAxis(list, ny, step, true), len(list)
	all := []*axis{y}
	if nx > 1 {
		all = append(all, newAxis(list, nx, step, false))
	}
	axes(pool, all...)
	ys, yf := y.out, y.plan.freq
	for s := range yf {
		for i := range list {
			ys[s*k+i] *= list[i].weight / float64(len(yf))
		}
	}
	if nx == 1 {
		for s := range yf {
			sum := 0.0
			for _, v := range ys[s*k:][:k] {
				sum += v
			}
			khat[s] = float32(sum)
		}
		one := make([]float64, k)
		for i := range one {
			one[i] = 1
		}
		return selfAction(ys, yf, one)
	}
	xs, xf := all[1].out, all[1].plan.freq
	for i := range xs {
		xs[i] /= float64(nx)
	}
	pool.Run(len(yf), func(_, s int) {
		y := ys[s*k:][:k]
		out := khat[s/lanes*nx*lanes+s%lanes:]
		for x := range xf {
			v := 0.0
			for i, q := range xs[x*k:][:k] {
				v += float64(q * y[i])
			}
			out[x*lanes] = float32(v)
		}
	})
	pool.Weigh("kernel", func(int) int { return len(xf) * k })
	pool.Serial("self", len(xf)*k)
	across := make([]float64, k)
	for s, f := range yf {
		b := splineSquare(f)
		for i := range across {
			across[i] += float64(b * ys[s*k+i])
		}
	}
	return selfAction(xs, xf, across)
}

// selfAction takes the spectra of the nodes along one axis, slot by slot, and
// their factors from the other axis.
func selfAction(spectra, freq, factor []float64) (a kernelSelf) {
	var lag [4]float64 // the kernel at lags along the axis
	for s, f := range freq {
		v := 0.0
		for i, c := range factor {
			v += float64(c * spectra[s*len(factor)+i])
		}
		a.potential += float64(v * splineSquare(f))
		for j := range lag {
			lag[j] += float64(v * cosine(f*float64(j)))
		}
	}
	var num, den float64
	const samples = 64
	for i := 1; i < samples; i++ {
		t := float64(i) / samples
		w, d := spline(float32(t)), slope(float32(t))
		g := 0.0
		for p := range 4 {
			for q := range 4 {
				g += float64(float64(d[p]) * float64(w[q]) * lag[max(p-q, q-p)])
			}
		}
		shape := float64(t*(1-t)) * (1 - 2*t)
		num += float64(g * shape)
		den += float64(shape * shape)
	}
	a.slope = num / den
	return a
}
