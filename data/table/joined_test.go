package table

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/labtest/datatest"
	"github.com/go-siamese/lab/data/table/internal/arrowipc"
	"github.com/go-siamese/lab/data/table/internal/numpy"
	"github.com/go-siamese/lab/data/table/internal/parquet"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// TestJoinedFiles: two files of one shape in one (cat a b > c) are refused in every format that holds
// places: the second one's footer or directory would lead to the values of the first.
func TestJoinedFiles(t *testing.T) {
	for name, write := range map[string]reading.Writer{"parquet": parquet.Write, "arrow": arrowipc.Write,
		"arrow stream": arrowipc.WriteStream, "npy": numpy.WriteNPY, "npz": numpy.WriteNPZ} {
		t.Run(name, func(t *testing.T) {
			first, second := saved(t, write, datatest.Wild(30, 4, 1)), saved(t, write, datatest.Wild(30, 4, 2))
			for what, content := range map[string][]byte{
				"another file": append(bytes.Clone(first), second...),
				"itself":       append(bytes.Clone(first), first...),
				"a byte":       append(bytes.Clone(first), 0),
			} {
				f, _, err := openBytes(t, content, Options{})
				var fault *Error
				if !errors.As(err, &fault) || len(fault.Fix) == 0 {
					t.Errorf("with %s behind it: got %v, %v", what, f, err)
				}
			}
			if _, _, err := openBytes(t, first, Options{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestFixturesAreWhole: no file of another writer is taken for several.
func TestFixturesAreWhole(t *testing.T) {
	n := 0
	for _, pattern := range []string{"*.parquet", "*.arrow", "*.feather", "*.npz"} {
		files, err := filepath.Glob(filepath.Join("testdata", "*", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			n++
			_, _, err := Open(t.Context(), path, Options{NoCache: true, Schema: data.Schema{}})
			if err != nil && strings.Contains(err.Error(), "several") {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	if n < 60 {
		t.Errorf("only %d files", n)
	}
}
