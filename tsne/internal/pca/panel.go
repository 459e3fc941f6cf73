package pca

import (
	"math"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

// width is the number of columns of a panel.
const width = 12

// panels is a matrix cut into panels of width columns, each stored row by row:
// what the one kernel reads and writes. Rows and columns are padded with zeros
// to multiples of width.
type panels struct {
	rows, cols int // without padding
	stride     int // floats in a panel
	data       []float64
}

func padded(n int) int { return (n + width - 1) / width * width }

func newPanels(rows, cols int) *panels {
	p := &panels{rows: rows, cols: cols, stride: padded(rows) * width}
	p.data = make([]float64, p.stride*(padded(cols)/width))
	return p
}

// count is the number of panels.
func (p *panels) count() int { return padded(p.cols) / width }

func (p *panels) panel(j int) []float64 { return p.data[j*p.stride : (j+1)*p.stride] }

func (p *panels) at(r, c int) float64 { return p.data[c/width*p.stride+r*width+c%width] }

func (p *panels) set(r, c int, v float64) { p.data[c/width*p.stride+r*width+c%width] = v }

func (p *panels) clear() { clear(p.data) }

// addProduct adds aᵀb to the width×width tile c, for panels a and b of k rows.
// Each element is one chain of fused multiply-adds in the order of the rows, so
// rows may be cut into calls anywhere.
func addProduct(a, b []float64, k int, c []float64) {
	if k == 0 {
		return
	}
	a, b, c = a[:k*width], b[:k*width], c[:width*width]
	for r := 0; r < width; r += 4 {
		if cpu.Use >= cpu.SIMD {
			product4SIMD(&a[r], &b[0], k, &c[r*width])
		} else {
			product4(a[r:], b, k, c[r*width:(r+4)*width])
		}
	}
}

// product4 adds aᵀb for the first 4 columns of a.
func product4(a, b []float64, k int, c []float64) {
	for r := range 4 {
		for j := 0; j < width; j += 4 {
			t := c[r*width+j : r*width+j+4 : r*width+j+4]
			s0, s1, s2, s3 := t[0], t[1], t[2], t[3]
			for i := range k {
				x := a[i*width+r]
				y := b[i*width+j : i*width+j+4 : i*width+j+4]
				s0 = math.FMA(x, y[0], s0)
				s1 = math.FMA(x, y[1], s1)
				s2 = math.FMA(x, y[2], s2)
				s3 = math.FMA(x, y[3], s3)
			}
			t[0], t[1], t[2], t[3] = s0, s1, s2, s3
		}
	}
}
