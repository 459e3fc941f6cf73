package tsne

import (
	"context"
	"sync"

	"github.com/libtsne/libtsne/tsne/internal/bhtree"
	"github.com/libtsne/libtsne/tsne/internal/direct"
	"github.com/libtsne/libtsne/tsne/internal/fftgrid"
)

// frozen is what transforms made of an embedding and may use again.
type frozen struct {
	iterations int // of the embedding when its map was taken
	reference  *frozenMap
	search     *rowSearch
}

// frozenMap is a map as it was at one moment, in the order of the rows. It may
// serve several goroutines at once.
type frozenMap struct {
	n, dims int
	dof     float64
	y       []float32

	mu    sync.Mutex
	made  *field
	by    Repulsion // what made was made for
	theta float64
}

// field is the repulsion of a frozen map: loaded once, looked at by every
// iteration of every new point.
type field struct {
	m      *frozenMap
	grid   *fftgrid.Grid // nil: none
	tree   *bhtree.Tree  // nil: none; without either all points are summed
	theta  float64
	kernel *direct.Kernel
}

// fieldMargin is how far the grid reaches beyond the map on each side, as a
// share of its longest side. Farther points sum over all of the map.
const fieldMargin = 0.1

// field gives the field by the method and angle of j's options.
func (m *frozenMap) field(j *job) *field {
	m.mu.Lock()
	defer m.mu.Unlock()
	by := j.o.Repulsion.method(m.n, m.dims, m.dof)
	if m.made != nil && m.by == by && (by != RepulsionBarnesHut || m.theta == j.o.Theta) {
		return m.made
	}
	f := &field{m: m, theta: j.o.Theta, kernel: direct.NewKernel(m.dof)}
	switch by {
	case RepulsionFFT:
		f.load(j)
	case RepulsionBarnesHut:
		f.build(j)
	}
	m.made, m.by, m.theta = f, by, j.o.Theta
	return f
}

// load is the grid's; a map that needs too large or coarse a one gets a tree, as
// in gridRepulser.
func (f *field) load(j *job) {
	y, dims := f.m.y, f.m.dims
	var box [2][3]float32
	longest := float32(0)
	for c := range dims {
		lo, hi := y[c], y[c]
		for i := c; i < len(y); i += dims {
			lo, hi = min(lo, y[i]), max(hi, y[i])
		}
		box[0][c], box[1][c] = lo, hi
		longest = max(longest, hi-lo)
	}
	for c := range dims {
		box[0][c] -= float32(longest * fieldMargin)
		box[1][c] += float32(longest * fieldMargin)
	}
	lo, hi := box[0][:dims], box[1][:dims]
	g := fftgrid.New(j.pool, dims)
	g.DOF = f.m.dof
	if !gridSuits(g, f.m.n, append(lo[:dims:dims], hi...)) {
		f.theta = sparseTheta
		f.build(j)
		return
	}
	g.LoadBox(y, lo, hi)
	f.grid = g
}

func (f *field) build(j *job) {
	f.tree = bhtree.New(j.pool, f.m.dims)
	f.tree.DOF = f.m.dof
	f.tree.Build(f.m.y)
}

// fieldReader is one worker's look at a field.
type fieldReader struct {
	*field
	tree *bhtree.Reader
	u    []float32
	t    direct.Targets
}

func (f *field) reader() *fieldReader {
	r := &fieldReader{field: f}
	if f.tree != nil {
		r.tree = f.tree.NewReader(f.theta)
	}
	return r
}

// at sets, for each of the points y, force to the sum over the map's points of
// (y - y_j) w / (1 + d^2/dof) and phi to that of w = (1 + d^2/dof)^-dof. A point
// gets the same bits whatever the others are. Once ctx is done it may return
// early, with worthless sums.
func (r *fieldReader) at(ctx context.Context, y, force, phi []float32) {
	dims := r.m.dims
	switch {
	case r.tree != nil:
		for i := range phi {
			if ctx.Err() != nil {
				return
			}
			f, p := r.tree.At(y[i*dims:][:dims])
			for c := range dims {
				force[i*dims+c] = float32(f[c])
			}
			phi[i] = float32(p)
		}
	case r.grid != nil:
		if len(r.u) < len(y) {
			r.u = make([]float32, len(y))
		}
		r.grid.At(y, force, phi, r.u)
		for i := range phi {
			if p := y[i*dims:][:dims]; !r.grid.Holds(p) {
				r.sum(ctx, p, force[i*dims:][:dims], phi[i:i+1])
			}
		}
	default:
		for lo := 0; lo < len(phi); lo += direct.Lanes {
			hi := min(lo+direct.Lanes, len(phi))
			r.sum(ctx, y[lo*dims:hi*dims], force[lo*dims:hi*dims], phi[lo:hi])
		}
	}
}

// sum does up to direct.Lanes points by summing over all of the map.
func (r *fieldReader) sum(ctx context.Context, y, force, phi []float32) {
	dims, all := r.m.dims, r.m.y
	r.t.Load(dims, y, dims)
	s := direct.Sums{K: r.kernel}
	const piece = 64 * direct.Fold // whole folds: cutting changes no bits
	for len(all) > 0 {
		if ctx.Err() != nil {
			return
		}
		some := all[:min(len(all), piece*dims)]
		s.Add(dims, &r.t, some, dims)
		all = all[len(some):]
	}
	for i := range phi {
		for c := range dims {
			force[i*dims+c] = float32(s.F[c][i])
		}
		phi[i] = float32(s.Z[i])
	}
}

// share divides the repulsion of each point by its own sum of w: new points
// have a normalisation each.
func share(force, phi []float32, dims int) {
	for i, z := range phi {
		if !(z > 0) { // so far off that nothing repels
			clear(force[i*dims:][:dims])
			continue
		}
		for c := range dims {
			force[i*dims+c] /= z
		}
	}
}
