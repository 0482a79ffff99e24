package proof

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// put writes a file that was changed some time ago.
func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestCheck: of two files as long only one is right, whatever its times say.
func TestCheck(t *testing.T) {
	path := filepath.Join(t.TempDir(), "library.so")
	put(t, path, "0123456789")
	want, err := Of(path)
	// The digest is that of `printf 0123456789 | sha256sum`.
	if err != nil || want != (File{10, "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"}) {
		t.Fatalf("%+v, %v", want, err)
	}
	if err := want.Check(path); err != nil {
		t.Error(err)
	}
	old := time.Now().Add(-time.Hour)
	for _, text := range []string{"012345678X", "01234"} {
		put(t, path, text)
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
		if err := want.Check(path); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := want.Check(path + "x"); !errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrDamaged) {
		t.Errorf("a missing file: %v", err)
	}
}
