package pca

import (
	"context"
	"math"
)

// EigenSym returns the eigenvalues of the symmetric n×n matrix a, greatest
// first, and its eigenvectors, one a row. a is overwritten.
//
// Householder's reduction to a tridiagonal matrix, then implicit QL with shifts.
// It is our own so that the bits are those of every machine: a library whose
// inner loops differ between machines would not do.
func EigenSym(ctx context.Context, a []float64, n int) (values, vectors []float64, err error) {
	diag, off := make([]float64, n), make([]float64, n)
	vectors = make([]float64, n*n)
	if err := tridiagonal(ctx, a, n, diag, off, vectors); err != nil {
		return nil, nil, err
	}
	if err := implicitQL(ctx, n, diag, off, vectors); err != nil {
		return nil, nil, err
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
		for j := i; j > 0 && diag[order[j]] > diag[order[j-1]]; j-- {
			order[j], order[j-1] = order[j-1], order[j]
		}
	}
	values = make([]float64, n)
	sorted := a[:n*n]
	for i, o := range order {
		values[i] = diag[o]
		copy(sorted[i*n:(i+1)*n], vectors[o*n:(o+1)*n])
	}
	return values, sorted, nil
}

// tridiagonal sets diag and off (off[i] couples i and i+1) to the tridiagonal
// matrix T with a = qᵀTq and the rows of q to the basis.
func tridiagonal(ctx context.Context, a []float64, n int, diag, off, q []float64) error {
	beta := make([]float64, n)
	p := make([]float64, n)
	for k := 0; k < n-1; k++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		// The row right of the diagonal becomes (off, 0, 0, …) under the
		// reflection I − beta·v·vᵀ; v stays in its place.
		v := a[k*n+k+1 : (k+1)*n]
		diag[k] = a[k*n+k]
		norm := math.Sqrt(dot(v, v))
		if len(v) == 1 || dot(v[1:], v[1:]) == 0 {
			off[k] = v[0]
			continue
		}
		off[k] = -math.Copysign(norm, v[0])
		v[0] -= off[k]
		beta[k] = 2 / dot(v, v)
		m := len(v)
		w := p[:m]
		for i := range m {
			w[i] = beta[k] * dot(a[(k+1+i)*n+k+1:(k+2+i)*n], v)
		}
		axpy(-float64(beta[k]*dot(w, v))/2, v, w)
		for i := range m {
			row := a[(k+1+i)*n+k+1 : (k+2+i)*n]
			axpy(-v[i], w, row)
			axpy(-w[i], v, row)
		}
	}
	diag[n-1] = a[n*n-1]
	for i := range n {
		q[i*n+i] = 1
	}
	for k := n - 2; k >= 0; k-- {
		if beta[k] == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		// Rows of q are the basis vectors: q becomes q·(I − beta·v·vᵀ).
		v := a[k*n+k+1 : (k+1)*n]
		for i := k + 1; i < n; i++ {
			row := q[i*n+k+1 : (i+1)*n]
			axpy(-float64(beta[k]*dot(row, v)), v, row)
		}
	}
	return nil
}

// implicitQL turns diag into the eigenvalues of the tridiagonal matrix and
// applies to the rows of q every rotation that does so.
func implicitQL(ctx context.Context, n int, diag, off, q []float64) error {
	const eps = 0x1p-52
	norm := 0.0
	for i := range n {
		norm = max(norm, math.Abs(diag[i]), math.Abs(off[i]))
	}
	small := func(i int) bool {
		return math.Abs(off[i]) <= eps*(math.Abs(diag[i])+math.Abs(diag[i+1])+norm/1024)
	}
	for l := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		for range 100 { // two or three do; what is left after 100 is rounding
			m := l
			for m < n-1 && !small(m) {
				m++
			}
			if m == l {
				break
			}
			h := (diag[l+1] - diag[l]) / (2 * off[l])
			x := diag[m] - diag[l] + off[l]/(h+math.Copysign(length(h, 1), h))
			s, c, shift := 1.0, 1.0, 0.0
			i := m - 1
			for ; i >= l; i-- {
				f, b := float64(s*off[i]), float64(c*off[i])
				r := length(f, x)
				off[i+1] = r
				if r == 0 {
					diag[i+1] -= shift
					break
				}
				s, c = f/r, x/r
				x = diag[i+1] - shift
				r = float64((diag[i]-x)*s) + float64(2*c*b)
				shift = float64(s * r)
				diag[i+1] = x + shift
				x = float64(c*r) - b
				rotate(q[i*n:(i+1)*n], q[(i+1)*n:(i+2)*n], c, s)
			}
			off[m] = 0
			if i >= l {
				continue
			}
			diag[l] -= shift
			off[l] = x
		}
	}
	return nil
}

// length is √(x²+y²). math.Hypot's bits depend on the machine.
func length(x, y float64) float64 {
	x, y = math.Abs(x), math.Abs(y)
	if x < y {
		x, y = y, x
	}
	if x == 0 {
		return 0
	}
	y /= x
	return x * math.Sqrt(math.FMA(y, y, 1))
}

func rotate(x, y []float64, c, s float64) {
	y = y[:len(x)]
	for k, u := range x {
		v := y[k]
		y[k] = math.FMA(s, u, float64(c*v))
		x[k] = math.FMA(c, u, -float64(s*v))
	}
}

// dot sums in four chains, element i in chain i mod 4.
func dot(x, y []float64) float64 {
	y = y[:len(x)]
	var s0, s1, s2, s3 float64
	for len(x) >= 4 && len(y) >= 4 {
		s0 = math.FMA(x[0], y[0], s0)
		s1 = math.FMA(x[1], y[1], s1)
		s2 = math.FMA(x[2], y[2], s2)
		s3 = math.FMA(x[3], y[3], s3)
		x, y = x[4:], y[4:]
	}
	for i := range x {
		s0 = math.FMA(x[i], y[i], s0)
	}
	return (s0 + s1) + (s2 + s3)
}

func axpy(a float64, x, y []float64) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] = math.FMA(a, v, y[i])
	}
}
