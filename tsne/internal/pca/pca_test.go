package pca

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/libtsne/libtsne/tsne/internal/cpu"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

var ctx = context.Background()

// low returns n×d numbers of the given rank about different means, the
// variances of the directions falling by a factor of decay.
func low(n, d, rank int, decay float64) []float32 {
	r := rand.New(rand.NewPCG(uint64(n), uint64(d)))
	axes := make([]float64, rank*d)
	for i := range axes {
		axes[i] = r.NormFloat64()
	}
	x := make([]float32, n*d)
	row := make([]float64, d)
	for i := range n {
		for c := range row {
			row[c] = float64(c%5) * 3
		}
		s := 1.0
		for k := range rank {
			axpy(s*r.NormFloat64(), axes[k*d:(k+1)*d], row)
			s *= math.Sqrt(decay)
		}
		for c, v := range row {
			x[i*d+c] = float32(v)
		}
	}
	return x
}

// oracle is the definition, by gonum.
func oracle(x []float32, n, d int) (variance []float64, vectors *mat.Dense) {
	mean := make([]float64, d)
	for i, v := range x[:n*d] {
		mean[i%d] += float64(v) / float64(n)
	}
	c := mat.NewDense(n, d, nil)
	for i, v := range x[:n*d] {
		c.Set(i/d, i%d, float64(v)-mean[i%d])
	}
	var s mat.SymDense
	s.SymOuterK(1/float64(n-1), c.T())
	var e mat.EigenSym
	e.Factorize(&s, true)
	var v mat.Dense
	e.VectorsTo(&v)
	up := e.Values(nil)
	vectors = mat.NewDense(d, d, nil)
	for i := range d {
		variance = append(variance, up[d-1-i])
		for j := range d {
			vectors.Set(i, j, v.At(j, d-1-i))
		}
	}
	return
}

func fit(t testing.TB, x []float32, n, d, k int) (*Model, []float32) {
	t.Helper()
	pool := par.New(2)
	defer pool.Close()
	m, err := Fit(ctx, pool, x, n, d, k)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float32, n*k)
	if err := m.Transform(ctx, pool, x, n, out); err != nil {
		t.Fatal(err)
	}
	if len(m.Mean) != d || len(m.Components) != k*d || len(m.Variance) != k {
		t.Fatalf("%d means, %d loadings, %d variances", len(m.Mean), len(m.Components), len(m.Variance))
	}
	return m, out
}

// lawful checks what holds for any input.
func lawful(t *testing.T, what string, m *Model, scores []float32, n int) {
	t.Helper()
	d, k := len(m.Mean), len(m.Variance)
	for i := range k {
		a := m.Components[i*d : (i+1)*d]
		greatest := 0.0
		for _, v := range a {
			if math.Abs(v) > math.Abs(greatest) {
				greatest = v
			}
		}
		if !(greatest > 0) {
			t.Fatalf("%s: component %d: greatest loading %g", what, i, greatest)
		}
		for j := range i + 1 {
			want := 0.0
			if i == j {
				want = 1
			}
			if got := dot(a, m.Components[j*d:(j+1)*d]); !(math.Abs(got-want) < 1e-10) {
				t.Fatalf("%s: components %d and %d: product %g", what, i, j, got)
			}
		}
		if v := m.Variance[i]; !(v >= 0) || math.IsInf(v, 0) || i > 0 && v > m.Variance[i-1] {
			t.Fatalf("%s: variance %d is %g after %v", what, i, v, m.Variance[:i])
		}
		if n < 2 || m.Variance[0] < 1e-80 { // scores, as float32, have few bits then
			continue
		}
		sum, square := 0.0, 0.0
		for r := range n {
			s := float64(scores[r*k+i])
			sum += s
			square += s * s
		}
		if e := math.Abs(square/float64(n-1) - m.Variance[i]); !(e <= 1e-6*m.Variance[i]+1e-12*m.Variance[0]) {
			t.Fatalf("%s: scores of component %d have variance %g, not %g", what, i, square/float64(n-1), m.Variance[i])
		}
		if !(math.Abs(sum) <= 1e-6*float64(n)*math.Sqrt(m.Variance[0])) {
			t.Fatalf("%s: scores of component %d are not centred: %g", what, i, sum)
		}
	}
}

