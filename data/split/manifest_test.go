package split

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/selection"
)

// Every kind of split, with what it was drawn with, comes back as it was.
func TestManifestHoldsTheWholeSplit(t *testing.T) {
	f := domained(4, 30, 20, 10)
	groups := groupsOfThree(f.N())
	path := filepath.Join(t.TempDir(), "split.json")
	for _, want := range []*Split{
		labtest.Must(Items(f, ItemOptions{Val: .1, Test: 12, Seed: 1, Groups: groups})),
		labtest.Must(Items(f, ItemOptions{Test: 12, Groups: make([]string, f.N())})),
		labtest.Must(FoldItems(f, 4, ItemOptions{Stratify: true, Seed: 2}))[2],
		labtest.Must(FoldClasses(f, 3, ClassOptions{Val: .2, Seed: 3, TestItems: 3}))[1],
		labtest.Must(Domains(f, DomainOptions{HeldOutCount: 1, ValDomains: 1, Seed: 4, Groups: groups})),
		{Train: []int{0, 5}, Test: []int{7}}, // by hand
	} {
		if err := want.Save(path, f); err != nil {
			t.Fatal(err)
		}
		got, err := Load(path, f)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(err, diff)
		}
	}
	s := labtest.Must(FoldItems(f, 4, ItemOptions{Stratify: true, Val: .1, Seed: 2, Groups: groups}))[2]
	if err := s.Save(path, f); err != nil {
		t.Fatal(err)
	}
	text := string(labtest.Must(os.ReadFile(path)))
	for _, want := range []string{`"origin":{"kind":"items","fold":3,"folds":4,"val":0.1,"stratify":true}`,
		`"groups":[{"name":"g0","ids":["i1","i2"]}`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %.300s…", want, text)
		}
	}
}

// The same items in another order are the same data: sides are found by id.
func TestManifestForItemsInAnotherOrder(t *testing.T) {
	f := domained(3, 30, 20, 10)
	s := labtest.Must(Domains(f, DomainOptions{HeldOutCount: 1, Val: 5, Groups: groupsOfThree(f.N())}))
	path := filepath.Join(t.TempDir(), "split.json")
	if err := s.Save(path, f); err != nil {
		t.Fatal(err)
	}
	other := f.Select(newRand(3).Perm(f.N()))
	got, err := Load(path, other)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Check(other); err != nil {
		t.Error(err)
	}
	for k, side := range s.sides() {
		items := got.sides()[k].items
		want, have := slices.Sorted(slices.Values(selection.Pick(f.IDs, side.items))),
			slices.Sorted(slices.Values(selection.Pick(other.IDs, items)))
		if diff := cmp.Diff(want, have); diff != "" || !slices.IsSorted(items) {
			t.Errorf("%s: %s", side.name, diff)
		}
	}
	place := selection.Positions(f.IDs)
	for i, g := range got.Groups {
		if g != s.Groups[place[other.IDs[i]]] {
			t.Errorf("item %s is in group %q", other.IDs[i], g)
		}
	}
}

// Whatever differs is named: the side and the item.
func TestManifestNamesWhatChanged(t *testing.T) {
	fresh := func() *data.Frame { return domained(2, 20, 20) }
	s := &Split{Train: []int{0, 1, 2}, Val: []int{5}, Test: []int{7, 8}}
	path := filepath.Join(t.TempDir(), "split.json")
	if err := s.Save(path, fresh()); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		spoil func(f *data.Frame)
		want  []string
	}{
		{"value", func(f *data.Frame) { f.X[7]++ },
			[]string{`test: 1 items have another`, `: "i7"`}},
		{"label", func(f *data.Frame) { f.Labels[5] = "c9" },
			[]string{`validation: 1 items have another`, `: "i5"`}},
		{"domain", func(f *data.Frame) { f.Domains[2] += "x" },
			[]string{`train: 1 items have another`, `: "i2"`}},
		{"left out", func(f *data.Frame) { f.X[30]++ }, []string{`left out: 1 items have another`, `: "i30"`}},
		{"id", func(f *data.Frame) { f.IDs[8] = "new" },
			[]string{`test: 1 items are not in`, `: "i8"`, `1 items were not in`, `: "new"`}},
		{"sides at once", func(f *data.Frame) { f.X[0]++; f.X[1]++; f.X[8]++ },
			[]string{`train: 2 items`, `"i0", "i1"`, `test: 1 items`}},
		{"fewer", func(f *data.Frame) { *f = *f.Select(selection.All(39)) },
			[]string{`left out: 1 items are not in`, `: "i39"`, "with 40 items", "with 39 items"}},
		{"column", func(f *data.Frame) { f.Columns[0] = "g" }, []string{"columns or blocks"}},
	} {
		f := fresh()
		test.spoil(f)
		_, err := Load(path, f)
		if err == nil {
			t.Errorf("%s: no error", test.name)
			continue
		}
		for _, want := range append(test.want, "split.json", f.Hash(), "draw the split again") {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v\nwant %q", test.name, err, want)
			}
		}
	}
}

