package safetensors

import (
	"encoding/binary"
	"io"
	"slices"
)

// numbersAtOnce is the number of elements converted at a time: binary.Write and binary.Read would buffer a whole
// tensor.
const numbersAtOnce = 1 << 14

// write writes the numbers in little-endian order, row by row as they are in memory.
func (t Tensor) write(w io.Writer) error {
	if t.Ints != nil {
		return writeAll(w, t.Ints)
	}
	return writeAll(w, t.Values)
}

// writeAll writes values in little-endian order, as the format wants on every machine.
func writeAll[T float32 | int32](w io.Writer, values []T) error {
	bytes := make([]byte, 4*min(numbersAtOnce, len(values)))
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
func readAll[T float32 | int32](r io.Reader, values []T) error {
	// One buffer for all chunks; both types have 4 bytes.
	bytes := make([]byte, 4*min(numbersAtOnce, len(values)))
	for part := range slices.Chunk(values, numbersAtOnce) {
		if _, err := io.ReadFull(r, bytes[:4*len(part)]); err != nil {
			return err
		}
		if _, err := binary.Decode(bytes, binary.LittleEndian, part); err != nil {
			return err
		}
	}
	return nil
}
