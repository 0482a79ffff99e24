package table

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// float16 returns the value of an IEEE 754 half-precision number; float32 holds all of them.
func float16(bits uint16) float32 {
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

// littleEndian is true where the machine's numbers lie in memory as most files have them.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// bytesOf returns the memory of x.
func bytesOf(x []float32) []byte {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x))
}

// floatsOf returns the float32 in b, which must be aligned and in the machine's byte order.
func floatsOf(b []byte) []float32 {
	if len(b) < 4 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), len(b)/4)
}

// decode turns the bytes of len(dst) values of the header's type into float32, each rounded to
// the nearest.
func (h npyHeader) decode(dst []float32, src []byte) {
	var order binary.ByteOrder = binary.LittleEndian
	if h.big {
		order = binary.BigEndian
	}
	switch h.typ() {
	case "f4":
		for i := range dst {
			dst[i] = math.Float32frombits(order.Uint32(src[4*i:]))
		}
	case "f8":
		for i := range dst {
			dst[i] = float32(math.Float64frombits(order.Uint64(src[8*i:])))
		}
	case "f2":
		for i := range dst {
			dst[i] = float16(order.Uint16(src[2*i:]))
		}
	default:
		for i := range dst {
			dst[i] = h.whole(order, src[h.size*i:])
		}
	}
}

// whole returns the first whole number in src.
func (h npyHeader) whole(order binary.ByteOrder, src []byte) float32 {
	if h.kind == 'i' {
		return float32(h.signed(order, src))
	}
	return float32(h.unsigned(order, src))
}

func (h npyHeader) signed(order binary.ByteOrder, src []byte) int64 {
	switch h.size {
	case 1:
		return int64(int8(src[0]))
	case 2:
		return int64(int16(order.Uint16(src)))
	case 4:
		return int64(int32(order.Uint32(src)))
	}
	return int64(order.Uint64(src))
}

func (h npyHeader) unsigned(order binary.ByteOrder, src []byte) uint64 {
	switch h.size {
	case 1:
		return uint64(src[0])
	case 2:
		return uint64(order.Uint16(src))
	case 4:
		return uint64(order.Uint32(src))
	}
	return order.Uint64(src)
}
