package split

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/internal/labtest"
)

// wide returns n items of 40 random features in 3 classes and 3 domains; near copies are then
// never there by chance.
func wide(n int, seed uint64) *data.Frame {
	f := &data.Frame{Blocks: []data.Block{{Name: "f", Start: 0, End: 40}}}
	rng := newRand(seed)
	for k := range 40 {
		f.Columns = append(f.Columns, fmt.Sprintf("f%d", k))
	}
	for i := range n {
		f.IDs = append(f.IDs, fmt.Sprintf("i%d", i))
		f.Labels = append(f.Labels, fmt.Sprintf("c%d", i%3))
		f.Domains = append(f.Domains, fmt.Sprintf("d%d", i/2%3))
		for range 40 {
			f.X = append(f.X, float32(rng.NormFloat64()))
		}
	}
	return f
}

// repeat makes item j a copy of item i, off by noise.
func repeat(f *data.Frame, i, j int, noise float32) {
	for k, v := range f.Row(i) {
		f.Row(j)[k] = v + noise*float32(k%2*2-1)
	}
}

func leakage(t *testing.T, s *Split, f *data.Frame, opt LeakageOptions) *Leakage {
	t.Helper()
	l, err := s.Leakage(t.Context(), f, opt)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLeakageFindsEveryKind(t *testing.T) {
	f := wide(30, 1)
	repeat(f, 0, 20, 0)   // exact: train, test
	repeat(f, 1, 21, .05) // near: train, test
	repeat(f, 2, 10, .02) // near: train, validation
	repeat(f, 3, 4, 0)    // exact, within train
	repeat(f, 5, 29, 0)   // exact, but one is left out
	groups := make([]string, 30)
	groups[6], groups[11], groups[22], groups[7], groups[8] = "torn", "torn", "torn", "whole", "whole"
	s := &Split{Train: []int{0, 1, 2, 3, 4, 5, 6, 7, 8}, Val: []int{10, 11, 8}, Test: []int{20, 21, 22},
		HeldOut: []string{"c2"}, ValHeldOutDomains: []string{"d2"}}
	l := leakage(t, s, f, LeakageOptions{Groups: groups, Similarity: .9, Allow: []string{LeakNear}})
	id := func(a, b string) LeakExample { return LeakExample{IDs: [2]string{a, b}} }
	named := func(name, a, b string) LeakExample { return LeakExample{Name: name, IDs: [2]string{a, b}} }
	want := []Leak{
		{LeakItems, [2]string{"train", "validation"}, 1, [2]int{1, 1}, []LeakExample{id("i8", "i8")}, false},
		{LeakGroups, [2]string{"train", "validation"}, 2, [2]int{3, 2},
			[]LeakExample{named("torn", "i6", "i11"), named("whole", "i7", "i8")}, false},
		{LeakGroups, [2]string{"train", "test"}, 1, [2]int{1, 1}, []LeakExample{named("torn", "i6", "i22")}, false},
		{LeakGroups, [2]string{"validation", "test"}, 1, [2]int{1, 1}, []LeakExample{named("torn", "i11", "i22")},
			false},
		{LeakClasses, [2]string{"train", "test"}, 3, [2]int{9, 3},
			[]LeakExample{named("c0", "i0", "i21"), named("c1", "i1", "i22"), named("c2", "i2", "i20")}, false},
		{LeakClasses, [2]string{"validation", "test"}, 2, [2]int{3, 2},
			[]LeakExample{named("c1", "i10", "i22"), named("c2", "i11", "i20")}, false},
		{LeakDomains, [2]string{"train", "validation"}, 2, [2]int{5, 3},
			[]LeakExample{named("d1", "i2", "i8"), named("d2", "i4", "i10")}, false},
		{LeakDomains, [2]string{"validation", "test"}, 2, [2]int{3, 3},
			[]LeakExample{named("d1", "i8", "i20"), named("d2", "i10", "i22")}, false},
		{LeakExact, [2]string{"train", "test"}, 1, [2]int{1, 1}, []LeakExample{id("i0", "i20")}, false},
		{LeakNear, [2]string{"train", "validation"}, 1, [2]int{1, 1}, []LeakExample{id("i2", "i10")}, true},
		{LeakNear, [2]string{"train", "test"}, 1, [2]int{1, 1}, []LeakExample{id("i1", "i21")}, true},
	}
	var have []Leak
	for _, leak := range l.Leaks {
		if leak.Kind == LeakNear {
			if e := leak.Examples[0]; !(e.Similarity > .9 && e.Similarity < 1) {
				t.Errorf("similarity %g", e.Similarity)
			}
			leak.Examples[0].Similarity = 0
		}
		have = append(have, leak)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Error(diff)
	}
	err := l.Err()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("%v are not joined errors", err)
	}
	var refused []Leak
	for _, err := range joined.Unwrap() {
		var leak *LeakError
		if !errors.As(err, &leak) {
			t.Fatalf("%v is not about a leak", err)
		}
		refused = append(refused, leak.Leak)
		if names := leak.fix().Options(); slices.Contains(names, "Allow") != (leak.Leak.Kind != LeakItems) ||
			slices.Contains(names, "Groups") != (leak.Leak.Kind == LeakGroups) ||
			slices.Contains(names, "Duplicates") != (leak.Leak.Kind == LeakExact) {
			t.Errorf("%v names the options %q", err, names)
		}
	}
	if diff := cmp.Diff(slices.DeleteFunc(have, func(l Leak) bool { return l.Allowed }), refused); diff != "" {
		t.Error(diff)
	}
	text := l.Leaks[1].String() // of groups, with examples
	for _, part := range []string{"2 groups", "train", "validation", "3 and 2 items",
		`"torn" ("i6" ~ "i11"), "whole" ("i7" ~ "i8")`} {
		if !strings.Contains(text, part) {
			t.Errorf("%s\nwant %q", text, part)
		}
	}
	var again Leakage
	if err := json.Unmarshal(labtest.Must(json.Marshal(l)), &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*l, again); diff != "" {
		t.Error(diff)
	}
	// Found beforehand, among all items, the duplicates give the same.
	d := labtest.Must(duplicates.Find(t.Context(), f, duplicates.Options{Near: true, Threshold: .9}))
	given := leakage(t, s, f, LeakageOptions{Groups: groups, Duplicates: d})
	for k := range given.Leaks {
		given.Leaks[k].Allowed = l.Leaks[k].Allowed
		for e := range given.Leaks[k].Examples {
			given.Leaks[k].Examples[e].Similarity = l.Leaks[k].Examples[e].Similarity // over other items
		}
	}
	if diff := cmp.Diff(l, given); diff != "" {
		t.Error(diff)
	}
}

