package siamese

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/stats"
)

func TestPairsHash(t *testing.T) {
	f := &data.Frame{IDs: []string{"a", "b", "c", "d"}}
	p := Pairs{Left: []int32{0, 1, 2}, Right: []int32{1, 2, 3}, Label: []float32{1, 0, .5}}
	hash := func(change func(p *Pairs, f *data.Frame)) string {
		q := Pairs{Left: slices.Clone(p.Left), Right: slices.Clone(p.Right), Label: slices.Clone(p.Label)}
		g := &data.Frame{IDs: slices.Clone(f.IDs)}
		change(&q, g)
		return pairsHash(itemPairs{g, q})
	}
	first := hash(func(*Pairs, *data.Frame) {})
	for name, change := range map[string]func(p *Pairs, f *data.Frame){
		"order": func(p *Pairs, _ *data.Frame) {
			slices.Reverse(p.Left)
			slices.Reverse(p.Right)
			slices.Reverse(p.Label)
		},
		"sides":   func(p *Pairs, _ *data.Frame) { p.Left, p.Right = p.Right, p.Left },
		"weights": func(p *Pairs, _ *data.Frame) { p.Weight = []float32{1, 1, 1} },
		"numbers": func(p *Pairs, f *data.Frame) {
			f.IDs = []string{"d", "c", "b", "a"}
			p.Left, p.Right = []int32{3, 2, 1}, []int32{2, 1, 0}
		},
	} {
		if hash(change) != first {
			t.Errorf("%s: the hash is another", name)
		}
	}
	hashes := []string{first,
		hash(func(p *Pairs, _ *data.Frame) { p.Weight = []float32{1, 2, 1} }),
		hash(func(p *Pairs, _ *data.Frame) { p.Label[2] = .25 }),
		hash(func(_ *Pairs, f *data.Frame) { f.IDs[3] = "e" }),
		hash(func(p *Pairs, _ *data.Frame) { p.Right[0] = 2 }),
		hash(func(p *Pairs, _ *data.Frame) { p.Left, p.Right, p.Label = p.Left[:2], p.Right[:2], p.Label[:2] })}
	slices.Sort(hashes)
	if n := len(slices.Compact(hashes)); n != 6 {
		t.Errorf("%d hashes of 6 lists", n)
	}
}

// Of pairs of one label no figure can be said, and no difference is.
func TestComparePairsOfOneLabel(t *testing.T) {
	m, f, val, test := judge(t)
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	other := identity(f.Columns, []float32{0})
	defer other.Close()
	for k := range test.Label {
		test.Label[k] = 1
	}
	compared, err := EvaluatePairModels(t.Context(), backend, []*Model{m, other}, []string{"m", "other"}, "pairs", f, val, test, EvaluateOptions{Details: true})
	if err != nil {
		t.Fatal(err)
	}
	saved, err := ComparePairReports(compared.Reports...)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*ComparedPairs{compared, saved} {
		if text := c.String(); c.Differences != nil || !strings.Contains(text, "nothing can be said of other") || strings.Contains(text, "other against m") {
			t.Error(text)
		}
	}
}

