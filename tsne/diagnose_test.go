package tsne_test

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/libtsne/libtsne/tsne"
)

// TestDiagnoseByDefinition holds what is counted among all points, up to 1,000,
// against its definitions.
func TestDiagnoseByDefinition(t *testing.T) {
	const n, k = 300, 12
	for _, metric := range []tsne.Metric{tsne.MetricEuclidean, tsne.MetricCosine, tsne.MetricManhattan} {
		for dims := 1; dims <= 3; dims++ {
			x := blobs(n, 7, 5, 3)
			e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{Dims: dims, Metric: metric, Iterations: 100, Perplexity: 20}))
			y := e.Y()
			d := must[*tsne.Diagnosis](t)(e.Diagnose(ctx, tsne.DiagnoseOptions{K: k}, tsne.Options{}))
			inX, inY := allDistances(x, metric), allDistances(tsne.Matrix{Data: y, Rows: n, Cols: dims}, tsne.MetricEuclidean)
			ratios := make([]float64, n)
			for i := range n {
				byX, byY := ranksFrom(inX, n, i), ranksFrom(inY, n, i)
				shared, trust, cont, near, nearY := 0.0, 0.0, 0.0, 0.0, 0.0
				for j := range n {
					switch {
					case j == i:
						continue
					case byX[j] <= k && byY[j] <= k:
						shared++
					case byY[j] <= k:
						trust += float64(byX[j] - k)
					case byX[j] <= k:
						cont += float64(byY[j] - k)
					}
					if byX[j] <= k {
						near += float64(inX[i*n+j])
						nearY += float64(inY[i*n+j])
					}
				}
				ratios[i] = nearY / near
				scale := 2.0 / (k * (2*n - 3*k - 1))
				isNear(t, "recall", d.Recall[i], shared/k)
				isNear(t, "trustworthiness", d.Trustworthiness[i], 1-scale*trust)
				isNear(t, "continuity", d.Continuity[i], 1-scale*cont)
			}
			sorted := slices.Sorted(slices.Values(ratios))
			middle := (sorted[n/2-1] + sorted[n/2]) / 2
			for i, v := range ratios {
				isNear(t, "stretch", d.Stretch[i], v/middle)
			}
			if t.Failed() {
				t.Fatalf("metric %d, %d columns", metric, dims)
			}
		}
	}
}

// ranksFrom are the ranks of all points by their distance from point i.
func ranksFrom(dist []float32, n, i int) []int {
	order := make([]int, 0, n)
	for j := range n {
		if j != i {
			order = append(order, j)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(dist[i*n+a], dist[i*n+b]) })
	rank := make([]int, n)
	for r, j := range order {
		rank[j] = r + 1
	}
	return rank
}

func isNear(t *testing.T, what string, got float32, want float64) {
	t.Helper()
	if math.Abs(float64(got)-want) > 1e-4*(1+math.Abs(want)) {
		t.Errorf("%s %v, want %v", what, got, want)
	}
}

// TestSingularityBySecondDifferences: 1 over the least eigenvalue of the second
// differences of the divergence, by the tails that there are.
func TestSingularityBySecondDifferences(t *testing.T) {
	const n, h = 120, 0.02
	x := blobs(n, 5, 3, 8)
	for _, dof := range []float64{1, 0.6} {
		e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{DOF: dof, Perplexity: 10, Iterations: 300}))
		d := must[*tsne.Diagnosis](t)(e.Diagnose(ctx, tsne.DiagnoseOptions{Only: tsne.ScoreSingularity}, tsne.Options{}))
		p, y := e.Affinities(), e.Y()
		wide := make([]float64, len(y))
		for i, v := range y {
			wide[i] = float64(v)
		}
		loss := func(i int, a, b float64) float64 {
			was := [2]float64{wide[2*i], wide[2*i+1]}
			wide[2*i] += a
			wide[2*i+1] += b
			kl := divergence(p, wide, dof)
			wide[2*i], wide[2*i+1] = was[0], was[1]
			return kl
		}
		for i := 0; i < n; i += 17 {
			xx := (loss(i, h, 0) - 2*loss(i, 0, 0) + loss(i, -h, 0)) / (h * h)
			yy := (loss(i, 0, h) - 2*loss(i, 0, 0) + loss(i, 0, -h)) / (h * h)
			xy := (loss(i, h, h) - loss(i, h, -h) - loss(i, -h, h) + loss(i, -h, -h)) / (4 * h * h)
			least := (xx+yy)/2 - math.Sqrt((xx-yy)*(xx-yy)/4+xy*xy)
			if got := 1 / float64(d.Singularity[i]); math.Abs(got-least) > 0.01*math.Abs(least)+1e-6 {
				t.Errorf("dof %g, point %d: eigenvalue %g, want %g", dof, i, got, least)
			}
		}
	}
}

