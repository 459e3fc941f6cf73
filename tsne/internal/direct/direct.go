// Package direct sums the kernels 1/(1+d²) and 1/(1+d²)² over all pairs of
// points: the oracle of the approximations, and the faster way for few points.
// It knows the same kernels of other degrees of freedom too.
//
// Points are float32, interleaved, 1, 2 or 3 coordinates each. Results are the
// same bits on any number of workers and on every CPU path.
package direct

import (
	"context"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// tilesPerChunk targets tiles make one chunk of work: short enough to balance
// a few thousand points over the workers.
const tilesPerChunk = 2

// Scratch is what the sums need besides their arguments. The zero value is
// ready; one Scratch serves one call at a time and stops allocating once it
// has seen the largest n.
type Scratch struct {
	// Ctx, when it is done, ends a sum early; what it then gave is worthless.
	// nil: never.
	Ctx context.Context

	// DOF is the degrees of freedom of the kernel, which is (1+d²/DOF)^-DOF, and
	// (1+d²/DOF)^-(DOF+1) in the force; 0: 1.
	DOF float64

	job
	body   func(worker, chunk int)
	z      []float64 // by tile
	kernel *Kernel
	made   float64 // DOF of kernel
}

type job struct {
	dims                   int
	sources, targets       []float32
	force, phi             []float32
	nSources, nTargets     int
	selfExcluded, onlyHalf bool
}

// Repulsion sets force[i] = Σ_{j≠i} (y_i−y_j)/(1+|y_i−y_j|²)² and returns
// z = Σ_{i≠j} 1/(1+|y_i−y_j|²) over ordered pairs. y and force are n×dims.
func Repulsion(pool *par.Pool, dims int, y, force []float32, scratch *Scratch) (z float64) {
	return scratch.run(pool, job{dims: dims, sources: y, targets: y, force: force, selfExcluded: true})
}

// Z is Repulsion's z alone, in less than half the time. It agrees with
// Repulsion's to rounding, not to the bit.
func Z(pool *par.Pool, dims int, y []float32, scratch *Scratch) float64 {
	return scratch.run(pool, job{dims: dims, sources: y, targets: y, selfExcluded: true, onlyHalf: true})
}

// RepulsionAt sets, for each of the m×dims targets, force to
// Σ_j (t−r_j)/(1+|t−r_j|²)² and phi[m] to Σ_j 1/(1+|t−r_j|²) over the n×dims
// refs, none excluded. phi may be nil. It returns the sum of phi, in float64.
func RepulsionAt(pool *par.Pool, dims int, refs, targets, force, phi []float32, scratch *Scratch) float64 {
	return scratch.run(pool, job{dims: dims, sources: refs, targets: targets, force: force, phi: phi})
}

func (s *Scratch) run(pool *par.Pool, j job) float64 {
	j.nSources = len(j.sources) / j.dims
	j.nTargets = len(j.targets) / j.dims
	s.job = j
	if s.body == nil {
		s.body = s.chunk
	}
	if s.made != s.DOF {
		s.kernel, s.made = NewKernel(s.DOF), s.DOF
	}
	tiles := par.Chunks(j.nTargets, Lanes)
	if cap(s.z) < tiles {
		s.z = make([]float64, tiles)
	}
	s.z = s.z[:tiles]
	_ = pool.RunContext(s.Ctx, par.Chunks(tiles, tilesPerChunk), s.body) // the caller knows its context
	pool.Weigh("pairs", func(c int) int {
		return (min(j.nTargets, (c+1)*tilesPerChunk*Lanes) - c*tilesPerChunk*Lanes) * j.nSources
	})
	pool.Serial("sums", tiles)
	s.job = job{}
	z := 0.0
	for _, v := range s.z {
		z += v
	}
	return z
}

func (s *Scratch) chunk(_, chunk int) {
	for t := chunk * tilesPerChunk; t < min(len(s.z), (chunk+1)*tilesPerChunk); t++ {
		s.z[t] = s.tile(t)
	}
}

// tile does the targets of one tile and returns the sum of their z.
func (s *Scratch) tile(tile int) float64 {
	dims := s.dims
	lo := tile * Lanes
	hi := min(lo+Lanes, s.nTargets)
	var t Targets
	acc, own := Sums{K: s.kernel}, Sums{K: s.kernel}
	t.Load(dims, s.targets[lo*dims:hi*dims], dims)
	switch {
	case s.onlyHalf:
		own.AddSelf(dims, &t, s.sources[lo*dims:hi*dims], dims)
		acc.addZ(dims, &t, s.sources[hi*dims:])
	case s.selfExcluded:
		acc.Add(dims, &t, s.sources[:lo*dims], dims)
		acc.AddSelf(dims, &t, s.sources[lo*dims:hi*dims], dims)
		acc.Add(dims, &t, s.sources[hi*dims:], dims)
	default:
		acc.Add(dims, &t, s.sources, dims)
	}
	z := 0.0
	for l := range hi - lo {
		if s.onlyHalf {
			z += own.Z[l] + 2*acc.Z[l]
			continue
		}
		z += acc.Z[l]
		for d := range dims {
			s.force[(lo+l)*dims+d] = float32(acc.F[d][l])
		}
		if s.phi != nil {
			s.phi[lo+l] = float32(acc.Z[l])
		}
	}
	return z
}
