package evaluate

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
	"github.com/go-siamese/lab/siamese/version"
)

// naive returns metrics from plain loops over all pairs of unit vectors; items with the label "" are the same as none.
func naive(z *embedding.Embeddings, labels []string) (auc, recallAt1, mapAtR float64) {
	same := func(i, j int) bool { return labels[i] != "" && labels[i] == labels[j] }
	var pos, neg []float64
	var queries, hits float64
	for i := range z.N {
		nearest, best, r := -1, math.Inf(-1), 0
		var scores []float64
		for j := range z.N {
			if i == j {
				continue
			}
			c := z.Cosine(i, j)
			if j > i && same(i, j) {
				pos = append(pos, c)
			} else if j > i {
				neg = append(neg, c)
			}
			if c > best {
				nearest, best = j, c
			}
			if same(i, j) {
				r++
			}
			scores = append(scores, c)
		}
		if r == 0 {
			continue // a lone query is not averaged
		}
		queries++
		if same(i, nearest) {
			hits++
		}
		// MAP@R: precision at every hit among the R nearest, over R. All scores differ here.
		var sum, found float64
		for rank := range r {
			at := 0
			for j := range z.N {
				if j != i && larger(scores, z.Cosine(i, j)) == rank {
					at = j
				}
			}
			if same(i, at) {
				found++
				sum += found / float64(rank+1)
			}
		}
		mapAtR += sum / float64(r)
	}
	var wins float64
	for _, p := range pos {
		for _, n := range neg {
			if p > n {
				wins++
			} else if p == n {
				wins += 0.5
			}
		}
	}
	return wins / float64(len(pos)*len(neg)), hits / queries, mapAtR / queries
}

func larger(scores []float64, than float64) int {
	n := 0
	for _, s := range scores {
		if s > than {
			n++
		}
	}
	return n
}

func TestItemsAgainstNaive(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		val, test := labtest.PositiveToy("v", 3, 8, 1), labtest.PositiveToy("e", 3, 9, 2)
		test.Labels[4], test.Labels[5] = "", "alone"
		drop := toymodel.Identity(val.Columns, []float32{0}) // an encoder that does not look at the first feature
		defer drop.Close()
		drop.Threshold = 0.6
		rep, err := itemsOf(t.Context(), backend, drop, "new items", val, test, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if rep.Lab != version.Version {
			t.Errorf("the report is of lab %q, want %q", rep.Lab, version.Version)
		}
		if rep.Name != "new items" || rep.Items != 27 || rep.Classes != 4 || rep.Pairs != 27*26/2 {
			t.Errorf("%+v", rep)
		}
		positives := float64(9*8/2 + 9*8/2 + 7*6/2)
		if !labtest.Near(rep.Positive, positives/(27*26/2), 1e-12) {
			t.Errorf("share of positives %v", rep.Positive)
		}
		raw, err := embedding.UnitRows(t.Context(), drop.Standard, test) // which changes nothing here
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name string
			got  report.Metrics
			z    *embedding.Embeddings
		}{{"trained encoder", rep.Trained, toymodel.Embed(t, drop, backend, test)},
			{"standardised features, no training", rep.Baseline, raw},
			{"preprocessed features, no training", *rep.Preprocessed, raw}} {
			auc, recall, mapAtR := naive(c.z, test.Labels)
			if c.got.Name != c.name || !labtest.Near(c.got.Values[stats.ROCAUC], auc, 1e-4) ||
				!labtest.Near(c.got.Values[stats.RecallAt1], recall, 1e-9) ||
				!labtest.Near(c.got.Values[stats.MAPAtR], mapAtR, 1e-9) {
				t.Errorf("%s: %+v, want ROC-AUC %v, Recall@1 %v, MAP@R %v", c.name, c.got, auc, recall, mapAtR)
			}
			var fp, fn float64
			for i := range test.N() {
				for j := range i {
					same, called := test.Labels[i] == test.Labels[j], c.z.Cosine(i, j) >= c.got.Threshold
					if same && !called {
						fn++
					} else if !same && called {
						fp++
					}
				}
			}
			fnr, fpr := fn/positives, fp/(float64(rep.Pairs)-positives)
			if !labtest.Near(c.got.Values[stats.FNR], fnr, 1e-9) || !labtest.Near(c.got.Values[stats.FPR], fpr, 1e-9) ||
				!labtest.Near(c.got.Values[stats.Accuracy], 1-(fnr+fpr)/2, 1e-9) {
				t.Errorf("%s: FNR %v, FPR %v, accuracy %v, want %v and %v", c.name, c.got.Values[stats.FNR],
					c.got.Values[stats.FPR], c.got.Values[stats.Accuracy], fnr, fpr)
			}
		}
		if rep.Trained.Threshold != 0.6 {
			t.Errorf("the model's threshold became %v", rep.Trained.Threshold)
		}
		if len(rep.Warnings) != 3 || !strings.HasPrefix(rep.Warnings[0], "trained encoder: ") {
			t.Errorf("two items that are like no other should be a warning for all methods: %q", rep.Warnings)
		}
	})
}

