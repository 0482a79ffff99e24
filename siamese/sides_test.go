package siamese

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
)

// From frame to pairs: whatever the kind of split, pairs drawn from one side hold items of that side only, by id,
// and of the whole frame's groups none is in pairs of two sides.
func TestPairsStayOnTheirSide(t *testing.T) {
	f := toy("i", 6, 30, 4, .3, 1)
	groups := make([]string, f.N())
	for i := range groups {
		groups[i] = f.IDs[i-i%3] // three pictures of one thing; the last of a class may share with the next
	}
	f.Domains = nil
	for i := range f.IDs {
		f.Domains = append(f.Domains, []string{"a", "b", "c"}[i/3%3])
	}
	splits := map[string]func(seed uint64) (*data.Split, error){
		"items": func(seed uint64) (*data.Split, error) {
			return data.SplitItems(f, data.ItemSplit{Val: .2, Test: .2, Stratify: true, Seed: seed, Groups: groups})
		},
		"classes": func(seed uint64) (*data.Split, error) {
			return data.SplitClasses(f, data.ClassSplit{HeldOutCount: 2, ValClasses: 2, Seed: seed, Groups: groups})
		},
		"domains": func(seed uint64) (*data.Split, error) {
			return data.SplitDomains(f, data.DomainSplit{HeldOutCount: 1, ValDomains: 1, Seed: seed, Groups: groups})
		},
	}
	for kind, draw := range splits {
		for seed := range uint64(5) {
			s, err := draw(seed)
			if err != nil {
				t.Fatal(err)
			}
			sideOfID, sideOfGroup := make(map[string]int), make(map[string]int)
			for side, items := range [][]int{s.Train, s.Val, s.Test} {
				frame := f.Select(items)
				sampler, err := NewPairSampler(frame, .5)
				if err != nil {
					t.Fatal(err)
				}
				pairs := sampler.Draw(2000, seed)
				for _, i := range slices.Concat(pairs.Left, pairs.Right) {
					id := frame.IDs[i]
					group := groups[slices.Index(f.IDs, id)]
					if other, ok := sideOfID[id]; ok && other != side {
						t.Fatalf("split by %s, seed %d: item %s is in pairs of sides %d and %d", kind, seed, id, other, side)
					}
					if other, ok := sideOfGroup[group]; ok && other != side {
						t.Fatalf("split by %s, seed %d: group %s is in pairs of sides %d and %d", kind, seed, group, other, side)
					}
					sideOfID[id], sideOfGroup[group] = side, side
				}
			}
			if len(sideOfID) < f.N()/2 {
				t.Errorf("split by %s, seed %d: pairs are of %d of %d items only", kind, seed, len(sideOfID), f.N())
			}
		}
	}
}

// An exact copy of a training item among the validation items, and of a validation item among those of the test,
// is a warning, also when the columns come in another order.
func TestCopiesAreAWarning(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val, test := toy("t", 3, 10, 6, .3, 1), toy("v", 3, 10, 6, .3, 2), toy("x", 3, 10, 6, .3, 3)
	copy(val.Row(4), train.Row(7))
	copy(test.Row(2), val.Row(5))
	copy(test.Row(3), val.Row(5))
	reversed := slices.Clone(val.Columns)
	slices.Reverse(reversed)
	if val, err = val.SelectColumns(reversed); err != nil {
		t.Fatal(err)
	}
	cfg := toyConfig()
	cfg.Epochs = 1
	result, err := Train(context.Background(), backend, cfg, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if want := `warning: 1 of 30 validation items have exactly the values of a training item (first: "v4" and "t7")`; !strings.Contains(result.String(), want) {
		t.Errorf("%v\nwant %q", result, want)
	}
	report, err := Evaluate(context.Background(), backend, result.Model, "copies", val, test)
	if err != nil {
		t.Fatal(err)
	}
	if want := `warning: 2 of 30 test items have exactly the values of a validation item (first: "x2" and "v5")`; !strings.Contains(report.String(), want) {
		t.Errorf("%v\nwant %q", report, want)
	}
}
