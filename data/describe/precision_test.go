package describe

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/internal/labtest/datatest"
)

// What float32 does not hold is told: values far from 0 and close together, and those too small to be scaled. Counts,
// years and times of a long span are whole.
func TestDescribePrecision(t *testing.T) {
	const far, flat = "far from 0 for their spread", "by no more than the precision"
	for name, test := range map[string]struct {
		value  func(r *rand.Rand) float64
		advice string // "" = none about precision
	}{
		"far from 0":      {func(r *rand.Rand) float64 { return 1e7 + 5*r.NormFloat64() }, far},
		"one of 8 digits": {func(r *rand.Rand) float64 { return 1 + 3e-6*r.NormFloat64() }, far},
		"denormal":        {func(r *rand.Rand) float64 { return 1e-42 * r.NormFloat64() }, flat},
		"rounding":        {func(r *rand.Rand) float64 { return 1 + 6e-8*float64(r.IntN(2)) }, flat},
		"normal":          {func(r *rand.Rand) float64 { return r.NormFloat64() }, ""},
		"offset of 100":   {func(r *rand.Rand) float64 { return 100 + r.NormFloat64() }, ""},
		"years":           {func(r *rand.Rand) float64 { return float64(1990 + r.IntN(30)) }, ""},
		"counts":          {func(r *rand.Rand) float64 { return float64(900_000 + r.IntN(2)) }, ""},
		"seconds":         {func(r *rand.Rand) float64 { return 1.7e9 + 1e7*r.Float64() }, ""},
		"huge":            {func(r *rand.Rand) float64 { return 1e30 * r.NormFloat64() }, ""},
	} {
		f := datatest.Table(50, 2)
		r := rand.New(rand.NewPCG(1, 2))
		for k := range f.X {
			f.X[k] = float32(test.value(r))
		}
		d := describe(t, f, Options{})
		var about []string
		for _, sentence := range d.Advice {
			if strings.Contains(sentence, "float32") {
				about = append(about, sentence)
			}
		}
		switch {
		case test.advice == "" && about != nil:
			t.Errorf("%s: %q", name, about)
		case test.advice != "" && (len(about) != 1 || !strings.Contains(about[0], test.advice) ||
			!strings.Contains(about[0], fmt.Sprintf("%q", f.Columns[1]))):
			t.Errorf("%s: %q, want one sentence with %q", name, about, test.advice)
		}
	}
}

// Near duplicates of few columns may be chance, zeros have no sign, and classes of one size are said once.
func TestDescribeSmallThings(t *testing.T) {
	f := datatest.Table(40, 1)
	for k := range f.X {
		f.X[k] = float32(k%7) / 7
		f.Labels[k] = fmt.Sprint("class", k%2)
	}
	f.X[0] = float32(math.Copysign(0, -1))
	text := describe(t, f, Options{Duplicates: duplicates.Options{Near: true, Threshold: .9}}).String()
	for _, want := range []string{"With 1 column that varies, different items are near each other by chance.",
		"classes: 2, of 20 items each; 0 items without a label"} {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if strings.Contains(text, "-0") {
		t.Errorf("a zero has a sign:\n%s", text)
	}
}