// divergence is that of the whole map, but for the sum of p log p.
func divergence(p *tsne.Affinities, y []float64, dof float64) float64 {
	u := func(i, j int) float64 {
		return 1 + (math.Pow(y[2*i]-y[2*j], 2)+math.Pow(y[2*i+1]-y[2*j+1], 2))/dof
	}
	kl, z := 0.0, 0.0
	for i := range p.N {
		for e := p.Ptr[i]; e < p.Ptr[i+1]; e++ {
			kl += float64(p.Val[e]) * dof * math.Log(u(i, int(p.Col[e])))
		}
		for j := range p.N {
			if j != i {
				z += math.Pow(u(i, j), -dof)
			}
		}
	}
	return kl + math.Log(z)
}

// TestDiagnoseScales: where points are too many for sums over all pairs or ranks
// among all, the scores are near those.
func TestDiagnoseScales(t *testing.T) {
	const n = 10_500 // just beyond both
	x := blobs(n, 10, 8, 2)
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{Iterations: 250, Perplexity: 10}))
	d := must[*tsne.Diagnosis](t)(e.Diagnose(ctx, tsne.DiagnoseOptions{Only: tsne.ScoreSingularity | tsne.ScoreTrustworthiness}, tsne.Options{}))
	p, y := e.Affinities(), e.Y()
	z := 0.0
	for i := range n {
		for j := range i {
			z += 2 / (1 + dist2(y, 2, i, j))
		}
	}
	inX := func(i, j int) float64 { return dist2(x.Data, 10, i, j) }
	const k = 15
	for i := 0; i < n; i += 501 {
		var h [3]float64 // xx, xy, yy
		var s [2]float64
		add := func(a, b float64, dx, dy float64) {
			h[0] += a + b*dx*dx
			h[1] += b * dx * dy
			h[2] += a + b*dy*dy
		}
		for e := p.Ptr[i]; e < p.Ptr[i+1]; e++ {
			j := int(p.Col[e])
			w := 1 / (1 + dist2(y, 2, i, j))
			a := 4 * float64(p.Val[e]) * w
			add(a, -2*a*w, float64(y[2*i]-y[2*j]), float64(y[2*i+1]-y[2*j+1]))
		}
		for j := range n {
			if j != i {
				w := 1 / (1 + dist2(y, 2, i, j))
				dx, dy := float64(y[2*i]-y[2*j]), float64(y[2*i+1]-y[2*j+1])
				add(-4*w*w/z, 16*w*w*w/z, dx, dy)
				s[0] += w * w * dx
				s[1] += w * w * dy
			}
		}
		add(0, -16/z/z, s[0], s[1])
		least := (h[0]+h[2])/2 - math.Sqrt((h[0]-h[2])*(h[0]-h[2])/4+h[1]*h[1])
		most := h[0] + h[2] - least
		if got := 1 / float64(d.Singularity[i]); math.Abs(got-least) > 0.02*math.Abs(most) {
			t.Errorf("point %d: eigenvalue %g, want %g beside %g", i, got, least, most)
		}
		near := func(dist func(a, b int) float64) []int {
			order := make([]int, 0, n)
			at := make([]float64, n)
			for j := range n {
				at[j] = dist(i, j)
				if j != i {
					order = append(order, j)
				}
			}
			slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(at[a], at[b]) })
			return order
		}
		byX, excess := near(inX), 0
		for _, j := range near(func(a, b int) float64 { return dist2(y, 2, a, b) })[:k] {
			excess += max(slices.Index(byX, j)+1-k, 0)
		}
		want := 1 - 2*float64(excess)/float64(k*(2*n-3*k-1))
		if got := float64(d.Trustworthiness[i]); math.Abs(got-want) > 0.02 {
			t.Errorf("point %d: trustworthiness %g, want %g", i, got, want)
		}
	}
}