// Reports are those of the models alone, differences those of the cosines of their embeddings, and files hold all of it.
func TestEvaluatePairModels(t *testing.T) {
	m, f, val, test := judge(t)
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 3))
	for range test.Label {
		test.Weight = append(test.Weight, float32(1+rng.IntN(3)))
	}
	less, third := identity(f.Columns, []float32{0}), identity(f.Columns)
	defer less.Close()
	defer third.Close()
	less.Threshold, third.Threshold = .7, .5
	models, names := []*Model{m, less, third}, []string{"first", "less", "third"}
	compared, err := EvaluatePairModels(t.Context(), backend, models, names, "pairs", f, val, test, EvaluateOptions{Details: true})
	if err != nil {
		t.Fatal(err)
	}
	var systems []stats.PairSystem
	for k, one := range models {
		want, err := EvaluatePairsWith(t.Context(), backend, one, "pairs", f, val, test, EvaluateOptions{Details: true})
		if err != nil {
			t.Fatal(err)
		}
		want.Model = names[k]
		if diff := cmp.Diff(want, compared.Reports[k]); diff != "" {
			t.Error(diff)
		}
		z := embed(t, one, backend, f)
		systems = append(systems, stats.PairSystem{Name: names[k], Threshold: one.Threshold, Scores: cosinesOf(z, test)})
	}
	if len(compared.Differences) != 2 {
		t.Fatalf("%d differences", len(compared.Differences))
	}
	for k, d := range compared.Differences {
		alone, err := stats.ComparePairs(t.Context(), systems[0], systems[1+k:2+k], judgedPairsOf(test), stats.PairOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want := alone[0]
		for _, x := range [][2]stats.Difference{{d.ROCAUC, want.ROCAUC}, {d.EER, want.EER}, {d.AveragePrecision, want.AveragePrecision}, {d.Accuracy, want.Accuracy}, {d.FPR, want.FPR}, {d.FNR, want.FNR}} {
			got, want := x[0], x[1]
			if !near(got.Value, want.Value, 1e-6) || !near(got.Low, want.Low, 1e-5) || !near(got.High, want.High, 1e-5) || !near(got.P, want.P, 1e-4) || got.Adjusted < got.P || got.Adjusted > 2*got.P+1e-12 {
				t.Errorf("%s: %+v, want %+v", d.B, got, want)
			}
		}
	}
	text := compared.String()
	for _, part := range []string{"first\npairs: 780 pairs of 40 items", "less (pairs) is ", " first (pairs): ROC-AUC ", ", average precision ", "95 % intervals by items, one run each", "third against first: 95 % intervals by item", ", p "} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
	path := filepath.Join(t.TempDir(), "c.json")
	if err := compared.Save(path); err != nil {
		t.Fatal(err)
	}
	again, err := LoadPairReports(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(compared, again); diff != "" {
		t.Error(diff)
	}

	// Reports that hold the cosines of their pairs are compared as their models are, in whatever order their pairs were.
	for k := range test.Label {
		o := rng.IntN(k + 1)
		for _, list := range [][]int32{test.Left, test.Right} {
			list[k], list[o] = list[o], list[k]
		}
		for _, list := range [][]float32{test.Label, test.Weight} {
			list[k], list[o] = list[o], list[k]
		}
	}
	other, err := EvaluatePairsWith(t.Context(), backend, less, "pairs", f, val, test, EvaluateOptions{Details: true})
	if err != nil {
		t.Fatal(err)
	}
	other.Model = "less"
	beside, err := ComparePairReports(compared.Reports[0], other, compared.Reports[2])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(compared.Differences, beside.Differences, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
		t.Error(diff)
	}
	// Others say what they lack.
	list := []*PairReport{compared.Reports[0], other}
	kept := other.Details.Cosines
	lacks := func(want string) {
		t.Helper()
		beside, err := ComparePairReports(list...)
		if err != nil || beside.Differences != nil || !strings.Contains(beside.String(), "less (pairs) beside first (pairs): ROC-AUC ") || !strings.Contains(beside.String(), "no interval: "+want) {
			t.Errorf("%v, %v, want %q", beside, err, want)
		}
	}
	other.Details.Cosines = nil
	lacks("less (pairs) does not hold the cosines of its pairs: evaluate it with details, or the models together")
	other.Details = nil
	lacks("less (pairs) does not hold the cosines of its pairs")
	other.Details = &PairDetails{Cosines: kept}
	sure := list[0].Trained.Intervals
	list[0].Trained.Intervals = nil
	lacks("the evaluation was without")
	list[0].Trained.Intervals = sure
	kept.Weight[7]++
	_, err = ComparePairReports(list...)
	wantError(t, err, "less (pairs) has the hash of the pairs of first (pairs) and cosines of others")
	for want, spoil := range map[string]func(c *PairCosines){
		"of 779 pairs, the report of 780": func(c *PairCosines) { c.Cosine = c.Cosine[:779] }, "pair 1 is of items 40 and": func(c *PairCosines) { c.Left[0] = 40 },
		"that of pair 3 is 3": func(c *PairCosines) { c.Cosine[2] = 3 },
	} {
		c := *kept
		c.Left, c.Cosine = slices.Clone(c.Left), slices.Clone(c.Cosine)
		spoil(&c)
		other.Details.Cosines = &c
		_, err = ComparePairReports(list...)
		wantError(t, err, want)
	}
	other.Details.Cosines, other.Items = kept, 2000
	wantError(t, other.Check(), "780 pairs are not of 2000 items")
	if missing := (&ComparedPairs{Reports: []*PairReport{{Pairs: keptPairs + 1}}}).missing(); !strings.Contains(missing, "reports of more than 10000 pairs do not hold their cosines") {
		t.Error(missing)
	}
	bare, err := EvaluatePairModels(t.Context(), backend, models, names, "x", f, val, test, EvaluateOptions{NoIntervals: true})
	if err != nil || bare.Differences != nil {
		t.Error(bare, err)
	}
	for want, c := range map[string]struct {
		models []*Model
		names  []string
	}{
		"1 models and 1 names":              {models[:1], names[:1]},
		`model 2 is named "a"`:              {models[:2], []string{"a", "a"}},
		"evaluate x: b: the model is empty": {[]*Model{m, {}}, []string{"a", "b"}},
	} {
		_, err := EvaluatePairModels(t.Context(), backend, c.models, c.names, "x", f, val, test, EvaluateOptions{NoIntervals: true})
		wantError(t, err, want)
	}
}

func TestComparePairReportsRefuses(t *testing.T) {
	one := func(hash string, pairs, items int) *PairReport {
		return &PairReport{Name: "pairs", PairsHash: hash, Pairs: pairs, Items: items}
	}
	for _, c := range []struct {
		reports []*PairReport
		want    []string
	}{
		{[]*PairReport{one("a", 1, 2)}, []string{"1 given: want two or more"}},
		{[]*PairReport{one("a", 1, 2), nil}, []string{"report 2 does not say which pairs", "evaluate the model again"}},
		{[]*PairReport{one("", 1, 2), one("", 1, 2)}, []string{"report 1 does not say which pairs", "pairs_hash is missing"}},
		{[]*PairReport{one("a", 3, 4), one("b", 3, 5)}, []string{"report 1 (pairs) and report 2 (pairs)", "3 pairs of 4 items and 3 pairs of 5 items", "one table of pairs with one split"}},
		{[]*PairReport{one("a", 3, 4), one("b", 3, 4)}, []string{"3 pairs of 4 items each, with other ids, labels or weights"}},
	} {
		got, err := ComparePairReports(c.reports...)
		if got != nil {
			t.Errorf("%+v are compared", c.reports)
		}
		wantError(t, err, c.want...)
	}
	same := &ComparedPairs{Reports: []*PairReport{one("a", 3, 4), one("a", 3, 4)}}
	if text := same.String(); !strings.Contains(text, "nothing can be said of report 2 (pairs) beside report 1 (pairs): all pairs are of one label") {
		t.Error(text)
	}
	dir := t.TempDir()
	for want, text := range map[string]string{
		"there is no report on pairs":  `{"pair_reports": []}`,
		"report 1: the report is miss": `{"pair_reports": [null]}`,
		"2 differences of 1 reports":   `{"pair_reports": [{"graded": 0}], "differences": [null, null]}`,
		"difference 1 is missing":      `{"pair_reports": [{"graded": 0}, {"graded": 0}], "differences": [null]}`,
		"a figure is 2":                `{"graded": 0, "trained": {"eer": 2}}`,
		"unknown field":                `{"grade": 0}`,
		"cannot unmarshal":             `[]`,
	} {
		path := filepath.Join(dir, "r.json")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := LoadPairReports(path)
		wantError(t, err, want, path, "siamese evaluate --pairs --json")
	}
	_, err := LoadPairReports(filepath.Join(dir, "none.json"))
	wantError(t, err, "none.json")
}
