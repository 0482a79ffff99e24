package metric

import "sync"

// cellTally has one counter for every possible key: 2 x 2^25 counters of 4 bytes, 256 MB for any number of pairs.
//
// Counting 2e8 keys directly in 128 MB would miss the cache almost every time. Keys are therefore buffered by part of
// the range, shortBits wide, and a part is added to its cells (128 KB, which fit in a core's cache) when its buffer
// is full.
type cellTally struct {
	cells [2][]uint32 // negative, positive; by key + keyMax
	lock  [2][parts]sync.Mutex
	carry [2][parts]map[int32]uint64 // multiples of 2^32 that a cell has overflowed, by place
}

const (
	shortBits = 15                      // bits of a key within its part
	parts     = 2*keyMax>>shortBits + 1 // 1,025: the highest key, 2 keyMax, has a part of its own
	buffered  = 2048                    // keys of a part: 4 KB, so 4 MB for a counter
)

// newCellTally returns a tally without keys.
func newCellTally() *cellTally {
	return &cellTally{cells: [2][]uint32{make([]uint32, parts<<shortBits), make([]uint32, parts<<shortBits)}}
}

// clear forgets all keys.
func (t *cellTally) clear() {
	for kind := range t.cells {
		clear(t.cells[kind])
		clear(t.carry[kind][:])
	}
}

// cellCounter is the buffer of one goroutine for keys of one kind.
type cellCounter struct {
	t    *cellTally
	kind int          // 0 negative, 1 positive
	used [parts]int32 // keys buffered, by part
	keys []uint16     // parts x buffered: places within the part
}

// counter implements tally.
func (t *cellTally) counter(positive bool) counter {
	c := &cellCounter{t: t, keys: make([]uint16, parts*buffered)}
	if positive {
		c.kind = 1
	}
	return c
}

// add buffers keys, and brings the buffer of a part to its cells when it is full.
func (c *cellCounter) add(keys []int32) {
	for _, k := range keys {
		place := uint32(k + keyMax)
		part := place >> shortBits
		n := c.used[part]
		c.keys[int(part)*buffered+int(n)] = uint16(place & (1<<shortBits - 1))
		if n++; n == buffered {
			c.bring(int(part), n)
			n = 0
		}
		c.used[part] = n
	}
}

// flush brings what is left in the buffers to the cells. The counter may be used again.
func (c *cellCounter) flush() {
	for part, n := range c.used[:] {
		if n > 0 {
			c.bring(part, n)
		}
	}
	c.used = [parts]int32{}
}

// bring adds the first n keys of a part to its cells. Parts have locks of their own, so goroutines rarely wait. Array
// pointers and the mask on k spare the bounds checks of the inner loop.
func (c *cellCounter) bring(part int, n int32) {
	lock := &c.t.lock[c.kind][part]
	lock.Lock()
	defer lock.Unlock()
	// A counter that comes back to 0 has passed 2^32 - 1; noting that here costs one comparison with a value at hand.
	cells := (*[1 << shortBits]uint32)(c.t.cells[c.kind][part<<shortBits:])
	for _, k := range c.keys[part*buffered:][:n] {
		k &= 1<<shortBits - 1
		cells[k]++
		if cells[k] == 0 {
			c.overflow(part, int32(part)<<shortBits+int32(k))
		}
	}
}

// overflow notes that the cell at a place has passed 2^32: a collapsed encoder can give billions of pairs one score.
// Its part is locked.
func (c *cellCounter) overflow(part int, place int32) {
	m := &c.t.carry[c.kind][part]
	if *m == nil {
		*m = map[int32]uint64{}
	}
	(*m)[place] += 1 << 32
}

// walk implements tally. It passes over all 2^25 places, most of them empty.
func (t *cellTally) walk(f func(key int32, pos, neg uint64)) {
	for part := parts - 1; part >= 0; part-- {
		// Most parts have no carry, and then no map is looked up for their cells.
		lost := t.carry[0][part] != nil || t.carry[1][part] != nil
		neg := (*[1 << shortBits]uint32)(t.cells[0][part<<shortBits:])
		pos := (*[1 << shortBits]uint32)(t.cells[1][part<<shortBits:])
		for i := 1<<shortBits - 1; i >= 0; i-- {
			if neg[i]|pos[i] == 0 && !lost {
				continue
			}
			n, p := uint64(neg[i]), uint64(pos[i])
			place := int32(part)<<shortBits + int32(i)
			if lost {
				n += t.carry[0][part][place]
				p += t.carry[1][part][place]
			}
			if n|p != 0 {
				f(place-keyMax, p, n)
			}
		}
	}
}

// span implements tally.
func (t *cellTally) span() (low, high int32) {
	part := 0
	for !t.used(part) {
		part++
	}
	low = t.end(part, 0, 1)
	for part = parts - 1; !t.used(part); {
		part--
	}
	return low, t.end(part, 1<<shortBits-1, -1)
}

// used returns whether a key of a part was counted.
func (t *cellTally) used(part int) bool {
	if t.carry[0][part] != nil || t.carry[1][part] != nil {
		return true
	}
	for _, cells := range t.cells {
		for _, n := range cells[part<<shortBits : (part+1)<<shortBits] {
			if n != 0 {
				return true
			}
		}
	}
	return false
}

// end returns the first key of a part that was counted, which is used, from place at on in steps of 1 or -1.
func (t *cellTally) end(part, at, step int) int32 {
	for ; ; at += step {
		place := part<<shortBits + at
		// A cell that has overflowed can be 0 and still have counted keys.
		if t.cells[0][place]|t.cells[1][place] != 0 ||
			t.carry[0][part][int32(place)]+t.carry[1][part][int32(place)] > 0 {
			return int32(place) - keyMax
		}
	}
}
