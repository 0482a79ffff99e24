package metric

import (
	"math"

	"gonum.org/v1/gonum/blas/blas32"
)

// kernel computes keys of many pairs at once: this is where nearly all time goes. The order of summation depends only
// on the width, and is the same with both sides swapped, so a pair has one key wherever it is computed. Other kernels
// may sum in another order, so results may differ in the last digits between builds and processors, never between runs.
type kernel struct {
	name string // in benchmarks and tests
	cols int    // columns of a panel, see pack

	// keys writes the keys of rows x cols pairs to dst, one row every stride. rows is a multiple of rowMultiple (rows
	// of a lie width apart), cols one of kernel.cols, width one of widthMultiple. Scores are in [-1, 1]; see
	// newOperands.
	keys func(dst []int32, stride int, a []float32, rows int, panels []float32, cols, width int)
}

// toKey returns the key of a score, which rounding may have moved slightly out of [-1, 1]. It rounds towards zero, as
// the processor's conversion does, which is the fastest; for a score below 1 the product is exact in float32.
func toKey(s float32) int32 {
	k := int32(s * keyMax)
	if k > keyMax {
		return keyMax
	}
	if k < -keyMax {
		return -keyMax
	}
	return k
}

// distanceKernel returns the kernel of negative Euclidean distance, computed from squared differences: norms and dot
// products would lose all digits for near neighbours.
func distanceKernel() kernel {
	return kernel{name: "distance", cols: 4, keys: scalarKeys(distance2x4)}
}

// dotKeys implements kernel.keys for panels of one column, by gonum's dot product. It processes the columns in blocks
// that fit in a core's first cache: 16 columns of 256 numbers are 16 KB.
func dotKeys(dst []int32, stride int, a []float32, rows int, panels []float32, cols, width int) {
	const block = 16
	for j := 0; j < cols; j += block {
		n := min(block, cols-j)
		columns := panels[j*width : (j+n)*width]
		for i := range rows {
			x := blas32.Vector{N: width, Inc: 1, Data: a[i*width : (i+1)*width]}
			out := dst[i*stride+j:][:n]
			for k := range out {
				out[k] = toKey(blas32.Dot(x, blas32.Vector{N: width, Inc: 1, Data: columns[k*width:]}))
			}
		}
	}
}

// scalarKeys returns kernel.keys for a function that scores two rows with the four columns of a panel. Eight scores at
// a time use each number that is loaded more than once, and their sums do not wait for each other.
func scalarKeys(score func(x, y, panel []float32) (u, v [4]float32)) func(
	dst []int32, stride int, a []float32, rows int, panels []float32, cols, width int,
) {
	return func(dst []int32, stride int, a []float32, rows int, panels []float32, cols, width int) {
		for j := 0; j < cols; j += 4 {
			panel := panels[j*width : (j+4)*width]
			for i := 0; i < rows; i += 2 {
				u, v := score(a[i*width:(i+1)*width], a[(i+1)*width:(i+2)*width], panel)
				for c := range 4 {
					dst[i*stride+j+c] = toKey(u[c])
					dst[(i+1)*stride+j+c] = toKey(v[c])
				}
			}
		}
	}
}

// dot2x4 returns the dot products of x and of y with the four columns of a panel. Conversions of the products keep the
// compiler from fusing multiplication and addition on some processors, which would round differently.
func dot2x4(x, y, panel []float32) (u, v [4]float32) {
	// Variables, not arrays: the compiler keeps them in registers.
	var u0, u1, u2, u3, v0, v1, v2, v3 float32
	y = y[:len(x)]
	for k, s := range x {
		if len(panel) < 4 {
			break // never happens: it tells the compiler that the next line is in bounds
		}
		b0, b1, b2, b3 := panel[0], panel[1], panel[2], panel[3]
		panel = panel[4:]
		t := y[k]
		u0 += float32(s * b0)
		u1 += float32(s * b1)
		u2 += float32(s * b2)
		u3 += float32(s * b3)
		v0 += float32(t * b0)
		v1 += float32(t * b1)
		v2 += float32(t * b2)
		v3 += float32(t * b3)
	}
	return [4]float32{u0, u1, u2, u3}, [4]float32{v0, v1, v2, v3}
}

// distance2x4 returns the negative Euclidean distances of x and of y to the four columns of a panel. Swapping both
// sides changes the sign of the differences only, so the squares are the same.
func distance2x4(x, y, panel []float32) (u, v [4]float32) {
	y = y[:len(x)]
	for k, s := range x {
		if len(panel) < 4 {
			break // never happens, see dot2x4
		}
		b := [4]float32{panel[0], panel[1], panel[2], panel[3]}
		panel = panel[4:]
		t := y[k]
		for c := range b {
			d, e := s-b[c], t-b[c]
			u[c] += float32(d * d)
			v[c] += float32(e * e)
		}
	}
	for c := range u {
		u[c] = -float32(math.Sqrt(float64(u[c])))
		v[c] = -float32(math.Sqrt(float64(v[c])))
	}
	return u, v
}
