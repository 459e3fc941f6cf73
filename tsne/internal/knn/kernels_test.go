package knn

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
)

var nan = float32(math.NaN())

// guarded is m random values with NaN on both sides.
func guarded(r *rand.Rand, m int, scale float64) []float32 {
	v := make([]float32, m+64)
	for i := range v {
		v[i] = nan
	}
	v = v[32 : 32+m]
	for i := range v {
		v[i] = float32(scale * r.NormFloat64())
	}
	return v
}

// Each kernel with a defined result gives the same bits on every path, takes
// nothing from beyond its input and writes nothing beyond its output.
func TestKernelsAreTheirPortableTwins(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	onPaths(t, func(t *testing.T) {
		for _, d := range []int{1, 2, 7, 8, 9, 31, 50, 129} {
			size := (d + 7) / 8 * 8
			a, base := guarded(r, size, 1e3), guarded(r, 30*size, 1e3)
			for _, m := range []int{4, 8, 24} {
				at := make([]int32, m)
				for i := range at {
					at[i] = int32(r.IntN(30))
				}
				got := guarded(r, m, 1)
				want := make([]float32, m)
				distances(a, base, at, got)
				distancesPortable(a, base, at, want)
				for i := range want {
					if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
						t.Fatalf("distances, %d columns: %g, want %g", d, got[i], want[i])
					}
				}
				if after := got[:m+1][m]; after == after {
					t.Fatalf("distances wrote beyond its output")
				}
			}

			x := guarded(r, d, 1e3)
			mean, basis := make([]float64, d), make([]float64, d*span)
			for i := range mean {
				mean[i] = r.NormFloat64()
			}
			for i := range basis {
				basis[i] = r.NormFloat64()
			}
			var p, q [span]float64
			project(x, mean, basis, &p)
			projectPortable(x, mean, basis, &q)
			if p != q {
				t.Fatalf("project, %d columns: %v, want %v", d, p, q)
			}

			y, c := guarded(r, d, 1e3), guarded(r, d*centerSpan, 1e3)
			c[0] = float32(math.Inf(1))
			var e, f [centerSpan]float32
			centers(y, c, &e)
			centersPortable(y, c, &f)
			if e != f {
				t.Fatalf("centers, %d coordinates: %v, want %v", d, e, f)
			}

			b := guarded(r, d*2*centerSpan, 1e3)
			b[0], b[centerSpan] = float32(math.Inf(1)), float32(math.Inf(1))
			outside(y, b, &e)
			outsidePortable(y, b, &f)
			if e != f {
				t.Fatalf("outside, %d coordinates: %v, want %v", d, e, f)
			}
		}
	})
}

func TestListsAreTheirPortableTwins(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	onPaths(t, func(t *testing.T) {
		for _, rows := range []int{1, 2, 17, 25} {
			lines, scale := make([]int8, rows*width), guarded(r, 2*rows, 1)
			for i := range lines {
				lines[i] = int8(r.Uint32())
			}
			lines[0], lines[1] = math.MinInt8, math.MaxInt8
			got, want := guarded(r, rows*width, 1), make([]float32, rows*width)
			stretch(lines, scale, got)
			stretchPortable(lines, scale, want)
			if !slices.Equal(got, want) {
				t.Fatalf("%d lines: %v, want %v", rows, got, want)
			}
			if after := got[:rows*width+1][rows*width]; after == after {
				t.Fatal("stretch wrote beyond its output")
			}
		}
		for n := 1; n <= rankMost+9; n++ {
			for _, values := range []int{1, 3, 1 << 20} {
				dist, index := guarded(r, n, 1), make([]int32, n+16)
				for i := range index {
					index[i] = math.MaxInt32
				}
				index = index[8 : 8+n]
				for i, v := range r.Perm(n) {
					dist[i], index[i] = float32(1+r.IntN(values))/8, int32(v)
				}
				for i := range n / 4 { // not filled
					if values == 3 {
						dist[i], index[i] = float32(math.Inf(1)), none
					}
				}
				type near struct {
					d float32
					i int32
				}
				var want []near
				for i := range n {
					want = append(want, near{dist[i], index[i]})
				}
				slices.SortFunc(want, func(a, b near) int { return cmp.Or(cmp.Compare(a.d, b.d), cmp.Compare(a.i, b.i)) })
				heapify(dist, index)
				if dist[0] != want[n-1].d || index[0] != want[n-1].i {
					t.Fatalf("heap of %d: %g, %d at the root, want %v", n, dist[0], index[0], want[n-1])
				}
				replaceRoot(dist, index, 0, none-1)
				if n > 1 && (dist[0] != want[n-2].d || index[0] != want[n-2].i) {
					t.Fatalf("list of %d after its farthest went: %g, %d at the root, want %v", n, dist[0], index[0], want[n-2])
				}
				sortHeap(dist, index)
				if dist[0] != 0 || index[0] != none-1 {
					t.Fatalf("sorted list of %d begins with %g, %d", n, dist[0], index[0])
				}
				for i, w := range want[:n-1] {
					if dist[i+1] != w.d || index[i+1] != w.i {
						t.Fatalf("sorted list of %d: %g, %d in place %d, want %v", n, dist[i+1], index[i+1], i+1, w)
					}
				}

				padded := (n + 31) / 32 * 32
				v := guarded(r, padded, 1)
				for i := range padded {
					if v[i] = float32(r.IntN(values)); i >= n {
						v[i] = float32(math.Inf(1))
					}
				}
				got, rank := make([]int32, padded+1), make([]int32, padded)
				got[padded] = -7
				ranksPortable(v, n, rank)
				if ranks(v, n, got[:padded]) && !slices.Equal(got[:padded], rank) || got[padded] != -7 {
					t.Fatalf("ranks of %d: %v, want %v", n, got, rank)
				}
			}
		}
	})
}

