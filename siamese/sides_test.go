package siamese

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/split"
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
	splits := map[string]func(seed uint64) (*split.Split, error){
		"items": func(seed uint64) (*split.Split, error) {
			return split.Items(f, split.ItemOptions{Val: .2, Test: .2, Stratify: true, Seed: seed, Groups: groups})
		},
		"classes": func(seed uint64) (*split.Split, error) {
			return split.Classes(f, split.ClassOptions{HeldOutCount: 2, ValClasses: 2, Seed: seed, Groups: groups})
		},
		"domains": func(seed uint64) (*split.Split, error) {
			return split.Domains(f, split.DomainOptions{HeldOutCount: 1, ValDomains: 1, Seed: seed, Groups: groups})
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
				sampler, err := NewPairSampler(frame, SamplerOptions{WithinDomain: .5})
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
	copy(test.Row(8), train.Row(0))
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
	for _, want := range []string{
		`warning: 2 of 30 test items have exactly the values of a validation item (first: "x2" and "v5")`,
		`warning: 1 of 30 test items have exactly the values of an item that the model was trained on (first: "x8")`,
	} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("%v\nwant %q", report, want)
		}
	}
}

// A model knows what it was trained on, in memory and from its file, whatever the ids and the order of columns: judged on
// another split, by classes or by pairs, the report says so.
func TestTestItemsThatWereTrainedOn(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	all := toy("i", 3, 30, 6, .3, 1)
	first, second, third := all.Select(seq(90)[:50]), all.Select(seq(90)[50:70]), all.Select(seq(90)[70:])
	for _, f := range []*data.Frame{first, second, third} {
		for i := range f.Labels {
			f.Labels[i] = "class " + string(rune('a'+i%3))
		}
	}
	cfg := toyConfig()
	cfg.Epochs = 1
	result, err := Train(t.Context(), backend, cfg, first, second, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	leaked := first.Select(seq(50)[10:25])
	reversed := slices.Clone(leaked.Columns)
	slices.Reverse(reversed)
	if leaked, err = leaked.SelectColumns(reversed); err != nil {
		t.Fatal(err)
	}
	for i := range leaked.IDs {
		leaked.IDs[i] += " renamed"
	}
	const want = `15 of 15 test items have exactly the values of an item that the model was trained on (first: "i10 renamed")`
	warnings := func(m *Model, test *data.Frame) string {
		t.Helper()
		report, err := Evaluate(t.Context(), backend, m, "test", second, test)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(report.Warnings, "\n")
	}
	for name, m := range map[string]*Model{"trained": result.Model, "loaded": saveAndLoad(t, result.Model)} {
		if got := warnings(m, leaked); !strings.Contains(got, want) {
			t.Errorf("%s: %s\nwant %q", name, got, want)
		}
		if got := warnings(m, third); strings.Contains(got, "trained on") {
			t.Errorf("%s, new items: %s", name, got)
		}
	}
	both := all.Select(append(seq(90)[10:25], seq(90)[50:70]...))
	pairs := func(start, n int) (p Pairs) {
		for i := range n {
			p.Left, p.Right, p.Label = append(p.Left, int32(start+i)), append(p.Right, int32(start+(i+1)%n)), append(p.Label, float32(i%2))
		}
		return p
	}
	report, err := EvaluatePairs(t.Context(), backend, result.Model, "pairs", both, pairs(15, 20), pairs(0, 15))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(report.Warnings, "\n"); !strings.Contains(got, "15 of 15 test items have exactly the values of an item that the model was trained on") {
		t.Errorf("pairs: %s", got)
	}
	older := result.Model
	older.TrainedOn = nil
	if got := warnings(saveAndLoad(t, older), leaked); strings.Contains(got, "trained on") {
		t.Errorf("a model that does not know: %s", got)
	}
}
