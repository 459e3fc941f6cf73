package tsne_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/libtsne/libtsne/tsne"
)

// pair is two maps of the same 40 points.
func pair(dims int, mirror float64) (target, source []float32) {
	for i := range 40 {
		row := make([]float32, dims)
		for c := range dims {
			row[c] = float32((i*i*(3+c) + 5*c*i) % 31)
		}
		target = append(target, row...)
		for c := range dims {
			v := 0.5*float64(row[dims-1-c]) + float64(i%(2+c)) + 7
			if c == 0 {
				v *= mirror
			}
			source = append(source, float32(v))
		}
	}
	return target, source
}

// TestProcrustesAgainstScipy has the disparities, scales and rotations of
// pair by scipy 1.17: scipy.spatial.procrustes(target, source)[2] and
// scipy.linalg.orthogonal_procrustes of the centred maps, transposed; without
// reflection, the same by the singular value decomposition of numpy.
func TestProcrustesAgainstScipy(t *testing.T) {
	for _, c := range []struct {
		dims          int
		mirror        float64
		proper        bool
		rigid, scaled float64
		scale         float64
		rotation      []float64
	}{
		{1, 1, false, 0.2557857349490534, 0.01279783078190365, 1.9846109454650385, []float64{1.0}},
		{1, 1, true, 0.2557857349490534, 0.01279783078190365, 1.9846109454650385, []float64{1.0}},
		{1, -1, false, 0.2557857349490534, 0.01279783078190365, 1.9846109454650385, []float64{-1.0}},
		{1, -1, true, 2.2454999839285135, 1.0, 0.0, []float64{1.0}},
		{2, 1, false, 0.2565166795354738, 0.023503821177309193, 1.9549916589650191, []float64{0.0011056184709717322, 0.999999388803711, 0.9999993888037111, -0.0011056184709723079}},
		{2, 1, true, 1.1949889589661216, 0.9964178595647343, 0.11840797086245389, []float64{0.9835938575814178, 0.18039712671798452, -0.18039712671798505, 0.9835938575814178}},
		{2, -1, false, 0.2565166795354738, 0.023503821177309193, 1.9549916589650191, []float64{-0.0011056184709717322, 0.999999388803711, -0.9999993888037111, -0.0011056184709723079}},
		{2, -1, true, 0.2565166795354738, 0.023503821177309193, 1.9549916589650191, []float64{-0.0011056184709717322, 0.999999388803711, -0.9999993888037111, -0.0011056184709723079}},
		{3, 1, false, 0.25683563745125904, 0.03280675518631806, 1.927812299771458, []float64{0.03249832462392333, -0.0253761257994341, 0.999149593972819, 0.007276047426599269, 0.9996571502886429, 0.02515235596589081, 0.9994453051720656, -0.0064524504027783005, -0.032671820477525905}},
		{3, 1, true, 0.6019474312254977, 0.5837043905010334, 1.2647626585627396, []float64{-0.4432473100154274, 0.5422603579049511, 0.7137825484059426, 0.8482445717832755, -0.0037454693355302047, 0.5295914632050484, 0.28984990702826646, 0.8402021635917457, -0.45830923587841177}},
		{3, -1, false, 0.25683563745125904, 0.03280675518631806, 1.927812299771458, []float64{-0.03249832462392333, -0.0253761257994341, 0.999149593972819, -0.007276047426599269, 0.9996571502886429, 0.02515235596589081, -0.9994453051720656, -0.0064524504027783005, -0.032671820477525905}},
		{3, -1, true, 0.25683563745125904, 0.03280675518631806, 1.927812299771458, []float64{-0.03249832462392333, -0.0253761257994341, 0.999149593972819, -0.007276047426599269, 0.9996571502886429, 0.02515235596589081, -0.9994453051720656, -0.0064524504027783005, -0.032671820477525905}},
	} {
		target, source := pair(c.dims, c.mirror)
		for _, scale := range []bool{false, true} {
			o := tsne.ProcrustesOptions{Scale: scale, NoReflection: c.proper}
			s := must[*tsne.Superposition](t)(tsne.Procrustes(target, source, c.dims, o))
			disparity, factor := c.rigid, 1.0
			if scale {
				disparity, factor = c.scaled, c.scale
			}
			if math.Abs(s.Disparity-disparity) > 1e-12 || math.Abs(s.Scale-factor) > 1e-12 {
				t.Errorf("%d-D, %+v: disparity %v, scale %v, want %v and %v", c.dims, o, s.Disparity, s.Scale, disparity, factor)
			}
			for i, want := range c.rotation {
				if math.Abs(s.Rotation[i]-want) > 1e-12 {
					t.Errorf("%d-D, %+v: rotation %v, want %v", c.dims, o, s.Rotation, c.rotation)
					break
				}
			}
			laid := slices.Clone(source)
			s.Apply(laid)
			left, size := squares(laid, target, c.dims)
			if math.Abs(left/size-s.Disparity) > 1e-6 {
				t.Errorf("%d-D, %+v: what Apply leaves is %v, want %v", c.dims, o, left/size, s.Disparity)
			}
		}
	}
}

