//go:build !amd64 || purego

package fftgrid

func copyRows(dst []float32, dstStride int, src []float32, srcStride, n int) {
	copyRowsPortable(dst, dstStride, src, srcStride, n)
}

func toCells2(u, y []float32, lo, top *[2]float32, inv float32) { toCells(u, y, lo, top, inv, 2) }

func narrow8(lo, hi *[8]float32, y []float32) { narrowPortable(lo, hi, y) }

func split4(dst []float32, stride int, src []float32) { split4Portable(dst, stride, src) }

func merge4(dst, src []float32, stride int) { merge4Portable(dst, src, stride) }
