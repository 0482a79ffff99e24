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

// What could not be written is found without touching anything: by Check before the work, by Write in any case.
func TestCheckAndWriteRefuse(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.WriteFile(in("kept"), []byte("old"), 0o444), os.WriteFile(in("file"), nil, 0o644),
		os.Symlink("ring2", in("ring1")), os.Symlink("ring1", in("ring2")), os.Symlink(dir, in("folder")),
		os.Symlink("kept", in("to kept")), os.Symlink("none/a", in("to none"))); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		in("kept"): "read-only", in("to kept"): "read-only", in("ring1"): "ring", in("folder"): "directory",
		in("to none"): in("none"), in("none/a"): in("none"), in("file/a"): "not a directory",
		in("new") + "/": "folder", os.DevNull: "device", in(strings.Repeat("x", 300)): "too long",
	} {
		for name, err := range map[string]error{"Check": Check(path), "Write": Write(path, text("new")),
			"CheckAppend": CheckAppend(path)} {
			if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
		}
	}
	for path, want := range map[string]string{"": "", dir: "", in("a/b/c"): "", in("file"): "not a folder",
		in("file/a"): "not a", in(strings.Repeat("x", 300)): "too long"} {
		err := CheckFolder(path)
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	after, err := os.ReadDir(dir)
	if err != nil || len(after) != len(before) {
		t.Errorf("there are %v, were %v", after, before)
	}
}

// A link stays a link, and the file that it names is replaced beside itself; names of any length that fits are written.
func TestWriteThroughLinks(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.Mkdir(in("real"), 0o755), os.Symlink("real/a", in("one")), os.Symlink("one", in("two")),
		os.Symlink(in("real"), in("folder"))); err != nil {
		t.Fatal(err)
	}
	for k, path := range []string{in("two"), in("one"), in("folder/a")} { // at first there is no file yet
		content := strings.Repeat("x", k+1)
		if err := errors.Join(Check(path), CheckAppend(path), Write(path, text(content))); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(in("real/a")); err != nil || string(got) != content {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	for _, name := range []string{"one", "two"} {
		if stat, err := os.Lstat(in(name)); err != nil || stat.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s is no link any more: %v", name, err)
		}
	}
	if all, err := os.ReadDir(in("real")); err != nil || len(all) != 1 {
		t.Errorf("there are %v, %v", all, err)
	}
	long := in(strings.Repeat("n", 255))
	if err := errors.Join(Check(long), Write(long, text("x"))); err != nil {
		t.Error(err)
	}
}

// Temporary files of a process that was killed are removed by the next Check; those of one that lives, and files that
// only look like them, stay.
func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{".a.1234.tmp", ".a.12x.tmp", ".ab.1.tmp", ".a.tmp", ".a..tmp", "a.1.tmp"} {
		if err := os.WriteFile(in(name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	count := func() int {
		all, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	err := Write(in("a"), func(io.Writer) error {
		if err := Check(in("a")); err != nil {
			return err
		}
		if n := count(); n != 6 { // one is gone, and there is that of this writer
			t.Errorf("there are %d files", n)
		}
		return nil
	})
	if _, there := os.Stat(in("a")); err != nil || there != nil {
		t.Errorf("%v, %v", err, there)
	}
	if _, gone := os.Stat(in(".a.1234.tmp")); !errors.Is(gone, os.ErrNotExist) || count() != 6 {
		t.Errorf("%v, and there are %d files", gone, count())
	}
}

// A full disk names the file that was asked for, not the temporary one.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	if _, err := (&temporary{File: full}).Write([]byte("x")); err == nil || err.Error() != "no space left on device" {
		t.Errorf("%v", err)
	}
}

// A folder is one run's at a time, and free again after it.
func TestLockFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	unlock, err := LockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := LockFolder(dir); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), dir) {
		t.Errorf("a second run: %v", err)
	}
	unlock()
	again, err := LockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	again()
	none, err := LockFolder("")
	if err != nil {
		t.Fatal(err)
	}
	none()
}
