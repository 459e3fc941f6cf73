package tsne_test

import (
	"context"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/sbinet/npyio"

	"github.com/libtsne/libtsne/tsne"
)

var ctx = context.Background()

// digits is scikit-learn's 1,797 x 64 data set with its labels.
func digits(t testing.TB) (tsne.Matrix, []uint8) {
	t.Helper()
	raw := readNpy(t, "testdata/digits.npy")
	labels := readNpy(t, "testdata/digits_labels.npy")
	x := tsne.Matrix{Data: make([]float32, len(raw)), Rows: len(labels), Cols: len(raw) / len(labels)}
	for i, v := range raw {
		x.Data[i] = float32(v)
	}
	return x, labels
}

func readNpy(t testing.TB, name string) []uint8 {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var v []uint8
	if err := npyio.Read(f, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// blobs draws n points of the given number of Gaussian classes in d columns;
// row i is of class i % classes.
func blobs(n, d, classes int, seed uint64) tsne.Matrix {
	r := rand.New(rand.NewPCG(seed, 1))
	centre := make([]float64, classes*d)
	for i := range centre {
		centre[i] = 6 * r.NormFloat64()
	}
	x := tsne.Matrix{Data: make([]float32, n*d), Rows: n, Cols: d}
	for i := range x.Data {
		x.Data[i] = float32(centre[i/d%classes*d+i%d] + r.NormFloat64())
	}
	return x
}

// scatter draws a map of clusters with the given spread.
func scatter(n, dims int, spread float64, seed uint64) []float32 {
	y := blobs(n, dims, 20, seed).Data
	for i := range y {
		y[i] = float32(float64(y[i]) * spread / 6)
	}
	return y
}

func checksum(y []float32) uint64 {
	h := fnv.New64a()
	var b [4]byte
	for _, v := range y {
		u := math.Float32bits(v)
		b[0], b[1], b[2], b[3] = byte(u), byte(u>>8), byte(u>>16), byte(u>>24)
		h.Write(b[:])
	}
	return h.Sum64()
}

func finite(y []float32) bool {
	return !slices.ContainsFunc(y, func(v float32) bool { return v-v != 0 })
}

// accuracy is the share of points whose nearest other point in the map has
// their label.
func accuracy(y []float32, dims int, label func(int) int) float64 {
	n, hits := len(y)/dims, 0
	for i := range n {
		best, at := math.Inf(1), -1
		for j := range n {
			if d := dist2(y, dims, i, j); j != i && d < best {
				best, at = d, j
			}
		}
		if label(i) == label(at) {
			hits++
		}
	}
	return float64(hits) / float64(n)
}

func dist2(y []float32, dims, i, j int) float64 {
	sum := 0.0
	for c := range dims {
		d := float64(y[i*dims+c]) - float64(y[j*dims+c])
		sum += d * d
	}
	return sum
}

// relativeRMS is |a - b| / |b|.
func relativeRMS(a, b []float32) float64 {
	var off, size float64
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		off += d * d
		size += float64(b[i]) * float64(b[i])
	}
	return math.Sqrt(off / size)
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
