// Package raw looks at numbers as the bytes in which they lie in memory and in files. It is
// the only place of the readers with unsafe views of memory, besides the text that Parquet
// writes.
package raw

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// Float16 returns the value of an IEEE 754 half-precision number; float32 holds all of them.
func Float16(bits uint16) float32 {
	sign := uint32(bits&0x8000) << 16
	exponent := uint32(bits>>10) & 0x1f
	fraction := uint32(bits & 0x3ff)
	switch exponent {
	case 0: // zero and subnormal: fraction * 2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)/(1<<24)))
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}

// LittleEndian is true where the machine's numbers lie in memory as most files have them.
var LittleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// BytesOf returns the memory of x as bytes in the machine's order, nil for none. It is shared, not copied.
func BytesOf(x []float32) []byte {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x))
}

// FloatsOf returns the float32 in b, which must be aligned and in the machine's byte order. Memory is shared,
// not copied.
func FloatsOf(b []byte) []float32 {
	if len(b) < 4 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), len(b)/4)
}
