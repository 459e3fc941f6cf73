package knn

import "math"

//go:generate sh -c "cd ../asm && go run ./knn -out ../knn/knn_amd64.s -stubs ../knn/knn_amd64.go -pkg knn"
//go:generate go run -C ../asm ./neon/knn -out ../knn/knn_arm64.s -stubs ../knn/knn_arm64.go -pkg knn

// width is the number of points in a panel. A panel holds its points'
// coordinates in lines of width, then their lines of residual, need and reach
// (filter.go).
const width = 24

// boxDims is the number of leading coordinates that a bounding box spans.
const boxDims = 8

// span and centers are the outputs of one call of project and of centers.
const (
	span       = 32
	centerSpan = 32
)

// tilePortable marks in hits[r] the columns of panel b that may be near row r
// of panel a, or near enough to have row r among their own neighbours:
//
//	product >= (need[r] + need[c]) - max(reach[r], reach[c])
//
// and returns the union. Where no column can be, by the first head
// coordinates and the residuals, it looks no further. It is a filter, whose
// rounding differs between paths.
func tilePortable(a, b []float32, head, rows int, hits *[width]uint32) uint32 {
	rest := rows * width
	ar, br := a[rest:], b[rest:]
	var any uint32
	for r := range width {
		var s [width]float32
		products(&s, a[r:], b, 0, head)
		if head < rows {
			live := false
			for c := range s {
				live = live || s[c]+ar[r]*br[c] >= bound(ar, br, r, c)
			}
			if !live {
				hits[r] = 0
				continue
			}
			products(&s, a[r:], b, head, rows)
		}
		var m uint32
		for c, v := range s {
			if v >= bound(ar, br, r, c) {
				m |= 1 << c
			}
		}
		hits[r] = m
		any |= m
	}
	return any
}

func products(s *[width]float32, a, b []float32, lo, hi int) {
	for k := lo; k < hi; k++ {
		v := a[k*width]
		w := (*[width]float32)(b[k*width:])
		for c := range s {
			s[c] += v * w[c]
		}
	}
}

func bound(ar, br []float32, r, c int) float32 {
	return (ar[width+r] + br[width+c]) - max(ar[2*width+r], br[2*width+c])
}

// stretchPortable writes the lines of a panel, given in steps from a middle; scale has these, for each line the middle first.
func stretchPortable(lines []int8, scale, out []float32) {
	for k := range len(scale) / 2 {
		from, to := (*[width]int8)(lines[k*width:]), (*[width]float32)(out[k*width:])
		for c, v := range from {
			to[c] = float32(float32(v)*scale[2*k+1]) + scale[2*k]
		}
	}
}

// gapsPortable gives out[i] the squared distance, as a filter, of box a from
// the i-th of the boxes b; a box is boxDims lower bounds, then as many upper.
func gapsPortable(a, b []float32, out []float32) {
	for i := range out {
		c := b[i*2*boxDims:][:2*boxDims]
		var s float32
		for l := range boxDims {
			g := max(c[l]-a[boxDims+l], a[l]-c[boxDims+l], 0)
			s += g * g
		}
		out[i] = s
	}
}

// distancesPortable gives out[i] the dist2 of row a from row at[i] of base,
// whose rows are len(a) long, a multiple of eight.
func distancesPortable(a, base []float32, at []int32, out []float32) {
	for i, j := range at {
		out[i] = dist2(a, base[int(j)*len(a):][:len(a)])
	}
}

// projectPortable gives out[k] the product of x - center with column k of the
// basis, len(x) lines of span: a fused sum in order of the columns of x.
func projectPortable(x []float32, center, basis []float64, out *[span]float64) {
	*out = [span]float64{}
	for l, v := range x {
		t := float64(v) - center[l]
		b := (*[span]float64)(basis[l*span:])
		for k := range out {
			out[k] = math.FMA(b[k], t, out[k])
		}
	}
}

// centersPortable gives out[c] the squared distance of y from center c of
// len(y) lines of centerSpan: a float32 sum in order of the coordinates.
func centersPortable(y, centers []float32, out *[centerSpan]float32) {
	*out = [centerSpan]float32{}
	for l, v := range y {
		b := (*[centerSpan]float32)(centers[l*centerSpan:])
		for c := range out {
			t := v - b[c]
			out[c] += float32(t * t)
		}
	}
}

// outsidePortable gives out[c] the squared distance of y from box c: of each axis a line of centerSpan lower
// bounds and one of upper ones. It is the sum of centersPortable with the place in the box that is
// nearest in each axis, and rounding keeps order: it is never more than the distance of what the box holds.
func outsidePortable(y, boxes []float32, out *[centerSpan]float32) {
	*out = [centerSpan]float32{}
	for l, v := range y {
		b := (*[2 * centerSpan]float32)(boxes[l*2*centerSpan:])
		for c := range out {
			t := min(v-b[c], 0) + max(v-b[centerSpan+c], 0)
			out[c] += float32(t * t)
		}
	}
}

// ranksPortable gives rank[i] the number of the first n values that are less
// than v[i].
func ranksPortable(v []float32, n int, rank []int32) {
	for i, a := range v {
		rank[i] = 0
		for _, b := range v[:n] {
			if b < a {
				rank[i]++
			}
		}
	}
}
