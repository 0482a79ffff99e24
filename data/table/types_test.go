package table

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/data"
)

// typesFile is a file that testdata/make_types.py wrote.
func typesFile(name string) string { return filepath.Join("testdata", "types", name) }

// TestTypes: whatever type pandas, polars and pyarrow give ids, labels, domains and features, they
// are what Python says they are, and columns that are none of these are left out.
func TestTypes(t *testing.T) {
	text, err := os.ReadFile(typesFile("manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		fixture
		Ignored []string
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 40 {
		t.Fatalf("only %d files", len(all))
	}
	for _, x := range all {
		t.Run(x.File, func(t *testing.T) {
			want := x.frame()
			opt := x.options()
			got, e, err := Open(t.Context(), typesFile(x.File), opt)
			if err != nil {
				t.Fatal(err)
			}
			compare := cmp.Options{cmpopts.EquateNaNs(), cmpopts.IgnoreFields(data.Frame{}, "Blocks")}
			if diff := cmp.Diff(want, got, compare); diff != "" {
				t.Errorf("Open: %s", diff)
			}
			slices.Sort(e.Ignored)
			if !slices.Equal(e.Ignored, x.Ignored) {
				t.Errorf("%q are left out, want %q", e.Ignored, x.Ignored)
			}
			for _, name := range x.Ignored {
				if !strings.Contains(e.String(), `"`+name+`"`) {
					t.Errorf("it is not told that %q is left out:\n%s", name, e)
				}
			}
			for _, rows := range []int{0, 1, 4} {
				opt.BatchRows = rows
				part := collect(t, typesFile(x.File), opt)
				if want.Labels == nil && part.Labels != nil && strings.Join(part.Labels, "") == "" {
					part.Labels = nil // a scan cannot know that all are empty
				}
				if diff := cmp.Diff(want, part, compare); diff != "" {
					t.Errorf("Scan by %d rows: %s", rows, diff)
				}
			}
		})
	}
}

// TestTypesRefused: files that are sound but cannot be read are told apart, and none is called
// damaged.
func TestTypesRefused(t *testing.T) {
	for _, test := range []struct {
		file    string
		row     int64
		column  string
		key     string
		options []string
	}{
		{"refused-duration.parquet", 0, "", `"d" (duration`, []string{"Ignore", "ID", "Label", "Domain"}},
		{"refused-duration-polars.parquet", 0, "", `"d" (duration`, []string{"Ignore", "ID", "Label", "Domain"}},
		{"refused-duration.arrow", 0, "", `"d" (duration`, []string{"Ignore", "ID", "Label", "Domain"}},
		{"refused-period.parquet", 0, "", "pandas.period", []string{"Ignore", "ID", "Label", "Domain"}},
		{"refused-period.feather", 0, "", "pandas.period", []string{"Ignore", "ID", "Label", "Domain"}},
		{"_common_metadata", 0, "", "only describes other files", nil},
		{"_metadata", 0, "", "only describes other files", nil},
		{"refused-encrypted.parquet", 0, "", "encrypted", nil},
		{"refused-encrypted-column.parquet", 0, "f", "encrypted", nil},
		{"refused-latin.parquet", 2, "id", "not UTF-8", nil},
		{"refused-latin.arrow", 2, "id", "not UTF-8", nil},
		{"refused-half.parquet", 2, "label", "0.5", []string{"ID", "Label", "Domain"}},
		{"refused-half.arrow", 2, "label", "0.5", []string{"ID", "Label", "Domain"}},
	} {
		t.Run(test.file, func(t *testing.T) {
			_, _, opened := Open(t.Context(), typesFile(test.file), Options{NoCache: true})
			var scanned error
			for _, err := range Scan(t.Context(), typesFile(test.file), Options{}) {
				scanned = errors.Join(scanned, err)
			}
			for _, err := range []error{opened, scanned} {
				var fault *Error
				if !errors.As(err, &fault) || fault.Row != test.row || fault.Column != test.column ||
					!strings.Contains(fault.Problem, test.key) || !slices.Equal(fault.Fix.Options(), test.options) ||
					len(fault.Fix) == 0 || strings.Contains(err.Error(), "damaged") {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

// TestPageChecksums: a bit that flips in a page of Parquet is found where the writer left a checksum.
func TestPageChecksums(t *testing.T) {
	for _, name := range []string{"checksum-1.parquet", "checksum-2.parquet"} {
		content, err := os.ReadFile(typesFile(name))
		if err != nil {
			t.Fatal(err)
		}
		// The values of f: 0.5 as float64, little-endian, and in the page only.
		at := strings.Index(string(content), "\x00\x00\x00\x00\x00\x00\xe0\x3f")
		if at < 0 {
			t.Fatalf("%s: the value is not where it was", name)
		}
		content[at+7] ^= 0x40
		_, _, err = openBytes(t, content, Options{})
		var fault *Error
		if !errors.As(err, &fault) || fault.Err == nil || !strings.Contains(fault.Err.Error(), "checksum") ||
			!strings.Contains(fault.Err.Error(), `"f"`) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
