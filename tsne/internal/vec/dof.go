package vec

import "math"

// AttractDOF is Attract for the kernel (1 + d²/dof)^-dof: it sets force[i] to
// the sum over the row's entries (k, p) of p * (y_i - y_k) / (1 + d²/dof).
func AttractDOF(dims int, dof float64, force, y []float32, ptr []int64, col []int32, val []float32, lo, hi int) {
	if lo >= hi {
		return
	}
	inv := float32(1 / dof)
	if !attractDOFSIMD(dims, inv, force, y, ptr, col, val, lo, hi) {
		attractDOF(dims, inv, force, y, ptr, col, val, lo, hi)
	}
}

func attractDOF(dims int, inv float32, force, y []float32, ptr []int64, col []int32, val []float32, lo, hi int) {
	for i := lo; i < hi; i++ {
		x := y[dims*i:][:dims]
		var f [3]lanes
		c := col[ptr[i]-ptr[lo] : ptr[i+1]-ptr[lo]]
		v := val[ptr[i]-ptr[lo] : ptr[i+1]-ptr[lo]]
		for e, k := range c {
			z := y[dims*int(k):][:dims]
			var diff [3]float32
			var d2 float32
			for d := range x {
				diff[d] = x[d] - z[d]
				d2 += float32(diff[d] * diff[d])
			}
			w := v[e] / (1 + float32(d2*inv))
			for d := range x {
				f[d][e&7] += float32(w * diff[d])
			}
		}
		for d := range x {
			force[dims*i+d] = f[d].sum()
		}
	}
}

// SumPLogDOF is SumPLog for the kernel (1 + d²/dof)^-dof: the sum over the
// entries of rows lo to hi of p * dof * log(1 + d²/dof).
func SumPLogDOF(dims int, dof float64, y []float32, ptr []int64, col []int32, val []float32, lo, hi int) float64 {
	var s [8]float64
	inv := 1 / dof
	for i := lo; i < hi; i++ {
		x := y[dims*i:][:dims]
		c := col[ptr[i]-ptr[lo] : ptr[i+1]-ptr[lo]]
		v := val[ptr[i]-ptr[lo] : ptr[i+1]-ptr[lo]]
		for e, k := range c {
			z := y[dims*int(k):][:dims]
			d2 := 0.0
			for d := range x {
				diff := float64(x[d]) - float64(z[d])
				d2 = math.FMA(diff, diff, d2)
			}
			s[e&7] = math.FMA(float64(v[e]), Log(math.FMA(d2, inv, 1)), s[e&7])
		}
	}
	return float64(sum8(&s) * dof)
}
