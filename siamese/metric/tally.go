package metric

import (
	"slices"
	"sync"
)

// tally counts keys of positive and negative pairs from several goroutines, exactly. The result does not depend on
// the order of keys.
type tally interface {
	// counter returns a counter of keys of one kind, for one goroutine; it must be flushed once at the end.
	counter(positive bool) counter
	// span returns the lowest and the highest key counted. There must be one.
	span() (low, high int32)
	// walk calls f for every key that was counted, in falling order, with the number of positives and negatives.
	walk(f func(key int32, pos, neg uint64))
}

// counter counts keys of one kind for one goroutine. It may buffer them until flush.
type counter interface {
	add(keys []int32) // keys are not kept
	flush()
}

// listLimit is the number of pairs up to which keys are listed and sorted rather than counted in cells: 8.4 million
// keys take 32 MB instead of 256.
const listLimit = 1 << 23

// newTally returns the cheaper tally for so many positive and negative pairs. Both give the same counts.
func newTally(pos, neg int64) tally {
	if pos+neg > listLimit {
		return newCellTally()
	}
	return &listTally{keys: [2][]uint32{make([]uint32, 0, neg), make([]uint32, 0, pos)}}
}

// listTally keeps every key.
type listTally struct {
	mu   sync.Mutex  // guards keys while counters are flushed
	keys [2][]uint32 // negative, positive; key + keyMax
}

// listCounter buffers keys before it locks the list. Separate growing lists, joined at the end, would leave ten times
// the keys' memory to the garbage collector.
type listCounter struct {
	t    *listTally
	kind int
	used int
	keys [4096]uint32
}

// counter implements tally.
func (t *listTally) counter(positive bool) counter {
	c := &listCounter{t: t}
	if positive {
		c.kind = 1
	}
	return c
}

// add buffers keys.
func (c *listCounter) add(keys []int32) {
	for _, k := range keys {
		if c.used == len(c.keys) {
			c.flush()
		}
		c.keys[c.used] = uint32(k + keyMax)
		c.used++
	}
}

// flush appends the buffered keys to the list. The counter may be used again.
func (c *listCounter) flush() {
	c.t.mu.Lock()
	defer c.t.mu.Unlock()
	c.t.keys[c.kind] = append(c.t.keys[c.kind], c.keys[:c.used]...)
	c.used = 0
}

// sort sorts both lists in rising order; a sorted list costs one pass.
func (t *listTally) sort() {
	// Keys of up to 2 keyMax have gridBits + 2 bits.
	var spare []uint32
	for i, keys := range t.keys {
		if !slices.IsSorted(keys) {
			t.keys[i], spare = radixSort(keys, spare, 0, gridBits+2)
		}
	}
}

// span implements tally.
func (t *listTally) span() (low, high int32) {
	t.sort()
	low, high = keyMax, -keyMax
	for _, keys := range t.keys {
		if n := len(keys); n > 0 {
			low, high = min(low, int32(keys[0])-keyMax), max(high, int32(keys[n-1])-keyMax)
		}
	}
	return low, high
}

// walk implements tally. It merges both sorted lists from their ends.
func (t *listTally) walk(f func(key int32, pos, neg uint64)) {
	t.sort()
	neg, pos := t.keys[0], t.keys[1]
	// Each step takes the highest key that is left from both lists.
	for len(neg)+len(pos) > 0 {
		var key uint32
		switch {
		case len(neg) == 0:
			key = pos[len(pos)-1]
		case len(pos) == 0:
			key = neg[len(neg)-1]
		default:
			key = max(pos[len(pos)-1], neg[len(neg)-1])
		}
		var np, nn uint64
		pos, np = dropLast(pos, key)
		neg, nn = dropLast(neg, key)
		f(int32(key)-keyMax, np, nn)
	}
}

// dropLast returns keys without the run of key at its end, and the length of the run.
func dropLast(keys []uint32, key uint32) ([]uint32, uint64) {
	n := len(keys)
	for n > 0 && keys[n-1] == key {
		n--
	}
	return keys[:n], uint64(len(keys) - n)
}
