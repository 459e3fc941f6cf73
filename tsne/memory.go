package tsne

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"

	"github.com/libtsne/libtsne/tsne/internal/affinity"
	"github.com/libtsne/libtsne/tsne/internal/fftgrid"
	"github.com/libtsne/libtsne/tsne/internal/knn"
	"github.com/libtsne/libtsne/tsne/internal/limit"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

// Memory is an estimate, in bytes beyond the data and the caller's map. What no
// machine has is math.MaxUint64.
type Memory struct {
	Neighbors  uint64 // while neighbours are searched
	Affinities uint64 // while affinities are made of them
	Init       uint64 // while the start is made
	Optimize   uint64 // while the map is optimised
	Peak       uint64 // the largest of them and a little more
	Kept       uint64 // by the embedding afterwards
}

// EstimateMemory says what Fit needs for n x d data.
func EstimateMemory(n, d int, o Options) (Memory, error) {
	o.Log = nil
	o, err := o.withoutGiven().resolveForData(n)
	if err != nil {
		return Memory{}, err
	}
	return o.memory(n, d), nil
}

// AvailableMemory is how many bytes this process can still take, as far as the
// machine, its control groups and its resource limits say: what MaxMemory is when
// it is 0. Where nothing says, it is math.MaxUint64.
func AvailableMemory() uint64 {
	room, _ := limit.Available()
	return room
}

// absurd is a number of values that fills an address space. Below it no sum here
// overflows.
const absurd = 1 << (30 + 20*(strconv.IntSize/64))

func isAbsurd(n, d, k int) bool { return product(n, d) >= absurd || product(n, k) >= absurd }

func (o *Options) memory(n, d int) Memory {
	columns, values := o.entriesBytes(n)
	return o.memoryWith(n, d, columns+values+8*uint64(n), columns/4)
}

// entriesBytes is what the columns and the values of P take.
func (o *Options) entriesBytes(n int) (columns, values uint64) {
	// A symmetric matrix of a kNN graph holds at most twice its edges: 1.4 times
	// on MNIST, 1.75 on noise of many dimensions.
	const symmetric = 1.75
	columns = uint64(symmetric * float64(graphBytes(n, o.neighborCount(n))) / 2)
	switch {
	case o.packed():
		return columns, 0
	case o.compact() && product(n, o.neighborCount(n)) >= uint64(affinity.ShortFrom):
		return columns, columns / 2
	}
	return columns, columns
}

// memoryWith is that with affinities of so many bytes and entries.
func (o *Options) memoryWith(n, d int, p, entries uint64) Memory {
	k := o.neighborCount(n)
	if isAbsurd(n, d, k) {
		const all = math.MaxUint64
		return Memory{all, all, all, all, all, all}
	}
	dims := uint64(o.Dims)
	graph := graphBytes(n, k)
	if o.packed() {
		graph /= 2 // without distances
	}
	y := 4 * uint64(n) * dims
	early, before := y, uint64(0) // what a start takes before P, and what there is before a start
	if o.startsLate(n) {
		early, before = 0, p
	}
	m := Memory{
		Neighbors:  o.neighborsMemory(n, d, k) + early,
		Affinities: affinity.Beside(n, k, graph, p) + uint64(affinity.Bytes(n, k)) + early,
		Init:       y + before,
		// Positions, velocity and gains; they as they were, if a call goes on from
		// them; what a callback sees; two forces; two orders; P and its spare.
		Optimize: 7*y + max(2*y, 16*uint64(n)) + 8*uint64(n) + p + affinity.SpareBytes(entries) + o.repulsionMemory(n),
		Kept:     3*y + 4*uint64(n) + p,
	}
	if o.DensityLambda > 0 {
		const radii, terms = 4, 3*8 + 4 // bytes a point: kept; of the gradient
		m.Optimize += (radii + terms) * uint64(n)
		m.Kept += radii * uint64(n)
		m.Affinities += graph + radii*uint64(n) // distances are looked at again
	}
	if o.Pull > 0 {
		held := y + 4*uint64(n) // positions and weights
		m.Init += held
		m.Optimize += 2 * held // and in the order of memory
		if o.PullFrame == PullGrown {
			m.Optimize += 2*y + 8*uint64(n)
		}
		m.Kept += held
	}
	if more := o.Init.definition().memory; more != nil {
		m.Init += more(o, n, d, p)
	}
	m.Peak = max(m.Neighbors, m.Affinities, m.Init, m.Optimize)
	// What the collector has yet to find, in the C library; the workers' scratch;
	// and what does not grow with the data.
	m.Peak += m.Peak/16 + uint64(par.Workers(o.Threads))<<18 + 12<<20
	return m
}

