package evaluate

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// On pairs of one label no metric is defined, and there is no difference.
func TestComparePairsOfOneLabel(t *testing.T) {
	m, f, val, test := labelledPairs(t)
	backend := devicetest.Go(t)
	other := toymodel.Identity(f.Columns, []float32{0})
	defer other.Close()
	for k := range test.Label {
		test.Label[k] = 1
	}
	compared, err := pairModelsOf(t.Context(), backend, []*siamese.Model{m, other}, []string{"m", "other"}, "pairs", f,
		val, test, Options{Details: true})
	if err != nil {
		t.Fatal(err)
	}
	saved, err := report.Compare(compared.Reports...)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*report.Compared{compared, saved} {
		if text := c.String(); c.Differences != nil || !strings.Contains(text, "nothing can be said of other") ||
			strings.Contains(text, "other against m") {
			t.Error(text)
		}
	}
}

// Reports are those of the models alone, differences those of the cosines of their embeddings, and files hold all of
// it.
func TestPairsOfModels(t *testing.T) {
	m, f, val, test := labelledPairs(t)
	backend := devicetest.Go(t)
	rng := rand.New(rand.NewPCG(3, 3))
	for range test.Label {
		test.Weight = append(test.Weight, float32(1+rng.IntN(3)))
	}
	less, third := toymodel.Identity(f.Columns, []float32{0}), toymodel.Identity(f.Columns)
	defer less.Close()
	defer third.Close()
	less.Threshold, third.Threshold = .7, .5
	models, names := []*siamese.Model{m, less, third}, []string{"first", "less", "third"}
	compared, err := pairModelsOf(t.Context(), backend, models, names, "pairs", f, val, test, Options{Details: true})
	if err != nil {
		t.Fatal(err)
	}
	var systems []stats.PairSystem
	for k, one := range models {
		want, err := pairsOf(t.Context(), backend, one, "pairs", f, val, test, Options{Details: true})
		if err != nil {
			t.Fatal(err)
		}
		want.Model = names[k]
		if diff := cmp.Diff(want, compared.Reports[k]); diff != "" {
			t.Error(diff)
		}
		z := toymodel.Embed(t, one, backend, f)
		systems = append(systems, stats.PairSystem{Name: names[k], Threshold: one.Threshold,
			Scores: pairs.Cosines(z, test)})
	}
	if len(compared.Differences) != 2 {
		t.Fatalf("%d differences", len(compared.Differences))
	}
	for k, d := range compared.Differences {
		alone, err := stats.ComparePairs(t.Context(), systems[0], systems[1+k:2+k], pairs.ForStats(test),
			stats.PairOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want := alone[0]
		for _, x := range [][2]stats.Difference{{d.Differences[stats.ROCAUC], want.Differences[stats.ROCAUC]},
			{d.Differences[stats.EER], want.Differences[stats.EER]},
			{d.Differences[stats.AveragePrecision], want.Differences[stats.AveragePrecision]},
			{d.Differences[stats.Accuracy], want.Differences[stats.Accuracy]},
			{d.Differences[stats.FPR], want.Differences[stats.FPR]},
			{d.Differences[stats.FNR], want.Differences[stats.FNR]}} {
			got, want := x[0], x[1]
			if !labtest.Near(got.Value, want.Value, 1e-6) || !labtest.Near(got.Low, want.Low, 1e-5) ||
				!labtest.Near(got.High, want.High, 1e-5) || !labtest.Near(got.P, want.P, 1e-4) ||
				got.Adjusted < got.P || got.Adjusted > 2*got.P+1e-12 {
				t.Errorf("%s: %+v, want %+v", d.B, got, want)
			}
		}
	}
	text := compared.String()
	labtest.WantText(t, text, "first\npairs: 780 pairs of 40 items", "less (pairs) is ", " first (pairs): ROC-AUC ",
		", average precision ", "95 % intervals by items, one run each", "third against first: 95 % intervals by item",
		", p ")
	path := filepath.Join(t.TempDir(), "c.json")
	if err := compared.Save(path); err != nil {
		t.Fatal(err)
	}
	again, err := report.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(compared, again); diff != "" {
		t.Error(diff)
	}

	// Reports that hold the cosines of their pairs are compared as their models are, in whatever order their pairs
	// were.
	for k := range test.Label {
		o := rng.IntN(k + 1)
		for _, list := range [][]int32{test.Left, test.Right} {
			list[k], list[o] = list[o], list[k]
		}
		for _, list := range [][]float32{test.Label, test.Weight} {
			list[k], list[o] = list[o], list[k]
		}
	}
	other, err := pairsOf(t.Context(), backend, less, "pairs", f, val, test, Options{Details: true})
	if err != nil {
		t.Fatal(err)
	}
	other.Model = "less"
	beside, err := report.Compare(compared.Reports[0], other, compared.Reports[2])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(compared.Differences, beside.Differences, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
		t.Error(diff)
	}
	// Others say what they lack.
	list := []*report.Report{compared.Reports[0], other}
	kept := other.Details.Cosines
	lacks := func(want string) {
		t.Helper()
		beside, err := report.Compare(list...)
		if err != nil || beside.Differences != nil ||
			!strings.Contains(beside.String(), "less (pairs) beside first (pairs): ROC-AUC ") ||
			!strings.Contains(beside.String(), "no interval: "+want) {
			t.Errorf("%v, %v, want %q", beside, err, want)
		}
	}
	other.Details.Cosines = nil
	lacks("less (pairs) does not hold the cosines of its pairs: evaluate it with details, or the models together")
	other.Details = nil
	lacks("less (pairs) does not hold the cosines of its pairs")
	other.Details = &report.Details{Of: list[0].Details.Of, Cosines: kept}
	intervals := list[0].Trained.Intervals
	list[0].Trained.Intervals = nil
	lacks("the evaluation was without")
	list[0].Trained.Intervals = intervals
	kept.Weight[7]++
	_, err = report.Compare(list...)
	labtest.WantError(t, err, "less (pairs)", "first (pairs)", "cosines")
	for want, spoil := range map[string]func(c *report.PairCosines){
		"of 779 pairs, the report of 780": func(c *report.PairCosines) { c.Cosine = c.Cosine[:779] },
		"pair 1 is of items 40 and":       func(c *report.PairCosines) { c.Left[0] = 40 },
		"that of pair 3 is 3":             func(c *report.PairCosines) { c.Cosine[2] = 3 },
	} {
		c := *kept
		c.Left, c.Cosine = slices.Clone(c.Left), slices.Clone(c.Cosine)
		spoil(&c)
		other.Details.Cosines = &c
		_, err = report.Compare(list...)
		labtest.WantError(t, err, want)
	}
	other.Details.Cosines, other.Items = kept, 2000
	labtest.WantError(t, other.Check(), "780 pairs are not of 2000 items")
	if missing := (&report.Compared{Reports: []*report.Report{{GivenPairs: true,
		Pairs: report.KeptPairs + 1}}}).Missing(); !strings.Contains(missing,
		"reports of more than 10000 pairs do not hold their cosines") {
		t.Error(missing)
	}
	bare, err := pairModelsOf(t.Context(), backend, models, names, "x", f, val, test, Options{NoIntervals: true})
	if err != nil || bare.Differences != nil {
		t.Error(bare, err)
	}
	for want, c := range map[string]struct {
		models []*siamese.Model
		names  []string
	}{
		"no model is given":                 {nil, nil},
		`model 2 is named "a"`:              {models[:2], []string{"a", "a"}},
		"evaluate x: b: the model is empty": {[]*siamese.Model{m, {}}, []string{"a", "b"}},
	} {
		_, err := pairModelsOf(t.Context(), backend, c.models, c.names, "x", f, val, test, Options{NoIntervals: true})
		labtest.WantError(t, err, want)
	}
}
