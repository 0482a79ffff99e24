// Package rising sorts long lists of numbers by their bits, several times faster than by comparisons.
package rising

import "math"

// place is a key with the place that it had.
type place struct {
	key uint64
	at  int32
}

// digit is the number of bits that a pass sorts by: 2,048 counters fit in a core's first cache.
const digit = 11

// Order returns the places of values in rising order, those of equal values in theirs, as [slices.SortStableFunc] by
// [cmp.Compare] has them: NaN comes first, and -0 equals 0. It takes O(len(values)) time, and panics for 2^31 values or
// more.
func Order(values []float64) []int32 {
	keys := make([]uint64, len(values))
	for k, v := range values {
		if v != v {
			continue // 0, which no number has
		}
		bits := math.Float64bits(v + 0) // -0 + 0 is 0
		if bits>>63 != 0 {
			keys[k] = ^bits
		} else {
			keys[k] = bits | 1<<63
		}
	}
	return ByKey(keys)
}

// ByKey returns the places of keys in rising order, those of equal keys in theirs. It takes O(len(keys)) time, and
// panics for 2^31 keys or more.
func ByKey(keys []uint64) []int32 {
	if len(keys) > math.MaxInt32 {
		panic("rising: more than 2^31-1 numbers")
	}
	list, spare := make([]place, len(keys)), make([]place, len(keys))
	var all, some uint64 // bits that every key has, and that any has
	all = ^all
	for k, key := range keys {
		list[k] = place{key, int32(k)}
		all, some = all&key, some|key
	}
	var first [1 << digit]int32
	for low := 0; low < 64; low += digit {
		if (all^some)>>low%(1<<digit) == 0 {
			continue // all keys have the same digit
		}
		clear(first[:])
		for _, p := range list {
			first[p.key>>low%(1<<digit)]++
		}
		// From the number of each digit to the first place of each.
		sum := int32(0)
		for d, n := range first[:] {
			first[d] = sum
			sum += n
		}
		for _, p := range list {
			d := p.key >> low % (1 << digit)
			spare[first[d]] = p
			first[d]++
		}
		list, spare = spare, list
	}
	out := make([]int32, len(list))
	for k, p := range list {
		out[k] = p.at
	}
	return out
}
