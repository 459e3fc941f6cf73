package tsne_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// The targets take bytes and draw what they pass from them: when they run out,
// everything is 0, so that any bytes are an input.
type source []byte

func (s *source) byte() byte {
	if len(*s) == 0 {
		return 0
	}
	b := (*s)[0]
	*s = (*s)[1:]
	return b
}

func (s *source) below(n int) int { return int(s.byte()) % n }

func (s *source) uint64() (v uint64) {
	for range 8 {
		v = v<<8 | uint64(s.byte())
	}
	return v
}

// oddities are numbers where code breaks; most numbers are others.
var oddities = []float64{0, -1, 1, 0.5, 2, math.NaN(), math.Inf(1), math.Inf(-1), 1e-300, 1e300, 1e-38, 3e38, 1e-45, math.MaxFloat64, 5e-324, 1e6}

func (s *source) float64(usual float64) float64 {
	switch b := s.byte(); {
	case b < 128:
		return usual
	case b < 200:
		return oddities[int(b)%len(oddities)]
	case b < 230:
		return float64(b) / 8
	}
	return math.Float64frombits(s.uint64())
}

func (s *source) integer(usual int) int {
	switch b := s.byte(); {
	case b < 128:
		return usual
	case b < 220:
		return int(b) - 130
	case b < 230:
		return int([]int64{math.MinInt, math.MaxInt, math.MaxInt32, math.MinInt32, math.MaxInt32 + 1}[b%5])
	}
	return int(s.uint64())
}

// floats are values that are mostly small and whole, so that there are ties.
func (s *source) floats(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		if b := s.byte(); b < 250 {
			v[i] = float32(b) / 16
		} else {
			v[i] = float32(s.float64(float64(b)))
		}
	}
	return v
}

// refused fails the test if err is not one of those that the package gives for
// bad input, of one line. It says whether there was one.
func refused(t *testing.T, err error) bool {
	t.Helper()
	if err == nil {
		return false
	}
	kinds := []error{tsne.ErrShape, tsne.ErrNotFinite, tsne.ErrOption, tsne.ErrGraph, tsne.ErrMemory, tsne.ErrNoData}
	if !slices.ContainsFunc(kinds, func(kind error) bool { return errors.Is(err, kind) }) || strings.ContainsAny(err.Error(), "\n\r") || len(err.Error()) > 400 {
		t.Errorf("error: %v", err)
	}
	return true
}

func wantFinite(t *testing.T, what string, y []float32) {
	t.Helper()
	if !finite(y) {
		t.Errorf("%s: %v, and no error", what, y)
	}
}

// seeds adds some inputs of n bytes: plain, and of any bytes.
func seeds(f *testing.F, n int) {
	f.Add([]byte{})
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 8 {
		b := make([]byte, n)
		for at := range b {
			b[at] = byte(r.IntN([]int{128, 256, 140}[i%3]))
		}
		f.Add(b)
	}
}

// draw gives each number of a struct of options some value.
func draw(s *source, o any) {
	v := reflect.ValueOf(o).Elem()
	for i := range v.NumField() {
		switch field := v.Field(i); field.Kind() {
		case reflect.Int:
			field.SetInt(int64(s.integer(0)))
		case reflect.Uint64:
			if b := s.byte(); b > 200 {
				field.SetUint(s.uint64() >> (b % 64))
			}
		case reflect.Float64:
			field.SetFloat(s.float64(0))
		case reflect.Slice:
			if field.Type().Elem().Kind() == reflect.Float64 {
				list := make([]float64, max(s.below(16)-12, 0))
				for k := range list {
					list[k] = s.float64(5)
				}
				field.Set(reflect.ValueOf(list))
			}
		}
	}
}

// FuzzOptions gives every number of Options any value.
func FuzzOptions(f *testing.F) {
	seeds(f, 90)
	x := blobs(24, 3, 3, 1)
	f.Fuzz(func(t *testing.T, b []byte) {
		s := source(b)
		var o tsne.Options
		draw(&s, &o)
		// More of these is only slower.
		o.EarlyIterations, o.Iterations = min(o.EarlyIterations, 8), min(o.Iterations, 8)
		if o.EarlyIterations == 0 {
			o.EarlyIterations = 4
		}
		if o.Iterations == 0 {
			o.Iterations = 4
		}
		o.Threads = min(o.Threads, 8)
		if o.Init == tsne.InitGiven {
			o.InitY = s.floats(s.below(4) * 24)
		}
		o.Log = func(_ tsne.Level, line tsne.Message) {
			if len(line) == 0 || strings.ContainsRune(line.String(), '\n') {
				t.Errorf("log line %q", line)
			}
		}
		e, err := tsne.Fit(ctx, x, o)
		if refused(t, err) {
			return
		}
		wantFinite(t, "map", e.Y())
		if e.Iterations() > 0 && math.IsNaN(e.KL()) {
			t.Errorf("KL %v", e.KL())
		}
		if _, err := readModel(modelBytes(t, e)); err != nil {
			t.Errorf("it cannot be read back: %v", err)
		}
	})
}

