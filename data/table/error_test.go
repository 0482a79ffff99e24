package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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

// fault is what an [Error] has to say: its place, the options that it names, and a word or value of its text. The
// wording around these is free.
type fault struct {
	place   int64 // row, or line of text; 0 = none
	column  string
	key     string
	options []string
}

// says returns the fault of a whole file.
func says(key string, options ...string) fault { return fault{key: key, options: options} }

// at returns the fault of a place in a file.
func at(place int64, column, key string, options ...string) fault {
	return fault{place, column, key, options}
}

// check fails t where err is not that fault of the file.
func (want fault) check(t *testing.T, file string, err error) {
	t.Helper()
	e := new(Error)
	if !errors.As(err, &e) {
		t.Fatalf("got %T %v, want an *Error with %+v", err, err, want)
	}
	got := fault{e.Row + int64(e.Line), e.Column, want.key, append(option.Names(err), e.Fix.Options()...)}
	if e.File != file || !cmp.Equal(want, got, cmp.AllowUnexported(fault{}), cmpopts.EquateEmpty()) ||
		!strings.Contains(strings.ReplaceAll(err.Error(), file, ""), want.key) {
		t.Errorf("file %q, %+v: %v\nwant file %q, %+v", e.File, got, err, file, want)
	}
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
		err  error
		want string
	}{
		{missing, `table: t.csv:2: column "f": the cell is empty; fill it, or set --allow-missing to read it as NaN`},
		{fmt.Errorf("items: %w", label), `items: table: t.csv:1: --label: no column "kind"; nearest: "id", "f"`},
		{unknown, `table: p.csv: row 1: column "right": no item; correct the ids`},
	} {
		got := option.Text(test.err, func(name string) string { return flags[name] })
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Error(diff)
		}
	}
	if names := option.Names(label); !slices.Equal(names, []string{"Label"}) {
		t.Errorf("the error names the options %q, want Label", names)
	}
}
