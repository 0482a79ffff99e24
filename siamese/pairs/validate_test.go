package pairs

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest"
)

func TestPairsValidate(t *testing.T) {
	nan := float32(math.NaN())
	inf := float32(math.Inf(1))
	tests := []struct {
		name     string
		pairs    Pairs
		want     []string // of the error
		warnings []string // what each names, in order
	}{
		{"none", Pairs{}, nil, nil},
		{"sound", Pairs{Left: []int32{0, 1}, Right: []int32{1, 2}, Label: []float32{1, 0.25}, Weight: []float32{0, 3}},
			nil, nil},
		{"lengths", Pairs{Left: []int32{0}, Right: []int32{1, 2}, Label: []float32{1}},
			[]string{"1 left items", "2 right items", "1 labels", "0 weights"}, nil},
		{"weights' length", Pairs{Left: []int32{0}, Right: []int32{1}, Label: []float32{1}, Weight: []float32{}},
			[]string{"0 weights"}, nil},
		{
			"all at once",
			Pairs{Left: []int32{0, 2, -1, 0, 0}, Right: []int32{3, 2, 0, 1, 2}, Label: []float32{1, 0, 1, 1.5, nan},
				Weight: []float32{1, 1, -1, inf, nan}},
			[]string{": pair 0 (0, 3), pair 2 (-1, 0)", ": pair 1 (item 2)", ": pair 3 (1.5), pair 4 (NaN)",
				": pair 2 (-1), pair 3 (+Inf), pair 4 (NaN)"},
			nil,
		},
		{
			"twice", Pairs{Left: []int32{0, 1, 1, 0}, Right: []int32{1, 2, 0, 1}, Label: []float32{1, 0, 1, 0}}, nil,
			[]string{": pair 2 repeats pair 0", ": pair 3 says 0 and pair 0 says 1 of items 0 and 1"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			warnings, err := test.pairs.Validate(3)
			if test.want != nil {
				labtest.WantError(t, err, test.want...)
			} else if err != nil {
				t.Fatal(err)
			}
			ends := func(text, end string) bool { return strings.HasSuffix(text, end) }
			if !slices.EqualFunc(warnings, test.warnings, ends) {
				t.Errorf("warnings %q, want %q at their ends", warnings, test.warnings)
			}
		})
	}
	many := Pairs{Left: make([]int32, 9), Right: make([]int32, 9), Label: make([]float32, 9)}
	_, err := many.Validate(1)
	labtest.WantError(t, err, "pair 4 (item 0) and 4 more")
	if strings.Contains(err.Error(), "pair 5") {
		t.Errorf("more than five pairs are named: %v", err)
	}
}
