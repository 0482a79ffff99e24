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
		got, err := ComparePairs(c.reports...)
		if got != nil {
			t.Errorf("%+v are compared", c.reports)
		}
		labtest.WantError(t, err, c.want...)
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
		_, err := LoadPairs(path)
		labtest.WantError(t, err, want, path, "siamese evaluate --pairs --json")
	}
	_, err := LoadPairs(filepath.Join(dir, "none.json"))
	labtest.WantError(t, err, "none.json")
}
