package data

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// small is a sound frame of 4 items, 2 blocks and 5 columns; X counts from 0.
func small() *Frame {
	f := &Frame{
		Columns: []string{"hog/0", "hog/1", "hog/2", "glcm/0", "glcm/1"},
		Blocks:  []Block{{"hog", 0, 3}, {"glcm", 3, 5}},
		IDs:     []string{"a", "b", "c", "d"},
		Labels:  []string{"shoe", "coat", "", "shoe"},
		Domains: []string{"x", "x", "y", "y"},
	}
	for k := range 20 {
		f.X = append(f.X, float32(k))
	}
	return f
}

func TestValidate(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	tests := []struct {
		name  string
		spoil func(f *Frame)
		want  []string // all must be in the error; none = valid
	}{
		{"sound", func(*Frame) {}, nil},
		{"no labels, no domains", func(f *Frame) { f.Labels, f.Domains = nil, nil }, nil},
		{"short X", func(f *Frame) { f.X = f.X[:19] }, []string{"X has 19 values, want 20 (4 ids x 5 columns)"}},
		{"lengths", func(f *Frame) { f.Labels = f.Labels[:1]; f.Domains = f.Domains[:3] }, []string{"1 labels for 4 ids", "3 domains for 4 ids"}},
		{"repeated names", func(f *Frame) { f.IDs[3] = "a"; f.Columns[4] = "hog/0" }, []string{`ids must be unique, repeated: "a"`, `repeated: "hog/0"`}},
		{"empty names", func(f *Frame) { f.IDs[1] = ""; f.Columns[2] = ""; f.Blocks[0].Name = "" }, []string{"1 items have an empty id", "1 columns have an empty name", "block 0 (columns 0 to 3) has an empty name"}},
		{"not finite", func(f *Frame) { f.X[6], f.X[19] = nan, inf }, []string{`NaN in item "b" column "hog/1"`, `-Inf in item "d" column "glcm/1"`}},
		{"overlap", func(f *Frame) { f.Blocks[1].Start = 2 }, []string{`block "glcm" starts at column 2`}},
		{"gap", func(f *Frame) { f.Blocks[0].End = 2 }, []string{`no block covers columns [2, 3), before block "glcm"`}},
		{"tail", func(f *Frame) { f.Blocks[1].End = 4 }, []string{"no block covers columns [4, 5)"}},
		{"beyond", func(f *Frame) { f.Blocks[1].End = 6 }, []string{"no range within [0, 5)"}},
		{"no blocks", func(f *Frame) { f.Blocks = nil }, []string{"no block covers columns [0, 5)"}},
		{"same block twice", func(f *Frame) { f.Blocks[1].Name = "hog" }, []string{`block names must be unique, repeated: "hog"`}},
		{"empty", func(f *Frame) { *f = Frame{} }, []string{"no items", "no feature columns"}},
		{"all at once", func(f *Frame) {
			f.IDs[3] = "a"
			f.X[0] = nan
			f.Labels = nil
			f.Domains = f.Domains[:1]
			f.Blocks[0].End = 1
		},
			[]string{"ids must be unique", "NaN in item", "1 domains for 4 ids", "no block covers"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := small()
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
	if err := (*Frame)(nil).Validate(); err == nil {
		t.Error("a nil frame is valid")
	}
}

func TestValidateCapsLists(t *testing.T) {
	f := small()
	for k := range f.X {
		f.X[k] = float32(math.Inf(1))
	}
	err := f.Validate()
	if err == nil || !strings.Contains(err.Error(), "and 15 more") || strings.Count(err.Error(), "+Inf") != 5 {
		t.Errorf("got %v, want 5 named of 20", err)
	}
}

func TestClasses(t *testing.T) {
	f := small()
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
	base := small().Hash()
	if base != small().Hash() || !strings.HasPrefix(base, "sha256:") || len(base) != 71 {
		t.Fatalf("hash %q is not stable", base)
	}
	changes := map[string]func(f *Frame){
		"value":         func(f *Frame) { f.X[7]++ },
		"sign of zero":  func(f *Frame) { f.X[0] = float32(math.Copysign(0, -1)) },
		"id":            func(f *Frame) { f.IDs[0] = "z" },
		"moved letter":  func(f *Frame) { f.IDs[0], f.IDs[1] = "ab", "" },
		"label":         func(f *Frame) { f.Labels[2] = "coat" },
		"no labels":     func(f *Frame) { f.Labels = nil },
		"domain":        func(f *Frame) { f.Domains[0] = "y" },
		"column":        func(f *Frame) { f.Columns[0] = "hog/9" },
		"block":         func(f *Frame) { f.Blocks[0].End, f.Blocks[1].Start = 2, 2 },
		"block's name":  func(f *Frame) { f.Blocks[0].Name = "h" },
		"order of rows": func(f *Frame) { *f = *f.Select([]int{1, 0, 2, 3}) },
	}
	seen := map[string]string{base: "nothing"}
	for name, change := range changes {
		f := small()
		change(f)
		if other, ok := seen[f.Hash()]; ok {
			t.Errorf("changing %s gives the hash of changing %s", name, other)
		}
		seen[f.Hash()] = name
	}
	unlabelled, blank := small(), small()
	unlabelled.Labels, blank.Labels = nil, make([]string, 4)
	if unlabelled.Hash() != blank.Hash() {
		t.Error("nil labels and unknown labels differ")
	}
}

func TestSelectColumnsAndBlocks(t *testing.T) {
	f := small()
	got, err := f.SelectColumns([]string{"glcm/1", "hog/2", "hog/0"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]float32{4, 2, 0, 9, 7, 5, 14, 12, 10, 19, 17, 15}, got.X); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Block{{"glcm", 0, 1}, {"hog", 1, 3}}, got.Blocks); diff != "" {
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
		{second(f.SelectColumns(nil)), "no columns selected"},
		{second(f.SelectColumns([]string{"hog/0", "hog/0"})), `selected twice: "hog/0"`},
		{second(f.SelectColumns([]string{"HOG/7"})), `no column "HOG/7"; nearest: "hog/0"`},
		{second(f.SelectColumns([]string{"hog/0", "glcm/0", "hog/1"})), `columns of block "hog" do not follow each other`},
		{second(f.SelectBlocks("glmc")), `no block "glmc"; nearest: "glcm"`},
		{second(f.SelectBlocks("hog", "hog")), "blocks selected twice"},
		{second(f.SelectBlocks()), "no columns selected"},
	} {
		if test.err == nil || !strings.Contains(test.err.Error(), test.want) {
			t.Errorf("got %v, want %q", test.err, test.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestEditDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"same", "same", 0}} {
		if got, back := editDistance(test.a, test.b), editDistance(test.b, test.a); got != test.want || back != test.want {
			t.Errorf("%q to %q: %d and %d back, want %d", test.a, test.b, got, back, test.want)
		}
	}
}

func TestHeadOfWideFrame(t *testing.T) {
	f := small()
	wide := make([]string, 9)
	for j := range wide {
		wide[j] = fmt.Sprintf("w/%d", j)
	}
	f.Columns, f.Blocks, f.X = wide, []Block{{"w", 0, 9}}, make([]float32, 36)
	f.IDs[0] = "a\tb"
	got := f.Head(99)
	if lines := strings.Split(strings.TrimSpace(got), "\n"); len(lines) != 6 {
		t.Errorf("%d lines, want size, header and 4 items:\n%s", len(lines), got)
	}
	for _, want := range []string{"w/2  …  w/6", "a␣b", "w 9"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "w/3") {
		t.Errorf("shows a middle column:\n%s", got)
	}
}

func ExampleFrame_Head() {
	f := &Frame{
		X:       []float32{0.25, 1, 0.5, 2},
		Columns: []string{"hog/0", "glcm/0"},
		Blocks:  []Block{{"hog", 0, 1}, {"glcm", 1, 2}},
		IDs:     []string{"img1", "img2"},
		Labels:  []string{"shoe", "coat"},
	}
	fmt.Print(f.Head(2))
	// Output:
	// 2 items x 2 features in 2 blocks: hog 1 glcm 1
	// id    label  hog/0  glcm/0
	// img1  shoe   0.25   1
	// img2  coat   0.5    2
}

func ExampleFrame_Validate() {
	f := &Frame{X: []float32{1, 2, 3}, Columns: []string{"a", "a"}, Blocks: []Block{{"f", 0, 2}}, IDs: []string{"x", "y"}}
	fmt.Println(f.Validate())
	// Output:
	// data: frame: X has 3 values, want 4 (2 ids x 2 columns)
	// data: frame: column names must be unique, repeated: "a"
}

// table returns a frame of the numbers that features are: small, of both signs, many digits.
func table(n, width int) *Frame {
	rng := rand.New(rand.NewPCG(6, 7))
	f := &Frame{X: make([]float32, n*width), Blocks: []Block{{"f", 0, width}}}
	for j := range width {
		f.Columns = append(f.Columns, "f/"+strconv.Itoa(j))
	}
	for i := range n {
		f.IDs = append(f.IDs, "i"+strconv.Itoa(i))
		f.Labels = append(f.Labels, strconv.Itoa(i%10))
	}
	for k := range f.X {
		f.X[k] = float32(rng.NormFloat64())
	}
	return f
}