// squares is the sum of squared distances of a from b and of b from its mean.
func squares(a, b []float32, dims int) (left, size float64) {
	mean := make([]float64, dims)
	for i, v := range b {
		mean[i%dims] += float64(v) * float64(dims) / float64(len(b))
	}
	for i, v := range b {
		left += (float64(a[i]) - float64(v)) * (float64(a[i]) - float64(v))
		size += (float64(v) - mean[i%dims]) * (float64(v) - mean[i%dims])
	}
	return left, size
}

// turned is y under a random similarity, which it is laid back from.
func turned(y []float32, dims int, scale float64, mirror bool, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 2))
	s := tsne.Superposition{Dims: dims, Scale: scale}
	for i := range dims {
		s.Rotation[i*dims+i] = 1
		s.From[i], s.To[i] = 10*r.NormFloat64(), 10*r.NormFloat64()
	}
	for a := range dims { // a product of turns in the planes of the axes
		for b := range a {
			sin, cos := math.Sincos(2 * math.Pi * r.Float64())
			for c := range dims {
				p, q := s.Rotation[a*dims+c], s.Rotation[b*dims+c]
				s.Rotation[a*dims+c], s.Rotation[b*dims+c] = cos*p+sin*q, cos*q-sin*p
			}
		}
	}
	if mirror {
		for c := range dims {
			s.Rotation[c] = -s.Rotation[c]
		}
	}
	y = slices.Clone(y)
	s.Apply(y)
	return y
}

func TestProcrustesUndoesSimilarities(t *testing.T) {
	for dims := 1; dims <= 3; dims++ {
		for seed := range uint64(20) {
			mirror := seed%2 == 1
			y := scatter(100, dims, 30, seed)
			source := turned(y, dims, 1e-4, mirror, seed)
			s := must[*tsne.Superposition](t)(tsne.Procrustes(y, source, dims, tsne.ProcrustesOptions{Scale: true}))
			if s.Disparity > 1e-3 || s.Disparity < 0 || s.Reflected != mirror || math.Abs(s.Scale*1e-4-1) > 1e-3 {
				t.Errorf("%d-D, seed %d: %+v", dims, seed, s)
			}
			source = turned(y, dims, 1, mirror, seed)
			s = must[*tsne.Superposition](t)(tsne.Procrustes(y, source, dims, tsne.ProcrustesOptions{}))
			if s.Disparity > 1e-12 || s.Reflected != mirror || s.Scale != 1 {
				t.Errorf("%d-D, seed %d: %+v", dims, seed, s)
			}
			if s.Apply(source); relativeRMS(source, y) > 1e-6 {
				t.Errorf("%d-D, seed %d: laid back %v off", dims, seed, relativeRMS(source, y))
			}
			checkOrthogonal(t, s)
		}
	}
}

func checkOrthogonal(t testing.TB, s *tsne.Superposition) {
	t.Helper()
	d := s.Dims
	for a := range d {
		for b := range d {
			sum := 0.0
			for c := range d {
				sum += s.Rotation[a*d+c] * s.Rotation[b*d+c]
			}
			want := 0.0
			if a == b {
				want = 1
			}
			if !(math.Abs(sum-want) < 1e-12) {
				t.Errorf("not orthogonal: %v", s.Rotation)
				return
			}
		}
	}
}