// TestPerturbationOfNothing: a point of a map that has come to rest stays where it
// is when its row does, whatever the tail.
func TestPerturbationOfNothing(t *testing.T) {
	for _, dof := range []float64{1, 0.6} {
		x := blobs(300, 5, 3, 8)
		e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{Perplexity: 20, DOF: dof, Iterations: 1500}))
		d := must[*tsne.Diagnosis](t)(e.Diagnose(ctx, tsne.DiagnoseOptions{Length: 1e-6, Only: tsne.ScorePerturbation}, tsne.Options{}))
		if d.Recall != nil || d.Length != 1e-6 {
			t.Errorf("not asked for: %v, length %g", d.Recall, d.Length)
		}
		slices.Sort(d.Perturbation)
		if middle := d.Perturbation[150]; middle > 0.3 {
			t.Errorf("dof %g: the median is %g", dof, middle)
		}
	}
}

// TestDiagnoseBits: the same on any number of threads, and finite.
func TestDiagnoseBits(t *testing.T) {
	x := blobs(1700, 6, 5, 9) // beyond the sample, and with a grid
	for _, o := range []tsne.Options{
		{Perplexity: 10}, {Dims: 1, Perplexity: 5, Metric: tsne.MetricCosine}, {Affinity: tsne.AffinityUniformMax, K: 20, DOF: 0.7},
	} {
		o.Iterations = cmp.Or(o.Iterations, 100)
		e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, o))
		maps := [][]float32{e.Y(), scatter(1700, e.Dims(), 10, 3)}
		want := must[*tsne.Diagnosis](t)(e.Diagnose(ctx, tsne.DiagnoseOptions{Maps: maps}, tsne.Options{Threads: 1}))
		got := must[*tsne.Diagnosis](t)(e.Diagnose(ctx, tsne.DiagnoseOptions{Maps: maps}, tsne.Options{Threads: 3}))
		for name, pair := range map[string][2][]float32{
			"recall": {got.Recall, want.Recall}, "trust": {got.Trustworthiness, want.Trustworthiness}, "continuity": {got.Continuity, want.Continuity},
			"stretch": {got.Stretch, want.Stretch}, "perturbation": {got.Perturbation, want.Perturbation},
			"singularity": {got.Singularity, want.Singularity}, "reliability": {got.Reliability, want.Reliability}, "spread": {got.Spread, want.Spread},
		} {
			sameBits(t, name, pair[0], pair[1])
			if !finite(pair[0]) || len(pair[0]) != 1700 {
				t.Errorf("%s: not finite or %d values", name, len(pair[0]))
			}
		}
		if !slices.Equal(got.Dubious, want.Dubious) {
			t.Error("dubious differs")
		}
	}
}

// TestSpread: none of a map turned, mirrored and scaled; of one point moved its own.
func TestSpread(t *testing.T) {
	e := finished(t, 300, 6, 2, tsne.MetricEuclidean)
	y := e.Y()
	turned := make([]float32, len(y))
	for i := range 300 {
		turned[2*i], turned[2*i+1] = 3*y[2*i+1]+5, 3*y[2*i]-2
	}
	spread := func(maps ...[]float32) []float32 {
		return must[*tsne.Diagnosis](t)(e.Diagnose(ctx, tsne.DiagnoseOptions{Maps: maps, Only: tsne.ScoreSpread}, tsne.Options{})).Spread
	}
	for i, v := range spread(turned) {
		if v > 1e-3 {
			t.Fatalf("point %d: %g", i, v)
		}
	}
	turned[14] += 30
	moved := spread(turned)
	if at := slices.Index(moved, slices.Max(moved)); at != 7 || moved[7] < 3 {
		t.Errorf("the most at %d, %g", at, moved[at])
	}
}

