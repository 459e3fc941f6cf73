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
	counts [digits][1 << digitBits]int32
}

// sortByKey fills items with the keys and rows of the points y in the order of
// the keys, equal keys in the order of their rows.
func (t *Tree) sortByKey(y []float32, items []item) {
	t.y, t.walk.items = y, items
	t.pool.Run(par.Chunks(len(items), pointGrain), t.keyBody)
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

func (t *Tree) keyChunk(_, chunk int) {
	dims := t.dims
	for i := chunk * pointGrain; i < min(len(t.walk.items), (chunk+1)*pointGrain); i++ {
		t.walk.items[i] = item{t.key(t.y[i*dims : (i+1)*dims]), int32(i)}
	}
}
