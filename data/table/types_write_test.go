package table_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table"
)

// Numbers of a smaller type come back as they were, from all formats that have it, and in the bytes of the type.
func TestSaveAs(t *testing.T) {
	half := []float32{0, 1, -1, 0.5, 65504, -65504, 0x1p-14, 0x1p-24, 0x1.ffcp-1, -0x1.8p-15, 3, -0.25}
	whole := []float32{0, 1, -1, 127, -128, 64, 3, -3, 100, -100, 5, 7}
	for _, one := range []struct {
		as    table.Number
		x     []float32
		bytes int64
	}{{table.Float32, half, 4}, {table.Float16, half, 2}, {table.Int8, whole, 1}} {
		f := &data.Frame{IDs: []string{"a", "b", "c", "d"}, Labels: []string{"x", "y", "x", "y"}, X: one.x,
			Columns: []string{"z/0", "z/1", "z/2"}, Blocks: []data.Block{{Name: "z", Start: 0, End: 3}}}
		for _, ending := range []string{".npy", ".npz", ".parquet"} {
			path := filepath.Join(t.TempDir(), "z"+ending)
			if err := table.SaveAs(path, f, one.as); err != nil {
				t.Fatal(err)
			}
			got, _, err := table.Open(t.Context(), path, table.Options{NoCache: true})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(f.X, got.X); diff != "" || ending != ".npy" && !cmp.Equal(f.IDs, got.IDs) {
				t.Errorf("%s as %s: %s", ending, one.as, diff)
			}
			if stat, err := os.Stat(path); ending == ".npy" && (err != nil || stat.Size() != 128+12*one.bytes) {
				t.Errorf("%s as %s: %v bytes, %v", ending, one.as, stat.Size(), err)
			}
		}
		file, err := os.Create(filepath.Join(t.TempDir(), "z.parquet"))
		if err != nil {
			t.Fatal(err)
		}
		w, err := table.NewParquetWriterAs(file, f, one.as)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range [][]int{{0}, {1, 2, 3}} {
			if err := w.Write(f.Select(part)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, _, err := table.Open(t.Context(), file.Name(), table.Options{NoCache: true}); err != nil ||
			!cmp.Equal(f.X, got.X) {
			t.Errorf("in parts as %s: %v", one.as, err)
		}
	}
}

func TestSaveAsRefuses(t *testing.T) {
	f := &data.Frame{IDs: []string{"a", "b"}, Columns: []string{"p", "q"}, X: []float32{1, 2, 3, 0},
		Blocks: []data.Block{{Name: "f", Start: 0, End: 2}}}
	path := filepath.Join(t.TempDir(), "z.npy")
	for as, bad := range map[table.Number][]float32{
		table.Float16: {0.1, 65536, 0x1p-25, 2049},
		table.Int8:    {0.5, 128, -129, float32(math.NaN())},
	} {
		for _, v := range bad {
			f.X[3] = v
			err := table.SaveAs(path, f, as)
			if err == nil || !strings.Contains(err.Error(), `row 2, column "q"`) {
				t.Errorf("%v as %s: %v", v, as, err)
			}
		}
	}
	f.X[3] = 0
	for name, as := range map[string]table.Number{"z.csv": table.Int8, "z.arrow": table.Float16, "z.npz": "float8"} {
		if err := table.SaveAs(filepath.Join(filepath.Dir(path), name), f, as); err == nil {
			t.Errorf("%s as %s is written", name, as)
		}
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("a file that is refused is there: %v", err)
	}
}