// No turn of the source may leave less than the one found.
func TestProcrustesIsTheBest(t *testing.T) {
	for dims := 2; dims <= 3; dims++ {
		a, b := scatter(50, dims, 5, 1), scatter(50, dims, 5, 2)
		for _, o := range []tsne.ProcrustesOptions{{}, {NoReflection: true}} {
			s := must[*tsne.Superposition](t)(tsne.Procrustes(a, b, dims, o))
			if o.NoReflection && s.Reflected {
				t.Error("reflected")
			}
			for seed := range uint64(200) {
				other := turned(b, dims, 1, !o.NoReflection && seed%2 == 0, seed)
				shift := make([]float64, dims)
				for i := range a {
					shift[i%dims] += (float64(a[i]) - float64(other[i])) / 50
				}
				for i := range other {
					other[i] += float32(shift[i%dims])
				}
				if left, size := squares(other, a, dims); left/size < s.Disparity-1e-6 {
					t.Errorf("%d-D, %+v: %v is left, another turn leaves %v", dims, o, s.Disparity, left/size)
				}
			}
		}
	}
}

func TestDegenerateProcrustes(t *testing.T) {
	line := []float32{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3} // 4 points on a line in 3-D
	axis := []float32{0, 0, 5, 0, 0, 5 + 1.7320508, 0, 0, 5 + 2*1.7320508, 0, 0, 5 + 3*1.7320508}
	same := []float32{4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4}
	for _, c := range []struct {
		name           string
		target, source []float32
		dims           int
		disparity      float64
	}{
		{"a line", line, axis, 3, 0},
		{"a plane in 3-D", []float32{0, 0, 0, 2, 0, 0, 0, 1, 0}, []float32{7, 0, 0, 7, 2, 0, 7, 0, 1}, 3, 0},
		{"equal source", line, same, 3, 1},
		{"equal target", same, line, 3, 1},
		{"both equal", same, same, 3, 0},
		{"one point", []float32{1, 2, 3}, []float32{4, 5, 6}, 3, 0},
		{"two points in 3-D", []float32{0, 0, 0, 1, 0, 0}, []float32{5, 5, 5, 5, 6, 5}, 3, 0},
		{"tiny", []float32{0, 1e-40, 1e-40, 0, 0, 0}, []float32{-1e-40, 0, 0, 1e-40, 0, 0}, 2, 0},
		{"huge", []float32{0, 3e38, 3e38, 0, 0, 0}, []float32{-3e38, 0, 0, 3e38, 0, 0}, 2, 0},
	} {
		for _, o := range []tsne.ProcrustesOptions{{}, {Scale: true}, {NoReflection: true}, {Scale: true, NoReflection: true}} {
			s := must[*tsne.Superposition](t)(tsne.Procrustes(c.target, c.source, c.dims, o))
			checkOrthogonal(t, s)
			if !o.NoReflection && c.name != "huge" && s.Reflected {
				t.Errorf("%s, %+v: a reflection that changes nothing", c.name, o)
			}
			if c.name == "huge" || math.Abs(s.Disparity-c.disparity) < 1e-6 {
				continue
			}
			t.Errorf("%s, %+v: disparity %v, want %v", c.name, o, s.Disparity, c.disparity)
		}
	}
	s := must[*tsne.Superposition](t)(tsne.Procrustes([]float32{1, 2}, []float32{3, 5}, 2, tsne.ProcrustesOptions{Scale: true}))
	p := []float32{3, 5}
	if s.Apply(p); p[0] != 1 || p[1] != 2 {
		t.Error("a single point goes to", p)
	}
}

