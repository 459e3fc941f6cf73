package cpu

import (
	"slices"
	"testing"
)

func TestChoose(t *testing.T) {
	for best := range Level(len(names)) {
		for _, want := range append(names[:], "", "AVX2", "sse") {
			use, refused := choose(want, best)
			switch at := slices.Index(names[:], want); {
			case at >= 0 && at <= int(best):
				if use != Level(at) || refused != "" {
					t.Errorf("%q of %v: %v, %q refused", want, best, use, refused)
				}
			case use != best || refused != want:
				t.Errorf("%q of %v: %v, %q refused", want, best, use, refused)
			}
		}
	}
	if Best.String() == "" || int(Best) >= len(names) {
		t.Errorf("the best path is %d of %v", Best, names)
	}
}
