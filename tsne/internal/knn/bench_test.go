package knn

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"testing"

	"github.com/libtsne/libtsne/tsne/internal/par"
)

func loadNpy(tb testing.TB, path string, n, d int) []float32 {
	raw, err := os.ReadFile(path)
	if err != nil {
		tb.Skip(err)
	}
	raw = raw[len(raw)-n*d*4:]
	x := make([]float32, n*d)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return x
}

func BenchmarkMnist(b *testing.B) {
	n, d := 70000, 50
	x := loadNpy(b, "/tmp/mnist50.npy", n, d)
	pool := par.New(0)
	defer pool.Close()
	for b.Loop() {
		Exact(context.Background(), pool, x, n, d, 90, nil)
	}
}
