package affinity

import "github.com/libtsne/libtsne/tsne/internal/vec"

// ShortFrom is the number of entries of a graph from which on affinities that are not all alike are rounded to values of 16 bits, in
// which a fit keeps them: what an iteration waits for is P coming from memory. Tests lower it.
var ShortFrom = 1 << 26

// FormOf is that of the affinities of n points.
func FormOf(n int) vec.Short { return vec.ShortOf(float32(1 / float64(n))) }

// rounds says whether the affinities of conditional ones p are rounded.
func rounds(p []float32) bool {
	if len(p) < ShortFrom {
		return false
	}
	for _, v := range p {
		if v != p[0] {
			return true
		}
	}
	return false
}
