package split

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/internal/selection"
)

// domained returns labelled(sizes...) with the items assigned in turn to k domains "d0", "d1", ….
func domained(k int, sizes ...int) *data.Frame {
	f := labelled(sizes...)
	rng := newRand(uint64(k))
	for range f.IDs {
		f.Domains = append(f.Domains, fmt.Sprintf("d%d", rng.IntN(k)))
	}
	return f
}

func domainsOf(f *data.Frame, items []int) []string {
	names, _ := selection.Indexed(selection.Pick(f.Domains, items))
	return names
}

func TestSplitDomains(t *testing.T) {
	f := domained(5, 200, 100, 50)
	s, err := Domains(f, DomainOptions{HeldOut: []string{"d4", "d1"}, TestItems: 40, Val: .1, Seed: 1, Stratify: true})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"d1", "d4"}, domainsOf(f, s.Test)); diff != "" || len(s.Test) != 40 {
		t.Errorf("%v: %s", s, diff)
	}
	for name, items := range map[string][]int{"train": s.Train, "validation": s.Val} {
		if diff := cmp.Diff([]string{"d0", "d2", "d3"}, domainsOf(f, items)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if !strings.Contains(s.String(), `test domains held out: "d1", "d4"`) {
		t.Error(s)
	}
	s, err = Domains(f, DomainOptions{HeldOutCount: 1, ValDomains: 2, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(domainsOf(f, s.Test)) != 1 || len(domainsOf(f, s.Val)) != 2 || len(domainsOf(f, s.Train)) != 2 ||
		len(s.Train)+len(s.Val)+len(s.Test) != f.N() {
		t.Error(s)
	}
	// Without Stratify, Val is drawn in proportion to the domains, also where there are no labels.
	f.Labels = nil
	s, err = Domains(f, DomainOptions{HeldOut: []string{"d0"}, Val: 50, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	rest := len(s.Train) + len(s.Val)
	for _, d := range []string{"d1", "d2", "d3", "d4"} {
		all, val := listing.Count(f.Domains, d), listing.Count(selection.Pick(f.Domains, s.Val), d)
		if ideal := 50 * float64(all) / float64(rest); float64(val) < ideal-1 || float64(val) > ideal+1 {
			t.Errorf("%d validation items of domain %s, want about %.1f", val, d, ideal)
		}
	}
}

func TestSplitDomainsLeavesUnknownAndGroupsOut(t *testing.T) {
	f := labelled(20, 20)
	f.Domains = make([]string, 40)
	for i := range f.Domains {
		f.Domains[i] = []string{"a", "b"}[i/20]
	}
	f.Domains[3] = ""
	groups := make([]string, 40)
	groups[5], groups[30] = "torn", "torn"
	s, err := Domains(f, DomainOptions{HeldOut: []string{"b"}, Val: 2, Groups: groups})
	if err != nil {
		t.Fatal(err)
	}
	if kept := slices.Concat(s.Train, s.Val); len(kept) != 18 || slices.Contains(kept, 3) || slices.Contains(kept, 5) ||
		len(s.Test) != 20 {
		t.Error(s)
	}
}

func TestFoldDomains(t *testing.T) {
	f := domained(4, 60, 60)
	splits, err := FoldDomains(f, DomainOptions{Val: .2, Stratify: true, Seed: 9})
	if err != nil {
		t.Fatal(err)
	}
	var held []string
	for k, s := range splits {
		held = append(held, s.HeldOutDomains...)
		if s.Origin.Fold != k+1 || s.Origin.Folds != 4 ||
			!strings.Contains(s.String(), fmt.Sprintf("fold %d of 4", k+1)) {
			t.Errorf("fold %d is %v", k, s)
		}
	}
	if diff := cmp.Diff([]string{"d0", "d1", "d2", "d3"}, held); diff != "" {
		t.Error(diff)
	}
}

func TestSplitDomainErrors(t *testing.T) {
	f, one, bare := domained(3, 10, 10, 10), domained(1, 10), labelled(10)
	together := make([]string, f.N())
	for i := range together {
		together[i] = "all"
	}
	for _, test := range []struct {
		err    error
		option string // "" = about no single option
		want   string
	}{
		{labtest.Second(Domains(nil, DomainOptions{})), "", "no items"},
		{labtest.Second(FoldDomains(nil, DomainOptions{})), "", "nil"},
		{labtest.Second(Domains(bare, DomainOptions{HeldOutCount: 1})), "", "no domains"},
		{labtest.Second(Domains(one, DomainOptions{HeldOutCount: 1})), "", `1 domain(s) ("d0")`},
		{labtest.Second(FoldDomains(one, DomainOptions{})), "", `1 domain(s) ("d0")`},
		{labtest.Second(Domains(f, DomainOptions{})), "", "HeldOutCount"},
		{labtest.Second(Domains(f, DomainOptions{HeldOut: []string{"D1"}})), "DomainOptions.HeldOut",
			`nearest: "d1"`},
		{labtest.Second(Domains(f, DomainOptions{HeldOutCount: 4})), "DomainOptions.HeldOutCount", "4 domains"},
		{labtest.Second(Domains(f, DomainOptions{HeldOutCount: 3})), "", "all 3 domains"},
		{labtest.Second(Domains(f, DomainOptions{HeldOutCount: 1, Val: .1, ValDomains: 1})), "Val", "held out"},
		{labtest.Second(Domains(f, DomainOptions{HeldOutCount: 1, TestItems: 31})), "TestItems", "31"},
		{labtest.Second(Domains(f, DomainOptions{HeldOutCount: 1, TestItems: -1})), "TestItems", "-1"},
		{labtest.Second(Domains(f, DomainOptions{HeldOutCount: 1, Groups: together})), "", "smaller groups"},
		{labtest.Second(Domains(f, DomainOptions{HeldOutCount: 1, Groups: together[1:]})), "Groups",
			"29 groups for 30"},
		{labtest.Second(Domains(&data.Frame{IDs: bare.IDs, Domains: domained(2, 10).Domains},
			DomainOptions{HeldOutCount: 1, Stratify: true})), "", "no labels"},
		{labtest.Second(FoldDomains(f, DomainOptions{HeldOut: []string{"d1"}})), "DomainOptions.HeldOut", "domains"},
		{labtest.Second(FoldDomains(f, DomainOptions{HeldOutCount: 1})), "DomainOptions.HeldOutCount", "domains"},
		{labtest.Second(FoldDomains(f, DomainOptions{ValHeldOut: []string{"d1"}})), "ValHeldOut", "domains"},
	} {
		wantError(t, test.err, names(test.option), test.want)
	}
	s := &Split{Train: []int{0, 1}, Test: []int{2}, HeldOutDomains: []string{f.Domains[0]}}
	wantError(t, s.Check(f), nil, "train: ", fmt.Sprintf("%q (domain %q)", "i0", f.Domains[0]))
}
