package split

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/selection"
)

func TestFolds(t *testing.T) {
	f := labelled(53, 31, 17, 5)
	groups := groupsOfThree(f.N())
	for _, opt := range []ItemOptions{{Seed: 1, Val: .1}, {Seed: 2, Val: 10, Stratify: true},
		{Seed: 3, Val: .1, Groups: groups}, {Seed: 4, Val: .1, Stratify: true, Groups: groups}} {
		splits, err := FoldItems(f, 5, opt)
		if err != nil {
			t.Fatal(err)
		}
		times := make([]int, f.N())
		for _, s := range splits {
			for _, i := range s.Test {
				times[i]++
			}
			if len(s.Train)+len(s.Val)+len(s.Test) != f.N() || len(s.Test) < 15 || len(s.Test) > 30 {
				t.Errorf("%+v: %v", opt, s)
			}
			if opt.Stratify && opt.Groups == nil {
				for class, size := range perClass(f, selection.All(f.N())) {
					if got := perClass(f, s.Test)[class]; got < size/5 || got > size/5+1 {
						t.Errorf("a fold tests %d of %d items of %s", got, size, class)
					}
				}
			}
		}
		if slices.Min(times) != 1 || slices.Max(times) != 1 {
			t.Errorf("%+v: items are tested on %d to %d times", opt, slices.Min(times), slices.Max(times))
		}
	}
	splits, err := FoldClasses(labelled(9, 9, 9, 9, 9, 9, 9), 3, ClassOptions{Val: .2, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	var held []string
	for _, s := range splits {
		held = append(held, s.HeldOut...)
	}
	slices.Sort(held)
	if diff := cmp.Diff([]string{"c0", "c1", "c2", "c3", "c4", "c5", "c6"}, held); diff != "" {
		t.Error(diff)
	}
}

// Over many shapes of frames and options: whatever is returned is sound, and the amounts are met.
func TestSplitProperties(t *testing.T) {
	rng := newRand(11)
	made := 0
	for seed := range uint64(400) {
		sizes := make([]int, 2+rng.IntN(6))
		for c := range sizes {
			sizes[c] = 1 + rng.IntN(40)
		}
		f := labelled(sizes...)
		val, test := float64(rng.IntN(f.N()/2+1)), float64(1+rng.IntN(f.N()/2+1))
		s, err := Items(f, ItemOptions{Val: val, Test: test, Seed: seed, Stratify: seed%2 == 0})
		if err == nil {
			made++
			if err := s.Check(f); err != nil || len(s.Val) != int(val) || len(s.Test) != int(test) ||
				len(s.Train)+len(s.Val)+len(s.Test) != f.N() {
				t.Errorf("sizes %v, val %g, test %g, seed %d: %v, %v", sizes, val, test, seed, s, err)
			}
		}
		c, err := Classes(f, ClassOptions{HeldOutCount: 1 + rng.IntN(len(sizes)-1), Val: .2, Seed: seed})
		if err == nil {
			made++
			if err := c.Check(f); err != nil {
				t.Error(err)
			}
		}
	}
	if made < 400 {
		t.Errorf("only %d of 800 splits could be drawn", made)
	}
}

func TestSplitErrors(t *testing.T) {
	f := labelled(10, 10, 10)
	bare := labelled(10)
	bare.Labels = nil
	for _, test := range []struct {
		err    error
		option string // "" = about no single option
		want   string
	}{
		{labtest.Second(Items(nil, ItemOptions{})), "", "no items"},
		{labtest.Second(Items(f, ItemOptions{Test: -1})), "Test", "-1"},
		{labtest.Second(Items(f, ItemOptions{Test: math.NaN()})), "Test", "NaN"},
		{labtest.Second(Items(f, ItemOptions{Test: 31})), "Test", "31"},
		{labtest.Second(Items(f, ItemOptions{Test: 1.5})), "Test", "1.5"},
		{labtest.Second(Items(f, ItemOptions{Test: 10, Val: 20.5})), "Val", "20.5"},
		{labtest.Second(Items(f, ItemOptions{Test: 20, Val: 20})), "Val", "20 items"},
		{labtest.Second(Items(f, ItemOptions{Test: 30})), "", "no training"},
		{labtest.Second(Items(f, ItemOptions{})), "Test", "no test"},
		{labtest.Second(Items(f, ItemOptions{Test: 5, Val: .01})), "Val", "0.01"},
		{labtest.Second(Items(f, ItemOptions{Test: 28, Stratify: true})), "Test", "27"},
		{labtest.Second(Items(f, ItemOptions{Test: 2, Groups: []string{"a"}})), "Groups", "1 groups for 30"},
		{labtest.Second(Items(bare, ItemOptions{Test: 2, Stratify: true})), "", "no labels"},
		{labtest.Second(FoldItems(f, 1, ItemOptions{})), "", "1 folds of 30"},
		{labtest.Second(FoldItems(f, 31, ItemOptions{})), "", "31 folds"},
		{labtest.Second(FoldItems(f, 3, ItemOptions{Val: 25})), "Val", "25 items"},
		{labtest.Second(Classes(f, ClassOptions{})), "", "HeldOutCount"},
		{labtest.Second(Classes(f, ClassOptions{HeldOut: []string{"C1"}})), "HeldOut", `nearest: "c1"`},
		{labtest.Second(Classes(f, ClassOptions{HeldOut: []string{"c1", "c1"}})), "HeldOut", `"c1"`},
		{labtest.Second(Classes(f, ClassOptions{HeldOut: []string{"c1"}, HeldOutCount: 1})), "HeldOut", "count"},
		{labtest.Second(Classes(f, ClassOptions{HeldOutCount: 4})), "HeldOutCount", "4 classes"},
		{labtest.Second(Classes(f, ClassOptions{HeldOutCount: 3})), "", "all 3 classes"},
		{labtest.Second(Classes(f, ClassOptions{HeldOutCount: 1, TestItems: 11})),
			"TestItems", "10 items"},
		{labtest.Second(Classes(f, ClassOptions{HeldOutCount: 1, Val: .1, ValClasses: 1})), "Val", "held out"},
		{labtest.Second(Classes(f, ClassOptions{HeldOutCount: 1, Val: 20})), "Val", "18"},
		{labtest.Second(Classes(f, ClassOptions{HeldOutCount: 1, Val: math.Inf(1)})), "Val", "+Inf"},
		{labtest.Second(Classes(f, ClassOptions{HeldOut: []string{"c1"}, ValHeldOut: []string{"c1"}})),
			"ValHeldOut", `"c1"`},
		{labtest.Second(Classes(bare, ClassOptions{HeldOutCount: 1})), "", "no labels"},
		{labtest.Second(FoldClasses(f, 4, ClassOptions{})), "", "4 folds of 3"},
		{labtest.Second(FoldClasses(f, 2, ClassOptions{HeldOut: []string{"c1"}})), "HeldOut", "classes"},
		{labtest.Second(FoldClasses(f, 2, ClassOptions{HeldOutCount: 1})), "HeldOutCount", "classes"},
		{labtest.Second(FoldClasses(f, 2, ClassOptions{ValHeldOut: []string{"c1"}})), "ValHeldOut", "classes"},
	} {
		wantError(t, test.err, names(test.option), test.want)
	}
}

func TestSplitCheck(t *testing.T) {
	f := labelled(4, 4, 4) // i0 of c0, i1 of c1, i2 of c2, i3 of c0, …
	f.Labels[11] = ""
	for _, test := range []struct {
		name  string
		split *Split
		want  []string
	}{
		{"sound", &Split{Train: []int{0, 1}, Val: []int{2}, Test: []int{3}}, nil},
		{"no validation", &Split{Train: []int{0, 1}, Test: []int{3}}, nil},
		{"held out", &Split{Train: []int{0, 3}, Val: []int{1}, Test: []int{2, 5}, HeldOut: []string{"c2"},
			ValHeldOut: []string{"c1"}}, nil},
		{"overlap", &Split{Train: []int{0, 1}, Val: []int{1, 2}, Test: []int{0, 2}},
			[]string{`both the train and the validation side: "i1"`, `both the train and the test side: "i0"`,
				`both the validation and the test side: "i2"`}},
		{"many", &Split{Train: selection.All(12), Test: selection.All(12)}, []string{`"i4" and 7 more`}},
		{"twice", &Split{Train: []int{0, 0}, Test: []int{3}}, []string{`train: items more than once: "i0"`}},
		{"empty", &Split{}, []string{"no training", "no test"}},
		{"out of range", &Split{Train: []int{-1, 0}, Test: []int{12}},
			[]string{"train: items out of range [0, 12): -1", "test: items out of range [0, 12): 12"}},
		{"held-out class in training", &Split{Train: []int{0, 2}, Test: []int{5}, HeldOut: []string{"c2"}},
			[]string{`train: `, `: "i2" (class "c2")`}},
		{"held-out class in validation", &Split{Train: []int{0}, Val: []int{2}, Test: []int{5},
			HeldOut: []string{"c2"}}, []string{`validation: `, `"i2" (class "c2")`}},
		{"another class in the test", &Split{Train: []int{0}, Test: []int{3, 5, 11}, HeldOut: []string{"c2"}},
			[]string{`test: `, `: "i3" (class "c0"), "i11" (class "unknown")`}},
		{"another class in validation", &Split{Train: []int{0}, Val: []int{1, 3}, Test: []int{2},
			ValHeldOut: []string{"c1"}}, []string{`validation: `, `: "i3" (class "c0")`}},
		{"unknown class", &Split{Train: []int{0}, Test: []int{2}, HeldOut: []string{"c2", "c9"}},
			[]string{`test: `, `class "c9"`}},
		{"held out twice", &Split{Train: []int{0}, Val: []int{5}, Test: []int{2}, HeldOut: []string{"c2"},
			ValHeldOut: []string{"c2"}}, []string{`class "c2"`, `twice`}},
		{"nil", nil, []string{"nil"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.split.Check(f)
			if (err == nil) != (test.want == nil) {
				t.Fatalf("got %v", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v\nwant it to say %q", err, want)
				}
			}
		})
	}
	f.Labels = nil
	if err := (&Split{Train: []int{0}, Test: []int{2}, HeldOut: []string{"c2"}}).Check(f); err == nil ||
		!strings.Contains(err.Error(), "no labels") {
		t.Errorf("without labels: %v", err)
	}
}
