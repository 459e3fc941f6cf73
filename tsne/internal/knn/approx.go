package knn

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/limit"
	"github.com/libtsne/libtsne/tsne/internal/par"
)

const (
	leadDims   = 32     // coordinates that lists are made by
	probes     = 24     // lists near a row that count as such
	missed     = 0.0075 // share of the neighbours that may be missed at effort 1
	smallN     = 3000   // below it lists are not worth their making
	fullShare  = 0.4    // share of all pairs from which on all are taken
	calibrated = 256    // at most as many rows are searched to choose the pairs
	sampled    = 64     // rows a list that lists are made from
	rounds     = 5      // of k-means
	rankedRows = 128    // rows a list whose near lists are counted
	mostRows   = 700    // of a list, about
)

// listCount balances the making of lists against what they save; of many rows, what the comparing of two lists costs
// a row stays the same.
func listCount(n int) int { return max(int(2*math.Sqrt(float64(n))), n/mostRows) }

// approx is Approx of checked and scaled data: the rows are cut into lists,
// and pairs of lists that lie close together are compared, all of their rows.
func approx(ctx context.Context, pool *par.Pool, x []float32, n, d, k int, o ApproxOptions, of *part, progress func(done float64)) (*Graph, error) {
	if n < smallN {
		return exact(ctx, pool, x, n, d, k, of, progress)
	}
	b, err := newBasis(ctx, pool, x, n, d)
	if err != nil {
		return nil, err
	}
	y, err := b.lead(ctx, pool, x, n, leadDims)
	if err != nil {
		return nil, err
	}
	making, comparing := parts(progress, listed)
	l, err := newLists(ctx, pool, y, n, listCount(n), o.Seed, making)
	if err != nil {
		return nil, err
	}
	to, close, err := l.scatter(ctx, pool)
	if err != nil {
		return nil, err
	}
	near, err := sampleTruth(ctx, pool, x, n, d, k)
	if err != nil {
		return nil, err
	}
	effort := o.Effort
	if effort == 0 {
		effort = 1
	}
	start, members := group(to, l.count)
	pairs, share := l.choose(to, start, close, near, k, missed/effort)
	if share > fullShare {
		return exact(ctx, pool, x, n, d, k, of, comparing)
	}

	if err := l.splitAll(ctx, pool, members, start); err != nil {
		return nil, err
	}
	blocks := make([]int, l.count+1)
	for i := range l.count {
		blocks[i+1] = blocks[i] + par.Chunks(start[i+1]-start[i], width)
	}
	slots := make([]int32, blocks[l.count]*width)
	for i := range l.count {
		s := slots[blocks[i]*width : blocks[i+1]*width]
		for j := copy(s, members[start[i]:start[i+1]]); j < len(s); j++ {
			s[j] = -1
		}
	}
	l, y, members, to = nil, lead{}, nil, nil
	// run takes those of a list with itself first. The others are few of those that were looked at.
	pairs = slices.Clone(slices.DeleteFunc(pairs, func(p pair) bool { return p.a == p.b }))
	strands(pairs, pool.Workers())
	thrifty := lean(n, d, k)
	if thrifty {
		limit.Collect(128 * uint64(n)) // what the lists were made by goes before the search takes its room
	}
	g := newGraph(of.rows(n), k)
	var rows *aside
	if thrifty && o.Scratch != nil {
		rows, err = setAside(ctx, pool, o.Scratch.Dir, x, d, slots)
		switch {
		case err == nil:
			defer rows.close()
		case ctx.Err() != nil:
			return nil, err
		default:
			o.Scratch.Failed(err)
		}
		limit.Collect(bandBytes * uint64(n))
	}
	s, err := newSearch(ctx, pool, b, x, slots, blocks, g, thrifty, rows)
	if err != nil {
		return nil, err
	}
	of.take(s, n)
	return g, s.run(ctx, pool, par.Chunks(len(pairs), strandPairs), func(w *scratch, t int) {
		for _, p := range pairs[t*strandPairs : min((t+1)*strandPairs, len(pairs))] {
			s.pair(w, int(p.a), int(p.b))
		}
	}, ownTasks, comparing)
}

// ownTasks is what comparing a list with itself takes, in tasks of strandPairs.
const ownTasks = 0.5

// listed is the share of a search that the making of lists is told as.
const listed = 0.15

// parts are what tells of the first share of some work and of the rest; nil if
// nobody is to be told.
func parts(progress func(done float64), first float64) (a, b func(done float64)) {
	if progress == nil {
		return nil, nil
	}
	return func(done float64) { progress(first * done) }, func(done float64) { progress(first + (1-first)*done) }
}

