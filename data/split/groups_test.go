package split

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/selection"
)

func TestMergeGroups(t *testing.T) {
	for _, test := range []struct {
		name  string
		lists [][]string
		want  []string
	}{
		{"nothing", nil, nil},
		{"nil and empty", [][]string{nil, {}}, nil},
		{"one list", [][]string{nil, {}, {"a", "", "a", "b"}}, []string{"a", "", "a", "b"}},
		{"a chain", [][]string{{"a", "a", "", "", "b"}, {"", "x", "x", "", ""}}, []string{"a", "a", "a", "", "b"}},
		{"one name, two groups", [][]string{{"a", "a", "", ""}, {"", "", "a", "a"}}, []string{"a", "a", "a+2", "a+2"}},
		{"names that look taken", [][]string{{"a", "", "a+2", ""}, {"", "a", "", "a"}},
			[]string{"a", "a+2", "a+2+2", "a+2"}},
		{"a taken name", [][]string{{"a+2", "a", "", ""}, {"", "", "a", "a"}}, []string{"a+2", "a", "a+3", "a+3"}},
	} {
		got, err := MergeGroups(test.lists...)
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", test.name, err, diff)
		}
	}
	_, err := MergeGroups([]string{"a"}, nil, []string{"a", "b"})
	wantError(t, err, nil, "list 2 has 2", "list 1 has 1")
}

// Against a naive closure: items are together when a path of shared groups leads from one to the other.
func TestMergeGroupsIsTheClosure(t *testing.T) {
	rng := newRand(5)
	for range 200 {
		n := 1 + rng.IntN(25)
		lists := make([][]string, 1+rng.IntN(3))
		for k := range lists {
			lists[k] = make([]string, n)
			for i := range lists[k] {
				if g := rng.IntN(n + 3); g > 3 {
					lists[k][i] = fmt.Sprintf("g%d", g)
				}
			}
		}
		together := make([][]bool, n)
		for i := range together {
			together[i] = make([]bool, n)
			for j := range n {
				together[i][j] = i == j || slices.ContainsFunc(lists,
					func(l []string) bool { return l[i] != "" && l[i] == l[j] })
			}
		}
		for k := range n {
			for i := range n {
				for j := range n {
					together[i][j] = together[i][j] || together[i][k] && together[k][j]
				}
			}
		}
		got := labtest.Must(MergeGroups(lists...))
		for i := range n {
			for j := range n {
				if i != j && together[i][j] != (got[i] != "" && got[i] == got[j]) {
					t.Fatalf("%v\nmerged to %v: items %d and %d together: want %v", lists, got, i, j, together[i][j])
				}
			}
		}
	}
}

func TestGroupsThatCannotBeMet(t *testing.T) {
	f := labelled(15, 15)
	tens, one := make([]string, 30), make([]string, 30)
	for i := range tens {
		tens[i], one[i] = fmt.Sprintf("g%d", i/10), "all"
	}
	for _, test := range []struct {
		err    error
		option string // "" = about no single option
		want   []string
	}{
		{labtest.Second(Items(f, ItemOptions{Test: 3, Groups: tens})), "Test",
			[]string{"3 items", "3 groups", "ask for 10"}},
		{labtest.Second(Items(f, ItemOptions{Test: 10, Groups: one})), "Test", []string{"one group"}},
		{labtest.Second(Items(f, ItemOptions{Test: 30, Groups: tens})), "", []string{"no training"}},
		{labtest.Second(FoldItems(f, 4, ItemOptions{Groups: tens})), "", []string{"4 folds of 3 groups"}},
		{labtest.Second(FoldItems(f, 3, ItemOptions{Groups: tens, Val: 2})), "Val",
			[]string{"fold 1 of 3", "2 items", "2 groups", "ask for 10"}},
	} {
		wantError(t, test.err, names(test.option), test.want...)
	}
	// One group is larger than a fold; the others still share what is left.
	big := make([]string, 30)
	for i := range 20 {
		big[i] = "big"
	}
	splits, err := FoldItems(f, 3, ItemOptions{Groups: big, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for _, s := range splits {
		sizes = append(sizes, len(s.Test))
	}
	if diff := cmp.Diff([]int{20, 5, 5}, sizes); diff != "" {
		t.Error(diff)
	}
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
