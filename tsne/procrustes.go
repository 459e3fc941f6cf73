package tsne

import (
	"fmt"
	"math"
	"slices"
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
// 1966; without reflection Kabsch 1976). With Scale and reflections its
// disparity is that of scipy.spatial.procrustes, from 0 to 1; without Scale a
// source much larger than the target leaves more than 1.
//
// A map without spread is moved only; its disparity is 1, or 0 if neither map
// has spread. ErrShape, ErrNotFinite and ErrOption (dims).
func Procrustes(target, source []float32, dims int, o ProcrustesOptions) (*Superposition, error) {
	n, err := checkMap("target", target, dims)
	if err != nil {
		return nil, err
	}
	if m, err := checkMap("source", source, dims); err != nil {
		return nil, err
	} else if m != n {
		return nil, fail(ErrShape, "source", "got %d points, want the target's %d", m, n)
	}
	return superpose(target, source, dims, o), nil
}

// ProcrustesLabels is the superposition of maps of different points, through
// the means of the classes that both have, which count alike; a negative label
// is none. Its disparity is that of the means. ErrShape if they share no
// class.
func ProcrustesLabels(target []float32, targetLabels []int32, source []float32, sourceLabels []int32, dims int, o ProcrustesOptions) (*Superposition, error) {
	to, err := classMeans("target", target, targetLabels, dims)
	if err != nil {
		return nil, err
	}
	from, err := classMeans("source", source, sourceLabels, dims)
	if err != nil {
		return nil, err
	}
	var a, b []float64
	for _, c := range to.labels {
		if i, ok := slices.BinarySearch(from.labels, c); ok {
			k, _ := slices.BinarySearch(to.labels, c)
			a = append(a, to.row(k)...)
			b = append(b, from.row(i)...)
		}
	}
	if len(a) == 0 {
		return nil, fail(ErrShape, "labels", "target (%d classes) and source (%d) share none", len(to.labels), len(from.labels))
	}
	return superpose(a, b, dims, o), nil
}

// Apply moves the points of y, n x Dims, in place.
func (s *Superposition) Apply(y []float32) {
	for d := s.Dims; len(y) >= d && d > 0; y = y[d:] {
		p := move(s, y[:d])
		for c := range d {
			y[c] = float32(p[c])
		}
	}
}

// Generalised superposition goes on until a round moves the consensus by less
// than this share of its size (root mean square), or for so many rounds.
const (
	consensusTolerance = 1e-9
	consensusRounds    = 200
)

// GeneralizedProcrustes lays several maps of the same points (each n x dims)
// over each other: on the first, or on their consensus, the mean of the maps
// so laid (Gower 1975), which begins as the first map and with Scale keeps its
// size. It returns the mean of the laid maps or the consensus, and each map's
// superposition. ErrShape, ErrNotFinite and ErrOption (dims).
func GeneralizedProcrustes(maps [][]float32, dims int, toFirst bool, o ProcrustesOptions) (consensus []float32, s []*Superposition, err error) {
	if len(maps) == 0 {
		return nil, nil, fail(ErrShape, "maps", "got none, want at least 1")
	}
	for k, y := range maps {
		if _, err := checkMap(fmt.Sprintf("maps[%d]", k), y, dims); err != nil {
			return nil, nil, err
		}
		if len(y) != len(maps[0]) {
			return nil, nil, fail(ErrShape, fmt.Sprintf("maps[%d]", k), "got %d points, want those of %v, %d", len(y)/dims, named("maps[0]"), len(maps[0])/dims)
		}
	}
	target := make([]float64, len(maps[0]))
	for i, v := range maps[0] {
		target[i] = float64(v)
	}
	s = make([]*Superposition, len(maps))
	layAll := func() {
		for k, y := range maps {
			s[k] = superpose(target, y, dims, o)
		}
	}
	layAll()
	mean := meanOf(maps, s)
	if !toFirst {
		_, size := spread(target, dims)
		for range consensusRounds {
			if o.Scale {
				resizeMap(mean, dims, size)
			}
			moved := 0.0
			for i, v := range mean {
				d := v - target[i]
				moved += float64(d * d)
			}
			target = mean
			layAll()
			if moved <= consensusTolerance*consensusTolerance*size {
				break
			}
			mean = meanOf(maps, s)
		}
		mean = target
	}
	consensus = make([]float32, len(mean))
	for i, v := range mean {
		consensus[i] = float32(v)
	}
	return consensus, s, nil
}

// meanOf is the mean of the maps as s lays them.
func meanOf(maps [][]float32, s []*Superposition) []float64 {
	mean := make([]float64, len(maps[0]))
	for k, y := range maps {
		dims := s[k].Dims
		for i := 0; i < len(y); i += dims {
			p := move(s[k], y[i:i+dims])
			for c := range dims {
				mean[i+c] += p[c]
			}
		}
	}
	for i := range mean {
		mean[i] /= float64(len(maps))
	}
	return mean
}

// resizeMap scales a map about its mean to a sum of squares of size.
func resizeMap(y []float64, dims int, size float64) {
	mean, now := spread(y, dims)
	if !(now > 0) {
		return
	}
	f := math.Sqrt(size / now)
	for i := range y {
		m := mean[i%dims]
		y[i] = m + float64(f*(y[i]-m))
	}
}

// checkMap gives the number of points of a map of at least one.
func checkMap(name string, y []float32, dims int) (int, error) {
	switch {
	case dims < 1 || dims > 3:
		return 0, badOption("dims", dims, "1, 2 or 3")
	case len(y) == 0 || len(y)%dims != 0:
		return 0, fail(ErrShape, name, "got %d values, want rows of %d columns, at least 1", len(y), dims)
	}
	if at := firstNotFinite(y); at >= 0 {
		return 0, fail(ErrNotFinite, name, "row %v, column %v is %v, want a finite value", atRow(at/dims), atColumn(at%dims), value(y[at]))
	}
	return len(y) / dims, nil
}

func classMeans(name string, y []float32, labels []int32, dims int) (*classes, error) {
	n, err := checkMap(name, y, dims)
	if err != nil {
		return nil, err
	}
	if len(labels) != n {
		return nil, fail(ErrShape, name+" labels", "got %d, want one for each of the %d points", len(labels), n)
	}
	c := newClasses(labels, dims)
	c.average(y, 0, dims)
	return c, nil
}
