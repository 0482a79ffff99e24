package embedding

import (
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/internal/scan"
)

// Types of the numbers of embeddings in files, for [Embeddings.Rounded].
const (
	Float32 = "float32"
	Float16 = "float16" // IEEE 754 half precision, rounded to the nearest: half the bytes
	Int8    = "int8"    // whole numbers from -127 to 127: a quarter of the bytes
)

// Rounded returns embeddings whose numbers are of a type: for float32 e itself; for float16 a copy; for int8 a copy
// with the numbers of every row times 127 over the largest absolute value of them, rounded. Scaling a row changes no
// cosine, so that the whole numbers can be compared as they are, but for what rounding does; rows are not of unit
// length. Another type than the three is an [option.Error] of "as".
func (e *Embeddings) Rounded(as string) (*Embeddings, error) {
	if as == Float32 {
		return e, nil
	}
	out := &Embeddings{Values: make([]float32, len(e.Values)), N: e.N, E: e.E, Zero: e.Zero, Unseen: e.Unseen,
		Unchecked: e.Unchecked}
	switch as {
	case Float16:
		for i, v := range e.Values {
			out.Values[i] = scan.Float(scan.Half(v))
		}
	case Int8:
		codes := make([]int8, e.E)
		for i := range e.N {
			scan.Encode(codes, e.Row(i))
			for k, c := range codes {
				out.Values[i*e.E+k] = float32(c)
			}
		}
	default:
		return nil, option.Errorf("as", "%q is not known: use %s", as, option.Choices([]string{Float32, Float16, Int8}))
	}
	return out, nil
}