func TestLeakageOfRepeatedIDs(t *testing.T) {
	f := wide(6, 2)
	f.IDs[4] = "i0"
	l := leakage(t, &Split{Train: []int{0, 1}, Test: []int{4, 5}}, f, LeakageOptions{})
	if len(l.Leaks) != 1 || l.Leaks[0].Kind != LeakIDs || l.Err() == nil {
		t.Error(l)
	}
}

func TestLeakageErrors(t *testing.T) {
	f := wide(10, 3)
	sound := &Split{Train: []int{0, 1}, Test: []int{2, 3}}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	short := wide(10, 3)
	short.X = short.X[1:]
	for _, test := range []struct {
		name  string
		ctx   context.Context
		split *Split
		frame *data.Frame
		opt   LeakageOptions

		options []string // that the error is about
		want    string
	}{
		{"nil split", t.Context(), nil, f, LeakageOptions{}, nil, "nil"},
		{"nil frame", t.Context(), sound, nil, LeakageOptions{}, nil, "nil"},
		{"unsound frame", t.Context(), sound, short, LeakageOptions{}, nil, "399"},
		{"out of range", t.Context(), &Split{Train: []int{10}}, f, LeakageOptions{},
			nil, "train: item 10"},
		{"unknown kind", t.Context(), sound, f, LeakageOptions{Allow: []string{"near-duplicate"}},
			[]string{"Allow"}, `nearest: "near-duplicates"`},
		{"items", t.Context(), sound, f, LeakageOptions{Allow: []string{LeakItems}}, []string{"Allow"}, `"items"`},
		{"ids", t.Context(), sound, f, LeakageOptions{Allow: []string{LeakIDs, LeakGroups}}, []string{"Allow"},
			`"ids"`},
		{"similarity", t.Context(), sound, f, LeakageOptions{Similarity: math.NaN()}, []string{"Similarity"}, "NaN"},
		{"groups", t.Context(), sound, f, LeakageOptions{Groups: []string{"a"}}, []string{"Groups"}, "1 groups for 10"},
		{"groups of the split", t.Context(), &Split{Train: []int{0}, Groups: []string{"a"}}, f, LeakageOptions{},
			nil, "groups for 1 items"},
		{"two similarities", t.Context(), sound, f,
			LeakageOptions{Similarity: .9, Duplicates: &duplicates.Duplicates{Threshold: .8}},
			[]string{"Similarity"}, "0.9"},
		{"duplicates of another frame", t.Context(), sound, f,
			LeakageOptions{Duplicates: &duplicates.Duplicates{Exact: [][]int{{3, 10}}}},
			[]string{"Duplicates"}, "[3 10]"},
		{"pairs of another frame", t.Context(), sound, f,
			LeakageOptions{Duplicates: &duplicates.Duplicates{Pairs: []duplicates.NearPair{{I: -1}}}},
			[]string{"Duplicates"}, "-1 and 0"},
		{"cancelled", done, sound, f, LeakageOptions{Similarity: .9}, nil, context.Canceled.Error()},
	} {
		_, err := test.split.Leakage(test.ctx, test.frame, test.opt)
		t.Run(test.name, func(t *testing.T) { wantError(t, err, test.options, test.want) })
	}
	if _, err := sound.Leakage(done, f, LeakageOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// Over many frames with copies: what is found across sides is what comparing all pairs finds,
// and a split that keeps the duplicates together, with the groups, has none.
func TestPropertiesOfLeakage(t *testing.T) {
	leaks, apart := 0, 0
	for seed := range uint64(60) {
		f := wide(40, seed)
		rng := newRand(seed)
		for range 12 {
			repeat(f, rng.IntN(40), rng.IntN(40), []float32{0, .03}[rng.IntN(2)])
		}
		groups := make([]string, 40)
		for i := range groups {
			groups[i] = []string{"", fmt.Sprintf("g%d", rng.IntN(30))}[rng.IntN(2)]
		}
		s := labtest.Must(Items(f, ItemOptions{Val: .2, Test: .3, Seed: seed}))
		d := labtest.Must(duplicates.Find(t.Context(), f, duplicates.Options{Near: true, Threshold: .9}))
		near, exact := d.Groups(40), (&duplicates.Duplicates{Near: d.Exact}).Groups(40)
		l := leakage(t, s, f, LeakageOptions{Groups: groups, Duplicates: d})
		for kind, column := range map[string][]string{LeakGroups: groups, LeakExact: exact} {
			for _, p := range sidePairs {
				a, b := s.sides()[p[0]], s.sides()[p[1]]
				both := make(map[string]bool)
				items := [2]map[int]bool{{}, {}}
				for _, i := range a.items {
					for _, j := range b.items {
						if column[i] != "" && column[i] == column[j] {
							both[column[i]], items[0][i], items[1][j] = true, true, true
						}
					}
				}
				k := slices.IndexFunc(l.Leaks,
					func(l Leak) bool { return l.Kind == kind && l.Sides == [2]string{a.name, b.name} })
				switch {
				case k < 0 && len(both) > 0:
					t.Errorf("seed %d: %d %s across %s and %s are not found", seed, len(both), kind, a.name, b.name)
				case k >= 0 && (l.Leaks[k].Count != len(both) ||
					l.Leaks[k].Items != [2]int{len(items[0]), len(items[1])}):
					t.Errorf("seed %d: %v, want %d and %d, %d items", seed, l.Leaks[k], len(both), len(items[0]),
						len(items[1]))
				case k >= 0:
					leaks++
				}
			}
		}
		for _, leak := range l.Leaks {
			for _, e := range leak.Examples {
				i, j := slices.Index(f.IDs, e.IDs[0]), slices.Index(f.IDs, e.IDs[1])
				if leak.Kind == LeakNear && (near[i] == "" || near[i] != near[j] || e.Similarity > 0 &&
					e.Similarity < .9) {
					t.Errorf("seed %d: %v are no near duplicates", seed, e)
				}
			}
		}
		kept, err := Items(f, ItemOptions{Val: .2, Test: .3, Seed: seed, Groups: groups, Duplicates: d})
		if err != nil {
			continue
		}
		apart++
		if l := leakage(t, kept, f, LeakageOptions{Groups: groups, Similarity: .9}); l.Err() != nil {
			t.Errorf("seed %d: %v", seed, l.Err())
		}
		if !kept.Origin.Duplicates || kept.Origin.NearDuplicates != .9 {
			t.Errorf("the split does not say that it kept duplicates together: %+v", kept.Origin)
		}
	}
	if leaks < 100 || apart < 40 {
		t.Errorf("only %d leaks and %d splits of 60: the test looks at too few", leaks, apart)
	}
}

// The kinds of split all keep duplicates together.
func TestSplitsKeepDuplicatesTogether(t *testing.T) {
	f := wide(60, 4)
	for i := range 20 {
		repeat(f, i, 59-i, .01)
	}
	d := labtest.Must(duplicates.Find(t.Context(), f, duplicates.Default()))
	if len(d.Near) != 20 {
		t.Fatalf("%d groups of near duplicates, want 20", len(d.Near))
	}
	splits := slices.Concat(
		labtest.Must(FoldItems(f, 4, ItemOptions{Duplicates: d})),
		labtest.Must(FoldClasses(f, 3, ClassOptions{Duplicates: d, Val: .2})),
		labtest.Must(FoldDomains(f, DomainOptions{Duplicates: d, Val: .2})))
	for _, s := range splits {
		if err := leakage(t, s, f, LeakageOptions{Duplicates: d}).Err(); err != nil {
			t.Errorf("%v: %v", s, err)
		}
	}
	_, err := Items(wide(20, 4), ItemOptions{Test: 4, Duplicates: d})
	wantError(t, err, []string{"Duplicates"}, "20 items")
}

// Copies on both sides that are all exact count as exact duplicates only.
func TestExactDuplicatesAreNoNearOnes(t *testing.T) {
	f := wide(20, 6)
	repeat(f, 0, 10, 0)
	repeat(f, 0, 1, .02) // in train as 0
	s := &Split{Train: []int{0, 2}, Test: []int{10, 12}}
	l := leakage(t, s, f, LeakageOptions{Similarity: .9})
	if len(l.Leaks) != 1 || l.Leaks[0].Kind != LeakExact {
		t.Error(l)
	}
	s.Train = []int{0, 1, 2}
	l = leakage(t, s, f, LeakageOptions{Similarity: .9})
	if len(l.Leaks) != 2 || l.Leaks[1].Kind != LeakNear || l.Leaks[1].Examples[0].IDs != [2]string{"i1", "i10"} {
		t.Error(l)
	}
}

func TestSharedRows(t *testing.T) {
	a, b := wide(10, 1), wide(12, 2)
	copy(b.Row(3), a.Row(7))
	copy(b.Row(5), a.Row(2))
	copy(a.Row(4), a.Row(2)) // the first one is named
	a.Row(7)[0], b.Row(3)[0] = 0, float32(math.Copysign(0, -1))
	got, err := duplicates.SharedRows(a, b)
	if diff := cmp.Diff([][2]int{{7, 3}, {2, 5}}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	reversed := slices.Clone(b.Columns)
	slices.Reverse(reversed)
	again, err := duplicates.SharedRows(a, labtest.Must(b.SelectColumns(reversed)))
	if diff := cmp.Diff(got, again); diff != "" || err != nil {
		t.Error("columns in another order:", err, diff)
	}
	if _, err := duplicates.SharedRows(a, labtest.Must(b.SelectColumns(reversed[1:]))); err == nil ||
		!strings.Contains(err.Error(), `"f39"`) {
		t.Errorf("other columns: %v", err)
	}
	if _, err := duplicates.SharedRows(a, nil); err == nil {
		t.Error("a nil frame has no error")
	}
}

func ExampleSplit_Leakage() {
	f := wide(12, 1)
	repeat(f, 0, 9, 0)
	repeat(f, 1, 10, .05)
	s := &Split{Train: []int{0, 1, 2, 3, 4, 5}, Val: []int{6, 7, 8}, Test: []int{9, 10, 11}}
	l, err := s.Leakage(context.Background(), f, LeakageOptions{Similarity: duplicates.Near, Allow: []string{LeakNear}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(l)
	fmt.Println(l.Err() != nil)
	// Output:
	// leakage of a split into 6 train, 3 validation, 3 test items (seed 0)
	//   items             none
	//   ids               none
	//   groups            not looked for  no groups are given
	//   classes           not looked for  no class is held out
	//   domains           not looked for  no domain is held out
	//   exact-duplicates  LEAK            1 set of exact duplicates on both the train and the test side (1 and 1 items): "i0" ~ "i9"
	//   near-duplicates   allowed         1 set of near duplicates on both the train and the test side (1 and 1 items): "i1" ~ "i10" (0.9978)
	//   the split leaks: exact-duplicates
	// true
}
