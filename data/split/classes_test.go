package split

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
