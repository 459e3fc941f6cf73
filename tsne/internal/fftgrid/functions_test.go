package fftgrid

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestFunctions: sines and cosines against sums of 200 bits, logGamma against the package math, which is right to that.
func TestFunctions(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	exact := func(turns float64) (sin, cos float64) {
		const prec = 200
		pi, _ := new(big.Float).SetPrec(prec).SetString("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798")
		x := new(big.Float).SetPrec(prec).SetFloat64(turns - math.Round(turns))
		x.Mul(x, pi).Mul(x, big.NewFloat(2))
		sums := [2]*big.Float{new(big.Float).SetPrec(prec), new(big.Float).SetPrec(prec)}
		term := new(big.Float).SetPrec(prec).SetInt64(1)
		for k := range 60 {
			sum := sums[k%2]
			if k%4 < 2 {
				sum.Add(sum, term)
			} else {
				sum.Sub(sum, term)
			}
			term.Mul(term, x).Quo(term, big.NewFloat(float64(k+1)))
		}
		cos, _ = sums[0].Float64()
		sin, _ = sums[1].Float64()
		return
	}
	for i := range 3000 {
		f := (r.Float64() - 0.5) * math.Ldexp(1, r.IntN(12)-4)
		if i < 64 {
			f = float64(i-32) / 16
		}
		sin, cos := sincos(f)
		s, c := exact(f)
		if math.Abs(sin-s) > 3e-16 || math.Abs(cos-c) > 3e-16 || cosine(f) != cos {
			t.Fatalf("of %g turns: %g %g, want %g %g", f, sin, cos, s, c)
		}
		if i < 64 && i%4 == 0 && (math.Abs(sin) != math.Round(math.Abs(s)) || math.Abs(cos) != math.Round(math.Abs(c))) {
			t.Fatalf("of %g turns: %g %g are not exact", f, sin, cos)
		}
	}
	for range 3000 {
		x := math.Exp(r.Float64()*30 - 12)
		want, sign := math.Lgamma(x)
		if got := logGamma(x); sign != 1 || math.Abs(got-want) > 1e-13*max(1, math.Abs(want)) {
			t.Fatalf("logGamma(%g) is %g, want %g", x, got, want)
		}
	}
}