// strandPairs is the number of pairs of lists that a worker takes together.
const strandPairs = 8

// strands orders the pairs, which come in order of their scores, for the caches:
// by list within each quarter, lists of near numbers being near in space, and
// from as many places in turn as there are workers, who would else wait for each
// other's lists.
func strands(pairs []pair, workers int) {
	const tiers = 4
	for q := range tiers {
		tier := pairs[q*len(pairs)/tiers : (q+1)*len(pairs)/tiers]
		slices.SortFunc(tier, func(p, q pair) int { return cmp.Or(cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b)) })
		from := slices.Clone(tier)
		each := par.Chunks(par.Chunks(len(from), workers), strandPairs) * strandPairs
		to := 0
		for at := 0; at < each; at += strandPairs {
			for w := 0; w*each+at < len(from); w++ {
				to += copy(tier[to:], from[w*each+at:min(w*each+at+strandPairs, (w+1)*each, len(from))])
			}
		}
	}
}

// scatter finds the list of every row and, of a part of the rows, the pairs of lists of which one is among the nearest
// to rows of the other.
func (l *lists) scatter(ctx context.Context, pool *par.Pool) (to []int32, close []pair, err error) {
	to = make([]int32, l.n)
	if err := l.assign(ctx, pool, l.n, func(i int) int { return i }, to, false); err != nil {
		return nil, nil, err
	}
	m := min(l.n, rankedRows*l.count)
	p := min(probes, l.count)
	tops := make([]int32, m*p)
	err = pool.ForContext(ctx, m, 64, func(w, lo, hi int) {
		t := newNearest(p)
		f := l.finder(t.take)
		var walker *walker
		if l.around != nil {
			walker = l.walker()
		}
		for i := lo; i < hi; i++ {
			t.begin(tops[i*p:][:p])
			at := rowOf(i, m, l.n)
			if walker == nil {
				f.find(l.row(at))
				continue
			}
			t.among(walker.look(l.row(at), to[at]))
		}
		l.made.Add(w, hi-lo)
	})
	if err := l.made.End(err); err != nil {
		return nil, nil, err
	}
	close, err = l.meetings(ctx, pool, to, tops, m, p)
	return to, close, err
}

// meetings adds up, for pairs of lists, how near the one is to rows of the other: tops has the p lists nearest to each of
// m rows, nearest first.
func (l *lists) meetings(ctx context.Context, pool *par.Pool, to, tops []int32, m, p int) ([]pair, error) {
	of := make([]int32, m)
	for i := range of {
		of[i] = to[rowOf(i, m, l.n)]
	}
	start, members := group(of, l.count)
	sums := make([][]float32, pool.Workers())
	from := make([][]pair, l.count)
	err := pool.ForContext(ctx, l.count, 16, func(w, lo, hi int) {
		if sums[w] == nil {
			sums[w] = make([]float32, l.count)
		}
		sum := sums[w]
		var met []int32
		for a := lo; a < hi; a++ {
			met = met[:0]
			for _, i := range members[start[a]:start[a+1]] {
				for r, c := range tops[int(i)*p:][:p] {
					if sum[c] == 0 {
						met = append(met, c)
					}
					sum[c] += float32(p - r)
				}
			}
			from[a] = make([]pair, len(met))
			for i, c := range met {
				from[a][i] = pair{min(int32(a), c), max(int32(a), c), sum[c]}
				sum[c] = 0
			}
		}
	})
	if err != nil {
		return nil, err
	}
	all := slices.Concat(from...)
	slices.SortFunc(all, func(p, q pair) int { return cmp.Or(cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b)) })
	last := -1
	for _, p := range all {
		if last >= 0 && all[last].a == p.a && all[last].b == p.b {
			all[last].score += p.score // sums of small integers: no rounding
			continue
		}
		last++
		all[last] = p
	}
	return all[:last+1], nil
}

// truth holds the k nearest rows of some rows.
type truth struct {
	rows  []int32
	index []int32
}

