package evaluate

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/pairs"
)

// An exact copy of a training item among the validation items, and of a validation item among those of the test,
// is a warning, also when the columns come in another order.
func TestCopiesAreAWarning(t *testing.T) {
	backend := devicetest.Go(t)
	train, val, test := labtest.Toy("t", 3, 10, 6, .3, 1), labtest.Toy("v", 3, 10, 6, .3, 2),
		labtest.Toy("x", 3, 10, 6, .3, 3)
	copy(val.Row(4), train.Row(7))
	copy(test.Row(2), val.Row(5))
	copy(test.Row(3), val.Row(5))
	copy(test.Row(8), train.Row(0))
	reversed := slices.Clone(val.Columns)
	slices.Reverse(reversed)
	var err error
	if val, err = val.SelectColumns(reversed); err != nil {
		t.Fatal(err)
	}
	cfg := toymodel.Config()
	cfg.Epochs = 1
	result, err := siamese.Train(context.Background(), backend, cfg, train, val, siamese.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	labtest.WantText(t, result.String(), "1 of 30 validation items", `"v4" and "t7"`)
	report, err := itemsOf(context.Background(), backend, result.Model, "copies", val, test, Options{})
	if err != nil {
		t.Fatal(err)
	}
	labtest.WantText(t, report.String(),
		"2 of 30 test items have exactly the values of a validation item", `"x2" and "v5"`,
		"1 of 30 test items have exactly the values of an item that the model was trained on", `"x8"`)
}

// A model knows what it was trained on, in memory and from its file, whatever the ids and the order of columns:
// evaluated on another split, by classes or by pairs, the report says so.
func TestTestItemsThatWereTrainedOn(t *testing.T) {
	backend := devicetest.Go(t)
	all := labtest.Toy("i", 3, 30, 6, .3, 1)
	first, second, third := all.Select(labtest.Seq(90)[:50]), all.Select(labtest.Seq(90)[50:70]),
		all.Select(labtest.Seq(90)[70:])
	for _, f := range []*data.Frame{first, second, third} {
		for i := range f.Labels {
			f.Labels[i] = "class " + string(rune('a'+i%3))
		}
	}
	cfg := toymodel.Config()
	cfg.Epochs = 1
	result, err := siamese.Train(t.Context(), backend, cfg, first, second, siamese.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	leaked := first.Select(labtest.Seq(50)[10:25])
	reversed := slices.Clone(leaked.Columns)
	slices.Reverse(reversed)
	if leaked, err = leaked.SelectColumns(reversed); err != nil {
		t.Fatal(err)
	}
	for i := range leaked.IDs {
		leaked.IDs[i] += " renamed"
	}
	const want = "15 of 15 test items have exactly the values of an item that the model was trained on " +
		`(first: "i10 renamed")`
	warnings := func(m *siamese.Model, test *data.Frame) string {
		t.Helper()
		report, err := itemsOf(t.Context(), backend, m, "test", second, test, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(report.Warnings, "\n")
	}
	for name, m := range map[string]*siamese.Model{"trained": result.Model,
		"loaded": toymodel.SaveAndLoad(t, result.Model)} {
		if got := warnings(m, leaked); !strings.Contains(got, want) {
			t.Errorf("%s: %s\nwant %q", name, got, want)
		}
		if got := warnings(m, third); strings.Contains(got, "trained on") {
			t.Errorf("%s, new items: %s", name, got)
		}
	}
	both := all.Select(append(labtest.Seq(90)[10:25], labtest.Seq(90)[50:70]...))
	pairs := func(start, n int) (p pairs.Pairs) {
		for i := range n {
			p.Left, p.Right, p.Label = append(p.Left, int32(start+i)), append(p.Right, int32(start+(i+1)%n)),
				append(p.Label, float32(i%2))
		}
		return p
	}
	report, err := pairsOf(t.Context(), backend, result.Model, "pairs", both, pairs(15, 20), pairs(0, 15), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(report.Warnings, "\n"); !strings.Contains(got,
		"15 of 15 test items have exactly the values of an item that the model was trained on") {
		t.Errorf("pairs: %s", got)
	}
	older := result.Model
	older.TrainedOn = nil
	if got := warnings(toymodel.SaveAndLoad(t, older), leaked); strings.Contains(got, "trained on") {
		t.Errorf("a model that does not know: %s", got)
	}
}
