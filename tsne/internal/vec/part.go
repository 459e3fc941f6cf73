package vec

// Column is the part of a packed entry that is its column; the sign bit says which of
// two levels its value is.
const Column = 1<<31 - 1

// Part writes the columns and values of packed entries, of which there are as many.
func Part(col []int32, val []float32, packed []int32, levels *[2]float32) {
	done := partSIMD(col, val, packed, levels)
	col, val = col[:len(packed)], val[:len(packed)]
	for e := done; e < len(packed); e++ {
		col[e], val[e] = packed[e]&Column, levels[uint32(packed[e])>>31]
	}
}
