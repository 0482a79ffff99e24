package labtest

import "math"

// OracleLayer is a dense layer: w [in][out], b [out].
type OracleLayer struct {
	W [][]float64
	B []float64
}

// OracleEncode returns the embedding of one scaled row. masks, where not nil, holds a factor for every unit of
// every layer: 0 where it is dropped.
func OracleEncode(x []float64, layers []OracleLayer, masks [][]float64) []float64 {
	for i, l := range layers {
		y := make([]float64, len(l.B))
		for o := range y {
			y[o] = l.B[o]
			for k, v := range x {
				y[o] += v * l.W[k][o]
			}
			y[o] = math.Max(0, y[o])
			if masks != nil {
				y[o] *= masks[i][o]
			}
		}
		x = y
	}
	return x
}

// OracleUnit returns x scaled to length 1; zero stays zero.
func OracleUnit(x []float64) []float64 {
	var squares float64
	for _, v := range x {
		squares += v * v
	}
	out := make([]float64, len(x))
	if squares == 0 {
		return out
	}
	for i, v := range x {
		out[i] = v / math.Sqrt(squares)
	}
	return out
}

// OracleCosine returns the cosine of a and b, 0 where one of them is zero.
func OracleCosine(a, b []float64) float64 {
	a, b = OracleUnit(a), OracleUnit(b)
	var sum float64
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
