package vec

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

func TestAttract(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 200
	ptr, col, val := matrix(rng, n, oddSizes)
	for dims := 1; dims <= 3; dims++ {
		for _, scale := range []float32{1e-4, 1, 50, 1e15, 1e25} {
			y := guard(n * dims)
			for i := range y.s {
				y.s[i] = scale * float32(rng.NormFloat64())
			}
			wantForce := make([]float64, n*dims)
			sumAbs := make([]float64, n*dims)
			wantKL := 0.0
			for i := range n {
				for e := ptr[i]; e < ptr[i+1]; e++ {
					d2 := 0.0
					for d := range dims {
						diff := float64(y.s[i*dims+d]) - float64(y.s[int(col[e])*dims+d])
						d2 += diff * diff
					}
					for d := range dims {
						diff := float64(y.s[i*dims+d]) - float64(y.s[int(col[e])*dims+d])
						f := float64(val[e]) / (1 + d2) * diff
						wantForce[i*dims+d] += f
						sumAbs[i*dims+d] += math.Abs(f)
					}
					wantKL += float64(val[e]) * math.Log1p(d2)
				}
			}
			var first []float32
			var firstKL float64
			var firstRows []float64
			for _, level := range paths() {
				withCPU(level, func() {
					force := guard(n * dims)
					Attract(dims, force.s, y.s, ptr, col[ptr[5]:], val[ptr[5]:], 5, n-3)
					force.intact(t, "Attract")
					for i, f := range force.s {
						inside := i >= 5*dims && i < (n-3)*dims
						if inside == (f != f) {
							t.Fatalf("dims %d: element %d is %g", dims, i, f)
						}
					}
					for _, cut := range []int{0, 1, 100, n} {
						Attract(dims, force.s, y.s, ptr, col, val, 0, cut)
						Attract(dims, force.s, y.s, ptr, col[ptr[cut]:], val[ptr[cut]:], cut, n)
					}
					if first == nil {
						first = force.s
					}
					if !sameBits(first, force.s) {
						t.Errorf("dims %d, scale %g: %v differs from portable", dims, scale, level)
					}
					for i, w := range wantForce {
						if scale > 1e18 { // squares overflow: no pull at all
							w = 0
						}
						if f := float64(force.s[i]); math.Abs(f-w) > 2e-6*sumAbs[i]+1e-30 {
							t.Fatalf("dims %d, scale %g: force %d = %g, want %g", dims, scale, i, f, w)
						}
					}
					force2 := guard(n * dims)
					kl := AttractKL(dims, force2.s, y.s, ptr, col, val, 0, n)
					if !sameBits(force.s, force2.s) {
						t.Errorf("dims %d: AttractKL gives other forces", dims)
					}
					if level == cpu.Portable {
						firstKL = kl
					}
					if kl != firstKL {
						t.Errorf("dims %d, scale %g: %v: sum %g differs from portable %g", dims, scale, level, kl, firstKL)
					}
					rows := make([]float64, n)
					for i := range rows {
						rows[i] = SumPLog(dims, y.s, ptr, col[ptr[i]:], val[ptr[i]:], i, i+1)
					}
					if level == cpu.Portable {
						firstRows = rows
					}
					if !slices.Equal(rows, firstRows) {
						t.Errorf("dims %d, scale %g: %v: sums of single rows differ from portable", dims, scale, level)
					}
					if math.Abs(kl-wantKL) > 1e-12*(wantKL+float64(len(val))) {
						t.Errorf("dims %d, scale %g: sum p log = %.17g, want %.17g", dims, scale, kl, wantKL)
					}
				})
			}
		}
	}
}

