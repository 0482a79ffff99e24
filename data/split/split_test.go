package split

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/selection"
)

// labelled returns a frame with one column and the given number of items of every class
// "c0", "c1", …, assigned in turn.
func labelled(sizes ...int) *data.Frame {
	f := &data.Frame{Columns: []string{"f"}, Blocks: []data.Block{{Name: "f", Start: 0, End: 1}}}
	for round := range slices.Max(sizes) {
		for c, n := range sizes {
			if round < n {
				f.X = append(f.X, float32(len(f.IDs)))
				f.IDs = append(f.IDs, fmt.Sprintf("i%d", len(f.IDs)))
				f.Labels = append(f.Labels, fmt.Sprintf("c%d", c))
			}
		}
	}
	return f
}

// equalClasses is the size of the built-in data: 20 classes of 1,000 items.
func equalClasses() *data.Frame {
	sizes := make([]int, 20)
	for c := range sizes {
		sizes[c] = 1000
	}
	return labelled(sizes...)
}

func perClass(f *data.Frame, items []int) map[string]int {
	counts := make(map[string]int)
	for _, i := range items {
		counts[f.Labels[i]]++
	}
	return counts
}

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

func groupsOfThree(n int) []string {
	groups := make([]string, n)
	for i := range groups {
		if i%7 != 0 { // every seventh is alone
			groups[i] = fmt.Sprintf("g%d", i/3)
		}
	}
	return groups
}

func TestItemsGroups(t *testing.T) {
	f := labelled(300, 200, 100)
	for _, stratify := range []bool{false, true} {
		opt := ItemOptions{Val: .1, Test: .2, Seed: 9, Stratify: stratify, Groups: groupsOfThree(f.N())}
		s, err := Items(f, opt)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.CheckGroups(opt.Groups); err != nil {
			t.Error(err)
		}
		if got := len(s.Test); got < 110 || got > 130 {
			t.Errorf("%d test items, want about 120", got)
		}
		again, _ := Items(f, opt)
		if !cmp.Equal(s, again) {
			t.Error("the same seed gives another split")
		}
		if stratify {
			for class, size := range perClass(f, selection.All(f.N())) {
				if got := perClass(f, s.Test)[class]; math.Abs(float64(got)-.2*float64(size)) > 8 {
					t.Errorf("%d of %d items of class %s are tested on", got, size, class)
				}
			}
		}
	}
	torn := &Split{Train: []int{1, 4}, Test: []int{2, 5}}
	if err := torn.CheckGroups(groupsOfThree(6)); err == nil || !strings.Contains(err.Error(), `"g0", "g1"`) {
		t.Errorf("torn groups: %v", err)
	}
}

