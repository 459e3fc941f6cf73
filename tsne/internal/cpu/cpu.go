// Package cpu says which of the SIMD paths the kernels take.
//
// Every path gives the same bits, so the choice is one of speed alone.
// The environment variable TSNE_CPU forces a path that the machine has:
// portable or avx2.
package cpu

import "os"

// Level is a SIMD path; a higher one implies the lower ones.
type Level int

const (
	Portable Level = iota // plain Go, the specification of the others
	AVX2                  // AVX2, FMA, BMI1 and BMI2
)

func (l Level) String() string { return [...]string{"portable", "avx2"}[l] }

// Best is the highest path this machine can run.
var Best = detect()

// Use is the path in use. Tests set it to run one kernel on every path; it must
// not change while kernels run.
var Use = choose(os.Getenv("TSNE_CPU"))

func choose(want string) Level {
	for l := Portable; l <= Best; l++ {
		if l.String() == want {
			return l
		}
	}
	return Best
}