func TestProcrustesRefuses(t *testing.T) {
	good := []float32{1, 2, 3, 4}
	nan := []float32{1, 2, 3, float32(math.NaN())}
	labels := []int32{0, 1}
	call := func(_ any, err error) error { return err }
	for says, err := range map[string]error{
		"dims: got 4":                                     call(tsne.Procrustes(good, good, 4, tsne.ProcrustesOptions{})),
		"target: got 0 values":                            call(tsne.Procrustes(nil, nil, 2, tsne.ProcrustesOptions{})),
		"source: got 3 values":                            call(tsne.Procrustes(good, good[:3], 2, tsne.ProcrustesOptions{})),
		"source: got 1 points":                            call(tsne.Procrustes(good, good[:2], 2, tsne.ProcrustesOptions{})),
		"target: row 1, column 1 is NaN":                  call(tsne.Procrustes(nan, good, 2, tsne.ProcrustesOptions{})),
		"source labels: got 1, want one":                  call(tsne.ProcrustesLabels(good, labels, good, labels[:1], 2, tsne.ProcrustesOptions{})),
		"target (2 classes) and source (1) share":         call(tsne.ProcrustesLabels(good, labels, good, []int32{-1, 5}, 2, tsne.ProcrustesOptions{})),
		"maps: got none":                                  many(nil, 2),
		"maps[1]: got 1 points, want those of maps[0], 2": many([][]float32{good, good[:2]}, 2),
		"maps[2]: row 1, column 1 is NaN":                 many([][]float32{good, good, nan}, 2),
		"k: got 2, want 1 to n - 1 = 1":                   call(tsne.SharedNeighbors(ctx, good, good, 2, 2, 1)),
		"b: got 1 points":                                 call(tsne.SharedNeighbors(ctx, good, good[:2], 2, 1, 1)),
		"Threads: got -1":                                 call(tsne.SharedNeighbors(ctx, good, good, 2, 1, -1)),
	} {
		if err == nil || !strings.Contains(err.Error(), says) || errors.Is(err, tsne.ErrInternal) {
			t.Errorf("%s: got %v", says, err)
		}
	}
}

func many(maps [][]float32, dims int) error {
	_, _, err := tsne.GeneralizedProcrustes(maps, dims, false, tsne.ProcrustesOptions{})
	return err
}

func TestProcrustesThroughLabels(t *testing.T) {
	// Classes 0 to 9 here, 5 to 14 there, of other points about the same places.
	const dims = 2
	place := scatter(15, dims, 50, 4)
	draw := func(first int32, seed uint64) (y []float32, labels []int32) {
		r := rand.New(rand.NewPCG(seed, 3))
		for i := range 400 {
			c := first + int32(i%10)
			for a := range dims {
				y = append(y, place[int(c)*dims+a]+float32(r.NormFloat64()))
			}
			if i%50 == 0 { // a point of no class, far off
				y[len(y)-1] += 1000
				c = -1
			}
			labels = append(labels, c)
		}
		return y, labels
	}
	target, targetLabels := draw(0, 1)
	source, sourceLabels := draw(5, 2)
	moved := turned(source, dims, 0.2, true, 5)
	s := must[*tsne.Superposition](t)(tsne.ProcrustesLabels(target, targetLabels, moved, sourceLabels, dims, tsne.ProcrustesOptions{Scale: true}))
	if s.Apply(moved); relativeRMS(moved[2:], source[2:]) > 0.03 || s.Disparity > 0.01 || !s.Reflected {
		t.Errorf("%v off, %+v", relativeRMS(moved[2:], source[2:]), s)
	}
}

func TestGeneralizedProcrustes(t *testing.T) {
	const dims, n = 2, 200
	y := scatter(n, dims, 30, 1)
	r := rand.New(rand.NewPCG(9, 9))
	var maps [][]float32
	for k := range 6 {
		noisy := slices.Clone(y)
		for i := range noisy {
			noisy[i] += float32(2 * r.NormFloat64())
		}
		if k > 0 {
			noisy = turned(noisy, dims, 1, k%2 == 0, uint64(k))
		}
		maps = append(maps, noisy)
	}
	for _, o := range []tsne.ProcrustesOptions{{}, {Scale: true}} {
		for _, toFirst := range []bool{true, false} {
			consensus, s, err := tsne.GeneralizedProcrustes(maps, dims, toFirst, o)
			if err != nil {
				t.Fatal(err)
			}
			mean := make([]float32, n*dims)
			for k, source := range maps {
				laid := slices.Clone(source)
				s[k].Apply(laid)
				for i, v := range laid {
					mean[i] += v / float32(len(maps))
				}
			}
			if off := relativeRMS(mean, consensus); off > 1e-6 && !(o.Scale && !toFirst) {
				t.Errorf("%+v, to first %v: the consensus is %v off the mean of the maps", o, toFirst, off)
			}
			// The mean of six is nearer to the truth, in the frame of the first
			// map, than the first map is.
			back := must[*tsne.Superposition](t)(tsne.Procrustes(y, consensus, dims, tsne.ProcrustesOptions{Scale: true}))
			first := must[*tsne.Superposition](t)(tsne.Procrustes(y, maps[0], dims, tsne.ProcrustesOptions{Scale: true}))
			if back.Disparity > first.Disparity/3 {
				t.Errorf("%+v, to first %v: %v off the truth, one map is %v", o, toFirst, back.Disparity, first.Disparity)
			}
			if toFirst {
				if s[0].Disparity > 1e-20 {
					t.Errorf("%+v: the first map moved: %+v", o, s[0])
				}
				continue
			}
			again := must[*tsne.Superposition](t)(tsne.Procrustes(mean, consensus, dims, o))
			if again.Disparity > 1e-10 {
				t.Errorf("%+v: the consensus is no fixed point: %v", o, again.Disparity)
			}
			_, size := squares(consensus, consensus, dims)
			if _, want := squares(maps[0], maps[0], dims); o.Scale && math.Abs(size/want-1) > 1e-6 {
				t.Errorf("the consensus shrank to %v of its size", size/want)
			}
		}
	}
}

