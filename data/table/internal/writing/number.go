package writing

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/raw"
)

// Number is the type of the features in a file.
type Number string

// The types. Float16 is IEEE 754 half precision, Int8 whole numbers from -128 to 127.
const (
	Float32 Number = "float32"
	Float16 Number = "float16"
	Int8    Number = "int8"
)

// Check returns an error for an unknown type, and one that names row and column of the first feature that the type
// cannot hold. NaN is held by all but Int8.
func (n Number) Check(f *data.Frame) error {
	if n != Float32 && n != Float16 && n != Int8 {
		return fmt.Errorf("table: write: numbers of type %q: use %q, %q or %q", string(n), Float32, Float16, Int8)
	}
	if n == Float32 {
		return nil
	}
	for i, v := range f.X {
		if !n.holds(v) {
			return fmt.Errorf("table: write: row %d, column %q: %s does not have the number %v: round the numbers first, or "+
				"write them as %s", i/f.F()+1, f.Columns[i%f.F()], string(n), v, string(Float32))
		}
	}
	return nil
}

// holds reports whether the type has the number.
func (n Number) holds(v float32) bool {
	switch n {
	case Float16:
		return raw.Float16(half(v)) == v || v != v
	case Int8:
		return v == float32(math.Trunc(float64(v))) && v >= math.MinInt8 && v <= math.MaxInt8
	}
	return true
}

// half returns the bits of a number that half precision holds, and of others any.
func half(v float32) uint16 {
	bits := math.Float32bits(v)
	sign := uint16(bits >> 16 & 0x8000)
	switch bits &= 1<<31 - 1; {
	case bits > 0x7f800000: // NaN
		return sign | 0x7e00
	case bits >= 0x47800000: // 65536
		return sign | 0x7c00
	case bits < 0x38800000: // below 2^-14, in steps of 2^-24
		return sign | uint16(math.Float32frombits(bits)*(1<<24))
	}
	return sign | uint16((bits-112<<23)>>13)
}

// Append appends numbers that the type holds as they are in files: little-endian.
func (n Number) Append(to []byte, values []float32) []byte {
	switch n {
	case Float16:
		for _, v := range values {
			to = binary.LittleEndian.AppendUint16(to, half(v))
		}
	case Int8:
		for _, v := range values {
			to = append(to, byte(int8(v)))
		}
	default:
		for _, v := range values {
			to = binary.LittleEndian.AppendUint32(to, math.Float32bits(v))
		}
	}
	return to
}
