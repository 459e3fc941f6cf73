package bhtree

import (
	"unsafe"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

// block is the cells that one cell is divided into, at most 8: a cell is a lane.
type block struct {
	x, y, z [8]float32 // centres of mass
	width   [8]float32 // sides; 0 if the points all coincide
	lo, hi  [8]int32   // points [lo, hi) in Morton order
	child   [8]int32   // the blocks of cells that are divided
	inner   uint32     // bits of lanes that hold a cell that is divided
	leaf    uint32     // bits of lanes that hold one that is not
	_       [24]byte   // the kernel counts on 256 bytes
}

// sight is from where and how sharply targets look at cells.
type sight struct {
	mid    [3]float32
	radius float32 // of the targets about mid
	open   float32 // 1/theta
	lo, hi int32   // points [lo, hi) are the targets themselves
}

// found are lists of cells, each as block·8 + lane, with room for all of them
// and a vector more.
type found struct {
	queue []int32 // blocks to look at
	near  []int32 // leaves that are not far enough
	far   []int32 // cells to take whole
	n     [3]int  // their lengths
}

func (f *found) grow(blocks int) {
	f.queue, f.near, f.far = grow(f.queue, blocks+8), grow(f.near, 8*blocks+8), grow(f.far, 8*blocks+8)
}

// sortOut lists, from block 0 on, the cells that are far enough from all
// targets, and the leaves that are not.
//
// Blocks wait in a queue, not on a stack, and what a cell counts as is
// arithmetic, not a branch: so the processor works on many cells at once.
func (f *found) sortOut(blocks []block, s *sight) {
	f.queue[0] = 0
	if cpu.Use >= cpu.SIMD {
		sortOutSIMD((*float32)(unsafe.Pointer(&blocks[0])), &s.mid[0], &f.queue[0], &f.near[0], &f.far[0], &f.n[0])
		return
	}
	queued, near, far := 1, 0, 0
	for next := 0; next < queued; next++ {
		id := f.queue[next]
		b := &blocks[id]
		for lane := range 8 {
			dx, dy, dz := b.x[lane]-s.mid[0], b.y[lane]-s.mid[1], b.z[lane]-s.mid[2]
			d2 := float32(dx*dx) + float32(dy*dy) + float32(dz*dz)
			// No target is nearer to the centre of mass than √d2 − radius.
			reach := float32(b.width[lane]*s.open) + s.radius
			isFar := bit(float32(reach*reach) < d2) &^ (bit(b.hi[lane] > s.lo) & bit(s.hi > b.lo[lane]))
			inner, leaf := int(b.inner>>lane&1), int(b.leaf>>lane&1)
			f.far[far] = id*8 + int32(lane)
			far += isFar & (inner | leaf)
			f.near[near] = id*8 + int32(lane)
			near += leaf &^ isFar
			f.queue[queued] = b.child[lane]
			queued += inner &^ isFar
		}
	}
	f.n = [3]int{queued, near, far}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
