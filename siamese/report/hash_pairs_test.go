package report

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/pairs"
)

func TestPairsHash(t *testing.T) {
	f := &data.Frame{IDs: []string{"a", "b", "c", "d"}}
	p := pairs.Pairs{Left: []int32{0, 1, 2}, Right: []int32{1, 2, 3}, Label: []float32{1, 0, .5}}
	hash := func(change func(p *pairs.Pairs, f *data.Frame)) string {
		q := pairs.Pairs{Left: slices.Clone(p.Left), Right: slices.Clone(p.Right), Label: slices.Clone(p.Label)}
		g := &data.Frame{IDs: slices.Clone(f.IDs)}
		change(&q, g)
		return PairsHash(ItemPairs{g, q})
	}
	first := hash(func(*pairs.Pairs, *data.Frame) {})
	for name, change := range map[string]func(p *pairs.Pairs, f *data.Frame){
		"order": func(p *pairs.Pairs, _ *data.Frame) {
			slices.Reverse(p.Left)
			slices.Reverse(p.Right)
			slices.Reverse(p.Label)
		},
		"sides":   func(p *pairs.Pairs, _ *data.Frame) { p.Left, p.Right = p.Right, p.Left },
		"weights": func(p *pairs.Pairs, _ *data.Frame) { p.Weight = []float32{1, 1, 1} },
		"numbers": func(p *pairs.Pairs, f *data.Frame) {
			f.IDs = []string{"d", "c", "b", "a"}
			p.Left, p.Right = []int32{3, 2, 1}, []int32{2, 1, 0}
		},
	} {
		if hash(change) != first {
			t.Errorf("%s: the hash is another", name)
		}
	}
	hashes := []string{first,
		hash(func(p *pairs.Pairs, _ *data.Frame) { p.Weight = []float32{1, 2, 1} }),
		hash(func(p *pairs.Pairs, _ *data.Frame) { p.Label[2] = .25 }),
		hash(func(_ *pairs.Pairs, f *data.Frame) { f.IDs[3] = "e" }),
		hash(func(p *pairs.Pairs, _ *data.Frame) { p.Right[0] = 2 }),
		hash(func(p *pairs.Pairs, _ *data.Frame) { p.Left, p.Right, p.Label = p.Left[:2], p.Right[:2], p.Label[:2] })}
	slices.Sort(hashes)
	if n := len(slices.Compact(hashes)); n != 6 {
		t.Errorf("%d hashes of 6 lists", n)
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
		"there is no report":               `{"reports": []}`,
		"report 1: the report is miss":     `{"reports": [null]}`,
		"2 differences of 1 reports":       `{"reports": [{"given_pairs": true}], "differences": [null, null]}`,
		"differences: number 1 is missing": `{"reports": [{"given_pairs": true}, {"given_pairs": true}], "differences": [null]}`,
		"class: number 1 is missing":       `{"reports": [{}, {}], "differences_by_class": [null]}`,
		"class changes are not of every":   `{"reports": [{}, {}], "class_changes": [null]}`,
		"eer is 2":                         `{"reports": [{"trained": {"values": {"eer": 2}}}]}`,
		"there is no metric \"f1\"":        `{"reports": [{"trained": {"values": {"f1": 1}}}]}`,
		"pairs_hash is missing":            `{"reports": [{"given_pairs": true}]}`,
		"items_hash is missing":            `{"reports": [{}]}`,
		"unknown field":                    `{"grade": 0}`,
		"cannot unmarshal":                 `[]`,
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
