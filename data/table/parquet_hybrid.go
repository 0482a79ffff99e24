package table

import (
	"encoding/binary"
	"errors"
)

// hybrid reads whole numbers in Parquet's mixture of runs and packed bits (Parquet format,
// Encodings.md, RLE = 3).
type hybrid struct {
	b      []byte // behind the current run
	width  uint   // bits of a number, at most 32
	left   int    // numbers of the current run still to come
	value  uint32 // of a run of equal ones
	packed []byte // of packed ones
	bit    uint   // place in packed
}

var (
	errHybrid = errors.New("the codes or levels of a page are cut off")
	errCode   = errors.New("a code lies outside the dictionary")
)

// run begins the next run.
func (h *hybrid) run() error {
	head, n := binary.Uvarint(h.b)
	if n <= 0 || head > 1<<40 {
		return errHybrid
	}
	h.b, h.packed, h.bit = h.b[n:], nil, 0
	if head&1 == 0 {
		h.left, h.value = int(head>>1), 0
		size := int(h.width+7) / 8
		if size > len(h.b) {
			return errHybrid
		}
		for k, c := range h.b[:size] {
			h.value |= uint32(c) << (8 * k)
		}
		h.b = h.b[size:]
		return nil
	}
	// Groups of 8 numbers, the last one perhaps cut where the numbers end.
	groups := int(head >> 1)
	h.left = 8 * groups
	size := min(groups*int(h.width), len(h.b))
	if h.width > 0 {
		h.left = min(h.left, 8*size/int(h.width))
	}
	h.packed, h.b = h.b[:size], h.b[size:]
	return nil
}

// take returns how many of up to n numbers the current run has, after beginning one where the
// last one has ended.
func (h *hybrid) take(n int) (int, error) {
	for h.left == 0 {
		if err := h.run(); err != nil {
			return 0, err
		}
	}
	n = min(n, h.left)
	h.left -= n
	return n, nil
}

// look puts the values that the next len(dst) codes have in the dictionary into dst.
func (h *hybrid) look(dst, dict []float32) error {
	for len(dst) > 0 {
		n, err := h.take(len(dst))
		if err != nil {
			return err
		}
		if h.packed == nil {
			if int64(h.value) >= int64(len(dict)) {
				return errCode
			}
			for i := range dst[:n] {
				dst[i] = dict[h.value]
			}
		} else if !h.lookPacked(dst[:n], dict) {
			return errCode
		}
		dst = dst[n:]
	}
	return nil
}

// lookPacked is look within a run of packed codes; false = one lies outside the dictionary.
func (h *hybrid) lookPacked(dst, dict []float32) bool {
	const word = 8
	if !h.lookGroups(&dst, dict) {
		return false
	}
	b, bit, width := h.packed, h.bit, h.width
	mask, size := uint64(1)<<width-1, uint64(len(dict))
	i := 0
	// Three codes of up to 19 bits are in any eight bytes that begin with the first one's.
	for ; width <= 19 && i+3 <= len(dst) && int(bit>>3)+word <= len(b); i += 3 {
		v := binary.LittleEndian.Uint64(b[bit>>3:]) >> (bit & 7)
		c0, c1, c2 := v&mask, v>>width&mask, v>>(2*width)&mask
		if c0 >= size || c1 >= size || c2 >= size {
			return false
		}
		d := dst[i : i+3 : i+3]
		d[0], d[1], d[2] = dict[c0], dict[c1], dict[c2]
		bit += 3 * width
	}
	for h.bit = bit; i < len(dst); i++ {
		code := uint64(h.next())
		if code >= size {
			return false
		}
		dst[i] = dict[code]
	}
	return true
}

// lookGroups is lookPacked for the first of dst, as many as unpackCodes takes; those are cut off.
func (h *hybrid) lookGroups(dst *[]float32, dict []float32) bool {
	var codes [512]uint32
	for h.bit&7 == 0 {
		n, largest := unpackCodes(codes[:min(len(codes), len(*dst))], h.packed[h.bit>>3:], int(h.width))
		if n == 0 {
			break
		}
		if int64(largest) >= int64(len(dict)) {
			return false
		}
		to := (*dst)[:n]
		for i, c := range codes[:n] {
			to[i] = dict[c]
		}
		*dst, h.bit = (*dst)[n:], h.bit+uint(n)*h.width
	}
	return true
}

// next returns the next packed number, near the end of the packed bits.
func (h *hybrid) next() uint32 {
	var eight [8]byte
	copy(eight[:], h.packed[min(int(h.bit/8), len(h.packed)):])
	v := binary.LittleEndian.Uint64(eight[:]) >> (h.bit % 8) & (1<<h.width - 1)
	h.bit += h.width
	return uint32(v)
}

// skipOnes passes over the next n numbers if one run of ones has them all, as in the levels of a
// page without nulls.
func (h *hybrid) skipOnes(n int) (bool, error) {
	if h.left == 0 {
		if err := h.run(); err != nil {
			return false, err
		}
	}
	if h.packed != nil || h.value != 1 || h.left < n {
		return false, nil
	}
	h.left -= n
	return true, nil
}

// bits reads the next len(dst) numbers, each 0 or 1, and returns how many are 1.
func (h *hybrid) bits(dst []int16) (ones int, err error) {
	for len(dst) > 0 {
		n, err := h.take(len(dst))
		if err != nil {
			return 0, err
		}
		for i := range dst[:n] {
			v := h.value & 1
			if h.packed != nil {
				v = h.next() & 1
			}
			dst[i] = int16(v)
			ones += int(v)
		}
		dst = dst[n:]
	}
	return ones, nil
}
