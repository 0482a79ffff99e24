package split

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/selection"
)

// drawn is a random frame with labels, domains and groups of all sizes.
type drawn struct {
	*data.Frame
	groups []string // nil in half of them
	seed   uint64
}

func drawFrame(seed uint64) drawn {
	rng := newRand(seed)
	sizes := make([]int, 2+rng.IntN(6))
	for c := range sizes {
		sizes[c] = 1 + rng.IntN(40)
	}
	d := drawn{Frame: domained(2+rng.IntN(5), sizes...), seed: seed}
	if seed%2 == 0 {
		d.groups = make([]string, d.N())
		for i := range d.groups {
			if rng.IntN(3) > 0 {
				d.groups[i] = fmt.Sprintf("g%d", rng.IntN(d.N()))
			}
		}
	}
	for range d.N() / 20 {
		d.Labels[rng.IntN(d.N())], d.Domains[rng.IntN(d.N())] = "", ""
	}
	return d
}

// sidesOf returns on how many sides each value of a column is.
func sidesOf(s *Split, column []string) map[string]int {
	sides := make(map[string]map[string]bool)
	for _, side := range s.sides() {
		for _, i := range side.items {
			if sides[column[i]] == nil {
				sides[column[i]] = make(map[string]bool)
			}
			sides[column[i]][side.name] = true
		}
	}
	counts := make(map[string]int)
	for name, on := range sides {
		counts[name] = len(on)
	}
	return counts
}

// apart fails when a name of the column is on two of the sides, or an item without a name is on any.
func apart(t *testing.T, column []string, train, val, test []int) {
	t.Helper()
	for name, n := range sidesOf(&Split{Train: train, Val: val, Test: test}, column) {
		if n != 1 || name == "" {
			t.Errorf("%q is on %d sides", name, n)
		}
	}
}

// sound fails when an item or a group is on two sides, by counting afresh.
func (d drawn) sound(t *testing.T, what string, s *Split) {
	t.Helper()
	for id, n := range sidesOf(s, d.IDs) {
		if n != 1 {
			t.Errorf("seed %d, %s: item %s is on %d sides", d.seed, what, id, n)
		}
	}
	if both := slices.Concat(s.Train, s.Val, s.Test); len(both) != len(sidesOf(s, d.IDs)) {
		t.Errorf("seed %d, %s: an item is twice on a side", d.seed, what)
	}
	if d.groups == nil {
		return
	}
	for g, n := range sidesOf(s, d.groups) {
		if g != "" && n != 1 {
			t.Errorf("seed %d, %s: group %s is on %d sides", d.seed, what, g, n)
		}
	}
}

// repeatable fails when the same seed gives another split.
func repeatable[O any](t *testing.T, d drawn, draw func(*data.Frame, O) (*Split, error), opt O) (*Split, bool) {
	t.Helper()
	s, err := draw(d.Frame, opt)
	again, err2 := draw(d.Frame, opt)
	if (err == nil) != (err2 == nil) || err == nil && !reflect.DeepEqual(s, again) {
		t.Errorf("seed %d: %+v gives %v (%v), then %v (%v)", d.seed, opt, s, err, again, err2)
	}
	return s, err == nil
}

func TestPropertiesOfSplits(t *testing.T) {
	made := make(map[string]int)
	for seed := range uint64(400) {
		d := drawFrame(seed)
		if s, ok := repeatable(t, d, Items, ItemOptions{Val: .15, Test: .2, Stratify: seed%3 > 0, Groups: d.groups,
			Seed: seed}); ok {
			made["items"]++
			d.sound(t, "by item", s)
		}
		if s, ok := repeatable(t, d, Classes,
			ClassOptions{HeldOutCount: 1, Val: .2, Groups: d.groups, Seed: seed}); ok {
			made["classes"]++
			d.sound(t, "by class", s)
			apart(t, d.Labels, slices.Concat(s.Train, s.Val), nil, s.Test)
		}
		if s, ok := repeatable(t, d, Classes,
			ClassOptions{HeldOutCount: 1, ValClasses: 1, Groups: d.groups, Seed: seed}); ok {
			made["three sets of classes"]++
			d.sound(t, "by class", s)
			apart(t, d.Labels, s.Train, s.Val, s.Test)
		}
		if s, ok := repeatable(t, d, Domains,
			DomainOptions{HeldOutCount: 1, Val: .2, Stratify: seed%3 > 0, Groups: d.groups, Seed: seed}); ok {
			made["domains"]++
			d.sound(t, "by domain", s)
			apart(t, d.Domains, slices.Concat(s.Train, s.Val), nil, s.Test)
		}
		if s, ok := repeatable(t, d, Domains,
			DomainOptions{HeldOutCount: 1, ValDomains: 1, Groups: d.groups, Seed: seed}); ok {
			made["three sets of domains"]++
			d.sound(t, "by domain", s)
			apart(t, d.Domains, s.Train, s.Val, s.Test)
		}
	}
	for what, least := range map[string]int{"items": 300, "classes": 300, "three sets of classes": 150, "domains": 250,
		"three sets of domains": 150} {
		if made[what] < least {
			t.Errorf("%s: only %d of 400 splits could be drawn: the test looks at too few", what, made[what])
		}
	}
}

