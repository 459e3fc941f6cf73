// Package metric has the distances between rows that neighbours are found by,
// each in a file of its own, which says all that is known of it.
package metric

import "slices"

// Metric is a distance between rows of finite numbers. The zero value is the
// Euclidean one of rows whose zero has a meaning.
type Metric struct {
	Name string // in errors

	// Origin says what may be taken off all rows and leave their distances as
	// they are.
	Origin Origin

	// Normalize makes of a row, in place, what is compared; it is false if the
	// row has nothing to compare. nil: rows are compared as they are.
	Normalize func(row []float64) bool

	// Lost is what is said of a row for which Normalize is false, and of several.
	Lost [2]string

	// Distance of two rows as Normalize leaves them: at least 0, and 0 of equal
	// ones. Rows that are multiplied by a power of two have distances multiplied
	// by it or the same. nil: the Euclidean distance, which has a search of its own.
	Distance func(a, b []float64) float64

	// Tile is Distance of many pairs at once; nil: Distance is called for each.
	Tile *Tile

	// Squares makes, in place, squared distances of the squares of Euclidean
	// distances between normalized rows; nil: they are the same. It is read
	// where Distance is nil.
	Squares func(dist2 []float32)

	// Inner says how the distance follows from inner products of rows as they are,
	// by which sparse rows are searched; nil: it does not.
	Inner *Inner

	// Nominal says that values are names: a mean of rows is not like a row.
	Nominal bool
}

// Inner is a distance that inner products give: 1 - the cosine of the angle of two
// rows, or the Euclidean one.
type Inner struct {
	Angle   bool
	Centred bool // rows count less their means
}

// Origin is what a metric makes of the place of zero.
type Origin int

const (
	Fixed  Origin = iota // zero has a meaning: nothing may be taken off
	Common               // one number may be taken off all columns
	Free                 // any number may be taken off a column
)

var all []*Metric

// All are the metrics there are.
func All() []*Metric { return slices.Clone(all) }

func define(m Metric) *Metric {
	all = append(all, &m)
	return &m
}

// Euclidean says whether the Euclidean search of normalized rows serves.
func (m *Metric) Euclidean() bool { return m.Distance == nil }

// Order gives numbers that rank pairs of normalized rows as their distances do.
func (m *Metric) Order() func(a, b []float64) float64 {
	if m.Distance == nil {
		return squared
	}
	return m.Distance
}

// Keeps says whether rows less centre, nil for none, have the distances that
// they have.
func (m *Metric) Keeps(centre []float64) bool {
	switch {
	case centre == nil:
		return true
	case m.Origin == Common:
		return slices.Min(centre) == slices.Max(centre)
	}
	return m.Origin == Free
}

func squared(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		d := v - b[i]
		sum += float64(d * d)
	}
	return sum
}
