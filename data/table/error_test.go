package table

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
)

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
		t.Errorf("the option is told as %q", names)
	}
}
