package table

import (
	"encoding/binary"
	"math"
)

// convertFloats reads len(dst) floats of that many bytes each.
func convertFloats(dst []float32, from []byte, size int) {
	if size == 4 {
		copy(bytesOf(dst), from)
		return
	}
	for i := range dst {
		dst[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(from[8*i:])))
	}
}

// joinFloats is convertFloats where the bytes of a value lie apart.
func joinFloats(dst []float32, from []byte, apart, size int) {
	n := len(dst)
	if size == 4 {
		b0, b1, b2, b3 := from[:n], from[apart:][:n], from[2*apart:][:n], from[3*apart:][:n]
		for i := range dst {
			dst[i] = math.Float32frombits(uint32(b0[i]) | uint32(b1[i])<<8 | uint32(b2[i])<<16 | uint32(b3[i])<<24)
		}
		return
	}
	for i := range dst {
		var bits uint64
		for k := range size {
			bits |= uint64(from[k*apart+i]) << (8 * k)
		}
		dst[i] = float32(math.Float64frombits(bits))
	}
}