func TestClasses(t *testing.T) {
	f := equalClasses()
	held := []string{"c7", "c8", "c9", "c17", "c18", "c19"}
	s, err := Classes(f, ClassOptions{HeldOut: held, TestItems: 3000, Val: .1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Train) != 12_600 || len(s.Val) != 1_400 || len(s.Test) != 3_000 {
		t.Error(s)
	}
	for class, n := range perClass(f, s.Test) {
		if n != 500 || !slices.Contains(held, class) {
			t.Errorf("%d test items of class %s", n, class)
		}
	}
	s, err = Classes(f, ClassOptions{HeldOutCount: 6, ValClasses: 4, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Train) != 10_000 || len(s.Val) != 4_000 || len(s.Test) != 6_000 || len(s.HeldOut) != 6 ||
		len(s.ValHeldOut) != 4 {
		t.Error(s)
	}
	other, err := Classes(f, ClassOptions{HeldOutCount: 6, ValClasses: 4, Seed: 2})
	if err != nil || cmp.Equal(s.HeldOut, other.HeldOut) {
		t.Errorf("another seed holds out the same classes: %v %v", other, err)
	}
}

func TestClassesLeavesUnknownAndGroupsOut(t *testing.T) {
	f := labelled(40, 40, 40)
	f.Labels[0], f.Labels[4] = "", "" // of c0 and c1
	groups := make([]string, f.N())
	groups[1], groups[2] = "pair", "pair"     // a c1 with the held-out c2
	groups[6], groups[7] = "within", "within" // both are trained on
	groups[9], groups[116] = "far", "far"     // a c0 with a c2 that TestItems may leave out
	s, err := Classes(f, ClassOptions{HeldOut: []string{"c2"}, TestItems: 10, Val: 8, Seed: 3, Groups: groups})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 4, 1, 9} {
		for _, side := range s.sides() {
			if slices.Contains(side.items, i) {
				t.Errorf("item %d is on the %s side", i, side.name)
			}
		}
	}
	if got := len(s.Train) + len(s.Val); got != 76 || len(s.Test) != 10 {
		t.Errorf("%v, want 76 items to train and validate on", s)
	}
}

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
		{labtest.Second(Items(f, ItemOptions{})), "", "no test"},
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
		{labtest.Second(Classes(f, ClassOptions{HeldOutCount: 4})), "HeldOut", "4 classes"},
		{labtest.Second(Classes(f, ClassOptions{HeldOutCount: 3})), "", "all 3 classes"},
		{labtest.Second(Classes(f, ClassOptions{HeldOutCount: 1, TestItems: 11})),
			"TestItems", "10 items"},
		{labtest.Second(Classes(f, ClassOptions{HeldOutCount: 1, Val: .1, ValClasses: 1})), "Val", "ValClasses"},
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

func TestSplitSaveLoad(t *testing.T) {
	f := labelled(20, 20, 20)
	path := filepath.Join(t.TempDir(), "split.json")
	for _, want := range []*Split{
		labtest.Must(Items(f, ItemOptions{Val: .1, Test: .1, Seed: math.MaxUint64})),
		labtest.Must(Classes(f, ClassOptions{HeldOutCount: 1, ValClasses: 1, Seed: 3})),
	} {
		if err := want.Save(path, f); err != nil {
			t.Fatal(err)
		}
		got, err := Load(path, f)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	other := labelled(20, 20, 20)
	other.X[3]++
	if _, err := Load(path, other); err == nil || !strings.Contains(err.Error(), f.Hash()) ||
		!strings.Contains(err.Error(), other.Hash()) {
		t.Errorf("another frame: %v", err)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none"), f); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := (&Split{}).Save(path, f); err == nil {
		t.Error("an unsound split is saved")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoiled := range map[string][]byte{
		"empty":      nil,
		"cut":        text[:len(text)/2],
		"more":       append(slices.Clone(text), "{}"...),
		"format":     bytes.Replace(text, []byte("split 2"), []byte("split 9"), 1),
		"field":      bytes.Replace(text, []byte(`"seed"`), []byte(`"sead"`), 1),
		"moved":      bytes.Replace(text, []byte(`"ids":["i0",`), []byte(`"ids":["i1",`), 1),
		"not a list": []byte(`{"train": 3}`),
	} {
		if _, err := Read(bytes.NewReader(spoiled), "s.json", f); err == nil ||
			!strings.Contains(err.Error(), "s.json") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	frame := labelled(4, 4, 4)
	dir := f.TempDir()
	for k, s := range []*Split{labtest.Must(Items(frame, ItemOptions{Val: 2, Test: 3})),
		labtest.Must(Classes(frame, ClassOptions{HeldOutCount: 1, ValClasses: 1}))} {
		path := filepath.Join(dir, fmt.Sprint(k))
		if err := s.Save(path, frame); err != nil {
			f.Fatal(err)
		}
		f.Add(labtest.Must(os.ReadFile(path)))
	}
	grouped := labtest.Must(Items(frame, ItemOptions{Test: 4, Groups: groupsOfThree(frame.N())}))
	f.Add(labtest.Must(json.Marshal(grouped.manifest(frame))))
	f.Add([]byte(`{"format":"siamese-lab split 1","frame":"` + frame.Hash() + `","train":[0],"test":[99999999999]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, text []byte) { checkSplit(t, text, frame) })
}

// checkSplit reads a manifest that may be anything.
func checkSplit(t *testing.T, text []byte, frame *data.Frame) {
	s, err := Read(bytes.NewReader(text), "s.json", frame)
	if err != nil {
		if !strings.Contains(err.Error(), "s.json") {
			t.Fatalf("does not name the file: %v", err)
		}
		return
	}
	if err := s.Check(frame); err != nil {
		t.Fatal(err)
	}
	again, err := Read(bytes.NewReader(labtest.Must(json.Marshal(s.manifest(frame)))), "s.json", frame)
	if diff := cmp.Diff(s, again, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Fatal(err, diff)
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

func ExampleClasses() {
	f := labelled(500, 300, 200)
	s, err := Classes(f, ClassOptions{HeldOut: []string{"c2"}, Val: .1, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s)
	// Output:
	// 720 train, 80 validation, 200 test items (seed 1); test classes held out: "c2"
}
