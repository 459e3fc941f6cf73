package fftgrid

import (
	"testing"

	"gonum.org/v1/gonum/dsp/fourier"
)

// BenchmarkLibrary has gonum's transform beside eight of the grid's, which go side by side.
func BenchmarkLibrary(b *testing.B) {
	const n = 512
	b.Run("8 transforms of 512/ours", func(b *testing.B) {
		p, buf := newPlan[float32](n, 0), make([]float32, n*element)
		for b.Loop() {
			for i := range p.stages {
				s := &p.stages[i]
				forward(buf, s.tw, s.radix, s.stride, s.blocks)
			}
		}
	})
	b.Run("8 transforms of 512/gonum", func(b *testing.B) {
		f, line := fourier.NewCmplxFFT(n), make([]complex128, n)
		for b.Loop() {
			for range lanes {
				f.Coefficients(line, line)
			}
		}
	})
}