// A broken point breaks the sum, and the forces on its neighbours only.
func TestAttractNaN(t *testing.T) {
	y := []float32{nan, 1, 0, 0, 2, 2, 1, 1}
	ptr := []int64{0, 1, 3, 4, 4}
	col := []int32{1, 0, 2, 1}
	val := []float32{1, 1, 1, 1}
	for _, level := range paths() {
		withCPU(level, func() {
			force := make([]float32, 8)
			kl := AttractKL(2, force, y, ptr, col, val, 0, 4)
			if !math.IsNaN(kl) {
				t.Errorf("%v: sum = %g", level, kl)
			}
			for i, f := range force {
				if (f != f) != (i < 4) {
					t.Errorf("%v: force = %v", level, force)
					break
				}
			}
			for _, bad := range []float32{nan, float32(math.Inf(1)), math.MaxFloat32} {
				y2 := []float32{bad, 0, 0, 0}
				kl := SumPLog(2, y2, []int64{0, 1, 1}, []int32{1}, []float32{1}, 0, 2)
				if math.IsNaN(kl) != (bad != math.MaxFloat32) {
					t.Errorf("%v: sum for a point at %g = %g", level, bad, kl)
				}
			}
		})
	}
}

// TestAttractForms: entries of either form pull as what they stand for does, to the bit, up to the end of the matrix and not by what lies
// past it; a point that is NaN pulls at nobody but those it is a column of.
func TestAttractForms(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const n = 200
	ptr, col, val := matrix(rng, n, oddSizes)
	form, levels := ShortOf(1), [2]float32{0.25, 0.5}
	short, packed := make([]uint16, len(val)), make([]int32, len(col))
	rounded, level := make([]float32, len(val)), make([]float32, len(val))
	for e, v := range val {
		short[e] = form.Of(v)
		rounded[e] = form.Value(short[e])
		packed[e], level[e] = col[e]|int32(e%3/2)<<31, levels[e%3/2]
	}
	for dims := 1; dims <= 3; dims++ {
		y := guard(n * dims)
		for i := range y.s {
			y.s[i] = 5 * float32(rng.NormFloat64())
		}
		const lost = 7
		y.s[lost*dims] = nan
		for _, path := range paths() {
			withCPU(path, func() {
				for _, cut := range []int{0, 1, 100, n - 1, n} {
					for name, f := range map[string]struct {
						val     []float32
						attract func(force []float32, lo, hi int) int
					}{
						"plain": {val, func(_ []float32, lo, _ int) int { return lo }},
						"short": {rounded, func(force []float32, lo, hi int) int {
							return AttractShort(dims, force, y.s, ptr, col[ptr[lo]:], short[ptr[lo]:], form, lo, hi)
						}},
						"packed": {level, func(force []float32, lo, hi int) int {
							return AttractPacked(dims, force, y.s, ptr, packed[ptr[lo]:], &levels, lo, hi)
						}},
					} {
						want, got := make([]float32, n*dims), guard(n*dims)
						withCPU(cpu.Portable, func() { Attract(dims, want, y.s, ptr, col, f.val, 0, n) })
						for _, part := range [][2]int{{0, cut}, {cut, n}} {
							lo := f.attract(got.s, part[0], part[1])
							if wide := dims == 2 && part[1] == cut && cut == 100 && name != "plain"; wide && runtime.GOARCH == "amd64" && path > cpu.Portable && lo != cut {
								t.Errorf("%s, %v: row %d of %d is left", name, path, lo, cut)
							}
							Attract(dims, got.s, y.s, ptr, col[ptr[lo]:], f.val[ptr[lo]:], lo, part[1])
						}
						got.intact(t, name)
						for i := range n {
							pulled := i == lost && ptr[i] < ptr[i+1] || slices.Contains(col[ptr[i]:ptr[i+1]], lost)
							for d, v := range got.s[i*dims : (i+1)*dims] {
								if (v != v) != pulled || v == v && math.Float32bits(v) != math.Float32bits(want[i*dims+d]) {
									t.Fatalf("%s, %v, %d dims: row %d is pulled by %g, want %g", name, path, dims, i, v, want[i*dims+d])
								}
							}
						}
					}
				}
			})
		}
	}
}
