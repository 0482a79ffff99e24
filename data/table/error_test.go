package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
)

// Sizes below 0 mean nothing: each is an error that names its option, whichever way a table is read.
func TestNegativeSizes(t *testing.T) {
	opt := Options{BatchRows: -1, MaxBytes: -1, CacheBytes: -1}
	path := writePairs(t, "id,f\na,1\n")
	_, _, opened := Open(t.Context(), path, opt)
	_, read := readCSV(t, opt)
	var scanned error
	for _, err := range Scan(t.Context(), path, opt) {
		scanned = errors.Join(scanned, err)
	}
	for _, err := range []error{opened, read, scanned} {
		if got := option.Names(err); !slices.Equal(got, []string{"BatchRows", "MaxBytes", "CacheBytes"}) {
			t.Errorf("%v names %q", err, got)
		}
	}
}

// readCSV returns the frame in a small text.
func readCSV(t *testing.T, opt Options) (*data.Frame, error) {
	f, _, err := ReadCSV(t.Context(), strings.NewReader("id,f\na,1\n"), "t.csv", opt)
	return f, err
}

// TestErrorSpells: a front prints its own names of options, and leaves out what it has no option for.
func TestErrorSpells(t *testing.T) {
	flags := map[string]string{"AllowMissing": "--allow-missing", "Label": "--label", "ID": "--id",
		"Ignore": "--ignore"}
	_, missing := readText("id,f\na,\n", Options{})
	_, label := readText("id,f\na,1\n", Options{Schema: data.Schema{Label: "kind"}})
	_, _, pairs := OpenPairs(t.Context(), writePairs(t, "left,right,label\ncat,elk,1\n"), named("cat"), PairOptions{})
	var unknown *Error
	if !errors.As(pairs, &unknown) || !slices.Equal(unknown.Fix.Options(), []string{"PairOptions.AllowUnknown"}) {
		t.Fatalf("the options are not in %v", pairs)
	}
	unknown.File, unknown.Problem = "p.csv", "no item"
	for _, test := range []struct {
		err       error
		has, less []string
	}{
		{missing, []string{`table: t.csv:2: column "f": `, "--allow-missing"}, []string{"AllowMissing"}},
		{fmt.Errorf("items: %w", label), []string{"items: table: t.csv:1: --label: ", `"kind"`}, []string{"Label"}},
		{unknown, []string{`table: p.csv: row 1: column "right": no item; `}, []string{"AllowUnknown", "%s", ", or "}},
	} {
		got := option.Text(test.err, func(name string) string { return flags[name] })
		for _, part := range test.has {
			if !strings.Contains(got, part) {
				t.Errorf("%s\nlacks %q", got, part)
			}
		}
		for _, part := range test.less {
			if strings.Contains(got, part) {
				t.Errorf("%s\nhas %q", got, part)
			}
		}
	}
	if names := option.Names(label); !slices.Equal(names, []string{"Label"}) {
		t.Errorf("the option is %q", names)
	}
}