func TestManifestIsReadStrictly(t *testing.T) {
	f := domained(3, 20, 20)
	s := labtest.Must(Items(f, ItemOptions{Val: 4, Test: 6, Groups: groupsOfThree(f.N())}))
	path := filepath.Join(t.TempDir(), "split.json")
	if err := s.Save(path, f); err != nil {
		t.Fatal(err)
	}
	text := labtest.Must(os.ReadFile(path))
	edit := func(change func(m *splitManifest)) []byte {
		var m splitManifest
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		change(&m)
		return labtest.Must(json.Marshal(m))
	}
	for _, test := range []struct {
		name, want string
		text       []byte
	}{
		{"sound", "", text},
		{"older",
			`"siamese-lab split 1", this version reads "siamese-lab split 2"`,
			[]byte(`{"format":"siamese-lab split 1","frame":"","items":3,"train":[0]}`)},
		{"newer", `"siamese-lab split 3", this version reads`, []byte(`{"format":"siamese-lab split 3","new":1}`)},
		{"no split", `the format is "", want`, []byte("{}")},
		{"empty", "damaged one (at byte 0)", nil},
		{"cut", "damaged one", text[:len(text)-20]},
		{"unknown field", `unknown field "sead"`, bytes.Replace(text, []byte(`"seed"`), []byte(`"sead"`), 1)},
		{"unknown option", `unknown field "stratifies"`,
			bytes.Replace(text, []byte(`"kind":"items"`), []byte(`"kind":"items","stratifies":true`), 1)},
		{"more", "(from byte ", append(slices.Clone(text), '1')},
		{"moved item", "train: the items do not", edit(func(m *splitManifest) {
			m.Train.IDs, m.Train.Rows = append(m.Train.IDs, m.LeftOut.IDs...), append(m.Train.Rows, m.LeftOut.Rows...)
			m.LeftOut.IDs, m.LeftOut.Rows = nil, nil
			m.Train.IDs, m.Test.IDs[0] = append(m.Train.IDs, m.Test.IDs[0]), m.Train.IDs[0]
			m.Train.Rows, m.Test.Rows[0] = append(m.Train.Rows, m.Test.Rows[0]), m.Train.Rows[0]
			m.Train.IDs, m.Train.Rows = m.Train.IDs[1:], m.Train.Rows[1:]
		})},
		{"on two sides", "is on the train side and on the test side",
			edit(func(m *splitManifest) { m.Test.IDs[0] = m.Train.IDs[0] })},
		{"hashes", "hashes of items", edit(func(m *splitManifest) { m.Val.Rows = m.Val.Rows[1:] })},
		{"side hash", "validation: the items do not",
			edit(func(m *splitManifest) { m.Val.Hash = m.Test.Hash })},
		{"held out", `class "c7"`, edit(func(m *splitManifest) { m.HeldOut = []string{"c7"} })},
		{"held-out domain", `(domain "d1")`,
			edit(func(m *splitManifest) { m.HeldOutDomains = []string{"d0"} })},
		{"group of one", "fewer than two items",
			edit(func(m *splitManifest) { m.Groups[0].IDs = m.Groups[0].IDs[:1] })},
		{"item in two groups", "in two groups",
			edit(func(m *splitManifest) { m.Groups[1].IDs[0] = m.Groups[0].IDs[0] })},
		{"not grouped", "there are groups although", edit(func(m *splitManifest) { m.Grouped = false })},
		{"torn group", `more than one side: "torn"`, edit(func(m *splitManifest) {
			m.Groups = []manifestGroup{{"torn", []string{m.Train.IDs[0], m.Test.IDs[0]}}}
		})},
	} {
		got, err := Read(bytes.NewReader(test.text), "s.json", f)
		switch {
		case test.want == "":
			if diff := cmp.Diff(s, got); diff != "" || err != nil {
				t.Error(err, diff)
			}
		case err == nil || !strings.Contains(err.Error(), test.want) ||
			!strings.Contains(err.Error(), "data: s.json: "):
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

// What JSON cannot hold, or is not read back, is refused when it is written.
func TestManifestRefusesNamesItCannotHold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "split.json")
	f := labelled(3, 3)
	s := &Split{Train: []int{0, 1}, Test: []int{2}}
	f.IDs[4] = "\xff"
	wantError(t, s.Save(path, f), nil, `"\xff"`, "UTF-8")
	f.IDs[4] = "i4"
	s.Groups = []string{strings.Repeat("g", 2<<20), "", "", "", "", ""}
	s.Groups[1] = s.Groups[0]
	wantError(t, s.Save(path, f), nil, "split.json", "shorter names")
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("something was written: %v", err)
	}
}
