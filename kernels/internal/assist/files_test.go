package assist_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/assist"
	"github.com/go-siamese/lab/kernels/internal/cells"
)

// TestFiles completes magics and names of files, which needs no gopls.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"frame.csv", "frame two.csv", "fünf.csv", ".hidden", "runs/a.json",
		"runs/b.json", `q"uote.csv`} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := assist.Start(t.Context(), assist.Options{Dir: dir})
	defer a.Close()
	for _, test := range []struct {
		code, replaced string
		want           []string
	}{
		{"%%\ntable.Open(ctx, \"¦", "", []string{"frame two.csv", "frame.csv", "fünf.csv", `q\"uote.csv`, "runs/"}},
		{"%%\ntable.Open(ctx, \"fr¦\")", "fr", []string{"frame two.csv", "frame.csv"}},
		{"%%\ntable.Open(ctx, `q¦`)", "q", []string{`q"uote.csv`}},
		{"%%\ntable.Open(ctx, \"q\\\"u¦\")", `q\"u`, []string{`q\"uote.csv`}},
		{"%%\nx := \"😀\"; table.Open(ctx, \"fü¦\")", "fü", []string{"fünf.csv"}},
		{"%%\ntable.Open(ctx, \"runs/¦\")", "", []string{"a.json", "b.json"}},
		{"%%\ntable.Open(ctx, \"./runs/b¦\")", "b", []string{"b.json"}},
		{"%%\ntable.Open(ctx, \"" + dir + "/ru¦\")", "ru", []string{"runs/"}},
		{"%%\ntable.Open(ctx, \".h¦\")", ".h", []string{".hidden"}},
		{"%%\ntable.Open(ctx, \"none/¦\")", "", nil},
		{"%%\nx := `a\nfr¦`", "", nil},
		{"!ls fr¦", "fr", []string{"frame.csv", `frame\ two.csv`}},
		{"!ls runs/¦", "", []string{"a.json", "b.json"}},
		{"//gonb:!ls runs/a¦", "a", []string{"a.json"}},
		{"!*cat ru¦", "ru", []string{"runs/"}},
		{"!ru¦", "ru", []string{"runs/"}},
		{"%cd ¦", "", []string{"runs/"}},
		{"%%writefile fr¦", "fr", []string{"frame.csv", `frame\ two.csv`}},
		{"%%bash\ncat ru¦", "ru", []string{"runs/"}},
		{"%c¦", "%c", []string{"%capture", "%cd"}},
		{"%%b¦", "%%b", []string{"%%bash"}},
		{"x := 1\n%%b¦", "%%b", nil},
		{"//gonb:%noa¦", "%noa", []string{"%noautoget"}},
		{"%args ¦", "", nil},
	} {
		c, replaced := complete(t, a, test.code)
		if !slices.Equal(c.Matches, test.want) {
			t.Errorf("%q: %q, want %q", test.code, c.Matches, test.want)
		}
		if replaced != test.replaced && len(test.want) > 0 {
			t.Errorf("%q replaces %q", test.code, replaced)
		}
	}
	c, _ := complete(t, a, "%r¦")
	if diff := cmp.Diff([]string{"%remove", "%reset", "%rm"}, c.Matches); diff != "" {
		t.Error(diff)
	}
	// The folder of a cell is that of the last %cd.
	a.Executed(cells.Parse("%cd runs\nvar kept, gone = 1, 2"))
	if c, _ := complete(t, a, "%%\nopen(\"¦"); !slices.Equal(c.Matches, []string{"a.json", "b.json"}) {
		t.Errorf("after %%cd: %q", c.Matches)
	}
	if c, _ := complete(t, a, "%rm ke¦"); !slices.Equal(c.Matches, []string{"kept"}) {
		t.Errorf("names to remove: %q", c.Matches)
	}
}