func TestAgainstOracle(t *testing.T) {
	for _, c := range []struct{ n, d, k, rank int }{
		{2, 1, 1, 1}, {50, 1, 1, 1}, {30, 2, 2, 2}, {100, 13, 13, 13}, {100, 13, 3, 13}, {700, 50, 50, 50},
		{1000, 128, 20, 128}, {600, 300, 20, 60}, {600, 300, 290, 300}, {2000, 200, 2, 200},
		{40, 90, 10, 30}, {200, 300, 5, 50}, {300, 301, 20, 60},
	} {
		what := fmt.Sprintf("n=%d d=%d k=%d", c.n, c.d, c.k)
		x := low(c.n, c.d, c.rank, 0.9)
		m, s := fit(t, x, c.n, c.d, c.k)
		lawful(t, what, m, s, c.n)
		variance, vectors := oracle(x, c.n, c.d)
		for i := range c.k {
			if math.Abs(m.Variance[i]-variance[i]) > 1e-12*variance[0]*float64(c.d) {
				t.Errorf("%s: variance %d is %g, want %g", what, i, m.Variance[i], variance[i])
			}
			gap := math.Inf(1)
			if i > 0 {
				gap = variance[i-1] - variance[i]
			}
			if i+1 < c.d {
				gap = min(gap, variance[i]-variance[i+1])
			}
			p := math.Abs(dot(m.Components[i*c.d:(i+1)*c.d], vectors.RawRowView(i)))
			angle := math.Sqrt(max(0, 1-p*p))
			if limit := 1e-7 + 1e-7*variance[i]/gap + 1e-13*variance[0]/gap; angle > limit && gap > 1e-9*variance[0] {
				t.Errorf("%s: component %d is off by %g; limit %g", what, i, angle, limit)
			}
		}
	}
}

// TestPassOver takes the route of large data on small ones.
func TestPassOver(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for _, c := range []struct{ n, d, k int }{{300, 400, 10}, {5000, 200, 7}} {
		x := low(c.n, c.d, 100, 0.8)
		f := &data{ctx: ctx, pool: pool, x: x, n: c.n, d: c.d}
		if err := f.means(); err != nil {
			t.Fatal(err)
		}
		values, rows, err := f.leading(c.d, c.k, Search{1e-5, 60}, f.passOver())
		if err != nil {
			t.Fatal(err)
		}
		want, _ := fit(t, x, c.n, c.d, c.k)
		for i := range c.k {
			if v := values[i] / float64(c.n-1); math.Abs(v-want.Variance[i]) > 1e-9*want.Variance[i] {
				t.Errorf("n %d d %d: variance %d is %g, want %g", c.n, c.d, i, v, want.Variance[i])
			}
			if p := math.Abs(dot(rows[i*c.d:(i+1)*c.d], want.Components[i*c.d:(i+1)*c.d])); p < 1-1e-9 {
				t.Errorf("n %d d %d: component %d is off by %g", c.n, c.d, i, 1-p)
			}
		}
	}
}

func TestLargeBothWays(t *testing.T) {
	if testing.Short() {
		t.Skip("a few seconds")
	}
	const n, d, k = 4200, 4300, 3
	x := low(n, d, 6, 0.5)
	m, s := fit(t, x, n, d, k)
	lawful(t, "large", m, s, n)
	total := 0.0
	for c := range d {
		mean, ss := 0.0, 0.0
		for r := range n {
			mean += float64(x[r*d+c]) / n
		}
		for r := range n {
			ss += (float64(x[r*d+c]) - mean) * (float64(x[r*d+c]) - mean)
		}
		total += ss / (n - 1)
	}
	if got := sum(m.Variance); got < 0.8*total || got > total {
		t.Errorf("3 of 6 components have variance %g of %g", got, total)
	}
}

func sum(v []float64) (s float64) {
	for _, x := range v {
		s += x
	}
	return
}

