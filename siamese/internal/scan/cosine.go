package scan

// Cosine returns the scalar product of two unit vectors of one length, cut to [-1, 1]: a float64 sum in 16 parts,
// rounded to float32. Products of float32 are exact there, so that it is the same on every processor.
func Cosine(x, y []float32) float32 {
	var sums [16]float64
	y = y[:len(x)]
	k := lanes(&sums, x, y)
	for ; k+16 <= len(x); k += 16 {
		u, v := x[k:k+16:k+16], y[k:k+16:k+16]
		for j := range sums {
			sums[j] += float64(u[j]) * float64(v[j])
		}
	}
	for j := range len(x) - k {
		sums[j] += float64(x[k+j]) * float64(y[k+j])
	}
	for n := 8; n > 0; n /= 2 {
		for j := range n {
			sums[j] += sums[j+n]
		}
	}
	return float32(max(-1, min(1, sums[0])))
}