// FuzzTransformOptions gives every number of TransformOptions any value, over
// any columns: given columns are as good as data of those columns alone.
func FuzzTransformOptions(f *testing.F) {
	seeds(f, 120)
	x := blobs(24, 3, 3, 1)
	e := fitted(f, x, 20, tsne.Options{Perplexity: 5})
	f.Fuzz(func(t *testing.T, b []byte) {
		s := source(b)
		var o tsne.TransformOptions
		draw(&s, &o)
		o.EarlyIterations, o.Iterations = min(o.EarlyIterations, 4), min(o.Iterations, 4)
		o.Threads = min(o.Threads, 8)
		m, cols := s.below(4), 3
		if n := s.below(10); n < 5 {
			o.Columns, cols = make([]int32, n), n
			for i := range o.Columns {
				o.Columns[i] = int32(s.integer(s.below(3)))
			}
		}
		if o.Placement == tsne.PlaceGiven {
			o.InitY = s.floats(m * 2)
		}
		q := tsne.Matrix{Data: s.floats(m * cols), Rows: m, Cols: cols}
		p, err := e.Transform(ctx, q, o)
		if refused(t, err) {
			return
		}
		wantFinite(t, "positions", p.Y())
		sumsToOne(t, p)
		if o.Columns == nil {
			return
		}
		part := tsne.Matrix{Rows: 24, Cols: cols}
		for i := range 24 {
			for _, c := range o.Columns {
				part.Data = append(part.Data, x.Data[i*3+int(c)])
			}
		}
		alone := e.Clone()
		if err := alone.SetData(part); err != nil {
			t.Fatal(err)
		}
		o.Columns, o.MaxMemory = nil, 0
		if other, err := alone.Transform(ctx, q, o); err != nil || !slices.Equal(other.Y(), p.Y()) {
			t.Errorf("data of the columns alone: %v, want the same positions", err)
		}
	})
}

func sumsToOne(t *testing.T, p *tsne.Partial) {
	t.Helper()
	ptr, col, val := p.Affinities()
	for i := range p.N() {
		sum := 0.0
		for e := ptr[i]; e < ptr[i+1]; e++ {
			if col[e] < 0 || !(val[e] >= 0) {
				t.Errorf("row %d has %v at column %d", i, val[e], col[e])
			}
			sum += float64(val[e])
		}
		if !(math.Abs(sum-1) < 1e-5) {
			t.Errorf("row %d sums to %v", i, sum)
		}
	}
}

// rows draws a matrix of n rows in CSR form, mostly a sound one.
func (s *source) rows(n, cols, most int) (ptr []int64, col []int32, val []float32) {
	ptr = []int64{0}
	for range n {
		for range s.below(most + 1) {
			col = append(col, int32(s.below(max(cols, 1))))
			val = append(val, s.floats(1)[0])
		}
		ptr = append(ptr, int64(len(col)))
	}
	for range max(s.below(8)-5, 0) {
		switch s.below(4) {
		case 0:
			if len(ptr) > 0 {
				ptr[s.below(len(ptr))] = int64(s.integer(1))
			}
		case 1:
			if len(col) > 0 {
				col[s.below(len(col))] = int32(s.integer(cols))
			}
		case 2:
			val = val[:len(val)-s.below(len(val)+1)]
		case 3:
			ptr = ptr[:len(ptr)-s.below(len(ptr)+1)]
		}
	}
	return ptr, col, val
}

