package tsne

import (
	"context"
)

// Superposition is a similarity that lays one map over another: a point y of
// the source goes to Scale * Rotation * (y - From) + To.
type Superposition struct {
	Dims      int
	Rotation  [9]float64 // orthogonal, row-major Dims x Dims in the first Dims*Dims places
	Scale     float64    // 1 unless asked for
	From, To  [3]float64 // means of source and target
	Disparity float64    // sum of squares left, as a share of the target's about its mean: 0 is a perfect fit
	Reflected bool       // Rotation turns left hands into right ones
}

// ProcrustesOptions says which maps count as the same. The zero value is a
// rigid motion: rotation, reflection and translation.
type ProcrustesOptions struct {
	Scale        bool // one factor for all axes as well
	NoReflection bool // rotations alone
}

// Procrustes is the superposition of source on target, both n x dims (row i of
// both is the same point), that leaves the least sum of squares (Schönemann
// 1966; without reflection Kabsch 1976).
func Procrustes(target, source []float32, dims int, o ProcrustesOptions) (*Superposition, error) {
	return nil, fail(ErrInternal, "procrustes: not built")
}

// ProcrustesLabels is the superposition of maps of different points, through
// the means of the classes that both have; a negative label is none.
func ProcrustesLabels(target []float32, targetLabels []int32, source []float32, sourceLabels []int32, dims int, o ProcrustesOptions) (*Superposition, error) {
	return nil, fail(ErrInternal, "procrustes: not built")
}

// Apply moves the points of y, n x Dims, in place.
func (s *Superposition) Apply(y []float32) {}

// GeneralizedProcrustes lays several maps of the same points (each n x dims)
// over each other: on the first, or on their consensus (Gower 1975).
func GeneralizedProcrustes(maps [][]float32, dims int, toFirst bool, o ProcrustesOptions) (consensus []float32, s []*Superposition, err error) {
	return nil, nil, fail(ErrInternal, "procrustes: not built")
}

// SharedNeighbors is the mean share of a point's k nearest others in map a
// that are among its k nearest in map b (both n x dims).
func SharedNeighbors(ctx context.Context, a, b []float32, dims, k int, threads int) (float64, error) {
	return 0, fail(ErrInternal, "shared neighbours: not built")
}
