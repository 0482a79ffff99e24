package split

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/internal/selection"
	"github.com/go-siamese/lab/data/ondisk"
)

// A frame on disk gives the leaks and the file of the same frame in memory: also where items are on no side, of which
// one may be the first of a group of duplicates.
func TestSplitOnDisk(t *testing.T) {
	f := wide(120, 4)
	repeat(f, 3, 40, 0)
	repeat(f, 3, 80, 0)
	repeat(f, 20, 90, 0)
	repeat(f, 30, 100, 0.001)
	on, release, err := ondisk.Select(t.Context(), f, selection.All(f.N()), t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	s := &Split{Origin: Origin{Kind: ByItem, Test: 40, Val: 39}}
	for i := range f.N() {
		switch { // items 3 and 90 are left out
		case i == 3 || i == 90:
		case i < 41:
			s.Train = append(s.Train, i)
		case i < 80:
			s.Val = append(s.Val, i)
		default:
			s.Test = append(s.Test, i)
		}
	}
	for _, opt := range []LeakageOptions{{}, {Similarity: .98}} {
		want := leakage(t, s, f, opt)
		if diff := cmp.Diff(want, leakage(t, s, on, opt)); diff != "" {
			t.Error(diff)
		}
		kinds := []string{LeakExact} // of items 40 and 80; 20 and 90, of which one is left out, are none
		if opt.Similarity > 0 {
			kinds = append(kinds, LeakNear)
		}
		for k, kind := range kinds {
			if len(want.Leaks) != len(kinds) || want.Leaks[k].Kind != kind {
				t.Errorf("%+v, want %q", want.Leaks, kinds)
			}
		}
	}
	// The same as among a copy of the items that are on a side.
	items := selection.Without(f.N(), []int{3, 90})
	found, err := exactAmong(t.Context(), on, items)
	if err != nil {
		t.Fatal(err)
	}
	among, err := duplicates.Find(t.Context(), f.Select(items), duplicates.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range among.Exact {
		for k := range group {
			group[k] = items[group[k]]
		}
	}
	if diff := cmp.Diff(among, found); diff != "" {
		t.Error(diff)
	}
	var files []string
	for k, frame := range []*data.Frame{f, on} {
		path := filepath.Join(t.TempDir(), "s.json")
		if err := s.Save(path, frame); err != nil {
			t.Fatal(k, err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, string(text))
	}
	if files[0] != files[1] {
		t.Error("other files")
	}
}