// The baseline's threshold comes from validation: another test frame does not move it, another val does.
func TestBaselineThreshold(t *testing.T) {
	backend := devicetest.Go(t)
	m, val := toymodel.Trained(t)
	defer m.Close()
	threshold := func(val, test *data.Frame) float64 {
		r, err := itemsOf(t.Context(), backend, m, "test", val, test, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Baseline.Name != "standardised features, no training" {
			t.Errorf("the baseline is %q", r.Baseline.Name)
		}
		return r.Baseline.Threshold
	}
	a, b := labtest.Toy("e", 4, 10, 9, 0.5, 5), labtest.Toy("e", 3, 12, 9, 2, 6)
	if threshold(val, a) != threshold(val, b) {
		t.Error("the threshold depends on the test items")
	}
	if threshold(val, a) == threshold(labtest.Toy("w", 4, 10, 9, 3, 7), a) {
		t.Error("the threshold does not depend on the validation items")
	}
	scaled, err := m.Standard.Frame(t.Context(), val)
	if err != nil {
		t.Fatal(err)
	}
	z, err := embedding.UnitRows(t.Context(), m.Standard, val)
	if err != nil {
		t.Fatal(err)
	}
	var want []float64
	for i := range val.N() {
		want = append(want, labtest.OracleUnit(labtest.Widen(scaled.Row(i)))...)
	}
	labtest.WantNear(t, "baseline", z.Values, want, 1e-6)
}

func TestItemsPerfect(t *testing.T) {
	backend := devicetest.Go(t)
	rows := [][]float32{{1, 0, 5}, {2, 0, 1}, {3, 0, 4}, {0, 1, 3}, {0, 4, 5}, {0, 2, 2}}
	labels := []string{"a", "a", "a", "b", "b", "b"}
	val, test := labtest.FrameOf("v", labels, rows...), labtest.FrameOf("e", labels, rows...)
	m := toymodel.Identity(val.Columns, []float32{1, 0, 0}, []float32{0, 1, 0}, []float32{0, 0, 0}) // without the noise
	defer m.Close()
	unsure, err := itemsOf(t.Context(), backend, m, "new items", val, test, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(unsure.Verdict(), "training makes no clear difference: MAP@R +") { // six items say little
		t.Errorf("%s", unsure)
	}
	opt := Options{NoIntervals: true}
	rep, err := itemsOf(t.Context(), backend, m, "new items", val, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	want := report.Metrics{Name: "trained encoder",
		Values: map[string]float64{stats.ROCAUC: 1, stats.EER: 0, stats.AveragePrecision: 1, stats.Accuracy: 1,
			stats.FPR: 0, stats.FNR: 0, stats.MAPAtR: 1, stats.RecallAt1: 1, stats.RPrecision: 1}, Threshold: 0.5,
		OnValidation: 1,
		Validation:   report.AtThreshold{Accuracy: 1}}
	if diff := cmp.Diff(want, rep.Trained); diff != "" {
		t.Error(diff)
	}
	if rep.Baseline.Values[stats.ROCAUC] >= 1 || rep.Baseline.Values[stats.MAPAtR] >= 1 ||
		!strings.HasPrefix(rep.Verdict(), "training helps: MAP@R +") {
		t.Errorf("baseline %+v, verdict %q", rep.Baseline, rep.Verdict())
	}
	text := rep.String()
	labtest.WantText(t, text, "new items: 6 items of 2 classes, all 15 pairs (40.0 % same)", "trained encoder",
		"no training", "training helps", "ROC-AUC")
	// The other way round: an encoder that sees the noise alone.
	blind := toymodel.Identity(val.Columns, []float32{0, 0, 0}, []float32{0, 0, 0}, []float32{0, 0, 1})
	defer blind.Close()
	if rep, err = itemsOf(t.Context(), backend, blind, "new items", val, test, opt); err != nil {
		t.Fatal(err)
	}
	if rep.Trained.Values[stats.ROCAUC] != 0.5 ||
		!strings.HasPrefix(rep.Verdict(), "training does NOT help: the features alone are better: MAP@R -") {
		t.Errorf("%+v, verdict %q", rep.Trained, rep.Verdict())
	}
	finiteJSON(t, rep)
}

func TestItemsRefuses(t *testing.T) {
	backend := devicetest.Go(t)
	tests := []struct {
		name  string
		spoil func(m *siamese.Model, val, test *data.Frame) (*siamese.Model, *data.Frame, *data.Frame)
		want  []string
	}{
		{"overlap", func(m *siamese.Model, val, test *data.Frame) (*siamese.Model, *data.Frame, *data.Frame) {
			test.IDs[2], test.IDs[5] = "v4", "v1"
			return m, val, test
		}, []string{"2 item(s) are in both validation and test", `"v4"`}},
		{"no labels", func(m *siamese.Model, val, test *data.Frame) (*siamese.Model, *data.Frame, *data.Frame) {
			test.Labels = nil
			return m, val, test
		}, []string{"no test item has a label"}},
		{"unknown labels", func(m *siamese.Model, val, test *data.Frame) (*siamese.Model, *data.Frame, *data.Frame) {
			test.Labels = make([]string, test.N())
			return m, val, test
		}, []string{"no test item has a label"}},
		{"validation without labels", func(m *siamese.Model, val, test *data.Frame) (*siamese.Model, *data.Frame,
			*data.Frame) {
			val.Labels = nil
			return m, val, test
		}, []string{"validation items: pairs: "}},
		{"no frames", func(m *siamese.Model, _, test *data.Frame) (*siamese.Model, *data.Frame, *data.Frame) {
			return m, nil, test
		}, []string{"validation items: ", "nil"}},
		{"no items", func(m *siamese.Model, val, test *data.Frame) (*siamese.Model, *data.Frame, *data.Frame) {
			return m, val, test.Select(nil)
		}, []string{"test items: ", "no items"}},
		{"NaN", func(m *siamese.Model, val, test *data.Frame) (*siamese.Model, *data.Frame, *data.Frame) {
			test.X[7] = float32(math.NaN())
			return m, val, test
		}, []string{"test items: ", `NaN in item "e1" column "x/1"`}},
		{"other columns", func(m *siamese.Model, val, test *data.Frame) (*siamese.Model, *data.Frame, *data.Frame) {
			test.Columns[0] = "y/0"
			return m, val, test
		}, []string{"test items: ", `missing: "x/0"`}},
		{"no model", func(_ *siamese.Model, val, test *data.Frame) (*siamese.Model, *data.Frame, *data.Frame) {
			return &siamese.Model{}, val, test
		}, []string{"the model is empty"}},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			val, test := labtest.PositiveToy("v", 3, 8, 1), labtest.PositiveToy("e", 3, 9, 2)
			m, val, test := c.spoil(toymodel.Identity(val.Columns), val, test)
			report, err := itemsOf(t.Context(), backend, m, "new items", val, test, Options{})
			if report != nil {
				t.Errorf("there is a report: %+v", report)
			}
			labtest.WantError(t, err, append(c.want, "evaluate new items: ")...)
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := itemsOf(ctx, backend, toymodel.Identity(labtest.PositiveToy("v", 3, 8, 1).Columns), "x",
		labtest.PositiveToy("v", 3, 8, 1), labtest.PositiveToy("e", 3, 9, 2), Options{})
	labtest.WantError(t, err, context.Canceled.Error())
}

// Whatever the test items are, metrics are numbers.
func TestItemsDegenerate(t *testing.T) {
	backend := devicetest.Go(t)
	val := labtest.PositiveToy("v", 3, 8, 1)
	m := toymodel.Identity(val.Columns)
	defer m.Close()
	one := labtest.PositiveToy("e", 1, 6, 2)
	lone := labtest.PositiveToy("e", 5, 1, 2)
	single := labtest.PositiveToy("e", 1, 1, 2)
	same := labtest.PositiveToy("e", 2, 4, 2)
	zero := labtest.PositiveToy("e", 2, 4, 2)
	clear(zero.X)
	for i := range same.X {
		same.X[i] = 1
	}
	frames := map[string]*data.Frame{"one class": one, "lone classes": lone, "one item": single, "equal items": same,
		"zero items": zero}
	for name, test := range frames {
		t.Run(name, func(t *testing.T) {
			report, err := itemsOf(t.Context(), backend, m, name, val, test, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Warnings) == 0 {
				t.Errorf("no warning: %+v", report)
			}
			if v := report.Verdict(); strings.Contains(v, "helps") {
				t.Errorf("verdict %q", v)
			}
			finiteJSON(t, report)
		})
	}
	rng := rand.New(rand.NewPCG(3, 3))
	for k := range 60 {
		n := 1 + rng.IntN(12)
		var rows [][]float32
		var labels []string
		for range n {
			row := make([]float32, val.F())
			for c := range row {
				row[c] = float32(rng.IntN(3)) // many ties and zero rows
			}
			rows, labels = append(rows, row), append(labels, []string{"", "a", "b", "c"}[rng.IntN(4)])
		}
		labels[0] = "a"
		report, err := itemsOf(t.Context(), backend, m, fmt.Sprint(k), val, labtest.FrameOf("e", labels, rows...),
			Options{})
		if err != nil {
			t.Fatal(err)
		}
		finiteJSON(t, report)
	}
}

// finiteJSON fails unless the report survives JSON, which has no NaN, and its metrics lie between 0 and 1.
func finiteJSON(t *testing.T, rep *report.Report) {
	t.Helper()
	labtest.WantJSON(t, rep)
	for _, f := range []report.Metrics{rep.Trained, rep.Baseline} {
		for _, v := range []float64{f.Values[stats.ROCAUC], f.Values[stats.EER], f.Values[stats.MAPAtR],
			f.Values[stats.RecallAt1], f.Values[stats.Accuracy], f.Values[stats.FPR], f.Values[stats.FNR],
			rep.Positive} {
			if !(v >= 0 && v <= 1) {
				t.Errorf("%+v, positive %v", f, rep.Positive)
				break
			}
		}
	}
}