func TestPropertiesOfFolds(t *testing.T) {
	made := 0
	for seed := range uint64(200) {
		d := drawFrame(seed)
		k := 2 + int(seed%5)
		folds := map[string]func() ([]*Split, error){
			"items": func() ([]*Split, error) {
				return FoldItems(d.Frame, k,
					ItemOptions{Seed: seed, Groups: d.groups})
			},
			"strata": func() ([]*Split, error) {
				return FoldItems(d.Frame, k, ItemOptions{Seed: seed, Groups: d.groups, Stratify: true})
			},
			"classes": func() ([]*Split, error) {
				return FoldClasses(d.Frame, 2,
					ClassOptions{Seed: seed, Groups: d.groups})
			},
			"domains": func() ([]*Split, error) {
				return FoldDomains(d.Frame,
					DomainOptions{Seed: seed, Groups: d.groups})
			},
		}
		for kind, draw := range folds {
			splits, err := draw()
			if err != nil {
				continue
			}
			made++
			tested := make([]int, d.N())
			for _, s := range splits {
				d.sound(t, kind, s)
				for _, i := range s.Test {
					tested[i]++
				}
			}
			for i, n := range tested {
				unknown := kind == "classes" && d.Labels[i] == "" || kind == "domains" && d.Domains[i] == ""
				if n != 1 && !unknown || n != 0 && unknown {
					t.Errorf("seed %d: folds by %s test item %d %d times", seed, kind, i, n)
				}
			}
			again, err := draw()
			if err != nil || !reflect.DeepEqual(splits, again) { // cmp takes seconds for them all
				t.Errorf("seed %d: the same seed gives other folds by %s (%v)", seed, kind, err)
			}
		}
	}
	if made < 700 {
		t.Errorf("only %d of 800 sets of folds could be drawn", made)
	}
}

// Where items move alone, no class is more than one item from its share: of all items in the
// test, of what the test leaves in validation, of a k-th in every fold.
func TestStratificationIsWithinOneItem(t *testing.T) {
	near := func(seed uint64, what string, f *data.Frame, part, pool []int) {
		sizes, got := perClass(f, pool), perClass(f, part)
		for class, size := range sizes {
			if ideal := float64(len(part)) * float64(size) /
				float64(len(pool)); math.Abs(float64(got[class])-ideal) > 1 {
				t.Errorf("seed %d: %d items of class %q in %s, want %.2f", seed, got[class], class, what, ideal)
			}
		}
	}
	made := 0
	for seed := range uint64(300) {
		d := drawFrame(2*seed + 1) // without groups
		f := d.Frame
		splits, err := FoldItems(f, 2+int(seed)%min(6, f.N()-1), ItemOptions{Stratify: true, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range splits {
			near(seed, "a fold", f, s.Test, selection.All(f.N()))
		}
		// Classes of one item stay for training, which takes from the others: leave them out.
		few := perClass(f, selection.All(f.N()))
		f = f.Select(slices.DeleteFunc(selection.All(f.N()), func(i int) bool { return few[f.Labels[i]] < 5 }))
		s, err := Items(f, ItemOptions{Test: .2, Val: .2, Stratify: true, Seed: seed})
		if err != nil {
			continue // too few are left
		}
		made++
		near(seed, "the test", f, s.Test, selection.All(f.N()))
		near(seed, "validation", f, s.Val, selection.Without(f.N(), s.Test))
	}
	if made < 280 {
		t.Errorf("only %d of 300 splits could be drawn", made)
	}
}

// With whole groups, folds are of about the same size, and classes as even as they allow: no
// fold is larger than the ideal by more than the largest group.
func TestFoldsOfGroupsAreEven(t *testing.T) {
	for seed := range uint64(100) {
		d := drawFrame(2 * seed)
		splits, err := FoldItems(d.Frame, 3, ItemOptions{Groups: d.groups, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		largest := 1
		for _, n := range groupSizes(d.groups) {
			largest = max(largest, n)
		}
		for _, s := range splits {
			if len(s.Test) > d.N()/3+largest {
				t.Errorf("seed %d: a fold of %d items, of %d in all and groups of up to %d", seed, len(s.Test), d.N(),
					largest)
			}
		}
	}
}

// A seed decides: of many pairs of seeds hardly any give the same test items.
func TestOtherSeedsOtherSplits(t *testing.T) {
	f := domained(6, 60, 60, 60, 60, 60, 60)
	for what, draw := range map[string]func(seed uint64) *Split{
		"items": func(seed uint64) *Split { return labtest.Must(Items(f, ItemOptions{Test: .2, Seed: seed})) },
		"groups": func(seed uint64) *Split {
			return labtest.Must(Items(f, ItemOptions{Test: .2, Seed: seed, Groups: groupsOfThree(f.N())}))
		},
		"folds": func(seed uint64) *Split {
			return labtest.Must(FoldItems(f, 3, ItemOptions{Seed: seed, Groups: groupsOfThree(f.N())}))[0]
		},
		"classes": func(seed uint64) *Split {
			return labtest.Must(Classes(f, ClassOptions{HeldOutCount: 2, TestItems: 50, Seed: seed}))
		},
		"domains": func(seed uint64) *Split {
			return labtest.Must(Domains(f, DomainOptions{HeldOutCount: 2, TestItems: 50, Seed: seed}))
		},
	} {
		seen := make(map[string]bool)
		for seed := range uint64(50) {
			seen[fmt.Sprint(draw(seed).Test)] = true
		}
		if len(seen) != 50 {
			t.Errorf("%s: 50 seeds give %d tests", what, len(seen))
		}
	}
}
