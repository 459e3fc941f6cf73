//go:build amd64 && !purego

package direct

import "github.com/libtsne/libtsne/tsne/internal/cpu"

//go:generate go run -C ../asm ./direct -out ../direct/tile_amd64.s -stubs ../direct/tile_amd64.go -pkg direct
//go:generate go run -C ../asm ./direct -avx512 -out ../direct/direct_avx512_amd64.s -stubs ../direct/direct_avx512_amd64.go -pkg direct

// notSelf[j][i] keeps the term of source j and target i of the same tile.
var notSelf = func() (m [Lanes][Lanes]uint32) {
	for j := range m {
		for i := range m[j] {
			if i != j {
				m[j][i] = ^uint32(0)
			}
		}
	}
	return
}()

// simd is addPortable by the widest kernel of the path in use, and false where
// that has none. Their function values would make the arguments escape.
func (s *Sums) simd(k terms, dims int, t *Targets, src []float32, stride, m int) bool {
	switch {
	case cpu.Use < cpu.AVX2:
		return false
	case s.K != nil:
		s.dofAVX2(k, dims, &t[0][0], &src[0], stride, m, &s.F[0][0])
	case cpu.Use < cpu.AVX512:
		avx2(k, dims, &t[0][0], &src[0], stride, m, &s.F[0][0])
	default:
		avx512(k, dims, &t[0][0], &src[0], stride, m, &s.F[0][0])
	}
	return true
}

func avx512(k terms, dims int, t, src *float32, stride, m int, s *float64) {
	switch k + terms(dims) {
	case plain + 1:
		add1AVX512(t, src, stride, m, s)
	case plain + 2:
		add2AVX512(t, src, stride, m, s)
	case plain + 3:
		add3AVX512(t, src, stride, m, s)
	case self + 1:
		self1AVX512(t, src, stride, m, s, &notSelf[0][0])
	case self + 2:
		self2AVX512(t, src, stride, m, s, &notSelf[0][0])
	case self + 3:
		self3AVX512(t, src, stride, m, s, &notSelf[0][0])
	case weighted + 1:
		weighted1AVX512(t, src, stride, m, s)
	case weighted + 2:
		weighted2AVX512(t, src, stride, m, s)
	case weighted + 3:
		weighted3AVX512(t, src, stride, m, s)
	case onlyZ + 1:
		z1AVX512(t, src, stride, m, s)
	case onlyZ + 2:
		z2AVX512(t, src, stride, m, s)
	case onlyZ + 3:
		z3AVX512(t, src, stride, m, s)
	}
}

func avx2(k terms, dims int, t, src *float32, stride, m int, s *float64) {
	switch k + terms(dims) {
	case plain + 1:
		add1AVX2(t, src, stride, m, s)
	case plain + 2:
		add2AVX2(t, src, stride, m, s)
	case plain + 3:
		add3AVX2(t, src, stride, m, s)
	case self + 1:
		self1AVX2(t, src, stride, m, s, &notSelf[0][0])
	case self + 2:
		self2AVX2(t, src, stride, m, s, &notSelf[0][0])
	case self + 3:
		self3AVX2(t, src, stride, m, s, &notSelf[0][0])
	case weighted + 1:
		weighted1AVX2(t, src, stride, m, s)
	case weighted + 2:
		weighted2AVX2(t, src, stride, m, s)
	case weighted + 3:
		weighted3AVX2(t, src, stride, m, s)
	case onlyZ + 1:
		z1AVX2(t, src, stride, m, s)
	case onlyZ + 2:
		z2AVX2(t, src, stride, m, s)
	case onlyZ + 3:
		z3AVX2(t, src, stride, m, s)
	}
}

func (s *Sums) dofAVX2(k terms, dims int, t, src *float32, stride, m int, to *float64) {
	if k == onlyZ {
		k = plain
	}
	numbers := &s.K.inv[0]
	switch k + terms(dims) {
	case plain + 1:
		dofAdd1AVX2(t, src, stride, m, to, numbers)
	case plain + 2:
		dofAdd2AVX2(t, src, stride, m, to, numbers)
	case plain + 3:
		dofAdd3AVX2(t, src, stride, m, to, numbers)
	case self + 1:
		dofSelf1AVX2(t, src, stride, m, to, numbers, &notSelf[0][0])
	case self + 2:
		dofSelf2AVX2(t, src, stride, m, to, numbers, &notSelf[0][0])
	case self + 3:
		dofSelf3AVX2(t, src, stride, m, to, numbers, &notSelf[0][0])
	case weighted + 1:
		dofWeighted1AVX2(t, src, stride, m, to, numbers)
	case weighted + 2:
		dofWeighted2AVX2(t, src, stride, m, to, numbers)
	case weighted + 3:
		dofWeighted3AVX2(t, src, stride, m, to, numbers)
	}
}
