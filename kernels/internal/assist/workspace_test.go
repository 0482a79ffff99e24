package assist_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/assist"
)

// TestWarming asks before gopls is there, where it takes ten minutes to start: members of packages are known at once.
func TestWarming(t *testing.T) {
	_, repo := gopls(t)
	start := func(deadline time.Duration) *assist.Assistant {
		a := assist.Start(t.Context(), assist.Options{Gopls: script(t, "exec sleep 600"), Repo: repo, Deadline: deadline})
		t.Cleanup(func() { a.Close() })
		for end := time.Now().Add(time.Minute); a.Folder() == "" && time.Now().Before(end); {
			time.Sleep(10 * time.Millisecond)
		}
		return a
	}
	// What is known is not waited for; for what is not, gopls has the time until the deadline.
	a, soon := start(time.Minute), start(300*time.Millisecond)
	for _, test := range []struct {
		code      string
		replaced  string
		want      string // "" = nothing
		signature string
	}{
		{"%%\ntable.Op¦", "Op", "Open",
			"(ctx context.Context, path string, opt table.Options) (*data.Frame, *table.Explanation, error)"},
		{"%%\nshow.¦", "", "Done", "()"},
		{"%%\nx := \"😀\"; strings.TrimSp¦ace(x)", "TrimSp", "TrimSpace", "(s string) string"},
		{"%%\ntable.¦\ny := 1", "", "Options", ""},
		{"%%\ntable, _ := f()\ntable.Op¦", "", "", ""}, // a variable
		{"%%\nx.table.Op¦", "", "", ""},
		{"%%\nnothing.Op¦", "", "", ""},
	} {
		asked := a
		if test.want == "" {
			asked = soon
		}
		c, replaced := complete(t, asked, test.code)
		i := slices.Index(c.Matches, test.want)
		switch {
		case test.want == "" && len(c.Matches) > 0:
			t.Errorf("%q: %q", test.code, c.Matches)
		case test.want != "" && (i < 0 || replaced != test.replaced ||
			!strings.HasPrefix(c.Types[i].Signature, test.signature)):
			t.Errorf("%q replaces %q by %+v", test.code, replaced, c.Types)
		}
	}
	for code, want := range map[string]string{"%%\ntable.Open": "explanation of how it was read",
		"%%\nsplit.Items": "Example", "%%\nsplit.ItemOptions": "type ItemOptions struct"} {
		b, err := a.Inspect(t.Context(), code, len(code), 0)
		if text, _ := b["text/plain"].(string); err != nil || !strings.Contains(text, want) {
			t.Errorf("%q: %v, no %q in\n%s", code, err, want, text)
		}
	}
}

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
	if c, _ := complete(t, a, "%%\nframe.First().¦"); !slices.Contains(c.Matches, "Size") {
		t.Errorf("of a module beside it: %q", c.Matches)
	}
	if c, _ := complete(t, a, "%%\nframe.F¦"); !slices.Equal(c.Matches, []string{"First", "First().Size"}) {
		t.Errorf("%q", c.Matches)
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