// repulsionMemory is for a map of any spread: the largest grid, and the tree
// that takes its place.
func (o *Options) repulsionMemory(n int) uint64 {
	tree := 160 * uint64(n)
	switch o.Repulsion.method(n, o.Dims, o.DOF) {
	case RepulsionFFT:
		if n >= denseFrom {
			tree = 0
		}
		return uint64(fftgrid.MostBytes(n, o.Dims, largestGrid(n))) + tree
	case RepulsionBarnesHut:
		return tree
	}
	return 0
}

func graphBytes(n, k int) uint64 { return product(8, n, k) }

// beyond is more bytes than any machine has; a few of it still have a sum.
const beyond = 1 << 60

// product is that of numbers of at least 0, or beyond.
func product(factors ...int) uint64 {
	p := uint64(1)
	for _, f := range factors {
		high, low := bits.Mul64(p, uint64(f))
		if high > 0 || low > beyond {
			return beyond
		}
		p = low
	}
	return p
}

func (o *Options) neighborsMemory(n, d, k int) uint64 {
	if isAbsurd(n, d, k) {
		return beyond
	}
	by := o.Metric.definition()
	need := uint64(0)
	if by.Normalize != nil {
		need = 4 * uint64(n) * uint64(d) // the normalized rows
	}
	if !by.Euclidean() {
		return need + uint64(knn.OtherBytes(n, d)) + graphBytes(n, k)
	}
	return need + uint64(knn.Bytes(n, d, k, o.exactNeighbors(n, d, k)))
}

// collect gives the next stage the memory that the last one, on a graph of n x k,
// is done with. Left to its own pace the collector would keep both.
func collect(n, k int) {
	limit.Collect(graphBytes(n, k))
}

// smallNeed is so little that a machine without it is lost anyway; to ask what it
// has takes longer than such a job.
const smallNeed = 1 << 20

// checkMemory refuses a job that needs more than the limit: running out of
// memory cannot be recovered from once it happens.
func (o *Options) checkMemory(x Matrix, need uint64) error {
	return o.checkRoom(need, "%d x %d data", x.Rows, x.Cols)
}

// muchNeed is so much that a fit says what it takes before it begins.
const muchNeed = 1 << 30

// checkFit is checkMemory of a fit, which takes so many bytes beside its estimate. It
// says what the fit takes, and of one that is refused what would do with the room.
func (o *Options) checkFit(x Matrix, beside uint64) error {
	need := o.memory(x.Rows, x.Cols).Peak + beside
	err := o.checkMemory(x, need)
	if err == nil {
		if need >= muchNeed {
			room, whose := o.room()
			o.info("", "memory: about %d MiB, %v is %d MiB%s", need>>20, whose, room>>20, o.disk(x.Rows, x.Cols))
		}
		return nil
	}
	// The fewest neighbours, all alike, that the evidence is for (docs/large-data.md).
	less := *o
	less.Affinity, less.K = AffinityUniform, 15
	least := less.memory(x.Rows, x.Cols).Peak + beside
	if room, _ := o.room(); least > room || least >= need {
		return err
	}
	return fail(ErrMemory, "", "%v; %v uniform with %v 15 needs %d MiB", err.(*Error).Message, named("Affinity"), named("K"), least>>20)
}

// disk says what a checkpoint and a copy of the data take there.
func (o *Options) disk(n, d int) string {
	need := uint64(0)
	if o.Checkpoint != "" {
		const row = 7 * 4 // positions of two columns, velocity, gains and the place of a point
		columns, values := o.entriesBytes(n)
		need += (row+8)*uint64(n) + columns + values
	}
	if o.Scratch != "" {
		need += product(4, n, d)
	}
	if need == 0 {
		return ""
	}
	return fmt.Sprintf("; of disk about %d MiB", need>>20)
}

// room is what a job may take, and who says so.
func (o *Options) room() (uint64, any) {
	if o.MaxMemory > 0 {
		return o.MaxMemory, named("MaxMemory")
	}
	room, whose := limit.Available()
	if room > math.MaxInt {
		return math.MaxInt, "the address space"
	}
	return room, whose
}

func (o *Options) checkRoom(need uint64, format string, args ...any) error {
	if o.MaxMemory == 0 && need <= smallNeed {
		return nil
	}
	if room, whose := o.room(); need > room {
		return fail(ErrMemory, "", "memory: %s need about %d MiB, %v is %d MiB", fmt.Sprintf(format, args...), need>>20, whose, room>>20)
	}
	return nil
}
