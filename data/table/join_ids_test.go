package table

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
)

// Ids that are missing are named with how the other table seems to write them, allowed or not.
func TestJoinSpelling(t *testing.T) {
	for _, c := range []struct{ what, here, there string }{
		{"leading zeros", "007", "7"}, {"leading zeros", "img_7", "img_0007"},
		{".0", "5", "5.0"}, {".0", "5.0", "5"}, {"case", "Cat", "cat"}, {"spaces", "cat ", "cat"},
		{"endings", "a.png", "a"}, {"endings", "a.JPG", "a.png"}, {"folders", "train/a.png", "a.png"},
		{"folders and endings", "train/a.png", "a"}, {"slashes", `x\a`, "x/a"}, {"several", "Train/A07.png", "a7"},
	} {
		t.Run(c.here+" "+c.there, func(t *testing.T) {
			for _, other := range []string{"", "same,x\n"} { // no id is found, or some
				f := named("same", c.here)
				path := writePairs(t, fmt.Sprintf("id,label\n%s%q,x\n", other, c.there))
				_, _, err := JoinLabels(t.Context(), f, path, JoinOptions{AllowMissingIDs: true, AllowOthers: true})
				says(c.what).check(t, path, err)
				got := differently([]string{c.here}, []string{c.there})
				if got == nil || got.count != 1 || got.here != c.here || got.there != c.there ||
					!strings.Contains(err.Error(), fmt.Sprintf("%q here is %q there", c.here, c.there)) {
					t.Errorf("%v, %v", got, err)
				}
			}
		})
	}
	// What could stand for two ids stands for none, and what is not like any is no spelling.
	for _, c := range [][2][]string{{{"7"}, {"007", "07"}}, {{"007", "07"}, {"7"}}, {{"cat.1"}, {"cat.2"}},
		{{"1.50"}, {"1.5"}}, {{"a"}, {"b"}}, {{"10"}, {"1"}}} {
		if got := differently(c[0], c[1]); got != nil {
			t.Errorf("%q and %q: %v", c[0], c[1], got)
		}
	}
}

// Row numbers are no ids: they are joined by name of the option only, and then with rows.
func TestJoinRows(t *testing.T) {
	for _, text := range []string{"f\n1\n2\n3\n", ",f\n0,1\n1,2\n2,3\n"} {
		f, _, err := Open(t.Context(), writePairs(t, text), Options{NoCache: true})
		if err != nil || !f.Numbered || !f.Select([]int{2}).Numbered {
			t.Fatalf("%q: %+v, %v", text, f, err)
		}
		labels := writePairs(t, "id,label\n1,x\n2,y\n3,z\n")
		_, _, err = JoinLabels(t.Context(), f, labels, JoinOptions{AllowMissingIDs: true, AllowOthers: true})
		says("rows", "JoinOptions.ByRow").check(t, labels, err)
		got, e, err := JoinLabels(t.Context(), f, labels, JoinOptions{ByRow: true})
		if err != nil || !cmp.Equal(got.Labels, []string{"x", "y", "z"}) || e.Found != 3 || !e.ByRow {
			t.Errorf("%+v, %+v, %v", got, e, err)
		}
		_, _, err = OpenPairs(t.Context(), writePairs(t, "left,right,label\n1,2,1\n"), f, PairOptions{})
		if e := new(Error); !errors.As(err, &e) || !cmp.Equal(e.Fix.Options(), []string{"PairOptions.ByRow"}) {
			t.Errorf("pairs of row numbers: %v", err)
		}
	}
	ids := named("a", "b")
	for _, c := range []struct {
		text string
		opt  JoinOptions
		want fault
	}{
		{"label\nx\ny\n", JoinOptions{}, says("ids", "ID", "JoinOptions.ByRow")},
		{"label\nx\ny\n", JoinOptions{ByRow: true}, fault{}},
		{"label\nx\n", JoinOptions{ByRow: true}, says("1 rows for 2 items")},
		{"id,label\na,x\nb,y\n", JoinOptions{ByRow: true}, fault{}},
		{"id,label\nb,x\na,y\n", JoinOptions{ByRow: true}, at(1, "id", `"b"`, "JoinOptions.ByRow")},
	} {
		path := writePairs(t, c.text)
		got, _, err := JoinLabels(t.Context(), ids, path, c.opt)
		if c.want.key != "" {
			c.want.check(t, path, err)
		} else if err != nil || !cmp.Equal(got.Labels, []string{"x", "y"}) {
			t.Errorf("%q: %+v, %v", c.text, got, err)
		}
	}
	// The numbers are known again when the frame comes from the cache, and from a scan.
	path := writePairs(t, "f\n"+strings.Repeat("1.25\n", 300_000))
	for range 2 {
		f, e, err := Open(t.Context(), path, Options{CacheDir: t.TempDir()})
		if err != nil || !f.Numbered || !e.Numbered {
			t.Errorf("%v, %v, %v", f, e, err)
		}
	}
	for f, err := range Scan(t.Context(), path, Options{BatchRows: 150_000}) {
		if err != nil || !f.Numbered {
			t.Errorf("%v, %v", f, err)
		}
	}
}

// The explanation counts what was found, and further names of the column of labels are taken.
func TestJoinExplanation(t *testing.T) {
	f := named("a", "b", "c", "d")
	path := writePairs(t, "id,Group\na,x\nb,\ne,y\nd,y\n")
	opt := JoinOptions{AllowMissingIDs: true, AllowOthers: true, LabelNames: []string{"group"}}
	got, e, err := JoinLabels(t.Context(), f, path, opt)
	if err != nil || !cmp.Equal(got.Labels, []string{"x", "", "", "y"}) {
		t.Fatalf("%+v, %v", got, err)
	}
	want := &JoinExplanation{File: path, Format: "CSV", Rows: 4, Items: 4, Found: 3, Labelled: 2, Others: 1, ID: "id",
		Label: "Group", Missing: []string{"c"}, Empty: []string{"b"}}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
	for _, word := range []string{"2 of 4", `"c"`, `"b"`, "by id"} {
		if !strings.Contains(e.String(), word) {
			t.Errorf("%q lacks %s", e, word)
		}
	}
	// A table without any of the ids is none that lacks some.
	none := writePairs(t, "id,label\nk,x\n")
	_, _, err = JoinLabels(t.Context(), f, none, JoinOptions{AllowMissingIDs: true, AllowOthers: true})
	says(`it has "k"`).check(t, none, err)
	if _, _, err := JoinLabels(t.Context(), &data.Frame{}, none, JoinOptions{}); err == nil {
		t.Error("a frame without items was taken")
	}
}