// TestOutside: by all distances, and none of the reference's own kind is as far out
// as a class that it lacks.
func TestOutside(t *testing.T) {
	const k = 9
	all := blobs(700, 6, 7, 5)
	var in, out, q []float32
	for i := range all.Rows {
		row := all.Data[i*6:][:6]
		switch {
		case i%7 == 6:
			out = append(out, row...)
		case i < 350:
			in = append(in, row...)
		default:
			q = append(q, row...)
		}
	}
	x := tsne.Matrix{Data: in, Rows: len(in) / 6, Cols: 6}
	e := must[*tsne.Embedding](t)(tsne.Fit(ctx, x, tsne.Options{Iterations: 20}))
	s := tsne.Matrix{Data: append(q, out...), Rows: (len(q) + len(out)) / 6, Cols: 6}
	got := must[*tsne.Outside](t)(e.Outside(ctx, s, k, tsne.TransformOptions{}))
	kth := func(row []float32, skip int) float64 {
		var dist []float64
		for j := range x.Rows {
			if j != skip {
				dist = append(dist, math.Sqrt(dist2(append(slices.Clone(row), x.Data[j*6:][:6]...), 6, 0, 1)))
			}
		}
		slices.Sort(dist)
		return dist[k-1]
	}
	own := make([]float64, x.Rows)
	for i := range own {
		own[i] = kth(x.Data[i*6:][:6], i)
	}
	for i := range s.Rows {
		d, nearer := kth(s.Data[i*6:][:6], -1), 0
		for _, v := range own {
			if v < d {
				nearer++
			}
		}
		isNear(t, "distance", got.Distance[i], d)
		isNear(t, "quantile", got.Quantile[i], float64(nearer)/float64(len(own)))
	}
	known := len(q) / 6
	if inside, outside := slices.Max(got.Ratio[:known]), slices.Min(got.Ratio[known:]); inside >= outside || slices.Min(got.Quantile[known:]) < 1 {
		t.Errorf("inside up to %g, outside from %g, quantile %g", inside, outside, slices.Min(got.Quantile[known:]))
	}
	one := must[*tsne.Outside](t)(e.Outside(ctx, rowsOf(s, 3, 4), k, tsne.TransformOptions{Threads: 1}))
	sameBits(t, "alone", one.Ratio, got.Ratio[3:4])
}

func TestDiagnoseRefuses(t *testing.T) {
	e := finished(t, 60, 4, 2, tsne.MetricEuclidean)
	plain := tsne.Options{}
	for want, d := range map[string]tsne.DiagnoseOptions{
		"k: got 30, want 1 to 29, under half of the points":                                {K: 30},
		"k: got -1, want 1 to 29, under half of the points":                                {K: -1},
		"Length: got -1, want above 0, or 0 for the median distance to the k-th neighbour": {Length: -1},
		"Maps: got none, want at least one other map, for the spread":                      {Only: tsne.ScoreSpread},
		"maps[1]: got 118 values, want 60 rows x 2 columns":                                {Maps: [][]float32{e.Y(), e.Y()[:118]}},
	} {
		if _, err := e.Diagnose(ctx, d, plain); err == nil || err.Error() != want {
			t.Errorf("%v, want %q", err, want)
		}
	}
	bad := e.Y()
	bad[5] = float32(math.NaN())
	if _, err := e.Diagnose(ctx, tsne.DiagnoseOptions{Maps: [][]float32{bad}}, plain); !errors.Is(err, tsne.ErrNotFinite) {
		t.Errorf("a map with a NaN: %v", err)
	}
	if _, err := e.Outside(ctx, newRows(5, 4), 60, tsne.TransformOptions{}); !errors.Is(err, tsne.ErrOption) {
		t.Errorf("k of all rows: %v", err)
	}
	e.DropData()
	if _, err := e.Diagnose(ctx, tsne.DiagnoseOptions{}, plain); !errors.Is(err, tsne.ErrNoData) {
		t.Errorf("without data: %v", err)
	}
	if _, err := e.Outside(ctx, newRows(5, 4), 0, tsne.TransformOptions{}); !errors.Is(err, tsne.ErrNoData) {
		t.Errorf("outside without data: %v", err)
	}
}
