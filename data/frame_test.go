package data_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/labtest"
	"github.com/go-siamese/lab/data/internal/labtest/datatest"
)

func TestValidate(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	tests := []struct {
		name  string
		spoil func(f *data.Frame)
		want  []string // all must be in the error; none = valid
	}{
		{"sound", func(*data.Frame) {}, nil},
		{"no labels, no domains", func(f *data.Frame) { f.Labels, f.Domains = nil, nil }, nil},
		{"short X", func(f *data.Frame) { f.X = f.X[:19] }, []string{"19 values", "want 20"}},
		{"lengths", func(f *data.Frame) { f.Labels = f.Labels[:1]; f.Domains = f.Domains[:3] },
			[]string{"1 labels for 4 ids", "3 domains for 4 ids"}},
		{"repeated names", func(f *data.Frame) { f.IDs[3] = "a"; f.Columns[4] = "hog/0" },
			[]string{`repeated: "a"`, `repeated: "hog/0"`}},
		{"empty names", func(f *data.Frame) { f.IDs[1] = ""; f.Columns[2] = ""; f.Blocks[0].Name = "" },
			[]string{"1 items", "empty id", "1 columns", "block 0 (columns 0 to 3)"}},
		{"not finite", func(f *data.Frame) { f.X[6], f.X[19] = nan, inf },
			[]string{`NaN in item "b" column "hog/1"`, `-Inf in item "d" column "glcm/1"`}},
		{"overlap", func(f *data.Frame) { f.Blocks[1].Start = 2 }, []string{`"glcm" starts at column 2`}},
		{"gap", func(f *data.Frame) { f.Blocks[0].End = 2 },
			[]string{`[2, 3), before block "glcm"`}},
		{"tail", func(f *data.Frame) { f.Blocks[1].End = 4 }, []string{"columns [4, 5)"}},
		{"beyond", func(f *data.Frame) { f.Blocks[1].End = 6 }, []string{"[3, 6)", "[0, 5)"}},
		{"no blocks", func(f *data.Frame) { f.Blocks = nil }, []string{"columns [0, 5)"}},
		{"same block twice", func(f *data.Frame) { f.Blocks[1].Name = "hog" },
			[]string{`repeated: "hog"`}},
		{"empty", func(f *data.Frame) { *f = data.Frame{} }, []string{"no items", "no feature columns"}},
		{"all at once", func(f *data.Frame) {
			f.IDs[3] = "a"
			f.X[0] = nan
			f.Labels = nil
			f.Domains = f.Domains[:1]
			f.Blocks[0].End = 1
		},
			[]string{`repeated: "a"`, `NaN in item "a"`, "1 domains for 4 ids", "columns [1, 3)"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := datatest.Small()
			test.spoil(f)
			err := f.Validate()
			if len(test.want) == 0 {
				if err != nil {
					t.Fatalf("got %v, want no error", err)
				}
				return
			}
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v\nwant it to say %q", err, want)
				}
			}
		})
	}
	if err := (*data.Frame)(nil).Validate(); err == nil {
		t.Error("a nil frame is valid")
	}
}

func TestValidateCapsLists(t *testing.T) {
	f := datatest.Small()
	for k := range f.X {
		f.X[k] = float32(math.Inf(1))
	}
	err := f.Validate()
	if err == nil || !strings.Contains(err.Error(), "15 more") || strings.Count(err.Error(), "+Inf") != 5 {
		t.Errorf("got %v, want 5 named of 20", err)
	}
}

func TestClasses(t *testing.T) {
	f := datatest.Small()
	names, index := f.Classes()
	if diff := cmp.Diff([]string{"coat", "shoe"}, names); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{1, 0, -1, 1}, index); diff != "" {
		t.Error(diff)
	}
	if _, counts := f.ClassCounts(); !cmp.Equal(counts, []int{1, 2}) {
		t.Errorf("counts %v", counts)
	}
	f.Labels = nil
	if names, index = f.Classes(); names != nil || !cmp.Equal(index, []int{-1, -1, -1, -1}) {
		t.Errorf("without labels: %v %v", names, index)
	}
}

