package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// Whatever goes wrong, the file is what it was, there is nothing beside it, and the error names it.
func TestWrite(t *testing.T) {
	for name, write := range map[string]func(string, func(io.Writer) error) error{"Write": Write,
		"WriteCache": WriteCache} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "a")
			sound := func(want string) {
				t.Helper()
				got, err := os.ReadFile(path)
				if err != nil || string(got) != want {
					t.Errorf("%q and %v, want %q", got, err, want)
				}
				if all, err := os.ReadDir(dir); err != nil || len(all) != 1 {
					t.Errorf("there are %v, %v", all, err)
				}
			}
			for _, s := range []string{"first", strings.Repeat("second", 1<<17)} {
				if err := write(path, text(s)); err != nil {
					t.Fatal(err)
				}
				sound(s)
			}
			stat, err := os.Stat(path)
			if err != nil || stat.Mode().Perm() != 0o644 {
				t.Errorf("%v, %v", stat, err)
			}
			full := errors.New("the disk is full")
			err = write(path, func(w io.Writer) error { return errors.Join(text(strings.Repeat("x", 1<<19))(w), full) })
			if !errors.Is(err, full) || !strings.Contains(err.Error(), path) {
				t.Errorf("%v", err)
			}
			sound(strings.Repeat("second", 1<<17))
			if err := write(filepath.Join(path, "b"), text("")); err == nil ||
				!strings.Contains(err.Error(), filepath.Join(path, "b")) || strings.Contains(err.Error(), ".tmp") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		"": "", filepath.Join(dir, "a"): "", dir: dir + ": it is a directory",
		filepath.Join(dir, "none", "a"): filepath.Join(dir, "none", "a") + ": no such file",
	} {
		err := Check(path)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", path, err, want)
		}
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) > 0 {
		t.Errorf("there are %v, %v", all, err)
	}
}
