package main

import (
	"errors"
	"sync"
	"testing"
)

func TestHandlesAreNeverReused(t *testing.T) {
	tab := newTable()
	seen := map[handle]bool{}
	for range 1000 {
		h := tab.add(kindModel, new(int))
		if seen[h] {
			t.Fatalf("handle %#x given twice", h)
		}
		seen[h] = true
		if tab.remove(h, kindModel) == nil {
			t.Fatalf("handle %#x cannot be removed", h)
		}
		if tab.remove(h, kindModel) != nil {
			t.Fatalf("handle %#x removed twice", h)
		}
		if _, err := tab.get(h, kindModel, "m"); statusOf(err) != statusHandle {
			t.Fatalf("stale handle: got %v", err)
		}
	}
	if tab.len() != 0 {
		t.Errorf("%d handles live, want 0", tab.len())
	}
}

func TestHandleKinds(t *testing.T) {
	tab := newTable()
	v := new(int)
	h := tab.add(kindAffinities, v)
	if tab.remove(h, kindModel) != nil || tab.len() != 1 {
		t.Error("a handle was freed as another kind")
	}
	if _, err := tab.get(h, kindModel, "m"); statusOf(err) != statusHandle {
		t.Errorf("wrong kind: got %v", err)
	}
	if got, err := lookup[*int](tab, h, kindAffinities, "p"); err != nil || got != v {
		t.Errorf("got %v, %v", got, err)
	}
	if h&kindMask == 0 {
		t.Errorf("handle %#x could be an aligned pointer", h)
	}
}

func TestHandlesOfAnotherTableAreForeign(t *testing.T) {
	a, b := newTable(), newTable()
	h := a.add(kindModel, new(int))
	b.add(kindModel, new(int))
	if _, err := b.get(h, kindModel, "m"); statusOf(err) != statusHandle {
		t.Errorf("foreign handle: got %v", err)
	}
}

// Ids come round on 32 bits; one that is taken then is passed over.
func TestHandlesWrap(t *testing.T) {
	tab := newTable()
	first := tab.add(kindModel, new(int))
	tab.next -= kindMask + 1
	if second := tab.add(kindModel, new(int)); second == first {
		t.Error("a live handle was given again")
	}
}

func TestHandlesFromManyGoroutines(t *testing.T) {
	tab := newTable()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 500 {
				v := new(int)
				h := tab.add(kindModel, v)
				if got, err := lookup[*int](tab, h, kindModel, "m"); err != nil || got != v {
					t.Error(errors.Join(err, errors.New("wrong value")))
				}
				tab.remove(h, kindModel)
			}
		})
	}
	wg.Wait()
	if tab.len() != 0 {
		t.Errorf("%d handles live, want 0", tab.len())
	}
}
