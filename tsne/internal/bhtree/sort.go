package bhtree

import "github.com/libtsne/libtsne/tsne/internal/par"

// item is a point's Morton key and its row.
type item struct {
	key   uint64
	index int32
}

const (
	digitBits = 8
	digits    = 64 / digitBits
)

// sorter counts the digits of keys.
type sorter struct {
	counts   [digits][1 << digitBits]int32
	chunks   [][1 << digitBits]int32 // of one digit, by chunk
	from, to []item
	shift    int
	grain    int
	count    func(w, chunk int)
	move     func(w, chunk int)
}

// sortTogether is from how many points on several workers sort: two loops a digit.
const sortTogether = 8192

// sortByKey fills items with the keys and rows of the points y in the order of
// the keys, equal keys in the order of their rows.
func (t *Tree) sortByKey(y []float32, items []item) {
	t.y, t.walk.items = y, items
	t.pool.Run(par.Chunks(len(items), pointGrain), t.keyBody)
	t.pool.Weigh("keys", func(c int) int { return min(len(items), (c+1)*pointGrain) - c*pointGrain })
	if t.pool.Workers() > 1 && len(items) >= sortTogether {
		t.sortItems(items)
		return
	}
	counts := &t.sorter.counts
	*counts = [digits][1 << digitBits]int32{}
	for i := range items {
		k := items[i].key
		for d := range counts {
			counts[d][uint8(k>>(d*digitBits))]++
		}
	}
	t.spare = grow(t.spare, len(items))
	from, to := items, t.spare
	for d := range counts {
		c := &counts[d]
		shift := d * digitBits
		if int(c[uint8(items[0].key>>shift)]) == len(items) {
			continue // all alike
		}
		at := int32(0)
		for v := range c {
			at, c[v] = at+c[v], at
		}
		for i := range from {
			v := uint8(from[i].key >> shift)
			to[c[v]] = from[i]
			c[v]++
		}
		from, to = to, from
	}
	if &from[0] != &items[0] {
		copy(items, from)
	}
}

// sortItems does by all workers what sortByKey does by one: a digit at a time, the
// lowest first, those of a chunk before those of the next.
func (t *Tree) sortItems(items []item) {
	s := &t.sorter
	t.spare = grow(t.spare, len(items))
	s.from, s.to = items, t.spare
	s.grain = max(2048, len(items)/24)
	chunks := par.Chunks(len(items), s.grain)
	s.chunks = grow(s.chunks, chunks)
	size := func(c int) int { return min(len(items), (c+1)*s.grain) - c*s.grain }
	for d := range par.Chunks(keyBits(t.dims)*t.dims, digitBits) {
		s.shift = d * digitBits
		t.pool.Run(chunks, s.count)
		t.pool.Weigh("digit", size)
		at := int32(0)
		for v := range 1 << digitBits {
			for c := range s.chunks {
				k := &s.chunks[c][v]
				*k, at = at, at+*k
			}
		}
		t.pool.Serial("starts", chunks<<digitBits)
		t.pool.Run(chunks, s.move)
		t.pool.Weigh("digit", size)
		s.from, s.to = s.to, s.from
	}
	if &s.from[0] != &items[0] {
		copy(items, s.from)
		t.pool.Serial("copy", len(items))
	}
	s.from, s.to = nil, nil
}

func (s *sorter) countChunk(_, chunk int) {
	counts := &s.chunks[chunk]
	*counts = [1 << digitBits]int32{}
	for _, it := range s.from[chunk*s.grain : min(len(s.from), (chunk+1)*s.grain)] {
		counts[uint8(it.key>>s.shift)]++
	}
}

func (s *sorter) moveChunk(_, chunk int) {
	at, to := &s.chunks[chunk], s.to
	for _, it := range s.from[chunk*s.grain : min(len(s.from), (chunk+1)*s.grain)] {
		v := uint8(it.key >> s.shift)
		to[at[v]] = it
		at[v]++
	}
}

func (t *Tree) keyChunk(_, chunk int) {
	dims := t.dims
	for i := chunk * pointGrain; i < min(len(t.walk.items), (chunk+1)*pointGrain); i++ {
		t.walk.items[i] = item{t.key(t.y[i*dims : (i+1)*dims]), int32(i)}
	}
}
