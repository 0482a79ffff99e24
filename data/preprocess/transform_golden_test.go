package preprocess

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/selection"
)

// preprocessGolden is what scikit-learn says (testdata/make_preprocess_golden.py).
type preprocessGolden struct {
	Cases []struct {
		Name              string
		Spec              Options
		Train, Test, Want [][]*float64
		Variance          []float64
		Kept              float64
	}
}

func TestTransformAgainstScikitLearn(t *testing.T) {
	text, err := os.ReadFile("testdata/preprocess.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden preprocessGolden
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Cases) < 14 {
		t.Fatalf("%d cases", len(golden.Cases))
	}
	for _, c := range golden.Cases {
		t.Run(c.Name, func(t *testing.T) {
			train, test := goldenFrame(c.Train), goldenFrame(c.Test)
			tr, err := Fit(t.Context(), train, selection.All(train.N()), c.Spec)
			if err != nil {
				t.Fatal(err)
			}
			out, err := tr.Frame(t.Context(), test)
			if err != nil {
				t.Fatal(err)
			}
			if out.F() != len(c.Want[0]) || len(tr.Variance) != len(c.Variance) {
				t.Fatalf("%d features, %d components; want %d, %d", out.F(), len(tr.Variance), len(c.Want[0]),
					len(c.Variance))
			}
			// The narrowest columns are 0.01 wide around 5, of which float32 keeps five digits.
			const tolerance = 5e-5
			for i, row := range c.Want {
				for j, want := range row {
					if got := float64(out.Row(i)[j]); math.Abs(got-*want) > tolerance*max(1, math.Abs(*want)) {
						t.Errorf("item %d, feature %d: %v, want %v", i, j, got, *want)
					}
				}
			}
			for k, want := range c.Variance {
				if math.Abs(float64(tr.Variance[k])-want) > 1e-5*want {
					t.Errorf("variance %d is %v, want %v", k, tr.Variance[k], want)
				}
			}
			if math.Abs(tr.VarianceKept-c.Kept) > 1e-6 {
				t.Errorf("share of variance %v, want %v", tr.VarianceKept, c.Kept)
			}
		})
	}
}

// goldenFrame returns rows as a frame; nil is a missing value.
func goldenFrame(rows [][]*float64) *data.Frame {
	f := &data.Frame{Blocks: []data.Block{{Name: "f", Start: 0, End: len(rows[0])}}}
	for j := range rows[0] {
		f.Columns = append(f.Columns, fmt.Sprint("f/", j))
	}
	for i, row := range rows {
		f.IDs = append(f.IDs, fmt.Sprint(i))
		for _, v := range row {
			if v == nil {
				f.X = append(f.X, float32(math.NaN()))
				continue
			}
			f.X = append(f.X, float32(*v))
		}
	}
	return f
}
