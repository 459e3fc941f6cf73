package par

import (
	"context"
	"errors"
	"reflect"
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

func TestLightLoopsAreTheCallers(t *testing.T) {
	p := New(3)
	defer p.Close()
	for _, chunks := range []int{0, 1, 2, 100} {
		n := 0 // no other worker writes it, says -race
		p.ForIf(false, 10*chunks, 10, func(w, lo, hi int) {
			if w != 0 || lo != 10*n || hi != lo+10 {
				t.Errorf("worker %d: %d to %d", w, lo, hi)
			}
			n++
		})
		if n != chunks {
			t.Errorf("%d of %d chunks ran", n, chunks)
		}
	}
	defer func() {
		if f, ok := recover().(*Panic); !ok || f.Value != "boom" {
			t.Error(f)
		}
	}()
	p.RunIf(false, 3, func(_, c int) {
		if c > 0 {
			panic([]any{"boom", "once more"}[c-1])
		}
	})
}

func TestUseOfSomeWorkers(t *testing.T) {
	p := New(5)
	defer p.Close()
	for range 40 {
		for _, use := range []int{3, 1, 0, 9, 2} {
			p.Use(use)
			var n atomic.Int32
			p.Run(200, func(w, _ int) {
				n.Add(1)
				if w >= max(use, 1) {
					t.Errorf("worker %d of %d", w, use)
				}
			})
			if n.Load() != 200 || p.Workers() != 5 {
				t.Fatalf("%d chunks by %d workers", n.Load(), p.Workers())
			}
		}
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

func TestLedger(t *testing.T) {
	p := New(2)
	defer p.Close()
	p.For(10, 4, func(_, _, _ int) {}) // is not counted
	var l Ledger
	p.Count(&l)
	p.For(10, 4, func(_, _, _ int) {})
	p.Weigh("rows", nil)
	p.Serial("sum", 3)
	if err := p.RunContext(context.Background(), 4, func(_, _ int) {}); err != nil {
		t.Fatal(err)
	}
	p.Weigh("tasks", func(c int) int { return 7 - 2*c })
	p.RunIf(false, 2, func(_, _ int) {})
	p.Run(0, func(_, _ int) {})
	p.Weigh("nothing", nil)
	p.Count(nil)
	p.Run(9, func(_, _ int) {})
	want := []Step{{"rows", []int{4, 4, 2}, false}, {"sum", []int{3}, true}, {"tasks", []int{7, 5, 3, 1}, false}, {"", []int{1, 1}, true}, {"nothing", []int{}, false}}
	if !reflect.DeepEqual(l.Steps, want) {
		t.Errorf("%v, want %v", l.Steps, want)
	}
	if alone := &l.Steps[3]; alone.Span() != 2 || alone.Time(9, 3, 1) != 6 {
		t.Error(alone.Span(), alone.Time(9, 3, 1))
	}
	tasks := &l.Steps[2]
	if tasks.Work() != 16 || tasks.Span() != 7 {
		t.Error(tasks.Work(), tasks.Span())
	}
	for _, c := range []struct {
		workers          int
		each, take, want float64
	}{
		{1, 1, 0, 16},
		{2, 1, 0, 8},   // 7 and 1; 5 and 3
		{3, 1, 0, 7},   // 3 and 1 one after the other
		{64, 2, 0, 14}, // the longest
		{4, 0, 1, 4},   // one takes at a time
		{2, 1, 1, 11},  // taken by 1, 2, 8, 9
		{1, 1, 1, 20},
	} {
		if got := tasks.Time(c.workers, c.each, c.take); got != c.want {
			t.Errorf("%+v: %g", c, got)
		}
	}
}

// What counts for a test costs nothing else.
func TestLedgerIsFree(t *testing.T) {
	p := New(1)
	defer p.Close()
	body, n := func(_, _ int) {}, 5
	if a := testing.AllocsPerRun(100, func() {
		p.Run(n, body)
		p.Weigh("loop", func(c int) int { return n - c })
		p.Serial("between", n)
	}); a != 0 {
		t.Errorf("%g allocations", a)
	}
}