func TestHash(t *testing.T) {
	base := datatest.Small().Hash()
	if base != datatest.Small().Hash() || !strings.HasPrefix(base, "sha256:") || len(base) != 71 {
		t.Fatalf("hash %q is not stable", base)
	}
	changes := map[string]func(f *data.Frame){
		"value":         func(f *data.Frame) { f.X[7]++ },
		"sign of zero":  func(f *data.Frame) { f.X[0] = float32(math.Copysign(0, -1)) },
		"id":            func(f *data.Frame) { f.IDs[0] = "z" },
		"moved letter":  func(f *data.Frame) { f.IDs[0], f.IDs[1] = "ab", "" },
		"label":         func(f *data.Frame) { f.Labels[2] = "coat" },
		"no labels":     func(f *data.Frame) { f.Labels = nil },
		"domain":        func(f *data.Frame) { f.Domains[0] = "y" },
		"column":        func(f *data.Frame) { f.Columns[0] = "hog/9" },
		"block":         func(f *data.Frame) { f.Blocks[0].End, f.Blocks[1].Start = 2, 2 },
		"block's name":  func(f *data.Frame) { f.Blocks[0].Name = "h" },
		"order of rows": func(f *data.Frame) { *f = *f.Select([]int{1, 0, 2, 3}) },
	}
	seen := map[string]string{base: "nothing"}
	for name, change := range changes {
		f := datatest.Small()
		change(f)
		if other, ok := seen[f.Hash()]; ok {
			t.Errorf("changing %s gives the hash of changing %s", name, other)
		}
		seen[f.Hash()] = name
	}
	unlabelled, blank := datatest.Small(), datatest.Small()
	unlabelled.Labels, blank.Labels = nil, make([]string, 4)
	if unlabelled.Hash() != blank.Hash() {
		t.Error("nil labels and unknown labels differ")
	}
}

func TestSelectColumnsAndBlocks(t *testing.T) {
	f := datatest.Small()
	got, err := f.SelectColumns([]string{"glcm/1", "hog/2", "hog/0"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]float32{4, 2, 0, 9, 7, 5, 14, 12, 10, 19, 17, 15}, got.X); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]data.Block{{Name: "glcm", Start: 0, End: 1}, {Name: "hog", Start: 1, End: 3}},
		got.Blocks); diff != "" {
		t.Error(diff)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	swapped, err := f.SelectBlocks("glcm", "hog")
	if err != nil {
		t.Fatal(err)
	}
	back, err := swapped.SelectBlocks("hog", "glcm")
	if err != nil {
		t.Fatal(err)
	}
	if back.Hash() != f.Hash() || swapped.Hash() == f.Hash() {
		t.Error("swapping blocks twice is not the identity")
	}
	hog, err := f.BlockColumns("hog")
	if err != nil || !cmp.Equal(hog, []string{"hog/0", "hog/1", "hog/2"}) {
		t.Errorf("BlockColumns: %v, %v", hog, err)
	}
	for _, test := range []struct {
		err  error
		want string
	}{
		{labtest.Second(f.SelectColumns(nil)), "no columns selected"},
		{labtest.Second(f.SelectColumns([]string{"hog/0", "hog/0"})), `selected twice: "hog/0"`},
		{labtest.Second(f.SelectColumns([]string{"HOG/7"})), `"HOG/7"; nearest: "hog/0"`},
		{labtest.Second(f.SelectColumns([]string{"hog/0", "glcm/0", "hog/1"})),
			`block "hog"`},
		{labtest.Second(f.SelectBlocks("glmc")), `"glmc"; nearest: "glcm"`},
		{labtest.Second(f.SelectBlocks("hog", "hog")), `twice: "hog"`},
		{labtest.Second(f.SelectBlocks()), "no columns selected"},
	} {
		if test.err == nil || !strings.Contains(test.err.Error(), test.want) {
			t.Errorf("got %v, want %q", test.err, test.want)
		}
	}
}

func TestHeadOfWideFrame(t *testing.T) {
	f := datatest.Small()
	wide := make([]string, 9)
	for j := range wide {
		wide[j] = fmt.Sprintf("w/%d", j)
	}
	f.Columns, f.Blocks, f.X = wide, []data.Block{{Name: "w", Start: 0, End: 9}}, make([]float32, 36)
	f.IDs[0] = "a\tb"
	got := f.Head(99)
	if lines := strings.Split(strings.TrimSpace(got), "\n"); len(lines) != 6 {
		t.Errorf("%d lines, want size, header and 4 items:\n%s", len(lines), got)
	}
	for _, want := range []string{"w/2  …  w/6", `"a\tb"`, "w 9"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "w/3") {
		t.Errorf("shows a middle column:\n%s", got)
	}
}
