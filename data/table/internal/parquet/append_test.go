package parquet

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/labtest/datatest"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// rowsOf returns the items [from, to) of a frame.
func rowsOf(f *data.Frame, from, to int) *data.Frame {
	out := &data.Frame{X: f.X[from*f.F() : to*f.F()], Columns: f.Columns, Blocks: f.Blocks, IDs: f.IDs[from:to]}
	if f.Labels != nil {
		out.Labels = f.Labels[from:to]
	}
	if f.Domains != nil {
		out.Domains = f.Domains[from:to]
	}
	return out
}

// However the items are divided, the bytes are those of WriteParquet, over several row groups too.
func TestParquetWriter(t *testing.T) {
	for _, roles := range []bool{true, false} {
		all := datatest.Wild(40, 2_500, 3)
		if !roles {
			all.Labels, all.Domains = nil, nil
		}
		var want bytes.Buffer
		if err := Write(&want, all); err != nil {
			t.Fatal(err)
		}
		for _, step := range []int{1, 7, 39, 40} {
			var got bytes.Buffer
			w, err := NewWriter(&got, all)
			if err != nil {
				t.Fatal(err)
			}
			for from := 0; from < all.N(); from += step {
				if err := w.Write(rowsOf(all, from, min(from+step, all.N()))); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want.Bytes(), got.Bytes()) {
				t.Errorf("%d items at a time: other bytes", step)
			}
		}
		// Groups of 16 items: filled by frames that are shorter, longer and as long.
		for _, steps := range [][]int{{40}, {5, 11, 16, 8}, {1, 38, 1}} {
			var file bytes.Buffer
			w, err := NewWriter(&file, all)
			if err != nil {
				t.Fatal(err)
			}
			w.rows = 16
			at := 0
			for _, n := range steps {
				if err := w.Write(rowsOf(all, at, at+n)); err != nil {
					t.Fatal(err)
				}
				at += n
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			in := &reading.Input{Name: "f.parquet", Size: int64(file.Len()), ReaderAt: bytes.NewReader(file.Bytes())}
			got, _, err := read(t.Context(), in, &reading.Options{})
			if err != nil {
				t.Fatal(err)
			}
			sameBits(t, all, got)
			groups := 0
			err = scan(t.Context(), in, &reading.Options{}, func(f *data.Frame) error {
				if groups++; f.N() != min(16, 40-(groups-1)*16) {
					t.Errorf("group %d has %d items", groups, f.N())
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func sameBits(t *testing.T, want, got *data.Frame) {
	t.Helper()
	if want.N() != got.N() || want.F() != got.F() {
		t.Fatalf("%d x %d, want %d x %d", got.N(), got.F(), want.N(), want.F())
	}
	if want.Hash() != got.Hash() {
		t.Error("other content")
	}
	if diff := cmp.Diff(want.Blocks, got.Blocks); diff != "" {
		t.Error("blocks (-want +got)", diff)
	}
}

// full fails after some bytes, as a full disk does.
type full struct{ left int }

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return 0, errFull
	}
	f.left -= len(p)
	return len(p), nil
}

func TestParquetWriterErrors(t *testing.T) {
	all := datatest.Wild(20, 30, 1)
	other := datatest.Wild(20, 30, 2)
	bare := rowsOf(all, 0, 5)
	bare.Labels = nil
	short := rowsOf(all, 0, 5)
	short.X = short.X[:10]
	for want, f := range map[string]*data.Frame{"columns or blocks": other, "labels": bare,
		"10 values": short} {
		w, err := NewWriter(&bytes.Buffer{}, all)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
	if _, err := NewWriter(&bytes.Buffer{}, &data.Frame{}); err == nil {
		t.Error("a file without features")
	}
	if _, err := NewWriter(&bytes.Buffer{}, &data.Frame{Columns: []string{"label"}}); err == nil ||
		!strings.Contains(err.Error(), `"label"`) {
		t.Errorf("a feature called label: %v", err)
	}
	w, err := NewWriter(&full{100}, all)
	if err == nil {
		w.rows = 8
		err = errors.Join(w.Write(all), w.Close())
	}
	if !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
}
