package fftgrid

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

// onPaths runs f on every path of this machine and wants the same bits, and
// untouched guards, from the buffers it returns.
func onPaths(t *testing.T, name string, f func() [][]float32) {
	t.Helper()
	defer func(l cpu.Level) { cpu.Use = l }(cpu.Use)
	cpu.Use = cpu.Portable
	want := f()
	for l := cpu.SIMD; l <= cpu.Best; l++ {
		cpu.Use = l
		for b, got := range f() {
			for i := range got {
				if math.Float32bits(got[i]) != math.Float32bits(want[b][i]) {
					t.Fatalf("%s on %v: buffer %d float %d is %v, portable %v", name, l, b, i, got[i], want[b][i])
				}
			}
		}
	}
}

const guard = 16

// guarded has n random floats between guards of NaN; the second result is the part between.
func guarded(rng *rand.Rand, n int) (all, inner []float32) {
	all = make([]float32, n+2*guard)
	for i := range all {
		all[i] = float32(math.NaN())
	}
	inner = all[guard : guard+n : guard+n]
	for i := range inner {
		inner[i] = float32(rng.NormFloat64())
	}
	return
}

func TestStagesBits(t *testing.T) {
	for radix := 2; radix <= 5; radix++ {
		for _, stride := range []int{1, 2, 3, 7} {
			for _, blocks := range []int{1, 2, 5} {
				for dir, f := range []func(buf, tw []float32, radix, stride, blocks int){forward, inverse} {
					onPaths(t, fmt.Sprintf("radix %d stride %d blocks %d dir %d", radix, stride, blocks, dir), func() [][]float32 {
						rng := rand.New(rand.NewPCG(1, 2))
						all, buf := guarded(rng, radix*stride*blocks*element)
						_, tw := guarded(rng, blocks*(radix-1)*2)
						f(buf, tw, radix, stride, blocks)
						return [][]float32{all}
					})
				}
			}
		}
	}
}

func TestMiddleBits(t *testing.T) {
	for _, blocks := range []int{1, 2, 7} {
		onPaths(t, "middle", func() [][]float32 {
			rng := rand.New(rand.NewPCG(1, 2))
			all, buf := guarded(rng, 4*blocks*element)
			_, tw := guarded(rng, blocks*6)
			_, k := guarded(rng, 4*blocks*lanes)
			middle(buf, tw, k, blocks)
			return [][]float32{all}
		})
	}
}

func TestCopiesBits(t *testing.T) {
	for _, n := range []int{0, 1, 2, 5} {
		onPaths(t, "copyRows", func() [][]float32 {
			rng := rand.New(rand.NewPCG(1, 2))
			_, src := guarded(rng, 24*max(n, 1))
			all, dst := guarded(rng, 16*max(n, 1))
			copyRows(dst[lanes:], 16, src, 24, n)
			return [][]float32{all}
		})
		if n > 0 {
			onPaths(t, "transpose", func() [][]float32 {
				rng := rand.New(rand.NewPCG(1, 2))
				_, src := guarded(rng, 136*n)
				all, dst := guarded(rng, 144*n)
				transpose(dst, 144, src, 136, n)
				return [][]float32{all}
			})
		}
	}
}

func TestCombineBits(t *testing.T) {
	for _, n := range []int{8, 16, 40} {
		for rows := range 14 {
			onPaths(t, "combine", func() [][]float32 {
				rng := rand.New(rand.NewPCG(1, 2))
				_, src := guarded(rng, 48*max(rows, 1))
				_, w := guarded(rng, rows)
				all, out := guarded(rng, n)
				combine(out, out, src, 48, w)
				return [][]float32{all}
			})
		}
	}
}

func TestPointsBits(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for n := range 19 {
		for _, pitch := range []int{16, 24} {
			onPaths(t, fmt.Sprintf("points n %d pitch %d", n, pitch), func() [][]float32 {
				rng := rand.New(rand.NewPCG(1, 2))
				allY, y := guarded(rng, 2*n)
				for i := range y {
					y[i] *= 5
				}
				if n > 5 {
					copy(y[2:], []float32{nan, inf, -inf, 0, 1e30})
				}
				allU, u := guarded(rng, 2*n)
				lo, top := [2]float32{-3, -2}, [2]float32{9.5, 7.25}
				toCells2(u, y, &lo, &top, 2)
				all, grid := guarded(rng, pitch*12)
				spread(grid, pitch, u)
				allF, force := guarded(rng, 2*n)
				allP, phi := guarded(rng, n)
				gather(force, phi, nil, grid, pitch, u, 0.3, 0.7)
				allG, mixed := guarded(rng, 2*n)
				to := make([]uint32, n)
				for i, p := range rng.Perm(n) {
					to[i] = uint32(p)
				}
				gather(mixed, phi, to, grid, pitch, u, 0.3, 0.7)
				for i, p := range to {
					if !slices.Equal(mixed[2*p:2*p+2], force[2*i:2*i+2]) {
						t.Fatalf("point %d did not go to %d: %v %v u %v", i, p, mixed, force, u)
					}
				}
				return [][]float32{allY, allU, all, allF, allP, allG}
			})
		}
	}
}

func TestNarrowBits(t *testing.T) {
	for _, n := range []int{0, 8, 32} {
		onPaths(t, "narrow", func() [][]float32 {
			rng := rand.New(rand.NewPCG(1, 2))
			_, y := guarded(rng, n)
			var lo, hi [8]float32
			if n > 8 {
				y[3], y[n-2] = float32(math.NaN()), float32(math.Inf(1))
			}
			narrow8(&lo, &hi, y)
			return [][]float32{lo[:], hi[:]}
		})
	}
}
