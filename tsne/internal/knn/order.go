package knn

import (
	"context"
	"math"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// lead holds the leading coordinates of all rows, n x dims.
type lead struct {
	dims int
	y    []float32
}

func (b *basis) lead(ctx context.Context, pool *par.Pool, x []float32, n, dims int) (lead, error) {
	q := min(dims, b.dims, span)
	l := lead{q, make([]float32, n*q)}
	err := pool.ForContext(ctx, n, 256, func(_, lo, hi int) {
		var out [span]float64
		for i := lo; i < hi; i++ {
			project(x[i*b.d:][:b.d], b.center, b.block(0), &out)
			for k := range q {
				l.y[i*q+k] = float32(out[k])
			}
		}
	})
	return l, err
}

// splitAll orders rows as the leaves of a k-d tree: it halves the segments
// of rows given by their bounds until none is longer than a panel. Lower
// halves are whole panels.
func (l lead) splitAll(ctx context.Context, pool *par.Pool, rows []int32, bounds []int) error {
	keys := make([]uint64, len(rows))
	return pool.RunContext(ctx, len(bounds)-1, func(_, s int) {
		l.split(rows, keys, bounds[s], bounds[s+1], width)
	})
}

func (l lead) split(rows []int32, keys []uint64, lo, hi, leaf int) {
	for hi-lo > leaf {
		mid := l.halve(rows, keys, lo, hi)
		l.split(rows, keys, lo, mid, leaf)
		lo = mid
	}
}

// halve puts the rows of lo..hi that are lower in the coordinate of the
// largest variance first, in whole panels, and returns where the others start.
func (l lead) halve(rows []int32, keys []uint64, lo, hi int) int {
	mid := (hi - lo + 1) / 2
	return l.cut(rows, keys, lo, hi, min((mid+width-1)/width*width, hi-lo-1))
}

// cut is halve with mid rows in the lower part.
func (l lead) cut(rows []int32, keys []uint64, lo, hi, mid int) int {
	axis := l.axis(rows[lo:hi])
	part := keys[lo:hi]
	for i, r := range rows[lo:hi] {
		part[i] = uint64(ordered(l.y[int(r)*l.dims+axis]))<<32 | uint64(uint32(r))
	}
	selectKey(part, mid)
	for i, k := range part {
		rows[lo+i] = int32(uint32(k))
	}
	return lo + mid
}

func (l lead) axis(rows []int32) int {
	m := min(len(rows), 256)
	var best float64
	axis := 0
	var sum, square [span]float64
	for i := range m {
		y := l.y[int(rows[rowOf(i, m, len(rows))])*l.dims:][:l.dims]
		for k, v := range y {
			sum[k] += float64(v)
			square[k] += float64(float64(v) * float64(v))
		}
	}
	for k := range l.dims {
		if v := square[k] - float64(sum[k]*sum[k])/float64(m); v > best {
			best, axis = v, k
		}
	}
	return axis
}

// ordered maps a float32 to an integer of the same order.
func ordered(v float32) uint32 {
	b := math.Float32bits(v)
	if b>>31 != 0 {
		return ^b
	}
	return b | 1<<31
}

// selectKey puts the m smallest keys first.
func selectKey(k []uint64, m int) {
	for len(k) > 16 && m > 0 && m < len(k) {
		a, b, c := k[0], k[len(k)/2], k[len(k)-1]
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := 0, len(k)-1
		for i <= j {
			for k[i] < pivot {
				i++
			}
			for k[j] > pivot {
				j--
			}
			if i <= j {
				k[i], k[j] = k[j], k[i]
				i++
				j--
			}
		}
		switch {
		case m <= j:
			k = k[:j+1]
		case m >= i:
			k, m = k[i:], m-i
		default:
			return
		}
	}
	for i := 1; i < len(k); i++ {
		for j := i; j > 0 && k[j] < k[j-1]; j-- {
			k[j], k[j-1] = k[j-1], k[j]
		}
	}
}