// The filters need no certain bits: they may differ from float64 by rounding.
func TestTileAndGapsAgainstFloat64(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	onPaths(t, func(t *testing.T) {
		passed, failed := 0, 0
		for _, rows := range []int{1, 2, 3, 15, 16, 24, 25, 51, 66} {
			for _, head := range []int{rows, min(rows, headDims)} {
				a, b := guarded(r, (rows+3)*width, 1), guarded(r, (rows+3)*width, 1)
				for c := range width {
					for _, p := range [][]float32{a, b} {
						var tail, all float64
						for k := range rows {
							v := float64(p[k*width+c])
							all += v * v
							if k >= head {
								tail += v * v
							}
						}
						p[rows*width+c] = float32(math.Sqrt(tail))
						p[(rows+1)*width+c] = float32(all / 2)
						p[(rows+2)*width+c] = float32(float64(rows) * (0.2 + r.Float64()))
					}
				}
				a[(rows+2)*width+1] = float32(math.Inf(1))
				b[(rows+1)*width+2], b[(rows+2)*width+2] = float32(math.Inf(1)), float32(math.Inf(-1))
				var hits [width]uint32
				any := tile(a, b, head, rows, &hits)
				var union uint32
				for i := range width {
					union |= hits[i]
					for j := range width {
						var s float64
						for k := range rows {
							s += float64(a[k*width+i]) * float64(b[k*width+j])
						}
						need := float64(a[(rows+1)*width+i]) + float64(b[(rows+1)*width+j])
						most := math.Max(float64(a[(rows+2)*width+i]), float64(b[(rows+2)*width+j]))
						want := s >= need-most
						if math.Abs(s-(need-most)) < 1e-4*float64(rows) {
							continue
						}
						if got := hits[i]>>j&1 == 1; got != want {
							t.Fatalf("%d of %d rows, pair %d %d: %v, want %v", head, rows, i, j, got, want)
						}
						if want {
							passed++
						} else {
							failed++
						}
					}
				}
				if any != union {
					t.Fatalf("union %x, want %x", any, union)
				}
			}
		}
		if passed < 500 || failed < 500 {
			t.Fatalf("%d pairs passed, %d did not: the test says little", passed, failed)
		}

		for _, m := range []int{0, 1, 2, 9} {
			boxes := guarded(r, (m+1)*2*boxDims, 1)
			for i := range boxes {
				if i/boxDims%2 == 1 {
					boxes[i] = boxes[i-boxDims] + float32(r.Float64())
				}
			}
			out := guarded(r, m, 1)
			gaps(boxes, boxes[2*boxDims:], out)
			for i := range out {
				var want float64
				for l := range boxDims {
					o := boxes[(i+1)*2*boxDims:]
					g := math.Max(0, math.Max(float64(o[l])-float64(boxes[boxDims+l]), float64(boxes[l])-float64(o[boxDims+l])))
					want += g * g
				}
				if math.Abs(float64(out[i])-want) > 1e-5*(1+want) {
					t.Fatalf("gap %g, want %g", out[i], want)
				}
			}
			if after := out[:m+1][m]; after == after {
				t.Fatal("gaps wrote beyond its output")
			}
		}
	})
	if cpu.Best < cpu.SIMD {
		t.Log("this machine has the portable path only")
	}
}
