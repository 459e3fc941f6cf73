//go:build amd64 && !purego

package bhtree

// squeeze[m] has the places of the bits of m, one a byte, from the lowest on.
var squeeze = func() (s [256]uint64) {
	for m := range s {
		at := 0
		for lane := range 8 {
			if m>>lane&1 == 1 {
				s[m] |= uint64(lane) << at
				at += 8
			}
		}
	}
	return
}()

func sortOutSIMD(blocks, s *float32, queue, near, far *int32, n *int) {
	sortOutAVX2(blocks, s, queue, near, far, n, &squeeze[0])
}
