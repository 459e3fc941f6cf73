package tsne

import (
	"context"
	"math"
	"slices"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

// Matrix is a borrowed view of row-major data: row i is
// Data[i*Cols : (i+1)*Cols], plus Center.
type Matrix struct {
	Data []float32
	Rows int
	Cols int

	// Center is what was taken off each column in double precision before the
	// values were rounded; nil: nothing. FromFloat64 sets it.
	Center []float64
	Double bool // whether FromFloat64 made it
}

// minRows is the smallest data set with a map worth the name: below it no
// perplexity of at least 1 has the three neighbours it needs.
const minRows = 4

func (x Matrix) size() size { return size{x.Rows, x.Cols, len(x.Data)} }

func (x Matrix) checkShape() error {
	if err := x.size().check(); err != nil {
		return err
	}
	return x.checkCenter("X")
}

// checkNew is checkShape for rows that go with others of cols columns; there may
// be none.
func (x Matrix) checkNew(name string, cols int) error {
	if err := x.size().checkNew(name, cols); err != nil {
		return err
	}
	return x.checkCenter(name)
}

func (x Matrix) checkCenter(name string) error {
	if x.Center == nil {
		return nil
	}
	if len(x.Center) != x.Cols {
		return fail(ErrShape, name, "Center has %d values, want %d, one for each column", len(x.Center), x.Cols)
	}
	for c, v := range x.Center {
		if v-v != 0 {
			return fail(ErrNotFinite, name, "Center of column %v is %v, want a finite value", atColumn(c), value(v))
		}
	}
	return nil
}

// size is the shape that data are said to have, and how many values there are.
type size struct{ rows, cols, values int }

func (s size) check() error {
	switch {
	case s.rows < minRows:
		return fail(ErrShape, "X", "got %d rows, want at least %d", s.rows, minRows)
	case int64(s.rows) > math.MaxInt32:
		return fail(ErrShape, "X", "got %d rows, want at most 2^31 - 1", s.rows)
	case s.cols < 1:
		return fail(ErrShape, "X", "got %d columns, want at least 1", s.cols)
	case s.cols > math.MaxInt/4/s.rows:
		return fail(ErrShape, "X", "%d x %d floats exceed the address space", s.rows, s.cols)
	case s.values != s.rows*s.cols:
		return fail(ErrShape, "X", "got %d values, want %d rows x %d columns", s.values, s.rows, s.cols)
	}
	return nil
}

func (s size) checkNew(name string, cols int) error {
	switch {
	case s.rows < 0 || int64(s.rows) > math.MaxInt32:
		return fail(ErrShape, name, "got %d rows, want 0 to 2^31 - 1", s.rows)
	case s.cols != cols:
		return fail(ErrShape, name, "got %d columns, want %d, those of the reference", s.cols, cols)
	case s.rows > math.MaxInt/4/cols || s.values != s.rows*cols:
		return fail(ErrShape, name, "got %d values, want %d rows x %d columns", s.values, s.rows, cols)
	}
	return nil
}

// times is a copy multiplied by 2^e.
func (x Matrix) times(e int) Matrix {
	by := math.Ldexp(1, e)
	out := Matrix{Data: make([]float32, len(x.Data)), Rows: x.Rows, Cols: x.Cols}
	for i, v := range x.Data {
		out.Data[i] = float32(float64(v) * by)
	}
	return out
}

// checkFinite names the first value that is not finite.
func checkFinite(ctx context.Context, pool *par.Pool, name string, data []float32, cols int) error {
	at, err := firstOf(ctx, pool, data, firstNotFinite)
	if err != nil || at < 0 {
		return err
	}
	return fail(ErrNotFinite, name, "row %v, column %v is %v, want a finite value", atRow(at/cols), atColumn(at%cols), value(data[at]))
}

// firstOf is where the first value is that find, which gives the place of one of
// a part or -1, finds; -1 if there is none.
func firstOf(ctx context.Context, pool *par.Pool, data []float32, find func(part []float32) int) (at int, err error) {
	const grain = 1 << 16
	found := make([]int, par.Chunks(len(data), grain))
	err = pool.ForContext(ctx, len(data), grain, func(_, lo, hi int) {
		found[lo/grain] = find(data[lo:hi])
	})
	if err != nil {
		return -1, err
	}
	for i, at := range found {
		if at >= 0 {
			return i*grain + at, nil
		}
	}
	return -1, nil
}

func firstNegative(data []float32) int {
	return slices.IndexFunc(data, func(v float32) bool { return v < 0 })
}

func firstNotFinite(data []float32) int {
	// x - x is 0 for finite values alone, and 0 adds up to 0.
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(data); i += 4 {
		v := data[i : i+4 : i+4]
		s0 += v[0] - v[0]
		s1 += v[1] - v[1]
		s2 += v[2] - v[2]
		s3 += v[3] - v[3]
	}
	if s0+s1+s2+s3 == 0 && i == len(data) {
		return -1
	}
	for i, v := range data {
		if v-v != 0 {
			return i
		}
	}
	return -1
}
