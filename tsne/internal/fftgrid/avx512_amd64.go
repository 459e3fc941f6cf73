//go:build amd64 && !purego

package fftgrid

import "github.com/libtsne/libtsne/tsne/internal/cpu"

//go:generate sh -c "cd ../asm && go run ./fftgrid -avx512 -out ../fftgrid/fftgrid_avx512_amd64.s -stubs ../fftgrid/fftgrid_avx512_amd64.go -pkg fftgrid"

// forwardWide and inverseWide are the stages where there is AVX-512; they say
// whether there is.
func forwardWide(buf, tw []float32, radix, stride, blocks int) bool {
	if cpu.Use < cpu.AVX512 {
		return false
	}
	switch radix {
	case 2:
		forward2AVX512(&buf[0], &tw[0], stride, blocks)
	case 3:
		forward3AVX512(&buf[0], &tw[0], stride, blocks)
	case 4:
		forward4AVX512(&buf[0], &tw[0], stride, blocks)
	case 5:
		forward5AVX512(&buf[0], &tw[0], stride, blocks)
	}
	return true
}

func inverseWide(buf, tw []float32, radix, stride, blocks int) bool {
	if cpu.Use < cpu.AVX512 {
		return false
	}
	switch radix {
	case 2:
		inverse2AVX512(&buf[0], &tw[0], stride, blocks)
	case 3:
		inverse3AVX512(&buf[0], &tw[0], stride, blocks)
	case 4:
		inverse4AVX512(&buf[0], &tw[0], stride, blocks)
	case 5:
		inverse5AVX512(&buf[0], &tw[0], stride, blocks)
	}
	return true
}
