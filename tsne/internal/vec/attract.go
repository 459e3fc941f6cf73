package vec

// Attract sets, for each row i in [lo, hi), force[i] to the sum over the row's
// entries (k, p) of p * q * (y_i - y_k), where q = 1 / (1 + |y_i - y_k|^2).
// force is n x dims like y; rows outside [lo, hi) are left alone. ptr has the offsets of all rows; col and val hold the entries
// of rows lo to hi, from ptr[lo] on.
func Attract(dims int, force, y []float32, ptr []int64, col []int32, val []float32, lo, hi int) {
	if lo >= hi {
		return
	}
	if attractSIMD(dims, force, y, ptr, col, val, lo, hi) {
		return
	}
	switch dims {
	case 1:
		attract1(force, y, ptr, col, val, lo, hi)
	case 2:
		attract2(force, y, ptr, col, val, lo, hi)
	case 3:
		attract3(force, y, ptr, col, val, lo, hi)
	}
}

// AttractShort is Attract of values of 16 bits, and AttractPacked of packed entries, where there is a kernel that takes them as they are.
// They return the first row that they leave. col and short go from row lo on to the end of the matrix.
func AttractShort(dims int, force, y []float32, ptr []int64, col []int32, short []uint16, form Short, lo, hi int) int {
	return attractShortSIMD(dims, force, y, ptr, col, short[:len(col)], form, lo, followed(ptr, len(col), lo, hi))
}

func AttractPacked(dims int, force, y []float32, ptr []int64, packed []int32, levels *[2]float32, lo, hi int) int {
	return attractPackedSIMD(dims, force, y, ptr, packed, levels, lo, followed(ptr, len(packed), lo, hi))
}

// followed is the end of the rows that have as many entries behind them as a block may take in past their last. There are
// entries of them from row lo on.
func followed(ptr []int64, entries, lo, hi int) int {
	for hi > lo && ptr[hi]-ptr[lo]+block-1 > int64(entries) {
		hi--
	}
	return hi
}

// block is the number of entries that kernels take at a time.
const block = 8

// lanes are partial sums: entry e of a row goes to lane e%8.
type lanes [8]float32

func (l *lanes) sum() float32 {
	return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]))
}

func attract1(force, y []float32, ptr []int64, col []int32, val []float32, lo, hi int) {
	for i := lo; i < hi; i++ {
		x := y[i]
		var fx lanes
		c := col[ptr[i]-ptr[lo] : ptr[i+1]-ptr[lo]]
		v := val[ptr[i]-ptr[lo] : ptr[i+1]-ptr[lo]]
		for e, k := range c {
			dx := x - y[k]
			w := v[e] / (1 + float32(dx*dx))
			fx[e&7] += float32(w * dx)
		}
		force[i] = fx.sum()
	}
}

func attract2(force, y []float32, ptr []int64, col []int32, val []float32, lo, hi int) {
	for i := lo; i < hi; i++ {
		x0, x1 := y[2*i], y[2*i+1]
		var f0, f1 lanes
		c := col[ptr[i]-ptr[lo] : ptr[i+1]-ptr[lo]]
		v := val[ptr[i]-ptr[lo] : ptr[i+1]-ptr[lo]]
		for e, k := range c {
			z := y[2*int(k):][:2]
			d0, d1 := x0-z[0], x1-z[1]
			w := v[e] / (1 + (float32(d0*d0) + float32(d1*d1)))
			f0[e&7] += float32(w * d0)
			f1[e&7] += float32(w * d1)
		}
		force[2*i], force[2*i+1] = f0.sum(), f1.sum()
	}
}

func attract3(force, y []float32, ptr []int64, col []int32, val []float32, lo, hi int) {
	for i := lo; i < hi; i++ {
		x0, x1, x2 := y[3*i], y[3*i+1], y[3*i+2]
		var f0, f1, f2 lanes
		c := col[ptr[i]-ptr[lo] : ptr[i+1]-ptr[lo]]
		v := val[ptr[i]-ptr[lo] : ptr[i+1]-ptr[lo]]
		for e, k := range c {
			z := y[3*int(k):][:3]
			d0, d1, d2 := x0-z[0], x1-z[1], x2-z[2]
			w := v[e] / (1 + (float32(d0*d0) + float32(d1*d1) + float32(d2*d2)))
			f0[e&7] += float32(w * d0)
			f1[e&7] += float32(w * d1)
			f2[e&7] += float32(w * d2)
		}
		force[3*i], force[3*i+1], force[3*i+2] = f0.sum(), f1.sum(), f2.sum()
	}
}
