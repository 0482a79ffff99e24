package openfile

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestGlob: a folder's name is no pattern.
func TestGlob(t *testing.T) {
	dir := filepath.Join(t.TempDir(), `runs [old] *?\x`)
	if err := os.MkdirAll(filepath.Join(dir, "in"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"b.py", "a.py", "a.txt", "in/c.py"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for pattern, want := range map[string][]string{"*.py": {"a.py", "b.py"}, "*/*.py": {"in/c.py"}, "*.go": nil} {
		for i, name := range want {
			want[i] = filepath.Join(dir, name)
		}
		if got, err := Glob(dir, pattern); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", pattern, got, err)
		}
	}
	if got, err := Glob(filepath.Join(dir, "no"), "*"); got != nil || err != nil {
		t.Errorf("a folder that is not there: %q, %v", got, err)
	}
	if _, err := Glob(dir, "[a"); err == nil {
		t.Error("a bad pattern is no error")
	}
}
