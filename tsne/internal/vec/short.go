package vec

import "math"

// Short is a form of 16 bits for positive values of some 32 octaves below the largest there may be: five bits of exponent and eleven of
// fraction, so that a value is off by at most one part in 4,096. Smaller values are the smallest.
type Short uint32 // a value is the float32 of bits (Short + its 16 bits) << 12

const (
	shortShift = 12
	mostShort  = 1<<16 - 1
)

// ShortOf is the form of values up to most, which is far from the least float32.
func ShortOf(most float32) Short { return Short(math.Float32bits(most)>>shortShift + 1 - mostShort) }

// Of is v in 16 bits, ties to even.
func (s Short) Of(v float32) uint16 {
	b := math.Float32bits(v)
	b = (b + 1<<(shortShift-1) - 1 + b>>shortShift&1) >> shortShift
	return uint16(min(max(int64(b)-int64(s), 0), mostShort))
}

// Value is the value of 16 bits.
func (s Short) Value(v uint16) float32 {
	return math.Float32frombits((uint32(s) + uint32(v)) << shortShift)
}

// Widen writes the values of short, of which there are as many.
func (s Short) Widen(val []float32, short []uint16) {
	done := widenSIMD(val, short, uint32(s))
	val = val[:len(short)]
	for e := done; e < len(short); e++ {
		val[e] = s.Value(short[e])
	}
}
