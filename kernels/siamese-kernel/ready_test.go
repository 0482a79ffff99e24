package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/place"
)

// TestReady: no cell is built with the code of another checkout than its notebook's, or of one that is gone.
func TestReady(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"one", "two"} {
		mod := []byte("module " + place.ModulePath + "\n")
		if err := place.WriteFile(filepath.Join(root, name, "go.mod"), mod, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(root, name, "notebooks"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	one, two, link := filepath.Join(root, "one"), filepath.Join(root, "two"), filepath.Join(root, "link")
	if err := os.Symlink(one, link); err != nil {
		t.Fatal(err)
	}
	scratch := filepath.Join(root, "scratch", "one")
	if err := os.MkdirAll(filepath.Join(scratch, "notebooks"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(one, "go.mod"), filepath.Join(scratch, "go.mod")); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, workspace, dir, why, hint string }{
		{"its own", one, filepath.Join(one, "notebooks"), "", ""},
		{"by another path", link, filepath.Join(one, "notebooks"), "", ""},
		{"in a folder that stands for it", one, filepath.Join(scratch, "notebooks"), "", ""},
		{"in no checkout", one, root, "", ""},
		{"no workspace", "", one, "", ""},
		{"another's", one, filepath.Join(two, "notebooks"), two, "in " + two + " run"},
		{"gone", filepath.Join(root, "three"), root, "is gone", "install --user"},
	}
	for _, test := range tests {
		why, hint := ready(test.workspace, test.dir)
		if (why == "") != (test.why == "") || !strings.Contains(why, test.why) || !strings.Contains(hint, test.hint) {
			t.Errorf("%s: %q, %q", test.name, why, hint)
		}
	}
}
