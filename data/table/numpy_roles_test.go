package table

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
)

// matrixOf is an array of three items and two features, 0 to 5.
func matrixOf() []byte { return npy(header("|u1", "False", "(3, 2)"), 0, 1, 2, 3, 4, 5) }

// shaped is an array of bytes.
func shaped(shape string, values ...byte) []byte {
	return npy(header("|u1", "False", shape), values...)
}

// openBytes opens a file of that content.
func openBytes(t *testing.T, content []byte, opt Options) (*data.Frame, *Explanation, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t.bin")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	opt.NoCache = true
	return Open(t.Context(), path, opt)
}

// TestNPZRoles: an array whose name says what it is, is no feature, whatever its shape.
func TestNPZRoles(t *testing.T) {
	x := []string{"x/0", "x/1"}
	fortran := npy(header("|u1", "True", "(3, 2)"), 0, 1, 1, 1, 0, 0)
	for _, test := range []struct {
		name  string
		files []any
		opt   Options
		want  data.Frame
	}{
		{"column of labels", []any{"x.npy", matrixOf(), "y.npy", shaped("(3, 1)", 7, 8, 7)}, Options{},
			data.Frame{Labels: []string{"7", "8", "7"}}},
		{"row of labels", []any{"x.npy", matrixOf(), "Labels.npy", shaped("(1, 3)", 7, 8, 7)}, Options{},
			data.Frame{Labels: []string{"7", "8", "7"}}},
		{"one-hot", []any{"x.npy", matrixOf(), "target.npy", shaped("(3, 2)", 0, 1, 1, 0, 1, 0)}, Options{},
			data.Frame{Labels: []string{"1", "0", "0"}}},
		{"one-hot in Fortran order", []any{"x.npy", matrixOf(), "target.npy", fortran}, Options{},
			data.Frame{Labels: []string{"1", "0", "0"}}},
		{"given by name", []any{"x.npy", matrixOf(), "z.npy", shaped("(3, 1)", 7, 8, 7)},
			Options{Schema: data.Schema{Label: "z"}}, data.Frame{Labels: []string{"7", "8", "7"}}},
		{"one side of a split", []any{"x_train.npy", matrixOf(), "y_train.npy", shaped("(3, 1)", 7, 8, 7)}, Options{},
			data.Frame{Columns: []string{"x_train/0", "x_train/1"}, Labels: []string{"7", "8", "7"}}},
		{"the side that X names", []any{"x_train.npy", matrixOf(), "y_train.npy", shaped("(3,)", 7, 8, 7),
			"x_test.npy", matrixOf(), "y_test.npy", shaped("(3,)", 1, 2, 3)}, Options{X: "x_test"},
			data.Frame{Columns: []string{"x_test/0", "x_test/1"}, Labels: []string{"1", "2", "3"}}},
		{"names", []any{"x.npy", matrixOf(), "names.npy", shaped("(3, 1)", 7, 8, 9), "groups.npy", shaped("(3,)", 1, 1,
			2)}, Options{}, data.Frame{IDs: []string{"7", "8", "9"}}},
		{"ids before names", []any{"x.npy", matrixOf(), "name.npy", shaped("(3,)", 7, 8, 9), "ids.npy",
			shaped("(3,)", 1, 2, 4)}, Options{}, data.Frame{IDs: []string{"1", "2", "4"}}},
		{"floats", []any{"x.npy", matrixOf(), "y.npy", npy(header("<f2", "False", "(3,)"), 0, 0, 0, 0x40, 0, 0x7e)},
			Options{}, data.Frame{Labels: []string{"0", "2", ""}}},
		{"days", []any{"x.npy", matrixOf(), "ids.npy", npy(header("<M8[D]", "False", "(3,)"), 0, 0, 0, 0, 0, 0, 0, 0,
			1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255)}, Options{},
			data.Frame{IDs: []string{"1970-01-01", "1970-01-02", "1969-12-31"}}},
		{"instants", []any{"x.npy", matrixOf(), "ids.npy",
			npy(header("<M8[ms]", "False", "(3,)"), 0, 0, 0, 0, 0, 0, 0, 0,
				1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255)}, Options{}, data.Frame{
			IDs: []string{"1970-01-01 00:00:00", "1970-01-01 00:00:00.001000", "1969-12-31 23:59:59.999000"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, _, err := openBytes(t, npz(t, test.files...), test.opt)
			if err != nil {
				t.Fatal(err)
			}
			want := test.want
			want.X = []float32{0, 1, 2, 3, 4, 5}
			if want.Columns == nil {
				want.Columns = x
			}
			if want.IDs == nil {
				want.IDs, want.Numbered = []string{"1", "2", "3"}, true
			}
			want.Blocks = f.Blocks
			if diff := cmp.Diff(&want, f); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestNPZRefusesRoles: an array that is called like a role and cannot have it is told with its
// shape, and arrays of which nothing says what they are for are no features.
func TestNPZRefusesRoles(t *testing.T) {
	soft := npy(header("<f2", "False", "(3, 2)"), 0, 56, 0, 56, 0, 60, 0, 0, 0, 60, 0, 0) // 0.5 0.5, 1 0, 1 0
	for _, test := range []struct {
		name    string
		files   []any
		opt     Options
		column  string
		key     string
		options []string
	}{
		{"probabilities", []any{"x.npy", matrixOf(), "y.npy", soft}, Options{}, "y", "[3 2]",
			[]string{"Ignore", "Label"}},
		{"several labels", []any{"x.npy", matrixOf(), "labels.npy", shaped("(3, 2)", 1, 1, 0, 1, 1, 0)}, Options{},
			"labels", "[3 2]", []string{"Ignore", "Label"}},
		{"no label", []any{"x.npy", matrixOf(), "labels.npy", shaped("(3, 2)", 0, 0, 0, 1, 1, 0)}, Options{},
			"labels", "[3 2]", []string{"Ignore", "Label"}},
		{"ids in pairs", []any{"x.npy", matrixOf(), "ids.npy", shaped("(3, 2)", 1, 2, 3, 4, 5, 6)}, Options{},
			"ids", "[3 2]", []string{"Ignore", "ID"}},
		{"deep", []any{"x.npy", matrixOf(), "domain.npy", shaped("(3, 1, 1)", 1, 2, 3)}, Options{},
			"domain", "[3 1 1]", []string{"Ignore", "Domain"}},
		{"other items", []any{"x.npy", matrixOf(), "y.npy", shaped("(1, 4)", 1, 2, 3, 4)}, Options{},
			"y", "[1 4]", []string{"Ignore", "Label"}},
		{"two sides", []any{"x_train.npy", matrixOf(), "x_test.npy", matrixOf()}, Options{}, "", "train, test",
			[]string{"X"}},
		{"no names", []any{"arr_0.npy", matrixOf(), "arr_1.npy", shaped("(3, 1)", 1, 2, 3)}, Options{}, "arr_1",
			"no name", []string{"Label", "ID", "Domain", "Ignore"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := openBytes(t, npz(t, test.files...), test.opt)
			var fault *Error
			if !errors.As(err, &fault) || fault.Column != test.column || !strings.Contains(fault.Problem, test.key) ||
				!slices.Equal(fault.Fix.Options(), test.options) {
				t.Errorf("got %v, want column %q, %q and options %q", err, test.column, test.key, test.options)
			}
		})
	}
}

// TestScanNPYAppended: a scan refuses what Open refuses, before the first frame.
func TestScanNPYAppended(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.npy")
	if err := os.WriteFile(path, append(matrixOf(), matrixOf()...), 0o644); err != nil {
		t.Fatal(err)
	}
	for f, err := range Scan(t.Context(), path, Options{}) {
		var fault *Error
		if f != nil || !errors.As(err, &fault) || !strings.Contains(fault.Problem, "appended") {
			t.Errorf("got %v, %v", f, err)
		}
	}
}
