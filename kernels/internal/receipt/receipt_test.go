package receipt_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/receipt"
	"github.com/go-siamese/lab/siamese/version"
)

// write writes files below a folder.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMachine: the machine's name is nowhere in what is said of it.
func TestMachine(t *testing.T) {
	m := receipt.Machine()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if m.Kind == "" || m.Cores < 1 || !strings.Contains(m.System, "/") || !slices.IsSorted(m.Sets) ||
		strings.Contains(m.Kind, host) {
		t.Errorf("%+v on %s", m, host)
	}
}

// TestCode: what is compiled changes the digest of the code, also a file that is embedded; nothing else does.
func TestCode(t *testing.T) {
	repo := t.TempDir()
	write(t, repo, map[string]string{"go.mod": "module m\n", "a.go": "package a\n\n//go:embed page.html \"parts\"\nvar p string\n",
		"grouped.go": "package a\n\nvar (\n\t//go:embed script.js\n\ts string\n)\n", "script.js": "s",
		"page.html": "<p>", "parts/x.txt": "x", "b/b.go": "package b\n", "b/b_test.go": "package b\n", "README.md": "m",
		"b/testdata/c.go": "package c\n", "tool/go.mod": "module tool\n", "tool/t.go": "package main\n"})
	files := receipt.NewFiles("")
	code := func() string {
		t.Helper()
		lab, err := files.Code(t.Context(), repo)
		if err != nil {
			t.Fatal(err)
		}
		if len(lab.Code) != 64 || lab.Version != version.Version || lab.Commit != "" || lab.Changed {
			t.Fatalf("%+v", lab)
		}
		return lab.Code
	}
	first := code()
	if again := code(); again != first {
		t.Errorf("%s, then %s", first, again)
	}
	for name, counts := range map[string]bool{"a.go": true, "b/b.go": true, "go.mod": true, "page.html": true, "parts/x.txt": true, "script.js": true,
		"b/new.go": true, "b/b_test.go": false, "README.md": false, "b/testdata/c.go": false, "tool/t.go": false} {
		before := code()
		path := filepath.Join(repo, filepath.FromSlash(name))
		content, err := os.ReadFile(path)
		if err != nil && name != "b/new.go" {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(content, "\n// more\n"...), 0o644); err != nil {
			t.Fatal(err)
		}
		if changed := code() != before; changed != counts {
			t.Errorf("%s changed: another digest %t, want %t", name, changed, counts)
		}
	}
	if _, err := files.Code(t.Context(), filepath.Join(repo, "nowhere")); err == nil {
		t.Error("a folder that is not there has a digest")
	}
}

// TestCommit: the commit is that of the checkout; Go files that differ from it count, also new ones, and nothing else.
func TestCommit(t *testing.T) {
	repo := t.TempDir()
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", repo, "-c", "user.name=t", "-c", "user.email=t@localhost"}, args...)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	write(t, repo, map[string]string{"go.mod": "module m\n", "go.sum": "", "a.go": "package a\n", "n.ipynb": "{}"})
	git("init", "-q")
	of := func() receipt.Lab {
		t.Helper()
		lab, err := receipt.Code(repo)
		if err != nil {
			t.Fatal(err)
		}
		return lab
	}
	if lab := of(); lab.Commit != "" || lab.Changed {
		t.Errorf("before the first commit: %+v", lab)
	}
	git("add", ".")
	git("commit", "-q", "-m", "one")
	head := git("rev-parse", "HEAD")
	for _, step := range []struct {
		name, content string
		changed       bool
	}{{"n.ipynb", "{ }", false}, {"other.txt", "x", false}, {"b/new.go", "package b\n", true}} {
		write(t, repo, map[string]string{step.name: step.content})
		if lab := of(); lab.Commit != head || lab.Changed != step.changed {
			t.Errorf("after %s: %+v, HEAD is %s", step.name, lab, head)
		}
	}
	git("add", ".")
	git("commit", "-q", "-m", "two")
	if lab := of(); lab.Commit == head || lab.Changed {
		t.Errorf("after the second commit: %+v", lab)
	}
	// A folder of another repository is no checkout of its own.
	write(t, repo, map[string]string{"sub/go.mod": "module m\n"})
	if lab, err := receipt.Code(filepath.Join(repo, "sub")); err != nil || lab.Commit != "" {
		t.Errorf("a folder of a repository: %+v %v", lab, err)
	}
}
