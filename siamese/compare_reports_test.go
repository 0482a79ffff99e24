package siamese

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/stats"
)

func TestItemsHash(t *testing.T) {
	f := positiveToy("e", 3, 4, 1)
	order := []int{3, 1, 0, 2, 11, 10, 9, 8, 7, 6, 5, 4}
	if itemsHash(f) != itemsHash(f.Select(order)) {
		t.Error("the hash depends on the order of items")
	}
	bare := positiveToy("e", 3, 4, 1)
	bare.Labels = nil
	empty := positiveToy("e", 3, 4, 1)
	empty.Labels = make([]string, empty.N())
	if itemsHash(bare) != itemsHash(empty) {
		t.Error("no labels and labels that are not known differ")
	}
	other, moved := positiveToy("e", 3, 4, 1), positiveToy("e", 3, 4, 1)
	other.IDs[2] = "x"
	moved.IDs[0], moved.Labels[0] = "e0c", "lass 0" // the same letters
	hashes := []string{itemsHash(f), itemsHash(bare), itemsHash(other), itemsHash(moved), itemsHash(f.Select(order[:5]))}
	slices.Sort(hashes)
	if n := len(slices.Compact(hashes)); n != 5 {
		t.Errorf("%d hashes of 5 lists", n)
	}
}

func TestEvaluateModels(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	val, test := positiveToy("v", 3, 8, 1), positiveToy("e", 3, 9, 2)
	all, less := identity(val.Columns), identity(val.Columns, []float32{0})
	defer all.Close()
	defer less.Close()
	all.Threshold, less.Threshold = .6, .7
	compared, err := EvaluateModels(t.Context(), backend, []*Model{all, less}, []string{"all", "less"}, "new items", val, test, EvaluateOptions{Details: true})
	if err != nil {
		t.Fatal(err)
	}
	// Reports are those of the models alone, and differences those of their embeddings.
	for k, m := range []*Model{all, less} {
		want, err := EvaluateWith(t.Context(), backend, m, "new items", val, test, EvaluateOptions{Details: true})
		if err != nil {
			t.Fatal(err)
		}
		want.Model = []string{"all", "less"}[k]
		if diff := cmp.Diff(want, compared.Reports[k]); diff != "" {
			t.Error(diff)
		}
	}
	_, labels := classNumbers(test)
	base := stats.One("all", embed(t, all, backend, test).Values, .6)
	other := stats.One("less", embed(t, less, backend, test).Values, .7)
	direct, err := stats.Compare(t.Context(), base, []stats.System{other}, labels,
		stats.Options{By: stats.ByItem, Method: stats.Delta, Seed: all.Config.Seed})
	if err != nil {
		t.Fatal(err)
	}
	want := direct.Comparisons[0]
	if len(compared.Differences) != 1 || compared.ByClass != nil {
		t.Fatalf("%+v", compared)
	}
	if diff := cmp.Diff(want, compared.Differences[0]); diff != "" {
		t.Error(diff)
	}
	text := compared.String()
	for _, part := range []string{"all\nnew items: 27 items", "less\nnew items", "less (new items) is ", "from all (new items): MAP@R", "95 % intervals by items", "less against all"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
	encoded, err := json.Marshal(compared)
	if err != nil {
		t.Fatal(err)
	}
	var again Compared
	if err := json.Unmarshal(encoded, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(compared, &again); diff != "" {
		t.Error(diff)
	}

	// Files know no intervals of differences.
	beside, err := CompareReports(compared.Reports...)
	if err != nil || beside.Differences != nil {
		t.Fatal(beside, err)
	}
	if text := beside.String(); !strings.Contains(text, "less (new items) beside all (new items): MAP@R ") || !strings.Contains(text, "no interval") {
		t.Error(text)
	}
	bare, err := EvaluateModels(t.Context(), backend, []*Model{all, less}, []string{"all", "less"}, "x", val, test, EvaluateOptions{NoIntervals: true})
	if err != nil || bare.Differences != nil {
		t.Error(bare, err)
	}

	for _, c := range []struct {
		models []*Model
		names  []string
		want   string
	}{
		{[]*Model{all}, []string{"a"}, "1 models and 1 names"},
		{[]*Model{all, less}, []string{"a"}, "2 models and 1 names"},
		{[]*Model{all, less}, []string{"a", "a"}, `model 2 is named "a"`},
		{[]*Model{all, less}, []string{"", "a"}, `model 1 is named ""`},
		{[]*Model{all, {}}, []string{"a", "b"}, "evaluate x: b: the model is empty"},
	} {
		_, err := EvaluateModels(t.Context(), backend, c.models, c.names, "x", val, test, EvaluateOptions{NoIntervals: true})
		wantError(t, err, c.want)
	}
}

func TestCompareReportsRefuses(t *testing.T) {
	one := func(hash string, items, classes int, names ...string) *Report {
		r := &Report{Name: "new items", ItemsHash: hash, Items: items, Classes: classes}
		if names != nil {
			r.Details = &Details{Of: []*Detail{{}, {}}}
			for _, n := range names {
				r.Details.Of[0].Classes = append(r.Details.Of[0].Classes, ClassDetail{Class: n})
			}
		}
		return r
	}
	named := one("b", 3, 2)
	named.Model = "m.safetensors"
	for _, c := range []struct {
		reports []*Report
		want    []string
	}{
		{nil, []string{"0 given"}},
		{[]*Report{one("a", 1, 1)}, []string{"1 given: want two or more"}},
		{[]*Report{one("a", 1, 1), nil}, []string{"report 2 does not say which items"}},
		{[]*Report{one("", 1, 1), one("", 1, 1)}, []string{"report 1 does not say which items"}},
		{[]*Report{one("a", 2, 1), one("b", 3, 1)}, []string{"report 1 (new items) and report 2 (new items)", "2 items of 1 classes and 3 items of 1 classes", "one split"}},
		{[]*Report{one("a", 3, 2), named}, []string{"m.safetensors (new items)", "3 items of 2 classes each, with other ids or labels"}},
		{[]*Report{one("a", 3, 2, "x", "y"), one("b", 3, 2, "x", "z")}, []string{`as many, of the classes ["x" "y"] and ["x" "z"]`}},
	} {
		got, err := CompareReports(c.reports...)
		if got != nil {
			t.Errorf("%+v are compared", c.reports)
		}
		wantError(t, err, c.want...)
	}
}
