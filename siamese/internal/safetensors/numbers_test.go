package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Numbers in pieces are the bytes that package binary writes at once, and come back.
func TestNumbersInPieces(t *testing.T) {
	for _, n := range []int{0, 1, numbersAtOnce, numbersAtOnce + 1, 3*numbersAtOnce - 1} {
		floats, ints, doubles := make([]float32, n), make([]int32, n), make([]float64, n)
		for i := range n {
			floats[i], ints[i], doubles[i] = float32(i)/3, int32(-i), float64(i)/3
		}
		for _, tensor := range []Tensor{{Values: floats}, {Ints: ints}, {Doubles: doubles}} {
			var got, want bytes.Buffer
			var values any = floats
			if tensor.Ints != nil {
				values = ints
			} else if tensor.Doubles != nil {
				values = doubles
			}
			if err := errors.Join(tensor.write(&got), binary.Write(&want, binary.LittleEndian, values)); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Errorf("%d numbers of %T: the bytes are others than those of package binary", n, values)
			}
		}
		var file bytes.Buffer
		if err := writeAll(&file, floats); err != nil {
			t.Fatal(err)
		}
		back := make([]float32, n)
		if err := readAll(bytes.NewReader(file.Bytes()), back); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(floats, back); d != "" {
			t.Errorf("%d numbers come back as others (-want +got):\n%s", n, d)
		}
		if n == 0 {
			continue
		}
		err := readAll(bytes.NewReader(file.Bytes()[:file.Len()-1]), back)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d numbers cut off by a byte: error %v, want %v", n, err, io.ErrUnexpectedEOF)
		}
	}
}
