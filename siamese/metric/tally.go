package metric

import "sync"

// tally counts keys of positive and negative pairs from several goroutines, exactly. The outcome does not depend on the
// order in which keys come.
type tally interface {
	// counter returns a place for one goroutine to bring keys of one kind to; it must be flushed once at the end.
	counter(positive bool) counter
	// walk calls f for every key that was counted, in falling order, with the number of positives and negatives.
	walk(f func(key int32, pos, neg uint64))
}

type counter interface {
	add(keys []int32)
	flush()
}

// listLimit is the number of pairs up to which keys are listed and sorted rather than counted in cells.
const listLimit = 1 << 23

// newTally returns the cheaper tally for a number of pairs.
func newTally(pairs int64) tally {
	if pairs <= listLimit {
		return &listTally{}
	}
	return newCellTally()
}

// listTally keeps every key.
type listTally struct {
	mu   sync.Mutex
	keys [2][]uint32 // negative, positive; key + keyMax
}

type listCounter struct {
	t    *listTally
	kind int
	keys []uint32
}

func (t *listTally) counter(positive bool) counter {
	c := &listCounter{t: t}
	if positive {
		c.kind = 1
	}
	return c
}

func (c *listCounter) add(keys []int32) {
	for _, k := range keys {
		c.keys = append(c.keys, uint32(k+keyMax))
	}
}

func (c *listCounter) flush() {
	c.t.mu.Lock()
	defer c.t.mu.Unlock()
	c.t.keys[c.kind] = append(c.t.keys[c.kind], c.keys...)
	c.keys = nil
}

func (t *listTally) walk(f func(key int32, pos, neg uint64)) {
	neg, spare := radixSort(t.keys[0], nil, 0, gridBits+2)
	pos, _ := radixSort(t.keys[1], spare, 0, gridBits+2)
	t.keys = [2][]uint32{neg, pos}
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
