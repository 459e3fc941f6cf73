// Package cpu says which of the SIMD paths the kernels take.
//
// Every path gives the same bits, so the choice is one of speed alone.
// The environment variable TSNE_CPU forces a path that the machine has:
// portable, and avx2 or avx512 on amd64, neon on arm64. Kernels for AVX-512 exist
// where they are quicker than those for AVX2 on a processor that has both, in
// direct and vec; on the path avx512 all others are those for AVX2.
package cpu

import "os"

// Level is a SIMD path; a higher one implies the lower ones.
type Level int

const (
	Portable Level = iota // plain Go, the specification of the others
	SIMD                  // the narrowest vectors that kernels are written for: AVX2, NEON
)

func (l Level) String() string { return names[l] }

// Best is the highest path this machine can run: the processor and the
// operating system, which must save its registers.
var Best = detect()

// Use is the path in use. Tests set it to run one kernel on every path; it must
// not change while kernels run. Refused is a value of TSNE_CPU that names no
// path of this machine, and empty if there is none.
var Use, Refused = choose(os.Getenv("TSNE_CPU"), Best)

// choose gives the path that want names. It refuses what is no path up to best.
func choose(want string, best Level) (use Level, refused string) {
	for l := Portable; l <= best; l++ {
		if l.String() == want {
			return l, ""
		}
	}
	return best, want
}
