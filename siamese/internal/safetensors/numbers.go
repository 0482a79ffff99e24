package safetensors

import (
	"encoding/binary"
	"io"
	"slices"
)

// numbersAtOnce is the number of elements converted at a time: binary.Write and binary.Read would buffer a whole
// tensor.
const numbersAtOnce = 1 << 14

// number is what tensors hold.
type number interface{ float32 | int32 | float64 }

// write writes the numbers in little-endian order, row by row as they are in memory.
func (t Tensor) write(w io.Writer) error {
	if t.Ints != nil {
		return writeAll(w, t.Ints)
	}
	if t.Doubles != nil {
		return writeAll(w, t.Doubles)
	}
	return writeAll(w, t.Values)
}

// writeAll writes values in little-endian order, as the format wants on every machine.
func writeAll[T number](w io.Writer, values []T) error {
	bytes := make([]byte, binary.Size(T(0))*min(numbersAtOnce, len(values)))
	for part := range slices.Chunk(values, numbersAtOnce) {
		n, err := binary.Encode(bytes, binary.LittleEndian, part)
		if err != nil {
			return err
		}
		if _, err := w.Write(bytes[:n]); err != nil {
			return err
		}
	}
	return nil
}

// readAll fills values with numbers in little-endian order. Too few bytes are an error.
func readAll[T number](r io.Reader, values []T) error {
	// One buffer for all chunks.
	each := binary.Size(T(0))
	bytes := make([]byte, each*min(numbersAtOnce, len(values)))
	for part := range slices.Chunk(values, numbersAtOnce) {
		if _, err := io.ReadFull(r, bytes[:each*len(part)]); err != nil {
			return err
		}
		if _, err := binary.Decode(bytes, binary.LittleEndian, part); err != nil {
			return err
		}
	}
	return nil
}