// FuzzAffinities brings affinities from elsewhere: sound ones sum to 1 and make
// a map.
func FuzzAffinities(f *testing.F) {
	seeds(f, 60)
	f.Fuzz(func(t *testing.T, b []byte) {
		s := source(b)
		n := 4 + s.below(12)
		ptr, col, val := s.rows(n, n, 4)
		if s.byte() >= 64 { // the same both ways, in order
			ptr, col, val = symmetric(n, ptr, col, val)
		}
		p, err := tsne.AffinitiesFromCSR(ptr, col, val)
		if refused(t, err) {
			return
		}
		sum := 0.0
		for _, v := range p.Val {
			sum += float64(v)
		}
		if !(math.Abs(sum-1) < 1e-4) {
			t.Errorf("P sums to %v", sum)
		}
		o := tsne.Options{Dims: 1 + s.below(3), Repulsion: tsne.Repulsion(s.below(4)), Threads: 1}
		if y, err := tsne.SpectralInit(ctx, p, o); !refused(t, err) {
			wantFinite(t, "spectral start", y)
		}
		y0 := s.floats(n * o.Dims)
		if grad, kl, err := tsne.Gradient(ctx, p, y0, o); !refused(t, err) {
			wantFinite(t, "gradient", grad)
			if kl-kl != 0 {
				t.Errorf("KL %v", kl)
			}
		}
		e, err := tsne.NewEmbedding(p, y0, o)
		if refused(t, err) || refused(t, e.Optimize(ctx, tsne.Phase{Iterations: 3})) {
			return
		}
		wantFinite(t, "map", e.Y())
	})
}

// symmetric adds the transpose, with columns in order and no diagonal.
func symmetric(n int, ptr []int64, col []int32, val []float32) ([]int64, []int32, []float32) {
	full := make([]float32, n*n)
	for i := range min(n, len(ptr)-1) {
		for e := max(ptr[i], 0); e < min(ptr[i+1], int64(len(val))); e++ {
			if j := int(col[e]); j >= 0 && j < n && j != i {
				full[i*n+j], full[j*n+i] = val[e], val[e]
			}
		}
	}
	ptr, col, val = []int64{0}, nil, nil
	for i := range n {
		for j := range n {
			if v := full[i*n+j]; v != 0 {
				col, val = append(col, int32(j)), append(val, v)
			}
		}
		ptr = append(ptr, int64(len(col)))
	}
	return ptr, col, val
}

// FuzzPartialRows brings what draws new points: sound rows sum to 1.
func FuzzPartialRows(f *testing.F) {
	seeds(f, 60)
	e := fitted(f, blobs(24, 3, 3, 1), 20, tsne.Options{Perplexity: 5})
	f.Fuzz(func(t *testing.T, b []byte) {
		s := source(b)
		m := s.below(6)
		o := tsne.TransformOptions{Repulsion: tsne.Repulsion(s.below(4)), Theta: s.float64(0), MaxGradNorm: s.float64(0), MaxStepNorm: s.float64(0), Threads: 1}
		y0 := s.floats(m * 2)
		ptr, col, val := s.rows(m, 24, 5)
		p, err := e.NewPartial(ctx, y0, ptr, col, val, o)
		if refused(t, err) {
			return
		}
		sumsToOne(t, p)
		ph := tsne.Phase{Iterations: 3, Exaggeration: s.float64(1), LearningRate: s.float64(0), Momentum: s.float64(0.8)}
		if !refused(t, p.Optimize(ctx, ph, nil)) {
			wantFinite(t, "positions", p.Y())
		}
	})
}

// FuzzDistances takes neighbours and affinities from distances: the k smallest
// of each row, in order.
func FuzzDistances(f *testing.F) {
	seeds(f, 120)
	f.Fuzz(func(t *testing.T, b []byte) {
		s := source(b)
		n, k := 4+s.below(8), s.integer(3)
		dist := s.floats(n * n)
		for i := range n {
			if s.byte() < 250 {
				dist[i*n+i] = 0
			}
		}
		o := tsne.Options{Threads: 1, Affinity: tsne.AffinityKind(s.below(5)), Sigma: s.float64(1), Perplexity: s.float64(2), K: s.integer(0)}
		if p, err := tsne.AffinitiesFromMatrix(ctx, dist, n, o); !refused(t, err) {
			wantFinite(t, "P", p.Val)
		}
		if p, err := tsne.Conditional(ctx, dist, n, n, o); !refused(t, err) {
			for i := range n {
				sum := 0.0
				for _, v := range p[i*n:][:n] {
					sum += float64(v)
				}
				if !(math.Abs(sum-1) < 1e-5) {
					t.Errorf("row %d sums to %v", i, sum)
				}
			}
		}
		nb, err := tsne.NeighborsFromMatrix(ctx, dist, n, k, o)
		if refused(t, err) {
			return
		}
		for i := range n {
			order := make([]int32, 0, n)
			for j := range n {
				if j != i {
					order = append(order, int32(j))
				}
			}
			slices.SortStableFunc(order, func(a, b int32) int {
				da, db := dist[i*n+int(a)], dist[i*n+int(b)]
				switch {
				case da < db:
					return -1
				case da > db:
					return 1
				}
				return 0
			})
			if got := nb.Index[i*k:][:k]; !slices.Equal(got, order[:k]) {
				t.Errorf("row %d: neighbours %v, want %v", i, got, order[:k])
			}
		}
		again, err := tsne.NeighborsFromDistances(n, k, nb.Index, nb.Distances())
		if err != nil || !slices.Equal(again.Index, nb.Index) {
			t.Errorf("the same graph again: %v", err)
		}
	})
}

