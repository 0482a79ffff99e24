package table_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table"
)

// onDiskFrame is a frame with labels and domains, of which some are unknown.
func onDiskFrame(n int) *data.Frame {
	f := &data.Frame{Columns: []string{"a", "b", "c"}, Blocks: []data.Block{{Name: "features", End: 3}}}
	for i := range n {
		f.IDs = append(f.IDs, fmt.Sprint("item ", i*7))
		f.Labels, f.Domains = append(f.Labels, []string{"x", "y", ""}[i%3]), append(f.Domains, []string{"p", "q"}[i%2])
		f.X = append(f.X, float32(i)/3, float32(i%5), -float32(i))
	}
	return f
}

// A table on disk has the items of one in memory, from the cache too, in any format; a damaged file is made anew.
func TestOpenOnDisk(t *testing.T) {
	dir, f := t.TempDir(), onDiskFrame(500)
	opt := table.Options{CacheDir: filepath.Join(dir, "cache"), BatchRows: 64}
	for _, name := range []string{"t.parquet", "t.arrow", "t.csv"} {
		path := filepath.Join(dir, name)
		if err := table.Save(path, f); err != nil {
			t.Fatal(err)
		}
		want, _, err := table.Open(t.Context(), path, table.Options{NoCache: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, how := range []string{"made", "cached", "damaged", "cut off", "changed"} {
			files, err := filepath.Glob(filepath.Join(opt.CacheDir, "*.rows"))
			if err != nil || (how != "made") != (len(files) > 0) {
				t.Fatalf("%s %s: files %v, %v", name, how, files, err)
			}
			switch how {
			case "damaged":
				content, err := os.ReadFile(files[0])
				if err == nil {
					content[100] ^= 1
					err = os.WriteFile(files[0], content, 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
			case "cut off":
				if err := os.Truncate(files[0], 200); err != nil {
					t.Fatal(err)
				}
			case "changed":
				want = want.Select([]int{0, 1, 2, 3, 4})
				if err := table.Save(path, want); err != nil {
					t.Fatal(err)
				}
			}
			got, e, err := table.OpenOnDisk(t.Context(), path, opt)
			if err != nil {
				t.Fatalf("%s %s: %v", name, how, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s %s: %s", name, how, diff)
			}
			if e.Cached != (how == "cached") || e.Rows != want.N() {
				t.Errorf("%s %s: %+v", name, how, e)
			}
		}
		if err := os.RemoveAll(opt.CacheDir); err != nil {
			t.Fatal(err)
		}
	}
	got, _, err := table.OpenOnDisk(t.Context(), dir, opt) // a folder: that of Parquet and Arrow files
	if err == nil {
		t.Errorf("a folder with two tables of the same ids: %v", got)
	}
	if err := os.Remove(filepath.Join(dir, "t.arrow")); err != nil {
		t.Fatal(err)
	}
	if got, _, err = table.OpenOnDisk(t.Context(), dir, opt); err != nil || got.N() != 5 {
		t.Errorf("a folder: %v, %v", got, err)
	}
}

// What is wrong with a table is an error with its place, and nothing is left in the cache.
func TestOpenOnDiskErrors(t *testing.T) {
	dir := t.TempDir()
	opt := table.Options{CacheDir: filepath.Join(dir, "cache"), BatchRows: 2}
	path := filepath.Join(dir, "t.csv")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for text, want := range map[string]string{
		"id,a,b\nx,1,2\ny,2,1\nz,3,\n":         "t.csv:4: column \"b\"",
		"id,a,b\nx,1,2\ny,2,1\nz,1,1\nx,3,4\n": "also the id of row 1",
		"id,a,b\n":                             "no ",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := table.OpenOnDisk(t.Context(), path, opt); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
		if _, _, err := table.OpenOnDisk(cancelled, path, opt); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		if files, _ := filepath.Glob(filepath.Join(opt.CacheDir, "*.rows*")); len(files) > 0 {
			t.Errorf("files are left: %v", files)
		}
	}
	if _, _, err := table.OpenOnDisk(t.Context(), filepath.Join(dir, "none.csv"), opt); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// What is in the cache is checked with progress in bytes, and an end of that leaves the file where it is.
func TestOpenOnDiskTellsOfTheCheck(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t.parquet")
	if err := table.Save(path, onDiskFrame(500)); err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	var last int64
	opt := table.Options{CacheDir: filepath.Join(dir, "cache"), Progress: func(done, _ int64) error {
		last = done
		return nil
	}}
	if _, _, err := table.OpenOnDisk(t.Context(), path, opt); err != nil || last != 2*4*500 {
		t.Fatalf("%d bytes, %v", last, err)
	}
	opt.Progress = func(done, total int64) error {
		if done != 2*4*500 || total != done {
			t.Errorf("%d of %d", done, total)
		}
		return enough
	}
	if _, _, err := table.OpenOnDisk(t.Context(), path, opt); !errors.Is(err, enough) {
		t.Error(err)
	}
	opt.Progress = nil
	if _, e, err := table.OpenOnDisk(t.Context(), path, opt); err != nil || !e.Cached {
		t.Errorf("%+v, %v", e, err)
	}
}
