package fftgrid

import (
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// The kernel is a sum of Gaussians, the trapezoid rule in s = log t of
//
//	1/(1+d²) = ∫ exp(-t(1+d²)) dt = ∫ exp(s - e^s (1+d²)) ds,
//
// whose error at this spacing is 1e-8 of the value. Gaussians separate into a
// factor for each axis, which makes a spectrum cheap to set up, and the slow
// ones are smooth enough for a coarser grid.
const nodeSpacing = 0.5

// A node is the term weight·exp(-rate·d²).
type node struct{ rate, weight float64 }

// nodes returns the terms with lo <= rate < hi. Those too slow to be seen
// within distance reach are one constant if lo is 0.
func nodes(lo, hi, reach float64) (list []node) {
	slowest := 1e-3 / (1 + reach*reach)
	var rest float64
	for i := 8; i > -120; i-- {
		t := math.Exp(nodeSpacing * float64(i))
		w := nodeSpacing * t * math.Exp(-t)
		switch {
		case t >= hi || t < lo:
		case t < slowest:
			rest += w
		default:
			list = append(list, node{t, w})
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
	c := math.Cos(2 * math.Pi * f)
	if smooth {
		b := (2 + c) / 3
		return 1 / (b * b)
	}
	f -= math.Round(f)
	w := 1.0
	if f != 0 {
		w = math.Sin(math.Pi*f) / (math.Pi * f)
	}
	w *= w
	w *= w
	s := splineSquare(f)
	return w * w / (s * s)
}

// splineSquare is the spectrum of the samples of the cubic spline convolved with
// itself.
func splineSquare(f float64) float64 {
	c1, c2, c3 := math.Cos(2*math.Pi*f), math.Cos(4*math.Pi*f), math.Cos(6*math.Pi*f)
	return (2416 + 2382*c1 + 240*c2 + 2*c3) / 5040
}

// axisSpectra returns, slot by slot, the spectra of the nodes along an axis of
// the given period and step, with influence applied: slots x len(list).
// A real axis has period/2 slots, a complex one period.
func axisSpectra(list []node, period int, step float64, real bool) ([]float64, []float64) {
	n, phase := period, 0.0
	if real {
		n, phase = period/2, 0.75
	}
	p := newPlan[float64](n, phase)
	out := make([]float64, n*len(list))
	buf := make([]float64, n*element)
	for i0 := 0; i0 < len(list); i0 += lanes {
		clear(buf)
		part := list[i0:min(i0+lanes, len(list))]
		for l, nd := range part {
			for j := 0; j <= period/2; j++ {
				v := math.Exp(-nd.rate * step * step * float64(j) * float64(j))
				switch {
				case !real:
					buf[j*element+l] = v
					buf[(period-j)%period*element+l] = v
				case j == 0:
					buf[l] = v
				case j < n: // the far half of the period is negated
					buf[j*element+l] = v
					buf[(n-j)*element+lanes+l] = -v
				}
			}
		}
		p.forward(buf)
		for l, nd := range part {
			smooth := nd.rate*step*step < 0.1
			for s := range n {
				out[s*len(list)+i0+l] = buf[s*element+l] * influence(p.freq[s], smooth)
			}
		}
	}
	return out, p.freq
}

// spectrum fills khat, blocks of 8 y slots x nx x 8, with the kernel's
// spectrum divided by the number of slots. It returns the mean over positions in a cell
// of the potential of a unit charge on itself.
func spectrum(pool *par.Pool, khat []float32, list []node, nx, ny int, step float64) float64 {
	ys, yf := axisSpectra(list, ny, step, true)
	xs, xf := []float64(nil), []float64{0}
	if nx > 1 {
		xs, xf = axisSpectra(list, nx, step, false)
	} else {
		xs = make([]float64, len(list))
		for i := range xs {
			xs[i] = 1
		}
	}
	k := len(list)
	for s := range yf {
		for i := range list {
			ys[s*k+i] *= list[i].weight
		}
	}
	scale := 1 / float64(len(xf)*len(yf))
	sx := make([]float64, len(xf))
	for x := range sx {
		sx[x] = 1
		if nx > 1 {
			sx[x] = splineSquare(xf[x])
		}
	}
	self := make([]float64, len(yf)/lanes)
	pool.Run(len(self), func(_, b int) {
		for l := range lanes {
			y := ys[(b*lanes+l)*k:][:k]
			sum := 0.0
			for x := range xf {
				v := 0.0
				for i, q := range xs[x*k:][:k] {
					v += float64(q * y[i])
				}
				v *= scale
				khat[(b*len(xf)+x)*lanes+l] = float32(v)
				sum += float64(v * sx[x])
			}
			self[b] += float64(sum * splineSquare(yf[b*lanes+l]))
		}
	})
	total := 0.0
	for _, s := range self {
		total += s
	}
	return total
}