func TestReconstruction(t *testing.T) {
	for _, c := range []struct{ n, d, rank int }{{200, 30, 30}, {200, 300, 12}, {900, 300, 25}, {20, 500, 19}} {
		k := c.rank
		x := low(c.n, c.d, c.rank, 0.95)
		m, s := fit(t, x, c.n, c.d, k)
		for i := range c.n {
			for j := range c.d {
				v := m.Mean[j]
				for a := range k {
					v += float64(s[i*k+a]) * m.Components[a*c.d+j]
				}
				if math.Abs(v-float64(x[i*c.d+j])) > 1e-4 {
					t.Fatalf("n %d d %d: element %d,%d comes back as %g, not %g", c.n, c.d, i, j, v, x[i*c.d+j])
				}
			}
		}
	}
}

func TestPoorInputs(t *testing.T) {
	constant := func(n, d int) []float32 {
		x := make([]float32, n*d)
		for i := range x {
			x[i] = 0.1 + float32(i%d)
		}
		return x
	}
	scaled := func(n, d, rank int, by float32) []float32 {
		x := low(n, d, rank, 0.8)
		for i := range x {
			x[i] *= by
		}
		return x
	}
	someConstant := low(200, 40, 30, 0.9)
	for i := range someConstant {
		if i%40 < 20 {
			someConstant[i] = 7.3
		}
	}
	oneOff := constant(500, 300)
	oneOff[77] = 1e30
	denormal := make([]float32, 600)
	for i := range denormal {
		denormal[i] = math.Float32frombits(uint32(i * 7 % 11))
	}
	for name, c := range map[string]struct {
		n, d, k int
		x       []float32
		rank    int
	}{
		"one row":             {1, 5, 5, low(1, 5, 3, 1), 0},
		"one row, many wide":  {1, 400, 5, low(1, 400, 3, 1), 0},
		"one number":          {1, 1, 1, []float32{3}, 0},
		"two rows":            {2, 300, 4, low(2, 300, 3, 1), 1},
		"one column, same":    {50, 1, 1, constant(50, 1), 0},
		"all rows same":       {100, 20, 20, constant(100, 20), 0},
		"all same, wide":      {20, 100, 40, constant(20, 100), 0},
		"all same, block":     {500, 300, 5, constant(500, 300), 0},
		"rank 3 of 20":        {100, 20, 20, low(100, 20, 3, 0.5), -1},
		"rank 3, block":       {500, 300, 10, low(500, 300, 3, 0.5), -1},
		"rank 3, wide":        {50, 300, 50, low(50, 300, 3, 0.5), -1},
		"k over n":            {10, 300, 200, low(10, 300, 20, 1), 9},
		"constant columns":    {200, 40, 30, someConstant, 20},
		"one number stands":   {500, 300, 4, oneOff, 1},
		"huge":                {300, 40, 10, scaled(300, 40, 40, 1e30), 10},
		"tiny":                {300, 40, 10, scaled(300, 40, 40, 1e-30), 10},
		"huge, block":         {300, 290, 10, scaled(300, 290, 40, 1e30), 10},
		"tiny, block":         {300, 290, 10, scaled(300, 290, 40, 1e-30), 10},
		"tiny, wide":          {30, 290, 10, scaled(30, 290, 40, 1e-30), 10},
		"denormal":            {100, 6, 6, denormal, -1},
		"huge with tiny":      {100, 7, 3, append(scaled(50, 7, 7, 1e30), scaled(50, 7, 7, 1e-30)...), 3},
		"zeros":               {100, 7, 3, make([]float32, 700), 0},
		"far from the origin": {100, 3, 2, []float32{}, 2},
	} {
		if name == "far from the origin" {
			c.x = low(100, 3, 3, 0.5)
			for i := range c.x {
				c.x[i] += 1e5
			}
		}
		m, s := fit(t, c.x, c.n, c.d, c.k)
		lawful(t, name, m, s, c.n)
		if c.rank < 0 { // rounding to float32 leaves some variance
			continue
		}
		for i, v := range m.Variance {
			if (v > 0) != (i < c.rank) {
				t.Errorf("%s: variance %d is %g, rank %d", name, i, v, c.rank)
			}
		}
	}
}