// sampleTruth searches all rows for the neighbours of a few. A worker has a heap of each for the rows that it takes, which
// are read once.
func sampleTruth(ctx context.Context, pool *par.Pool, x []float32, n, d, k int) (*truth, error) {
	q := min(calibrated, max(64, int(14e9/float64(n)/float64(d))))
	t := &truth{rows: make([]int32, q)}
	size := (d + 7) / 8 * 8
	a := make([]float32, q*size)
	for i := range t.rows {
		t.rows[i] = int32(rowOf(2*i+1, 2*q, n))
		copy(a[i*size:], x[int(t.rows[i])*d:][:d])
	}
	const rows, grain = 256, 1 << 14
	at := make([]int32, rows)
	for i := range at {
		at[i] = int32(i)
	}
	type scratch struct {
		g      *Graph
		c, out []float32
	}
	work := make([]scratch, pool.Workers())
	err := pool.ForContext(ctx, n, grain, func(worker, lo, hi int) {
		w := &work[worker]
		if w.g == nil {
			*w = scratch{newGraph(q, k), make([]float32, rows*size), make([]float32, rows)}
		}
		for from := lo; from < hi && ctx.Err() == nil; from += rows {
			m := min(rows, hi-from)
			for j := range m {
				copy(w.c[j*size:], x[(from+j)*d:][:d])
			}
			for i, row := range t.rows {
				distances(a[i*size:][:size], w.c, at, w.out)
				dist, index := w.g.row(i)
				for j, v := range w.out[:m] {
					if v <= dist[0] && from+j != int(row) && farther(dist[0], index[0], v, int32(from+j)) {
						replaceRoot(dist, index, v, int32(from+j))
					}
				}
			}
		}
	})
	g := newGraph(q, k)
	for _, w := range work {
		if w.g == nil {
			continue
		}
		for i := range q {
			dist, index := g.row(i)
			more, of := w.g.row(i)
			for j, v := range more {
				if farther(dist[0], index[0], v, of[j]) {
					replaceRoot(dist, index, v, of[j])
				}
			}
		}
	}
	t.index = g.Index
	return t, err
}

// pair of lists, a <= b.
type pair struct {
	a, b  int32
	score float32
}

// choose takes the pairs of lists in order of the rows close to both for each
// pair of rows, until no more than the given share of the neighbours that are
// known is missed. It returns them with their share of all pairs of rows.
func (l *lists) choose(to []int32, start []int, pairs []pair, near *truth, k int, miss float64) ([]pair, float64) {
	size := func(i int) int { return start[i+1] - start[i] }
	pairs = slices.DeleteFunc(pairs, func(p pair) bool { return p.a == p.b || size(int(p.a)) == 0 || size(int(p.b)) == 0 })
	for i, p := range pairs {
		pairs[i].score /= float32(size(int(p.a))) * float32(size(int(p.b)))
	}
	for a := range l.count {
		if size(a) > 0 {
			pairs = append(pairs, pair{int32(a), int32(a), float32(math.Inf(1))})
		}
	}
	slices.SortFunc(pairs, func(p, q pair) int {
		return cmp.Or(cmp.Compare(q.score, p.score), cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b))
	})
	held := map[[2]int32]int{}
	for i, j := range near.index {
		a, b := to[near.rows[i/k]], to[j]
		held[[2]int32{min(a, b), max(a, b)}]++
	}
	want := int(math.Ceil((1 - miss) * float64(len(near.index))))
	taken, got := 0, 0
	seen := make([]int, l.count) // rows that a list is compared with
	var work float64
	take := func(p pair) {
		a, b := int(p.a), int(p.b)
		seen[a] += size(b)
		if a != b {
			seen[b] += size(a)
			work += float64(size(a)) * float64(size(b))
		} else {
			work += float64(size(a)) * float64(size(a)) / 2
		}
	}
	for taken < len(pairs) && (got < want || pairs[taken].a == pairs[taken].b) {
		p := pairs[taken]
		got += held[[2]int32{p.a, p.b}]
		take(p)
		taken++
	}
	pairs = l.fill(pairs[:taken], seen, size, take, k)
	n := float64(l.n)
	return pairs, work / (n * n / 2)
}

// fill adds pairs until every row meets at least k others.
func (l *lists) fill(pairs []pair, seen []int, size func(int) int, take func(pair), k int) []pair {
	have := map[[2]int32]bool{}
	for _, p := range pairs {
		have[[2]int32{p.a, p.b}] = true
	}
	for a := range l.count {
		if size(a) == 0 || seen[a] > k {
			continue
		}
		dist := make([]float32, par.Chunks(l.count, centerSpan)*centerSpan)
		l.rankOf(l.center(a), dist)
		order := make([]int, l.count)
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(dist[i], dist[j]) })
		for _, b := range order {
			p := pair{a: int32(min(a, b)), b: int32(max(a, b))}
			if seen[a] > k {
				break
			}
			if key := [2]int32{p.a, p.b}; size(b) > 0 && !have[key] {
				have[key] = true
				take(p)
				pairs = append(pairs, p)
			}
		}
	}
	return pairs
}
