package evaluate

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// Directions are those of scikit-learn, up to their sign; testdata/lda.py wrote them.
func TestDiscriminantsReference(t *testing.T) {
	text, err := os.ReadFile("testdata/lda.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Rows       [][]float64
		Class      []int
		Classes    int
		Shrinkage  float64
		Directions [][]float64
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) != 3 {
		t.Fatalf("%d cases", len(cases))
	}
	for n, c := range cases {
		rows := mat.NewDense(len(c.Rows), len(c.Rows[0]), nil)
		for i, row := range c.Rows {
			rows.SetRow(i, row)
		}
		got, err := discriminants(rows, c.Class, c.Classes, c.Shrinkage)
		if err != nil {
			t.Fatal(err)
		}
		k, d := got.Dims()
		if k != len(c.Directions) || d != len(c.Directions[0]) {
			t.Fatalf("case %d: %d x %d directions, want %d x %d", n, k, d, len(c.Directions), len(c.Directions[0]))
		}
		for j := range d {
			sign := math.Copysign(1, got.At(0, j)*c.Directions[0][j])
			for i := range k {
				if !labtest.Near(sign*got.At(i, j), c.Directions[i][j], 1e-8) {
					t.Errorf("case %d: direction %d, number %d is %v, want %v", n, j, i, sign*got.At(i, j),
						c.Directions[i][j])
				}
			}
		}
	}
}

func TestDiscriminantsRefuse(t *testing.T) {
	rows := mat.NewDense(4, 2, []float64{1, 2, 1, 2, 3, 4, 3, 4})
	_, err := discriminants(rows, []int{0, 0, 1, 1}, 2, 0.1)
	labtest.WantError(t, err, "do not vary")
	_, err = discriminants(rows, []int{0, 0, 0, 0}, 1, 0.1)
	labtest.WantError(t, err, "two classes")
}
