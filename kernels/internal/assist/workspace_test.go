package assist_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/assist"
)

// TestCheckout completes from a small checkout: what is edited there is seen, and what cells cannot import is not
// offered.
func TestCheckout(t *testing.T) {
	program, _ := gopls(t)
	repo := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(repo, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.org/lab\n\ngo 1.26\n\nrequire example.org/beside v1.0.0\n\n"+
		"replace example.org/beside => ./beside\n")
	write("beside/go.mod", "module example.org/beside\n\ngo 1.26\n")
	write("beside/beside.go", "package beside\n\ntype Thing struct{ Size int }\n")
	write("data/frame/frame.go", "// Package frame has frames.\npackage frame\n\nimport \"example.org/beside\"\n\n"+
		"// First is the first.\nfunc First() beside.Thing { return beside.Thing{} }\n")
	write("data/frame/example_test.go", "package frame\n\nfunc ExampleFirst() {\n\tFirst() // of all\n}\n")
	write("data/internal/hidden/hidden.go", "package hidden\n\nfunc Hidden() {}\n")
	write("siamese/cmd/tool/main.go", "package main\n\nfunc main() {}\n")
	write("siamese/testdata/gone.go", "package gone\n")
	a := assist.Start(t.Context(), assist.Options{Gopls: program, Repo: repo, Deadline: time.Minute})
	defer a.Close()
	if c, _ := complete(t, a, "%%\nframe.F¦"); !slices.Equal(c.Matches, []string{"First", "First().Size"}) {
		t.Errorf("%q", c.Matches)
	}
	if c, _ := complete(t, a, "%%\nframe.First().¦"); !slices.Contains(c.Matches, "Size") {
		t.Errorf("of a module beside it: %q", c.Matches)
	}
	for _, marked := range []string{"%%\nhidde¦", "%%\nhidden.¦", "%%\ngon¦", "import \"example.org/lab/data/i¦\"",
		"import \"example.org/lab/siamese/c¦\""} {
		if c, _ := complete(t, a, marked); len(c.Matches) > 0 {
			t.Errorf("%q: %q", marked, c.Matches)
		}
	}
	b, err := a.Inspect(t.Context(), "%%\nframe.First()", len("%%\nframe.F"), 0)
	want := "func frame.First() beside.Thing\n\nFirst is the first.\n\nExample\n\nframe.First() // of all"
	if err != nil || b["text/plain"] != want {
		t.Errorf("%q, %v, want %q", b["text/plain"], err, want)
	}
	write("data/frame/more.go", "package frame\n\nfunc Further() {}\n")
	write("data/other/other.go", "package other\n\nfunc Other() {}\n")
	write("data/frame/frame.go", "package frame\n\nfunc Firstly() {}\n")
	time.Sleep(2100 * time.Millisecond) // files are looked at again after two seconds
	if c, _ := complete(t, a, "%%\nframe.F¦"); !slices.Equal(c.Matches, []string{"Firstly", "Further"}) {
		t.Errorf("after an edit: %q", c.Matches)
	}
	if c, _ := complete(t, a, "%%\nother.¦"); !slices.Contains(c.Matches, "Other") {
		t.Errorf("of a new package: %q", c.Matches)
	}
	if err := os.Remove(filepath.Join(repo, "data/frame/more.go")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2100 * time.Millisecond)
	if c, _ := complete(t, a, "%%\nframe.F¦"); !slices.Equal(c.Matches, []string{"Firstly"}) {
		t.Errorf("after a file was removed: %q", c.Matches)
	}
}
