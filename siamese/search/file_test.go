package search

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/go-siamese/lab/data/table"
)

// A saved index is the same after loading, without the items that were deleted, and the same bytes when saved again.
func TestSaveAndLoad(t *testing.T) {
	z := clustered(9, 300, 19, 7, .5)
	every(t, z, func(t *testing.T, x *Exact) {
		if err := x.Delete("item 0", "item 17"); err != nil {
			t.Fatal(err)
		}
		x.of = "a model"
		one, two := filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "two")
		if err := x.Save(one); err != nil {
			t.Fatal(err)
		}
		y, err := Load(t.Context(), one)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := y.Close(); err != nil {
				t.Error(err)
			}
		}()
		if !Is(one) || y.Of() != "a model" {
			t.Errorf("the file is no index, or one of %q", y.Of())
		}
		if s := y.Stats(); s.Items != 298 || s.Deleted != 0 || s.Storage != x.Stats().Storage ||
			(s.InFile == 0) != (s.Storage == Float32) || y.Item(16) != x.Item(18) {
			t.Errorf("%+v, %v", s, y.Item(16))
		}
		a, errA := x.Frame()
		b, errB := y.Frame()
		if errA != nil || errB != nil || a.Hash() != b.Hash() || !slices.Equal(a.IDs, b.IDs) || a.N() != 298 {
			t.Errorf("other items: %v, %v", errA, errB)
		}
		// Out to Parquet and in again.
		path := filepath.Join(t.TempDir(), "items.parquet")
		if err := table.Save(path, b); err != nil {
			t.Fatal(err)
		}
		again, _, err := table.Open(t.Context(), path, table.Options{NoCache: true})
		if err != nil || again.Hash() != a.Hash() || !slices.Equal(again.Labels, a.Labels) {
			t.Errorf("%v, %v", again, err)
		}
		if err := y.Save(two); err != nil {
			t.Fatal(err)
		}
		first, errA := os.ReadFile(one)
		second, errB := os.ReadFile(two)
		if errA != nil || errB != nil || !bytes.Equal(first, second) {
			t.Errorf("other bytes: %v, %v", errA, errB)
		}
		// Items that come after those of the file.
		if err := y.Add(t.Context(), z.Select([]int{0}), named("new")); err != nil {
			t.Fatal(err)
		}
		found, err := y.Search(t.Context(), z.Select([]int{0}), Options{K: 300, Exact: true})
		if err != nil || found.Lists[0][0].Cosine < .9999999 ||
			!slices.Contains(found.Lists[0], foundNumber(298, found.Lists[0][0].Cosine)) {
			t.Errorf("%v, %v", found, err)
		}
	})
}

// Every byte of a file counts: one that is changed, and a file that ends anywhere, is an error or, in the text of the
// header, the same index.
func TestLoadRefusesDamage(t *testing.T) {
	x := index(t, clustered(10, 12, 3, 3, .5), Config{Storage: Int8})
	path := filepath.Join(t.TempDir(), "items.index")
	if err := x.Save(path); err != nil {
		t.Fatal(err)
	}
	right, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head := 8 + int(right[0]) + int(right[1])<<8
	load := func(b []byte) error {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		y, err := Load(t.Context(), path)
		if err == nil {
			same, errFrame := y.Frame()
			want, errWant := x.Frame()
			if errFrame != nil || errWant != nil || same.Hash() != want.Hash() || !slices.Equal(same.IDs, want.IDs) {
				t.Errorf("a damaged file was read as another index: %v, %v", errFrame, errWant)
			}
			err = y.Close()
			if err != nil {
				t.Fatal(err)
			}
			return nil
		}
		if e := new(FileError); !errors.As(err, &e) || e.Path != path {
			t.Fatalf("%v is no FileError of the path", err)
		}
		return err
	}
	for at := range right {
		b := bytes.Clone(right)
		b[at] ^= 1
		if err := load(b); err == nil && at >= head || at >= head && !errors.Is(err, ErrDamaged) {
			t.Errorf("byte %d of %d changed: %v", at, len(right), err)
		}
		if err := load(right[:at]); err == nil {
			t.Errorf("the first %d of %d bytes were read", at, len(right))
		}
	}
	if err := load(append(bytes.Clone(right), 0)); err == nil {
		t.Error("a byte more was read")
	}
	if Is(path+"x") || Is(t.TempDir()) || Is("file_test.go") {
		t.Error("what is no index was taken for one")
	}
	if _, err := Load(t.Context(), path+"x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// Rows that change in the file of an index that is open are found out.
func TestFileChangedLater(t *testing.T) {
	z := clustered(11, 40, 8, 3, .5)
	path := filepath.Join(t.TempDir(), "items.index")
	if err := index(t, z, Config{Storage: Int8}).Save(path); err != nil {
		t.Fatal(err)
	}
	x, err := Load(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt(make([]byte, 4*8), x.start+7*4*8); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Search(t.Context(), z, Options{K: 40}); err == nil {
		t.Error("rows of zeros were taken for those of the index")
	}
	if err := errors.Join(file.Close(), x.Close()); err != nil {
		t.Fatal(err)
	}
}
