package par

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

func TestEveryChunkOnce(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 8} {
		p := New(workers)
		for _, chunks := range []int{0, 1, 2, 7, 1000} {
			for range 50 {
				hits := make([]atomic.Int32, chunks)
				p.Run(chunks, func(w, c int) {
					if w < 0 || w >= workers {
						t.Errorf("worker %d of %d", w, workers)
					}
					hits[c].Add(1)
				})
				for c := range hits {
					if h := hits[c].Load(); h != 1 {
						t.Fatalf("workers %d: chunk %d of %d ran %d times", workers, c, chunks, h)
					}
				}
			}
		}
		p.Close()
	}
}

func TestWakesAfterParking(t *testing.T) {
	p := New(3)
	defer p.Close()
	for range 20 {
		time.Sleep(2 * time.Millisecond)
		var n atomic.Int32
		p.Run(64, func(_, _ int) { n.Add(1) })
		if n.Load() != 64 {
			t.Fatalf("ran %d of 64 chunks", n.Load())
		}
	}
}

func TestForCoversRange(t *testing.T) {
	p := New(2)
	defer p.Close()
	seen := make([]atomic.Int32, 1001)
	p.For(len(seen), 64, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			seen[i].Add(1)
		}
	})
	for i := range seen {
		if seen[i].Load() != 1 {
			t.Fatalf("index %d visited %d times", i, seen[i].Load())
		}
	}
}

func TestPanicReachesCallerAndPoolSurvives(t *testing.T) {
	p := New(2)
	defer p.Close()
	func() {
		defer func() {
			f, ok := recover().(*Panic)
			if !ok || f.Value != "boom" || len(f.Stack) == 0 {
				t.Errorf("recovered %v", f)
			}
		}()
		p.Run(100, func(_, c int) {
			if c == 37 {
				panic("boom")
			}
		})
		t.Error("Run returned after a panic")
	}()
	var n atomic.Int32
	p.Run(100, func(_, _ int) { n.Add(1) })
	if n.Load() != 100 {
		t.Errorf("after a panic %d of 100 chunks ran", n.Load())
	}
}

func TestContextStopsTheLoop(t *testing.T) {
	p := New(2)
	defer p.Close()
	ctx, cancel := context.WithCancel(context.Background())
	var n atomic.Int32
	err := p.RunContext(ctx, 1_000_000, func(_, c int) {
		if n.Add(1) == 10 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
	if n.Load() > 1000 {
		t.Errorf("%d chunks ran after the cancel", n.Load())
	}
}

func BenchmarkBarrier(b *testing.B) {
	p := New(2)
	defer p.Close()
	body := func(_, _ int) {}
	b.ReportAllocs()
	for b.Loop() {
		p.Run(2, body)
	}
}

func TestAShareIsToldToItsEnd(t *testing.T) {
	pool := New(3)
	defer pool.Close()
	for range 200 {
		var told []float64
		s := NewShare(3, func(done float64) { told = append(told, done) })
		err := s.End(pool.ForContext(context.Background(), 3, 1, func(w, lo, hi int) { s.Add(w, hi-lo) }))
		if err != nil || len(told) == 0 || told[len(told)-1] != 1 || !slices.IsSorted(told) {
			t.Fatal(err, told)
		}
	}
	s := NewShare(3, func(float64) { t.Error("told of a loop that failed") })
	if err := s.End(context.Canceled); err != context.Canceled {
		t.Error(err)
	}
	NewShare(3, nil).End(nil)
}
