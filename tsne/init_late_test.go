package tsne

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A start of many points waits for their affinities: the stages change places, the bits do not.
func TestAStartThatWaitsHasTheSameBits(t *testing.T) {
	defer func(from int) { startsLateFrom = from }(startsLateFrom)
	r := rand.New(rand.NewPCG(1, 1))
	x := Matrix{Rows: 300, Cols: 5, Data: make([]float32, 1500)}
	for i := range x.Data {
		x.Data[i] = float32(r.NormFloat64())
	}
	for _, init := range []Init{InitPCA, InitRandom} {
		var maps [2][]float32
		for i, want := range [][]Stage{{StageInit, StageNeighbors}, {StageNeighbors, StageInit}} {
			startsLateFrom = x.Rows + 1 - i
			var seen []Stage
			o := Options{Init: init, EarlyIterations: 20, Iterations: 20, Progress: func(p Progress) bool {
				if (p.Stage == StageInit || p.Stage == StageNeighbors) && !slices.Contains(seen, p.Stage) {
					seen = append(seen, p.Stage)
				}
				return false
			}}
			e, err := Fit(t.Context(), x, o)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(seen, want) {
				t.Errorf("init %v: stages %v, want %v", init, seen, want)
			}
			maps[i] = e.Y()
		}
		if !slices.Equal(maps[0], maps[1]) {
			t.Errorf("init %v: other bits where the start waits", init)
		}
	}
}
