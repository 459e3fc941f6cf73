//go:build amd64 && !purego

package cpu

import "golang.org/x/sys/cpu"

const (
	AVX2   = SIMD     // AVX2, FMA, BMI1, BMI2 and POPCNT
	AVX512 = SIMD + 1 // the above and AVX-512 F, BW, DQ and VL
)

var names = [...]string{"portable", "avx2", "avx512"}

func detect() Level {
	x := &cpu.X86
	switch {
	case !(x.HasAVX2 && x.HasFMA && x.HasBMI1 && x.HasBMI2 && x.HasPOPCNT):
		return Portable
	case !(x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL):
		return AVX2
	}
	return AVX512
}
