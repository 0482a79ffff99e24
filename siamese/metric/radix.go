package metric

import "slices"

// radixBits is the number of bits sorted at a time. 2,048 counters of 4 bytes fit in a core's first cache, and three
// passes sort the keys of a tally.
const radixBits = 11

// radixSort sorts x by its bits from low to high-1, stably, radixBits at a time: higher bits of the last digit, if
// there are any, must be equal or are sorted too. It returns the sorted numbers and a slice to give as spare next time
// (nil at first); either may be where x was. It takes O(len(x)) time for each digit, several times less than a
// comparison sort of long lists. x has fewer than 2^31 numbers.
func radixSort[T uint32 | uint64](x, spare []T, low, high int) (sorted, rest []T) {
	var bins [1 << radixBits]int32
	y := slices.Grow(spare[:0], len(x))[:len(x)]
	for ; low < high; low += radixBits {
		clear(bins[:])
		for _, v := range x {
			bins[v>>low%(1<<radixBits)]++
		}
		// From the number of each digit to the first place of each.
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