func TestRowsInAnotherOrder(t *testing.T) {
	const n, d, k = 500, 200, 5
	x := low(n, d, 30, 0.7)
	y := make([]float32, n*d)
	for i, p := range rand.New(rand.NewPCG(1, 2)).Perm(n) {
		copy(y[p*d:(p+1)*d], x[i*d:(i+1)*d])
	}
	a, _ := fit(t, x, n, d, k)
	b, _ := fit(t, y, n, d, k)
	for i := range a.Components {
		if math.Abs(a.Components[i]-b.Components[i]) > 1e-7 {
			t.Fatalf("loading %d: %g and %g", i, a.Components[i], b.Components[i])
		}
	}
}

func TestRefusals(t *testing.T) {
	pool := par.New(1)
	defer pool.Close()
	x := make([]float32, 12)
	for _, c := range [][3]int{{0, 3, 1}, {4, 0, 1}, {4, 3, 0}, {4, 3, 4}, {5, 3, 1}, {-1, -1, 1}, {math.MaxInt, 3, 1}} {
		if _, err := Fit(ctx, pool, x, c[0], c[1], c[2]); err == nil {
			t.Errorf("no error for n, d, k = %v", c)
		}
	}
	m, err := Fit(ctx, pool, x, 4, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	if m.Transform(ctx, pool, x, 5, make([]float32, 10)) == nil || m.Transform(ctx, pool, x, 4, make([]float32, 7)) == nil {
		t.Error("no error for short slices")
	}
}

func TestCancel(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	for _, c := range []struct{ n, d, k int }{{20000, 400, 20}, {1000, 1000, 990}, {1500, 5000, 5}, {5000, 5000, 10}} {
		x := make([]float32, c.n*c.d)
		for i := range x {
			x[i] = float32(uint32(i)*2654435761>>8) * 0x1p-24
		}
		for _, after := range []time.Duration{0, 20 * time.Millisecond, 250 * time.Millisecond} {
			ctx, cancel := context.WithCancel(context.Background())
			var at time.Time
			go func() {
				time.Sleep(after)
				at = time.Now()
				cancel()
			}()
			_, err := Fit(ctx, pool, x, c.n, c.d, c.k)
			if err == nil {
				continue // done before
			}
			// How late is logged, not judged: this machine may be busy.
			t.Logf("%v after %v: %v late", c, after, time.Since(at))
			if err != context.Canceled {
				t.Errorf("%v after %v: %v", c, after, err)
			}
		}
	}
}

func TestSameBits(t *testing.T) {
	was := cpu.Use
	defer func() { cpu.Use = was }()
	for _, c := range []struct{ n, d, k int }{{1, 3, 2}, {2500, 7, 3}, {700, 200, 10}, {60, 300, 70}, {1100, 31, 31}} {
		x := low(c.n, c.d, min(c.d, 40), 0.9)
		var first []uint64
		for _, workers := range []int{1, 2, 3, 8} {
			pool := par.New(workers)
			for l := cpu.Portable; l <= cpu.Best; l++ {
				cpu.Use = l
				m, err := Fit(ctx, pool, x, c.n, c.d, c.k)
				if err != nil {
					t.Fatal(err)
				}
				out := make([]float32, c.n*c.k)
				if err := m.Transform(ctx, pool, x, c.n, out); err != nil {
					t.Fatal(err)
				}
				var got []uint64
				for _, v := range [][]float64{m.Mean, m.Components, m.Variance} {
					for _, f := range v {
						got = append(got, math.Float64bits(f))
					}
				}
				for _, f := range out {
					got = append(got, uint64(math.Float32bits(f)))
				}
				if first == nil {
					first = got
				}
				for i := range got {
					if got[i] != first[i] {
						t.Fatalf("%v workers %d %v: number %d differs", c, workers, l, i)
					}
				}
			}
			pool.Close()
		}
	}
}

func TestKernelBits(t *testing.T) {
	was := cpu.Use
	defer func() { cpu.Use = was }()
	if cpu.Best < cpu.SIMD {
		t.Skip("no vectors here")
	}
	r := rand.New(rand.NewPCG(3, 4))
	for _, k := range []int{1, 2, 3, 4, 5, 7, 8, 9, 31, 100} {
		buf := make([]float64, 2*k*width+16)
		for i := range buf {
			buf[i] = math.NaN()
		}
		a, b := buf[4:4+k*width], buf[8+k*width:8+2*k*width]
		for i := range a {
			a[i], b[i] = r.NormFloat64(), r.NormFloat64()
		}
		var start [width*width + 8]float64
		for i := range start {
			start[i] = r.NormFloat64()
		}
		want := start
		cpu.Use = cpu.Portable
		addProduct(a, b, k, want[4:4+width*width])
		got := start
		cpu.Use = cpu.SIMD
		addProduct(a, b, k, got[4:4+width*width])
		if got != want {
			t.Fatalf("k %d:\n%v\nwant\n%v", k, got, want)
		}
	}
}

func TestEigenSym(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{1, 2, 3, 5, 20, 77} {
		for _, kind := range []string{"random", "diagonal", "zero", "rank one", "equal"} {
			a := make([]float64, n*n)
			for i := range n {
				for j := range i + 1 {
					v := 0.0
					switch {
					case kind == "random":
						v = r.NormFloat64()
					case kind == "diagonal" && i == j:
						v = float64(i % 4)
					case kind == "rank one":
						v = float64(i+1) * float64(j+1)
					case kind == "equal" && i == j:
						v = 3
					}
					a[i*n+j], a[j*n+i] = v, v
				}
			}
			values, vectors, err := EigenSym(ctx, append([]float64(nil), a...), n)
			if err != nil {
				t.Fatal(err)
			}
			norm := 1e-300
			for _, v := range a {
				norm = max(norm, math.Abs(v))
			}
			for i := range n {
				v := vectors[i*n : (i+1)*n]
				for j := range n {
					if e := dot(a[j*n:(j+1)*n], v) - values[i]*v[j]; math.Abs(e) > 1e-13*norm*float64(n) {
						t.Fatalf("%s %d: residual %g", kind, n, e)
					}
				}
				for j := range i {
					if e := dot(v, vectors[j*n:(j+1)*n]); math.Abs(e) > 1e-13*float64(n) {
						t.Fatalf("%s %d: product %g", kind, n, e)
					}
				}
				if i > 0 && values[i] > values[i-1] {
					t.Fatalf("%s %d: values not in order", kind, n)
				}
			}
		}
	}
}

func TestBytes(t *testing.T) {
	if b := Bytes(70000, 784, 50); b < 784*784*8 || b > 100<<20 {
		t.Errorf("%d bytes for MNIST", b)
	}
	if b := Bytes(1_000_000, 30_000, 50); b > 1<<30 {
		t.Errorf("%d bytes for a million cells", b)
	}
}

func BenchmarkKernel(b *testing.B) {
	const k = 512
	x, y, c := make([]float64, k*width), make([]float64, k*width), make([]float64, width*width)
	for b.Loop() {
		addProduct(x, y, k, c)
	}
	b.ReportMetric(2*k*width*width*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

func BenchmarkFit(b *testing.B) {
	for _, c := range []struct{ n, d, k int }{{70000, 784, 50}, {70000, 50, 2}, {2000, 20000, 50}, {1797, 64, 2}} {
		x := low(c.n, c.d, min(c.d, 60), 0.95)
		r := rand.New(rand.NewPCG(1, 1))
		for i := range x {
			x[i] += float32(r.NormFloat64())
		}
		pool := par.New(0)
		b.Run(fmt.Sprintf("n=%d/d=%d/k=%d", c.n, c.d, c.k), func(b *testing.B) {
			for b.Loop() {
				if _, err := Fit(ctx, pool, x, c.n, c.d, c.k); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("square/n=%d/d=%d", c.n, c.d), func(b *testing.B) {
			f := &data{ctx: ctx, pool: pool, x: x, n: c.n, d: c.d}
			f.means()
			form := f.covariance
			if c.d > c.n {
				form = f.gram
			}
			for b.Loop() {
				form()
			}
			m := float64(min(c.n, c.d))
			b.ReportMetric(float64(max(c.n, c.d))*m*(m+1)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
		b.Run(fmt.Sprintf("transform/n=%d/d=%d/k=%d", c.n, c.d, c.k), func(b *testing.B) {
			m, _ := Fit(ctx, pool, x, c.n, c.d, c.k)
			out := make([]float32, c.n*c.k)
			for b.Loop() {
				m.Transform(ctx, pool, x, c.n, out)
			}
			b.ReportMetric(2*float64(c.n)*float64(c.d)*float64(c.k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
		pool.Close()
	}
}
