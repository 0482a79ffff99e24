package table

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/labtest/datatest"
	"github.com/go-siamese/lab/data/table/internal/arrowipc"
	"github.com/go-siamese/lab/data/table/internal/numpy"
	"github.com/go-siamese/lab/data/table/internal/parquet"
	"github.com/go-siamese/lab/data/table/internal/raw"
)

var endings = []string{".parquet", ".arrow", ".feather", ".arrows", ".npz", ".csv", ".tsv", ".csv.gz", ".csv.zst",
	".tsv.zst"}

func TestRoundTrip(t *testing.T) {
	sizes := [][2]int{{1, 1}, {3, 7}, {5, 8}, {17, 16}, {100, 33}, {20_000, 3}, {40, 2_500}}
	for _, ending := range endings {
		for _, size := range sizes {
			want := datatest.Wild(size[0], size[1], uint64(size[1]))
			if size[0] == 1 {
				want.Labels, want.Domains = nil, nil
			}
			path := filepath.Join(t.TempDir(), "f"+ending)
			if err := Save(path, want); err != nil {
				t.Fatal(err)
			}
			opt := Options{NoCache: true}
			if strings.Contains(ending, "sv") { // text keeps no blocks
				opt.BlockOf = blockOf(want)
			}
			if ending == ".npz" {
				opt.X = "X"
			}
			got, e, err := Open(context.Background(), path, opt)
			if err != nil {
				t.Fatal(err)
			}
			if got.Hash() != want.Hash() {
				t.Errorf("%s %v: another frame came back: %s", ending, size, cmp.Diff(want, got))
			}
			if err := got.Validate(); err != nil {
				t.Error(ending, err)
			}
			if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			if e.Rows != size[0] || e.Features != size[1] {
				t.Errorf("%+v", e)
			}
		}
	}
}

func TestRoundTripNPY(t *testing.T) {
	want := datatest.Wild(30, 9, 1)
	path := filepath.Join(t.TempDir(), "x.npy")
	if err := Save(path, want); err != nil {
		t.Fatal(err)
	}
	got, _, err := Open(context.Background(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(raw.BytesOf(want.X), raw.BytesOf(got.X)) || got.F() != 9 {
		t.Error("other values came back")
	}
}

// TestRoundTripMissing writes NaN, which only comes back when it is allowed.
func TestRoundTripMissing(t *testing.T) {
	want := datatest.Wild(40, 17, 3)
	nan := float32(math.NaN())
	want.X[40], want.X[41*16] = nan, nan
	for _, ending := range endings {
		path := filepath.Join(t.TempDir(), "f"+ending)
		if err := Save(path, want); err != nil {
			t.Fatal(err)
		}
		opt := Options{NoCache: true, AllowMissing: true}
		got, e, err := Open(context.Background(), path, opt)
		if err != nil {
			t.Fatal(err)
		}
		if !cmp.Equal(want.X, got.X, cmpopts.EquateNaNs()) || e.Missing != 2 {
			t.Errorf("%s: %d missing, %v", ending, e.Missing, e.Notes)
		}
		opt.AllowMissing = false
		_, _, err = Open(context.Background(), path, opt)
		bad := new(Error)
		if !errors.As(err, &bad) || !slices.Contains(bad.Fix.Options(), "AllowMissing") ||
			bad.Row != 3 && bad.Line != 6 || bad.Column != want.Columns[6] {
			t.Errorf("%s: the first missing value is in row 3 (line 6 of text) column %q: %v", ending, want.Columns[6],
				err)
		}
	}
}

func TestSaveRefuses(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(f *data.Frame)
		want  string
	}{
		{"f.parquet", func(f *data.Frame) { f.X = f.X[1:] }, "19 values"},
		{"f.arrow", func(f *data.Frame) { f.IDs[1] = f.IDs[0] }, "unique"},
		{"f.npz", func(f *data.Frame) { f.IDs[1] += "\x00" }, "zero character"},
		{"f.parquet", func(f *data.Frame) { f.Columns[2] = "Class" }, `"Class"`},
		{"f.arrow", func(f *data.Frame) { f.Columns[2] = "id" }, `"id"`},
		{"f.xlsx", func(*data.Frame) {}, "f.xlsx"},
	} {
		f := datatest.Wild(4, 5, 9)
		test.spoil(f)
		path := filepath.Join(t.TempDir(), test.name)
		if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
		err := Save(path, f)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
		if old, _ := os.ReadFile(path); string(old) != "old" {
			t.Errorf("%s now holds %q", test.name, old)
		}
		if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
			t.Errorf("left behind: %v", entries)
		}
	}
	if err := Save(filepath.Join(t.TempDir(), "no", "f.parquet"), datatest.Wild(2, 2, 2)); !errors.Is(err,
		fs.ErrNotExist) {
		t.Errorf("missing folder: %v", err)
	}
	if err := Save("f.parquet", nil); err == nil {
		t.Error("a nil frame is written")
	}
	full := errors.New("the disk is full")
	for _, write := range []func(io.Writer, *data.Frame) error{parquet.Write, arrowipc.Write, arrowipc.WriteStream,
		numpy.WriteNPY, numpy.WriteNPZ} {
		for _, room := range []int{0, 10, 300} {
			if err := write(&narrow{room, full}, datatest.Wild(40, 20, 1)); !errors.Is(err, full) {
				t.Errorf("%d bytes: %v", room, err)
			}
		}
	}
}

// narrow takes some bytes and then fails.
type narrow struct {
	left int
	err  error
}

func (w *narrow) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, w.err
	}
	return len(p), nil
}

// TestSameBytes: what is written depends on the frame alone.
func TestSameBytes(t *testing.T) {
	for _, write := range []func(io.Writer, *data.Frame) error{parquet.Write, arrowipc.Write, arrowipc.WriteStream,
		numpy.WriteNPY, numpy.WriteNPZ} {
		var a, b bytes.Buffer
		if err := errors.Join(write(&a, datatest.Wild(50, 20, 1)), write(&b, datatest.Wild(50, 20, 1))); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Error("two files differ")
		}
	}
}
