package split

import (
	"slices"
	"testing"

	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/internal/labtest/datatest"
	"github.com/go-siamese/lab/data/internal/selection"
)

// Groups force duplicates to one side of a split.
func TestDuplicateGroupsInSplit(t *testing.T) {
	f := datatest.Crowded(200, 30, 4)
	d, err := duplicates.Find(t.Context(), f, duplicates.Options{Near: true, Threshold: 0.99})
	if err != nil {
		t.Fatal(err)
	}
	groups := d.Groups(f.N())
	named := 0
	for i, g := range groups {
		at := slices.IndexFunc(d.Near, func(g []int) bool { return slices.Contains(g, i) })
		if (g == "") != (at < 0) || at >= 0 && g != groups[d.Near[at][0]] {
			t.Errorf("item %d: group %q, want that of %d", i, g, at)
		}
		if g != "" {
			named++
		}
	}
	if named < 20 || len(d.Near) < 2 {
		t.Fatalf("%d items in %d groups: too few to see", named, len(d.Near))
	}
	s, err := Items(f, ItemOptions{Test: 0.3, Seed: 1, Groups: groups})
	if err != nil {
		t.Fatal(err)
	}
	side := make([]int, f.N())
	for _, i := range s.Test {
		side[i] = 1
	}
	for _, g := range d.Near {
		for _, i := range g {
			if side[i] != side[g[0]] {
				t.Errorf("items %d and %d are duplicates on two sides", g[0], i)
			}
		}
	}
	if len(d.Groups(3)) != 3 {
		t.Error("groups of a shorter frame")
	}
	kept := selection.Without(f.N(), d.Surplus())
	again, err := duplicates.Find(t.Context(), f.Select(kept), duplicates.Options{})
	if err != nil || len(again.Exact) != 0 || len(d.Exact) == 0 {
		t.Errorf("after dropping the surplus: %v, %v", again, err)
	}
}
