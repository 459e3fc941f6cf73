package knn

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// regions cut many lists into groups of near ones. A row looks at the lists of the nearest regions alone, which it finds by regions of
// regions where they are many: the work of finding the lists near a row hardly grows with their number. A row at the border of its
// regions may get the second nearest list.
type regions struct {
	*lists       // of the centres
	start  []int // first list of each region, and the end
}

var (
	regionsFrom   = 20_000 // the number of lists from which on there are regions: that of 14 million rows
	regionsOfThem = 300    // the number of regions from which on there are regions of them
)

const (
	regionLists = 64 // lists of a region, about
	regionsSeen = 8  // regions that a row looks at
)

// newRegions brings the centres c in the order of their regions.
func newRegions(ctx context.Context, pool *par.Pool, c []float32, dims, count int, seed uint64) (*regions, error) {
	many := par.Chunks(count, regionLists)
	l, err := newListsFrom(ctx, pool, lead{dims, slices.Clone(c)}, count, many, seed, regionsOfThem, nil)
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

// nearest keeps the nearest of what it is given, equal ones by their number.
type nearest struct {
	dist [regionsSeen]float32
	at   [regionsSeen]int32
	have int
}

func (b *nearest) add(dist float32, at int32) {
	j := b.have
	if j == regionsSeen {
		if j--; dist > b.dist[j] || dist == b.dist[j] && at > b.at[j] {
			return
		}
	} else {
		b.have++
	}
	for ; j > 0 && (dist < b.dist[j-1] || dist == b.dist[j-1] && at < b.at[j-1]); j-- {
		b.dist[j], b.at[j] = b.dist[j-1], b.at[j-1]
	}
	b.dist[j], b.at[j] = dist, at
}

func (b *nearest) addAll(first int, dist []float32) (reach float32) {
	for i, v := range dist {
		b.add(v, int32(first+i))
	}
	return 0
}

// roam is find by regions: take is given the lists of the nearest ones, of as many more as it takes to have probes of them.
func (f *finder) roam() {
	near := &f.near
	near.have = 0
	if f.regions.regions == nil {
		near.addAll(0, f.rankRegions())
	} else {
		if f.above == nil {
			f.above = f.regions.finder(near.addAll)
		}
		f.above.find(f.y)
	}
	size := 0
	for _, region := range near.at[:near.have] {
		size += f.visit(int(region))
	}
	if size >= min(probes, f.count) {
		return
	}
	order := make([]int32, f.regions.count)
	for i := range order {
		order[i] = int32(i)
	}
	gaps := f.rankRegions()
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(gaps[a], gaps[b]) })
	for _, region := range order {
		if size >= probes {
			break
		}
		if !slices.Contains(near.at[:near.have], region) {
			size += f.visit(int(region))
		}
	}
}

// rankRegions are the squared distances of all regions.
func (f *finder) rankRegions() []float32 {
	r := f.regions
	if f.gaps == nil {
		f.gaps = make([]float32, par.Chunks(r.count, centerSpan)*centerSpan)
	}
	r.rankOf(f.y, f.gaps)
	return f.gaps[:r.count]
}

// visit looks at the lists of a region, and says how many there are.
func (f *finder) visit(region int) int {
	lo, hi := f.regions.start[region], f.regions.start[region+1]
	for first := lo / centerSpan * centerSpan; first < hi; first += centerSpan {
		dist := &f.dist[0]
		centers(f.y, f.centers[first*f.dims:], dist)
		a, b := max(lo, first), min(hi, first+centerSpan)
		f.take(a, dist[a-first:b-first])
	}
	return hi - lo
}
