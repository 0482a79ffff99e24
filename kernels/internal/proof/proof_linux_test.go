package proof

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestKept: what was found right is not read again, and is as soon as it was written to, with its time put back too.
func TestKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "library.so")
	put(t, path, "right")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	wrong := File{Size: 5, SHA256: "00"}
	keep(path, wrong.SHA256+" "+state(info)) // as if it had been found right long ago
	if err := wrong.Check(path); err != nil {
		t.Errorf("it was read again: %v", err)
	}
	if err := wrong.Read(path); !errors.Is(err, ErrDamaged) {
		t.Errorf("it was not read: %v", err)
	}
	// The system's clock of files advances in steps.
	for begun := changed(info); ; {
		put(t, path, "wrong")
		if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
		now, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if changed(now).After(begun) {
			break
		}
	}
	if err := wrong.Check(path); !errors.Is(err, ErrDamaged) {
		t.Errorf("it was not read again: %v", err)
	}
	// A note that cannot be written is no failure.
	right, err := Of(path)
	if err != nil {
		t.Fatal(err)
	}
	keep(filepath.Join(path, "below"), "x")
	if err := right.Check(path); err != nil {
		t.Error(err)
	}
}
