package metric

import "slices"

const radixBits = 11

// radixSort sorts x by its bits from low to high, stably, radixBits at a time. It returns the sorted numbers and a
// slice to give as spare next time; either may be where x was.
func radixSort[T uint32 | uint64](x, spare []T, low, high int) (sorted, rest []T) {
	var bins [1 << radixBits]int32
	y := slices.Grow(spare[:0], len(x))[:len(x)]
	for ; low < high; low += radixBits {
		clear(bins[:])
		for _, v := range x {
			bins[v>>low%(1<<radixBits)]++
		}
		sum := int32(0)
		for i, c := range bins[:] {
			bins[i] = sum
			sum += c
		}
		for _, v := range x {
			b := v >> low % (1 << radixBits)
			y[bins[b]] = v
			bins[b]++
		}
		x, y = y, x
	}
	return x, y
}
