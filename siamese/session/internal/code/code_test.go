package code

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// checkout makes a module that has what a worker is built from.
func checkout(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for path, text := range map[string]string{
		"go.mod":             "module example.org/x\n\ngo 1.26\n",
		"go.sum":             "",
		"data/data.go":       "package data\n\nconst Word = \"one\"\n",
		"data/data_test.go":  "package data\n",
		"kernels/kernels.go": "package kernels\n",
		"siamese/cmd/siamese-session/main.go": "package main\n\nimport \"example.org/x/data\"\n\n" +
			"func main() { println(data.Word) }\n",
	} {
		write(t, filepath.Join(root, path), text)
	}
	return root
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestBuild builds, builds nothing for the same sources, builds anew when they change, and says what the compiler says.
func TestBuild(t *testing.T) {
	root, bin := checkout(t), t.TempDir()
	first, err := Build(t.Context(), root, bin)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(first.Path).CombinedOutput(); err != nil || string(out) != "one\n" {
		t.Errorf("it says %q, error %v", out, err)
	}
	info, err := os.Stat(first.Path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Build(t.Context(), root, bin)
	if err != nil || again != first {
		t.Errorf("built %+v, then %+v, error %v", first, again, err)
	}
	if now, err := os.Stat(first.Path); err != nil || !now.ModTime().Equal(info.ModTime()) {
		t.Errorf("it was built again, error %v", err)
	}
	if last, err := Last(bin); err != nil || last != first {
		t.Errorf("last %+v, error %v", last, err)
	}
	// A program that was damaged is none.
	content, err := os.ReadFile(first.Path)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 4
	for _, damaged := range [][]byte{content, content[:1000], nil} {
		if err := os.WriteFile(first.Path, damaged, 0o755); err != nil {
			t.Fatal(err)
		}
		if again, err := Build(t.Context(), root, bin); err != nil || again != first {
			t.Errorf("damaged: %+v, error %v", again, err)
		}
		if out, err := exec.Command(first.Path).CombinedOutput(); err != nil || string(out) != "one\n" {
			t.Errorf("damaged, it says %q, error %v", out, err)
		}
	}
	// Only how the files look: the program is the same.
	later := time.Now().Add(time.Second)
	if err := os.Chtimes(filepath.Join(root, "data", "data.go"), later, later); err != nil {
		t.Fatal(err)
	}
	touched, err := Build(t.Context(), root, bin)
	if err != nil || touched.SHA256 != first.SHA256 || touched.Stamp == first.Stamp {
		t.Errorf("touched: %+v, error %v", touched, err)
	}
	write(t, filepath.Join(root, "data", "data.go"), "package data\n\nconst Word = \"two\"\n")
	changed, err := Build(t.Context(), root, bin)
	if err != nil || changed.SHA256 == first.SHA256 {
		t.Errorf("changed: %+v, error %v", changed, err)
	}
	write(t, filepath.Join(root, "data", "data.go"), "package data\n\nconst Word = oops\n")
	var failed *BuildError
	if _, err := Build(t.Context(), root, bin); !errors.As(err, &failed) || !strings.Contains(failed.Output, "oops") {
		t.Errorf("broken: error %v", err)
	}
}

// TestStamp sees every change of a source, and none of tests and documents.
func TestStamp(t *testing.T) {
	root := checkout(t)
	stamp := func() string {
		t.Helper()
		s, err := Stamp(root)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	was := stamp()
	write(t, filepath.Join(root, "data", "data_test.go"), "package data // changed\n")
	write(t, filepath.Join(root, "data", "README.md"), "new")
	write(t, filepath.Join(root, "data", "testdata", "x.go"), "package x")
	if stamp() != was {
		t.Error("a test or a document changes the stamp")
	}
	write(t, filepath.Join(root, "siamese", "page.html"), "embedded")
	if stamp() == was {
		t.Error("a new file is not seen")
	}
	if _, err := Stamp(t.TempDir()); err == nil {
		t.Error("a folder without sources has a stamp")
	}
}

// TestRoot finds the checkout that this test was built from.
func TestRoot(t *testing.T) {
	if _, err := os.Stat(filepath.Join(Root(), "siamese", "session", "internal", "code", "code_test.go")); err != nil {
		t.Errorf("root %q: %v", Root(), err)
	}
}
