package direct

import "github.com/libtsne/libtsne/tsne/internal/cpu"

//go:generate sh -c "cd ../asm && go run ./direct -avx512 -out ../direct/direct_avx512_amd64.s -stubs ../direct/direct_avx512_amd64.go -pkg direct"

// These do what Add and its like do where there is AVX-512, and else say that
// there is not.

func (s *Sums) addWide(dims int, t *Targets, src []float32, stride, m int) bool {
	if cpu.Use < cpu.AVX512 {
		return false
	}
	switch dims {
	case 1:
		add1AVX512(&t[0][0], &src[0], stride, m, &s.F[0][0])
	case 2:
		add2AVX512(&t[0][0], &src[0], stride, m, &s.F[0][0])
	default:
		add3AVX512(&t[0][0], &src[0], stride, m, &s.F[0][0])
	}
	return true
}

func (s *Sums) selfWide(dims int, t *Targets, src []float32, stride, m int) bool {
	if cpu.Use < cpu.AVX512 {
		return false
	}
	switch dims {
	case 1:
		self1AVX512(&t[0][0], &src[0], stride, m, &s.F[0][0], &notSelf[0][0])
	case 2:
		self2AVX512(&t[0][0], &src[0], stride, m, &s.F[0][0], &notSelf[0][0])
	default:
		self3AVX512(&t[0][0], &src[0], stride, m, &s.F[0][0], &notSelf[0][0])
	}
	return true
}

func (s *Sums) weightedWide(dims int, t *Targets, src []float32, m int) bool {
	if cpu.Use < cpu.AVX512 {
		return false
	}
	switch dims {
	case 1:
		weighted1AVX512(&t[0][0], &src[0], 4, m, &s.F[0][0])
	case 2:
		weighted2AVX512(&t[0][0], &src[0], 4, m, &s.F[0][0])
	default:
		weighted3AVX512(&t[0][0], &src[0], 4, m, &s.F[0][0])
	}
	return true
}

func (s *Sums) zWide(dims int, t *Targets, src []float32, m int) bool {
	if cpu.Use < cpu.AVX512 {
		return false
	}
	switch dims {
	case 1:
		z1AVX512(&t[0][0], &src[0], dims, m, &s.F[0][0])
	case 2:
		z2AVX512(&t[0][0], &src[0], dims, m, &s.F[0][0])
	default:
		z3AVX512(&t[0][0], &src[0], dims, m, &s.F[0][0])
	}
	return true
}
