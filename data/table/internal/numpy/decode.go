package numpy

import (
	"encoding/binary"
	"math"

	"github.com/go-siamese/lab/data/table/internal/narrow"
	"github.com/go-siamese/lab/data/table/internal/raw"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// decode turns the bytes of len(dst) values of the header's type into float32, each rounded
// to the nearest. src holds at least that many. Whole numbers past 2^53 are rounded like
// the others: call findPastRaw first. What float32 cannot hold is counted in lost, by places from at on. The switch
// stands outside the loops, so that each of them is one that the compiler can keep in registers.
func (h header) decode(dst []float32, src []byte, at int, lost *narrow.Run) {
	// The interface costs a call per value. Little-endian float32, the usual case, is read
	// without decode (see readMatrix).
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
			v := math.Float64frombits(order.Uint64(src[8*i:]))
			if dst[i] = float32(v); !narrow.Plain(v) {
				lost.Float64(at+i, v)
			}
		}
	// Half precision: all its values are float32 as well.
	case "f2":
		for i := range dst {
			dst[i] = raw.Float16(order.Uint16(src[2*i:]))
		}
	default:
		for i := range dst {
			if dst[i] = h.whole(order, src[h.size*i:]); narrow.Suspect(dst[i]) {
				lost.Float64(at+i, h.wholeFloat64(order, src[h.size*i:]))
			}
		}
	}
}

// decodeFloats is decode for floating-point values of 2, 4 or 8 bytes, without rounding: for ids and labels, which must
// be whole numbers exactly.
func (h header) decodeFloats(dst []float64, src []byte) {
	for i := range dst {
		switch b := src[i*h.size:]; h.size {
		case 2:
			dst[i] = float64(raw.Float16(h.order().Uint16(b)))
		case 4:
			dst[i] = float64(math.Float32frombits(h.order().Uint32(b)))
		default:
			dst[i] = math.Float64frombits(h.order().Uint64(b))
		}
	}
}

// whole returns the first whole number, or truth value, in src, rounded to the nearest float32.
func (h header) whole(order binary.ByteOrder, src []byte) float32 {
	if h.kind == 'i' {
		return float32(h.signed(order, src))
	}
	return float32(h.unsigned(order, src))
}

// wholeFloat64 is whole, rounded to float64: without loss up to 2^53.
func (h header) wholeFloat64(order binary.ByteOrder, src []byte) float64 {
	if h.kind == 'i' {
		return float64(h.signed(order, src))
	}
	return float64(h.unsigned(order, src))
}

// signed returns the first value in src, a signed whole number of h.size bytes. src may be
// longer.
func (h header) signed(order binary.ByteOrder, src []byte) int64 {
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

// unsigned returns the first value in src, an unsigned whole number or truth value of
// h.size bytes. src may be longer. NumPy stores truth values as the bytes 0 and 1.
func (h header) unsigned(order binary.ByteOrder, src []byte) uint64 {
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

// findPastRaw is [reading.FindPast] for n values as they lie in an NPY array, in either
// byte order. It is nil for all types other than i8 and u8, which cannot hold such a number
// or do not count.
func (h header) findPastRaw(raw []byte, n int) *reading.PastWhole {
	if h.size != 8 || h.kind != 'i' && h.kind != 'u' {
		return nil
	}
	order, unsigned := h.order(), h.kind == 'u'
	for i := range n {
		if v := order.Uint64(raw[8*i:]); reading.IsPast(v, unsigned) {
			return reading.NewPastWhole(i, v, unsigned)
		}
	}
	return nil
}
