package report

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/forensic"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

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
		{[]*Report{one("a", 1, 1), nil}, []string{"report 2 is missing"}},
		{[]*Report{one("", 1, 1), one("", 1, 1)}, []string{"report 1 does not say which items"}},
		{[]*Report{one("a", 2, 1), one("b", 3, 1)},
			[]string{"report 1 (new items) and report 2 (new items)", "2 items of 1 classes and 3 items of 1 classes",
				"one split"}},
		{[]*Report{one("a", 3, 2), named}, []string{"m.safetensors (new items)",
			"3 items of 2 classes each, with other ids or labels"}},
		{[]*Report{one("a", 3, 2, "x", "y"), one("b", 3, 2, "x", "z")},
			[]string{`as many, of the classes ["x" "y"] and ["x" "z"]`}},
	} {
		got, err := Compare(c.reports...)
		if got != nil {
			t.Errorf("%+v are compared", c.reports)
		}
		labtest.WantError(t, err, c.want...)
	}
}

func TestComparePairReportsRefuses(t *testing.T) {
	one := func(hash string, pairs int64, items int) *Report {
		return &Report{GivenPairs: true, Name: "pairs", PairsHash: hash, Pairs: pairs, Items: items}
	}
	for _, c := range []struct {
		reports []*Report
		want    []string
	}{
		{[]*Report{one("a", 1, 2)}, []string{"1 given: want two or more"}},
		{[]*Report{one("a", 1, 2), nil}, []string{"report 2 is missing"}},
		{[]*Report{one("", 1, 2), one("", 1, 2)},
			[]string{"report 1 does not say which pairs", "pairs_hash is missing"}},
		{[]*Report{one("a", 3, 4), one("b", 3, 5)},
			[]string{"report 1 (pairs) and report 2 (pairs)", "3 pairs of 4 items and 3 pairs of 5 items",
				"one table of pairs with one split"}},
		{[]*Report{one("a", 3, 4), one("b", 3, 4)},
			[]string{"3 pairs of 4 items each, with other ids, labels or weights"}},
	} {
		got, err := Compare(c.reports...)
		if got != nil {
			t.Errorf("%+v are compared", c.reports)
		}
		labtest.WantError(t, err, c.want...)
	}
	same := &Compared{Reports: []*Report{one("a", 3, 4), one("a", 3, 4)}}
	if text := same.String(); !strings.Contains(text,
		"nothing can be said of report 2 (pairs) beside report 1 (pairs): all pairs are of one label") {
		t.Error(text)
	}
	labtest.WantError(t, func() error {
		_, err := Compare(one("a", 1, 2), &Report{ItemsHash: "a"})
		return err
	}(), "report 1 (pairs) is about pairs and report 2 () about items")
	dir := t.TempDir()
	for want, text := range map[string]string{
		"there is no report":           `{"reports": []}`,
		"report 1: the report is miss": `{"reports": [null]}`,
		"2 differences of 1 reports":   `{"reports": [{"given_pairs": true}], "differences": [null, null]}`,
		"differences: number 1 is missing": `{"reports": [{"given_pairs": true}, {"given_pairs": true}],
			"differences": [null]}`,
		"class: number 1 is missing":     `{"reports": [{}, {}], "differences_by_class": [null]}`,
		"class changes are not of every": `{"reports": [{}, {}], "class_changes": [null]}`,
		"eer is 2":                       `{"reports": [{"trained": {"values": {"eer": 2}}}]}`,
		"a method of others or of":       `{"reports": [{"others": [null]}]}`,
		"others or of gallery":           `{"reports": [{"gallery": [null]}]}`,
		"there is no metric \"f1\"":      `{"reports": [{"trained": {"values": {"f1": 1}}}]}`,
		"pairs_hash is missing":          `{"reports": [{"given_pairs": true}]}`,
		"items_hash is missing":          `{"reports": [{}]}`,
		"unknown field":                  `{"grade": 0}`,
		"cannot unmarshal":               `[]`,
	} {
		path := filepath.Join(dir, "r.json")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Load(path)
		labtest.WantError(t, err, want, path, "siamese evaluate --json")
	}
	_, err := Load(filepath.Join(dir, "none.json"))
	labtest.WantError(t, err, "none.json")
}

// TestComparedEvidence: each report has a row; costs that are not alike are left out, and the note says why.
func TestComparedEvidence(t *testing.T) {
	one := func(model string, prior, cost float64) *Report {
		return &Report{Name: "new items", Model: model, Evidence: &forensic.Evidence{
			Costs:  forensic.Costs{Prior: prior, FP: 1, FN: 1},
			Values: map[string]float64{forensic.Cllr: .25, forensic.ActualCost: cost}}}
	}
	none := &Report{Name: "new items"}
	c := &Compared{Reports: []*Report{one("a", .01, .5), one("b", .01, .75), none}}
	header, rows, note := c.Evidence()
	want := [][]string{{"a", "0.250", Undefined, Undefined, "0.500", Undefined},
		{"b", "0.250", Undefined, Undefined, "0.750", Undefined},
		{"report 3 (new items)", Undefined, Undefined, Undefined, Undefined, Undefined}}
	if len(header) != 6 || !reflect.DeepEqual(rows, want) || !strings.Contains(note, "prior 0.01") {
		t.Errorf("%q, %q, %q", header, rows, note)
	}
	if text := c.String(); !strings.Contains(text, "strength of the evidence") || !strings.Contains(text, note) {
		t.Errorf("text %q", text)
	}
	c.Reports[1].Evidence.Costs.Prior = .5
	header, rows, note = c.Evidence()
	if len(header) != 4 || len(rows[0]) != 4 || !strings.Contains(note, "left out") {
		t.Errorf("other costs: %q, %q, %q", header, rows, note)
	}
	header, rows, note = (&Compared{Reports: []*Report{none, none}}).Evidence()
	if header != nil || rows != nil || note != "" {
		t.Errorf("without evidence: %q, %q, %q", header, rows, note)
	}
}
