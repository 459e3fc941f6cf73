//go:build amd64 && !purego

package cpu

import "golang.org/x/sys/cpu"

func detect() Level {
	x := &cpu.X86
	if x.HasAVX2 && x.HasFMA && x.HasBMI1 && x.HasBMI2 {
		return AVX2
	}
	return Portable
}
