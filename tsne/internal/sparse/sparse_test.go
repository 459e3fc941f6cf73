package sparse

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

const points = 50

// row draws a row of the matrix between guards, whose columns would lead far out
// of a block.
func row(r *rand.Rand, n int) (col []int32, val []float32) {
	col, val = make([]int32, n+2), make([]float32, n+2)
	for e := range col {
		col[e], val[e] = int32(r.IntN(points)), float32(r.NormFloat64())
	}
	for _, e := range []int{0, n + 1} {
		col[e], val[e] = math.MaxInt32, float32(math.NaN())
	}
	return col[1 : n+1 : n+1], val[1 : n+1 : n+1]
}

// block draws one with guards before and behind.
func block[T float32 | float64](r *rand.Rand, width int) (all, inside []T) {
	all = make([]T, width*(points+2))
	for i := range all {
		all[i] = T(r.NormFloat64())
	}
	for i := range width {
		all[i], all[len(all)-1-i] = T(math.NaN()), T(math.NaN())
	}
	return all, all[width : len(all)-width]
}

func same(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

func TestKernelsGiveTheBitsOfPlainGo(t *testing.T) {
	was := cpu.Use
	defer func() { cpu.Use = was }()
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 70 {
		col, val := row(r, n)
		all8, q8 := block[float64](r, 8)
		all12, q12 := block[float64](r, 12)
		keep8, keep12 := slices.Clone(all8), slices.Clone(all12)
		var want8, got8 [8]float64
		var want, got [12]float64
		gather(col, val, q8, want8[:])
		gather(col, val, q12, want[:])
		for j := range want {
			sum, size := 0.0, 0.0
			for e, c := range col {
				v := float64(val[e]) * q12[int(c)*12+j]
				sum, size = sum+v, size+math.Abs(v)
			}
			if !(math.Abs(sum-want[j]) <= 1e-14*size) {
				t.Fatalf("%d entries: column %d is %g, want %g", n, j, want[j], sum)
			}
		}
		after := slices.Clone(all12)
		scatter(col, val, after[12:len(after)-12], want[:])
		for j := range 12 {
			sum := 0.0
			for e, c := range col {
				if c == 7 {
					sum += float64(val[e]) * want[j]
				}
			}
			if !(math.Abs(after[12+7*12+j]-q12[7*12+j]-sum) < 1e-10) {
				t.Fatalf("%d entries: column %d of row 7 gains %g, want %g", n, j, after[12+7*12+j]-q12[7*12+j], sum)
			}
		}
		for cpu.Use = cpu.Portable; cpu.Use <= cpu.Best; cpu.Use++ {
			Gather8(col, val, q8, &got8)
			Gather12(col, val, q12, &got)
			if !same(got8[:], want8[:]) || !same(got[:], want[:]) || !same(all8, keep8) || !same(all12, keep12) {
				t.Fatalf("%d entries, %v: gather gives other bits", n, cpu.Use)
			}
			to := slices.Clone(all12)
			Scatter12(col, val, to[12:len(to)-12], &want)
			if !same(to, after) {
				t.Fatalf("%d entries, %v: scatter gives other bits", n, cpu.Use)
			}
		}
	}
}

func TestGather32GivesTheBitsOfPlainGo(t *testing.T) {
	was := cpu.Use
	defer func() { cpu.Use = was }()
	r := rand.New(rand.NewPCG(3, 4))
	for n := range 70 {
		col, val := row(r, n)
		_, q := block[float32](r, 32)
		var want, got [32]float32
		gather32(col, val, q, &want)
		for j := range want {
			sum, size := 0.0, 0.0
			for e, c := range col {
				v := float64(val[e]) * float64(q[int(c)*32+j])
				sum, size = sum+v, size+math.Abs(v)
			}
			if !(math.Abs(sum-float64(want[j])) <= float64(n+1)*0x1p-24*size) {
				t.Fatalf("%d entries: column %d is %g, want %g", n, j, want[j], sum)
			}
		}
		for cpu.Use = cpu.Portable; cpu.Use <= cpu.Best; cpu.Use++ {
			if Gather32(col, val, q, &got); got != want {
				t.Fatalf("%d entries, %v: other bits", n, cpu.Use)
			}
		}
	}
}
