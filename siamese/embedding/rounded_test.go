package embedding

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// Rounded numbers are those of the type that are nearest, and int8 rows keep their cosines but for rounding.
func TestRounded(t *testing.T) {
	const n, e = 20, 33
	z := &Embeddings{Values: labtest.Normals(rand.New(rand.NewPCG(4, 1)), n*e, 1), N: n, E: e}
	clear(z.Row(3))
	z.ToUnit()
	was := slices.Clone(z.Values)
	half, err := z.Rounded(Float16)
	if err != nil {
		t.Fatal(err)
	}
	codes, err := z.Rounded(Int8)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		var largest float64
		for _, v := range z.Row(i) {
			largest = max(largest, math.Abs(float64(v)))
		}
		for k, v := range z.Row(i) {
			// Of binary16 there are 11 binary digits, in steps of 2^-24 at least.
			_, exponent := math.Frexp(float64(v))
			step := math.Ldexp(1, max(exponent-11, -24))
			if want := math.RoundToEven(float64(v)/step) * step; float64(half.Row(i)[k]) != want {
				t.Fatalf("float16 of %v is %v, want %v", v, half.Row(i)[k], want)
			}
			want := 0.0
			if largest > 0 {
				want = math.RoundToEven(float64(v) * (127 / largest))
			}
			if float64(codes.Row(i)[k]) != want {
				t.Fatalf("int8 of %v beside %v is %v, want %v", v, largest, codes.Row(i)[k], want)
			}
		}
	}
	codes.ToUnit()
	for i := range n {
		for j := range i {
			if d := math.Abs(codes.Cosine(i, j) - z.Cosine(i, j)); d > 0.01 {
				t.Errorf("items %d and %d: int8 changes the cosine by %v", i, j, d)
			}
		}
	}
	if same, err := z.Rounded(Float32); err != nil || same != z || !slices.Equal(z.Values, was) ||
		!slices.Equal(half.Zero, z.Zero) {
		t.Errorf("float32 is another, or the embeddings were changed: %v", err)
	}
	if _, err := z.Rounded("float8"); !slices.Equal(option.Names(err), []string{"as"}) {
		t.Errorf("float8: %v", err)
	}
}
