package knn

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// regions cut many lists into groups of near ones. A row looks at the lists of the nearest regions alone, so that what it takes
// to find those near it grows with the root of their number; a row at the border of its regions may get the second nearest list.
type regions struct {
	*lists       // of the centres
	start  []int // first list of each region, and the end
}

// regionsFrom is the number of lists from which on there are regions: that of four million rows.
var regionsFrom = 5000

// regionsSeen is the number of regions that a row looks at. They hold the nearest list of 99 of 100 rows or more (TestRegionsHoldTheNearestLists).
const regionsSeen = 6

// newRegions brings the centres c in the order of their regions.
func newRegions(ctx context.Context, pool *par.Pool, c []float32, dims, count int, seed uint64) (*regions, error) {
	many := int(math.Sqrt(float64(count)))
	l, err := newLists(ctx, pool, lead{dims, slices.Clone(c)}, count, many, seed, nil)
	if err != nil {
		return nil, err
	}
	to := make([]int32, count)
	if err := l.assign(ctx, pool, count, func(i int) int { return i }, to); err != nil {
		return nil, err
	}
	start, members := group(to, many)
	for i, from := range members {
		copy(c[i*dims:][:dims], l.row(int(from)))
	}
	l.y = nil
	return &regions{l, start}, nil
}

// renew makes the centres of regions the means of those of their lists.
func (r *regions) renew(c []float32) {
	of := lists{lead: lead{r.dims, c}}
	means := make([]float32, r.count*r.dims)
	for i := range r.count {
		rows := make([]int32, 0, r.start[i+1]-r.start[i])
		for list := r.start[i]; list < r.start[i+1]; list++ {
			rows = append(rows, int32(list))
		}
		to := means[i*r.dims:][:r.dims]
		if len(rows) > 0 {
			of.mean(rows, to)
			continue
		}
		for k := range to {
			to[k] = float32(math.Inf(1)) // nobody is near a region without lists
		}
	}
	r.set(means)
}

// nearRegion is one by its squared distance from a row.
type nearRegion struct {
	dist   float32
	region int32
}

func (a nearRegion) compare(b nearRegion) int {
	return cmp.Or(cmp.Compare(a.dist, b.dist), cmp.Compare(a.region, b.region))
}

// roam is find by regions: take is given the lists of the nearest ones, of as many more as it takes to have probes of them.
func (f *finder) roam() {
	r := f.regions
	if f.gaps == nil {
		f.gaps = make([]float32, par.Chunks(r.count, centerSpan)*centerSpan)
	}
	r.rankOf(f.y, f.gaps)
	var near [regionsSeen + 1]nearRegion
	have, size := 0, 0
	for i, v := range f.gaps[:r.count] {
		a := nearRegion{v, int32(i)}
		if have == regionsSeen && a.compare(near[have-1]) > 0 {
			continue
		}
		j := have
		for ; j > 0 && a.compare(near[j-1]) < 0; j-- {
			near[j] = near[j-1]
		}
		near[j] = a
		have = min(have+1, regionsSeen)
	}
	for _, a := range near[:have] {
		size += r.start[a.region+1] - r.start[a.region]
		f.visit(int(a.region))
	}
	if size >= min(probes, f.count) {
		return
	}
	all := make([]nearRegion, r.count)
	for i, v := range f.gaps[:r.count] {
		all[i] = nearRegion{v, int32(i)}
	}
	slices.SortFunc(all, nearRegion.compare)
	for _, a := range all[have:] {
		if size >= probes {
			break
		}
		size += r.start[a.region+1] - r.start[a.region]
		f.visit(int(a.region))
	}
}

// visit looks at the lists of a region.
func (f *finder) visit(region int) {
	lo, hi := f.regions.start[region], f.regions.start[region+1]
	for first := lo / centerSpan * centerSpan; first < hi; first += centerSpan {
		dist := &f.dist[0]
		centers(f.y, f.centers[first*f.dims:], dist)
		a, b := max(lo, first), min(hi, first+centerSpan)
		f.take(a, dist[a-first:b-first])
	}
}
