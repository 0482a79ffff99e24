package evaluate

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

func TestItemsOfModels(t *testing.T) {
	backend := devicetest.Go(t)
	val, test := labtest.PositiveToy("v", 3, 8, 1), labtest.PositiveToy("e", 3, 9, 2)
	all, less := toymodel.Identity(val.Columns), toymodel.Identity(val.Columns, []float32{0})
	defer all.Close()
	defer less.Close()
	all.Threshold, less.Threshold = .6, .7
	compared, err := modelsOf(t.Context(), backend, []*siamese.Model{all, less}, []string{"all", "less"}, "new items",
		val, test, Options{Details: true})
	if err != nil {
		t.Fatal(err)
	}
	// Reports are those of the models alone, and differences those of their embeddings.
	for k, m := range []*siamese.Model{all, less} {
		want, err := itemsOf(t.Context(), backend, m, "new items", val, test, Options{Details: true})
		if err != nil {
			t.Fatal(err)
		}
		want.Model = []string{"all", "less"}[k]
		if diff := cmp.Diff(want, compared.Reports[k]); diff != "" {
			t.Error(diff)
		}
	}
	_, labels := itemset.ClassNumbers(test)
	base := stats.One("all", toymodel.Embed(t, all, backend, test).Values, .6)
	other := stats.One("less", toymodel.Embed(t, less, backend, test).Values, .7)
	direct, err := stats.Compare(t.Context(), base, []stats.System{other}, labels,
		stats.Options{By: stats.ByItem, Method: stats.Delta, Seed: all.Config.Seed})
	if err != nil {
		t.Fatal(err)
	}
	want := direct.Comparisons[0]
	if len(compared.Differences) != 1 || compared.ByClass != nil {
		t.Fatalf("%+v", compared)
	}
	if diff := cmp.Diff(want, compared.Differences[0]); diff != "" {
		t.Error(diff)
	}
	text := compared.String()
	labtest.WantText(t, text, "all\nnew items: 27 items", "less\nnew items", "less (new items) is ",
		"from all (new items): MAP@R", "95 % intervals by items", "less against all")
	labtest.WantJSON(t, compared)

	// Files know no intervals of differences.
	beside, err := report.Compare(compared.Reports...)
	if err != nil || beside.Differences != nil {
		t.Fatal(beside, err)
	}
	if text := beside.String(); !strings.Contains(text, "less (new items) beside all (new items): MAP@R ") ||
		!strings.Contains(text, "no interval") {
		t.Error(text)
	}
	// So they are where what is fitted to training items is shared.
	train := labtest.PositiveToy("t", 3, 12, 3)
	var stages []string
	learnt := Options{Train: train, NoIntervals: true, Stage: func(what string) { stages = append(stages, what) }}
	compared, err = modelsOf(t.Context(), backend, []*siamese.Model{all, less}, []string{"all", "less"}, "x", val, test,
		learnt)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range compared.Reports {
		for _, f := range append(slices.Clone(m.Others), &m.Trained, &m.Baseline) {
			if !slices.Contains(stages, m.Model+": "+f.Name) {
				t.Errorf("nothing is told of %s of %s: %q", f.Name, m.Model, stages)
			}
		}
	}
	alone, err := itemsOf(t.Context(), backend, less, "x", val, test, learnt)
	if err != nil {
		t.Fatal(err)
	}
	alone.Model = "less"
	if diff := cmp.Diff(alone, compared.Reports[1]); diff != "" {
		t.Error(diff)
	}
	if len(alone.Others) < 8 {
		t.Errorf("%d other methods: too few for what is shared", len(alone.Others))
	}
	bare, err := modelsOf(t.Context(), backend, []*siamese.Model{all, less}, []string{"all", "less"}, "x", val, test,
		Options{NoIntervals: true})
	if err != nil || bare.Differences != nil {
		t.Error(bare, err)
	}

	for _, c := range []struct {
		models []*siamese.Model
		names  []string
		want   string
	}{
		{nil, nil, "no model is given"},
		{[]*siamese.Model{all, less}, []string{"a", "a"}, `model 2 is named "a"`},
		{[]*siamese.Model{all, less}, []string{"", "a"}, `model 1 is named ""`},
		{[]*siamese.Model{all, {}}, []string{"a", "b"}, "evaluate x: b: the model is empty"},
	} {
		_, err := modelsOf(t.Context(), backend, c.models, c.names, "x", val, test, Options{NoIntervals: true})
		labtest.WantError(t, err, c.want)
	}
}