// FuzzReduce takes a sparse matrix to its scores, which as many as the columns
// keep the lengths of the rows.
func FuzzReduce(f *testing.F) {
	seeds(f, 80)
	f.Fuzz(func(t *testing.T, b []byte) {
		s := source(b)
		x := tsne.SparseMatrix{Rows: 4 + s.below(12), Cols: s.integer(1 + s.below(6))}
		x.Ptr, x.Col, x.Val = s.rows(x.Rows, x.Cols%100, 6)
		k := s.integer(0)
		scores, err := tsne.Reduce(ctx, x, k, tsne.Options{Threads: 1, Seed: s.uint64()})
		if refused(t, err) {
			return
		}
		wantFinite(t, "scores", scores.Data)
		var most float64
		long, got := make([]float64, x.Rows), make([]float64, x.Rows)
		for i := range x.Rows {
			row := map[int32]float64{}
			for e := x.Ptr[i]; e < x.Ptr[i+1]; e++ {
				row[x.Col[e]] += float64(x.Val[e])
			}
			for _, v := range row {
				long[i] += v * v
			}
			for _, v := range scores.Data[i*scores.Cols:][:scores.Cols] {
				got[i] += float64(v) * float64(v)
			}
			most = max(most, long[i])
		}
		whole := scores.Cols == min(x.Rows, x.Cols)
		for i := range long {
			if off := got[i] - long[i]; off > 1e-4*most || whole && off < -1e-4*most {
				t.Errorf("row %d of %d: squares sum to %v, in %d scores to %v", i, x.Rows, long[i], scores.Cols, got[i])
			}
		}
	})
}

// FuzzProcrustes lays maps over each other: the rotation is one, and the map
// laid is as far off as it says.
func FuzzProcrustes(f *testing.F) {
	seeds(f, 80)
	f.Fuzz(func(t *testing.T, b []byte) {
		s := source(b)
		dims, n := s.integer(1+s.below(3)), 1+s.below(10)
		rows := n * min(max(dims, 1), 3)
		o := tsne.ProcrustesOptions{Scale: s.byte()%2 == 1, NoReflection: s.byte()%2 == 1}
		target, source := s.floats(rows-max(s.below(50)-48, 0)), s.floats(rows)
		labels := make([]int32, n)
		for i := range labels {
			labels[i] = int32(s.below(5)) - 1
		}
		if p, err := tsne.ProcrustesLabels(target, labels, source, labels, dims, o); !refused(t, err) {
			checkRotation(t, p, o)
		}
		maps := [][]float32{target, source, s.floats(rows)}
		if _, list, err := tsne.GeneralizedProcrustes(maps, dims, s.byte()%2 == 1, o); !refused(t, err) {
			for _, p := range list {
				checkRotation(t, p, o)
			}
		}
		p, err := tsne.Procrustes(target, source, dims, o)
		if refused(t, err) {
			return
		}
		checkRotation(t, p, o)
		p.Apply(source)
		var off, size float64
		var mean [3]float64
		for i, v := range target {
			mean[i%dims] += float64(v) / float64(len(target)/dims)
		}
		for i, v := range target {
			d, c := float64(v)-float64(source[i]), float64(v)-mean[i%dims]
			off, size = off+d*d, size+c*c
		}
		if size > 1e-3 && size < 1e6 && math.Abs(off/size-p.Disparity) > 1e-3*(1+p.Disparity) {
			t.Errorf("disparity %v, but the map laid is off by %v", p.Disparity, off/size)
		}
	})
}

func checkRotation(t *testing.T, p *tsne.Superposition, o tsne.ProcrustesOptions) {
	t.Helper()
	for a := range p.Dims {
		for b := range p.Dims {
			dot, want := 0.0, 0.0
			for c := range p.Dims {
				dot += p.Rotation[a*p.Dims+c] * p.Rotation[b*p.Dims+c]
			}
			if a == b {
				want = 1
			}
			if !(math.Abs(dot-want) < 1e-9) {
				t.Errorf("rotation %v: rows %d and %d give %v", p.Rotation, a, b, dot)
			}
		}
	}
	if o.NoReflection && p.Reflected || !(p.Disparity >= 0) || !(p.Scale >= 0) || math.IsInf(p.Scale, 0) || !o.Scale && p.Scale != 1 {
		t.Errorf("%+v", *p)
	}
}
