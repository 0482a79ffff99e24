package parquet

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// writeLists writes a column "hog" of lists of required float32, two rows in a row group.
func writeLists(t *testing.T, lists [][]float32) []byte {
	t.Helper()
	node := schema.NewFloat32Node("hog", parquet.Repetitions.Repeated, -1)
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, schema.FieldList{node}, -1)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := file.NewParquetWriter(&out, root)
	for ; len(lists) > 0; lists = lists[min(2, len(lists)):] {
		var values []float32
		var def, rep []int16
		for _, list := range lists[:min(2, len(lists))] {
			if len(list) == 0 {
				def, rep = append(def, 0), append(rep, 0)
			}
			for k := range list {
				def, rep = append(def, 1), append(rep, int16(min(k, 1)))
			}
			values = append(values, list...)
		}
		group, err := w.AppendRowGroupChecked()
		if err != nil {
			t.Fatal(err)
		}
		next, err := group.NextColumn()
		if err != nil {
			t.Fatal(err)
		}
		column := next.(*file.Float32ColumnChunkWriter)
		_, err = column.WriteBatch(values, def, rep)
		if err := errors.Join(err, column.Close(), group.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestListsOfOtherLengths: every list that differs from the first is found, also the last of a row group, whose end
// nothing follows, and an empty one where the others have one value.
func TestListsOfOtherLengths(t *testing.T) {
	for _, test := range []struct {
		name  string
		lists [][]float32
		row   int64 // that is at fault, 0 = none
	}{
		{"one length", [][]float32{{1, 2}, {3, 4}, {5, 6}}, 0},
		{"one value", [][]float32{{1}, {2}, {3}}, 0},
		{"shorter", [][]float32{{1, 2}, {3, 4}, {5}, {6, 7}}, 3},
		{"longer", [][]float32{{1, 2}, {3, 4}, {5, 6, 7}, {8, 9}}, 3},
		{"longer at the end of a group", [][]float32{{1, 2}, {3, 4, 5}, {6, 7}}, 2},
		{"longer at the end of the file", [][]float32{{1, 2}, {3, 4}, {5, 6, 7, 8}}, 3},
		{"empty", [][]float32{{1}, {}, {2}}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			content := writeLists(t, test.lists)
			in := &reading.Input{Name: "t.parquet", Size: int64(len(content)), ReaderAt: bytes.NewReader(content)}
			opt := &reading.Options{AllowMissing: true, BatchRows: 1}
			f, _, err := read(context.Background(), in, opt)
			var parts []float32
			scanErr := scan(context.Background(), in, opt, func(f *data.Frame) error {
				parts = append(parts, f.X...)
				return nil
			})
			for _, err := range []error{err, scanErr} {
				if bad := new(tableerr.Error); test.row > 0 && (!errors.As(err, &bad) || bad.Row != test.row) {
					t.Errorf("got %v, want an error of row %d", err, test.row)
				}
			}
			if test.row > 0 {
				return
			}
			if err := errors.Join(err, scanErr); err != nil {
				t.Fatal(err)
			}
			var want []float32
			for _, list := range test.lists {
				want = append(want, list...)
			}
			if !cmp.Equal(want, f.X) || !cmp.Equal(want, parts) {
				t.Errorf("got %v and %v, want %v", f.X, parts, want)
			}
		})
	}
}
