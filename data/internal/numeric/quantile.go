package numeric

// Quantile returns the value below which the share q, in [0, 1], of the sorted values lies, linearly
// interpolated between two of them (method 7 of Hyndman and Fan 1996, NumPy's default): with n values, at place
// q (n-1). There must be a value, and none may be NaN.
func Quantile(sorted []float32, q float64) float64 {
	at := q * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	a, b := float64(sorted[low]), float64(sorted[high])
	return a + (b-a)*(at-float64(low))
}
