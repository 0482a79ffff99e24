package split

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/internal/selection"
)

func TestItems(t *testing.T) {
	f := equalClasses()
	for _, opt := range []ItemOptions{
		{Val: .1, Test: .1, Seed: 1, Stratify: true},
		{Val: 2000, Test: 2000, Seed: 2, Stratify: true},
		{Val: .1, Test: 2000, Seed: 3},
	} {
		s, err := Items(f, opt)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Train) != 16_000 || len(s.Val) != 2_000 || len(s.Test) != 2_000 {
			t.Errorf("%+v: %v", opt, s)
		}
		for _, side := range s.sides() {
			if !slices.IsSorted(side.items) {
				t.Errorf("%+v: %s is not in ascending order", opt, side.name)
			}
		}
		if opt.Stratify {
			for class, n := range perClass(f, s.Test) {
				if n != 100 {
					t.Errorf("%+v: %d test items of class %s, want 100", opt, n, class)
				}
			}
		}
	}
}

func TestItemsUnequalClasses(t *testing.T) {
	f := labelled(3, 10_000, 500, 1, 2)
	f.Labels[0] = "" // an unknown one
	s, err := Items(f, ItemOptions{Val: .2, Test: .3, Seed: 4, Stratify: true})
	if err != nil {
		t.Fatal(err)
	}
	n := float64(f.N())
	if got, want := len(s.Test), int(math.Round(.3*n)); got != want {
		t.Errorf("%d test items, want %d", got, want)
	}
	train, test := perClass(f, s.Train), perClass(f, s.Test)
	for class, size := range perClass(f, selection.All(f.N())) {
		if train[class] == 0 {
			t.Errorf("no item of class %q is left to train on", class)
		}
		if d := math.Abs(float64(test[class]) - .3*float64(size)); d > 1 {
			t.Errorf("%d of %d items of class %q are tested on", test[class], size, class)
		}
	}
}

// A class of 3 items beside one of 10,000 is on every side all the same: with one class nothing can be judged.
func TestItemsRareClass(t *testing.T) {
	for _, sizes := range [][]int{{10_000, 3}, {3, 10_000}, {500, 3, 3}} {
		f := labelled(sizes...)
		for seed := range uint64(20) {
			s, err := Items(f, ItemOptions{Val: .1, Test: .1, Seed: seed, Stratify: true})
			if err != nil {
				t.Fatal(err)
			}
			for name, side := range map[string][]int{"train": s.Train, "val": s.Val, "test": s.Test} {
				if names, _ := f.Select(side).Classes(); len(names) < 2 {
					t.Errorf("classes of %v: %s has %q only", sizes, name, names)
				}
			}
			if len(s.Val) != int(math.Round(.1*float64(f.N()))) || len(s.Test) != len(s.Val) {
				t.Errorf("classes of %v: %d to validate, %d to test", sizes, len(s.Val), len(s.Test))
			}
		}
	}
	// Where there is nothing to spare nothing is moved: two items must not lose the only one to train on.
	f := labelled(20, 1)
	s, err := Items(f, ItemOptions{Val: .1, Test: .1, Stratify: true})
	if err != nil {
		t.Fatal(err)
	}
	if names, _ := f.Select(s.Train).Classes(); len(names) != 2 {
		t.Errorf("training items are of %q", names)
	}
	f.Labels[20] = "" // unknown is no class
	for i, name := range f.Labels {
		if name == "c0" && i < 5 {
			f.Labels[i] = ""
		}
	}
	if s, err = Items(f, ItemOptions{Val: .1, Test: .1, Stratify: true}); err != nil || len(s.Train) != 17 {
		t.Errorf("%v: %+v", err, s)
	}
}

func TestItemsSeed(t *testing.T) {
	f := labelled(50, 30)
	draw := func(seed uint64) *Split {
		s, err := Items(f, ItemOptions{Val: .2, Test: .2, Seed: seed, Stratify: true})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if diff := cmp.Diff(draw(7), draw(7)); diff != "" {
		t.Errorf("the same seed: %s", diff)
	}
	if cmp.Equal(draw(7).Test, draw(8).Test) {
		t.Error("another seed gives the same test items")
	}
	// Every item is drawn about equally often: 400 draws of .2 are 80, with a standard
	// deviation of 8.
	times := make([]int, f.N())
	for seed := range uint64(400) {
		for _, i := range draw(seed).Test {
			times[i]++
		}
	}
	if slices.Min(times) < 80-48 || slices.Max(times) > 80+48 {
		t.Errorf("some items are drawn %d times, some %d", slices.Min(times), slices.Max(times))
	}
}

// The numbers that a seed gives must not change: people write seeds into papers. What it gave
// when this test was written is expected.
func TestSplitStaysTheSame(t *testing.T) {
	s, err := Items(labelled(6, 6), ItemOptions{Val: 2, Test: 4, Seed: 42, Stratify: true})
	if err != nil {
		t.Fatal(err)
	}
	want := &Split{Train: []int{0, 1, 3, 4, 6, 9}, Val: []int{7, 10}, Test: []int{2, 5, 8, 11}, Seed: 42,
		Origin: Origin{Kind: ByItem, Val: 2, Test: 4, Stratify: true}}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
}

func TestProportional(t *testing.T) {
	for _, test := range []struct {
		want        int
		sizes, most []int
		quotas      []int
		short       int
	}{
		{10, []int{50, 30, 20}, []int{50, 30, 20}, []int{5, 3, 2}, 0},
		{1, []int{1, 1, 1}, []int{1, 1, 1}, []int{1, 0, 0}, 0},
		{5, []int{4, 4, 2}, []int{4, 4, 2}, []int{2, 2, 1}, 0},
		{4, []int{3, 3, 3}, []int{0, 3, 3}, []int{0, 2, 2}, 0},
		{8, []int{3, 3, 3}, []int{2, 2, 2}, []int{2, 2, 2}, 2},
		{3, []int{0, 0}, []int{0, 0}, []int{0, 0}, 3},
		{0, []int{2}, []int{2}, []int{0}, 0},
	} {
		quotas, short := proportional(test.want, test.sizes, test.most)
		if !cmp.Equal(quotas, test.quotas) || short != test.short {
			t.Errorf("%d of %v: %v short %d, want %v short %d", test.want, test.sizes, quotas, short, test.quotas,
				test.short)
		}
	}
}

func ExampleItems() {
	f := labelled(500, 300, 200)
	s, err := Items(f, ItemOptions{Val: .1, Test: .1, Stratify: true, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s)
	// Output:
	// 800 train, 100 validation, 100 test items (seed 1)
}
