package report

import (
	"slices"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest"
)

func TestItemsHash(t *testing.T) {
	f := labtest.PositiveToy("e", 3, 4, 1)
	order := []int{3, 1, 0, 2, 11, 10, 9, 8, 7, 6, 5, 4}
	if ItemsHash(f) != ItemsHash(f.Select(order)) {
		t.Error("the hash depends on the order of items")
	}
	bare := labtest.PositiveToy("e", 3, 4, 1)
	bare.Labels = nil
	empty := labtest.PositiveToy("e", 3, 4, 1)
	empty.Labels = make([]string, empty.N())
	if ItemsHash(bare) != ItemsHash(empty) {
		t.Error("no labels and labels that are not known differ")
	}
	other, moved := labtest.PositiveToy("e", 3, 4, 1), labtest.PositiveToy("e", 3, 4, 1)
	other.IDs[2] = "x"
	moved.IDs[0], moved.Labels[0] = "e0c", "lass 0" // the same letters
	hashes := []string{ItemsHash(f), ItemsHash(bare), ItemsHash(other), ItemsHash(moved),
		ItemsHash(f.Select(order[:5]))}
	slices.Sort(hashes)
	if n := len(slices.Compact(hashes)); n != 5 {
		t.Errorf("%d hashes of 5 lists", n)
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