func TestSharedNeighbors(t *testing.T) {
	y := scatter(500, 2, 10, 1)
	for _, threads := range []int{1, 3} {
		if share := must[float64](t)(tsne.SharedNeighbors(ctx, y, turned(y, 2, 3, true, 1), 2, 10, threads)); share < 0.999 {
			t.Errorf("%v of the neighbours of a turned map", share)
		}
		if share := must[float64](t)(tsne.SharedNeighbors(ctx, y, y, 2, 499, threads)); share != 1 {
			t.Errorf("%v of all others", share)
		}
		if share := must[float64](t)(tsne.SharedNeighbors(ctx, y, blobs(500, 2, 1, 2).Data, 2, 10, threads)); share > 0.1 {
			t.Errorf("%v of the neighbours of another map", share)
		}
	}
}

func ExampleProcrustes() {
	target := []float32{0, 0, 1, 0, 0, 2}
	source := []float32{5, 5, 5, 6, 3, 5} // turned by a quarter and moved
	s, err := tsne.Procrustes(target, source, 2, tsne.ProcrustesOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	s.Apply(source)
	for i := range source {
		source[i] = float32(math.Abs(math.Round(float64(source[i]))))
	}
	fmt.Println(source, s.Disparity < 1e-12, s.Reflected)
	// Output: [0 0 1 0 0 2] true false
}

// TestProcrustesAgainstGonum has the rotation by gonum's decomposition (Kabsch 1976).
func TestProcrustesAgainstGonum(t *testing.T) {
	for seed := range uint64(40) {
		for dims := 1; dims <= 3; dims++ {
			target, source := scatter(100, dims, 10, seed), scatter(100, dims, 3, seed+100)
			var centred [2]mat.Dense
			for i, y := range [][]float32{target, source} {
				m := mat.NewDense(100, dims, nil)
				m.Apply(func(i, c int, _ float64) float64 { return float64(y[i*dims+c]) }, m)
				for c := range dims {
					mean := stat.Mean(mat.Col(nil, c, m), nil)
					m.Apply(func(_, j int, v float64) float64 {
						if j == c {
							v -= mean
						}
						return v
					}, m)
				}
				centred[i].CloneFrom(m)
			}
			var cross, u, v, want mat.Dense
			cross.Mul(centred[0].T(), &centred[1])
			var svd mat.SVD
			if !svd.Factorize(&cross, mat.SVDFull) {
				t.Fatal("no decomposition")
			}
			svd.UTo(&u)
			svd.VTo(&v)
			for _, proper := range []bool{false, true} {
				want.Mul(&u, v.T())
				if proper && mat.Det(&want) < 0 {
					last := u.ColView(dims - 1).(*mat.VecDense)
					last.ScaleVec(-1, last)
					want.Mul(&u, v.T())
				}
				s := must[*tsne.Superposition](t)(tsne.Procrustes(target, source, dims, tsne.ProcrustesOptions{NoReflection: proper}))
				got := mat.NewDense(dims, dims, s.Rotation[:dims*dims])
				if !mat.EqualApprox(got, &want, 1e-11) || s.Reflected != (mat.Det(&want) < 0) {
					t.Errorf("seed %d, %d-D, proper %v: got %v, want %v", seed, dims, proper, mat.Formatted(got), mat.Formatted(&want))
				}
			}
		}
	}
}
