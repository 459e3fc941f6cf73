package main

import (
	"fmt"
	"math/rand/v2"
	"sync"
)

// A handle is an id that looks like a pointer and never is one. Ids start at
// a random place and are not used twice, so a stale handle, one of another
// copy of the library, or a pointer to something else is found out by a
// look-up alone, without touching the memory it may point at.
type handle = uintptr

// kind is what a handle stands for; it is the id's low bits, which are 0 in
// the pointers that malloc gives.
type kind uintptr

const (
	kindAffinities kind = 1
	kindModel      kind = 3
	kindPartial    kind = 5
	kindMask            = 7
)

func (k kind) String() string {
	switch k {
	case kindAffinities:
		return "affinities"
	case kindModel:
		return "model"
	case kindPartial:
		return "partial"
	}
	return "unknown"
}

// argument is the name that handles of the kind have in the header.
func (k kind) argument() string {
	if k == kindAffinities {
		return "p"
	}
	return k.String()
}

type table struct {
	mu   sync.Mutex
	next handle // multiple of kindMask + 1
	live map[handle]any
}

func newTable() *table {
	return &table{next: handle(rand.Uint64()) &^ kindMask, live: map[handle]any{}}
}

// add makes a handle for v.
func (t *table) add(k kind, v any) handle {
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		t.next += kindMask + 1
		h := t.next | handle(k)
		// On 32 bits the ids come round.
		if _, taken := t.live[h]; !taken {
			t.live[h] = v
			return h
		}
	}
}

// get finds what h stands for; name is the argument's, for the error.
func (t *table) get(h handle, k kind, name string) (any, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	v, ok := t.live[h]
	switch {
	case !ok:
		return nil, refuse(statusHandle, name, "%#x is not a live handle of this library", h)
	case kind(h&kindMask) != k:
		return nil, refuse(statusHandle, name, "the handle is of kind %v, want %v", kind(h&kindMask), k)
	}
	return v, nil
}

// remove frees h and gives what it stood for; nil if h is no live handle of
// that kind.
func (t *table) remove(h handle, k kind) any {
	t.mu.Lock()
	defer t.mu.Unlock()
	if kind(h&kindMask) != k {
		return nil
	}
	v := t.live[h]
	delete(t.live, h)
	return v
}

func (t *table) len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.live)
}

func lookup[T any](t *table, h handle, k kind, name string) (T, error) {
	var none T
	v, err := t.get(h, k, name)
	if err != nil {
		return none, err
	}
	if v, ok := v.(T); ok {
		return v, nil
	}
	return none, fmt.Errorf("%s: handle %#x holds a %T", name, h, v)
}
