package report

import (
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/signtest"
)

func TestClassVerdict(t *testing.T) {
	signs := func(above, below int) signtest.Signs {
		var differences []float64
		for range above {
			differences = append(differences, 0.125)
		}
		for range below {
			differences = append(differences, -0.25)
		}
		s, err := signtest.Of(differences)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, c := range []struct {
		classes      int
		byMAP, byAUC signtest.Signs
		want         string
	}{
		{6, signs(6, 0), signs(4, 2),
			helps + ": MAP@R higher in 6 of 6 classes [+0.125 to +0.125, sign test p 0.031], " +
				"ROC-AUC higher in 4 of 6 classes [-0.250 to +0.125, sign test p 0.69]"},
		{6, signs(0, 6), signs(4, 2), hurts + ": "},
		{8, signs(8, 0), signs(0, 8), mixed + ": "},
		{6, signs(5, 1), signs(3, 3), unclear + " for other classes: "},
		{5, signs(5, 0), signs(5, 0), tooFewClasses(5) + ": "},
	} {
		r := &Report{Positive: 0.1, Classes: c.classes, NewClasses: true,
			ClassChanges: &ClassChanges{Confidence: 0.95, MAPAtR: c.byMAP, ROCAUC: c.byAUC}}
		if got := r.Verdict(); !strings.HasPrefix(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
