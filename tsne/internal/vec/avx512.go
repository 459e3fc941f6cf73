package vec

import "github.com/libtsne/libtsne/tsne/internal/cpu"

//go:generate go run -C ../asm ./vec -avx512 -out ../vec/vec_avx512_amd64.s -stubs ../vec/vec_avx512_amd64.go -pkg vec

// sumPLogWide is sumPLog where there is AVX-512, and else says that there is not.
func sumPLogWide(s *[8]float64, dims int, y []float32, ptr []int64, col []int32, val []float32, lo, hi int) bool {
	if cpu.Use < cpu.AVX512 {
		return false
	}
	_ = ptr[hi]
	switch dims {
	case 1:
		sumPLog1AVX512(s, &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	case 2:
		sumPLog2AVX512(s, &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	case 3:
		sumPLog3AVX512(s, &y[0], &ptr[0], &col[0], &val[0], lo, hi)
	}
	return true
}
