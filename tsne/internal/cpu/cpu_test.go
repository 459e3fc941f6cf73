package cpu

import "testing"

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		want    string
		best    Level
		use     Level
		refused string
	}{
		{"", Portable, Portable, ""},
		{"", AVX512, AVX512, ""},
		{"portable", AVX512, Portable, ""},
		{"avx2", AVX512, AVX2, ""},
		{"avx2", AVX2, AVX2, ""},
		{"avx512", AVX512, AVX512, ""},
		{"avx512", AVX2, AVX2, "avx512"},
		{"avx2", Portable, Portable, "avx2"},
		{"AVX2", AVX512, AVX512, "AVX2"},
	} {
		if use, refused := choose(c.want, c.best); use != c.use || refused != c.refused {
			t.Errorf("%q of %v: %v, %q, want %v, %q", c.want, c.best, use, refused, c.use, c.refused)
		}
	}
}
