//go:build arm64 && !purego

package cpu

var names = [...]string{"portable", "neon"}

// Go runs on no arm64 without NEON.
func detect() Level { return SIMD }
