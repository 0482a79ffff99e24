package siamese

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
)

// naive are figures from plain loops over all pairs of unit vectors; labels "" are the same as nothing.
func naive(z *Embeddings, labels []string) (auc, recallAt1, mapAtR float64) {
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

// positiveToy is a toy frame without negative features.
func positiveToy(prefix string, classes, perClass int, seed uint64) *data.Frame {
	f := toy(prefix, classes, perClass, 6, 0.8, seed)
	for i, v := range f.X {
		f.X[i] = v*v + 0.01
	}
	return f
}

func TestEvaluateAgainstNaive(t *testing.T) {
	onBackends(t, func(t *testing.T, backend *Backend) {
		val, test := positiveToy("v", 3, 8, 1), positiveToy("e", 3, 9, 2)
		test.Labels[4], test.Labels[5] = "", "alone"
		drop := identity(val.Columns, []float32{0}) // an encoder that does not look at the first feature
		defer drop.Close()
		drop.Threshold = 0.6
		report, err := Evaluate(t.Context(), backend, drop, "new items", val, test)
		if err != nil {
			t.Fatal(err)
		}
		if report.Name != "new items" || report.Items != 27 || report.Classes != 4 || report.Pairs != 27*26/2 {
			t.Errorf("%+v", report)
		}
		positives := float64(9*8/2 + 9*8/2 + 7*6/2)
		if !near(report.Positive, positives/(27*26/2), 1e-12) {
			t.Errorf("share of positives %v", report.Positive)
		}
		raw, err := unitRows(t.Context(), drop.Standard, test) // which changes nothing here
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name string
			got  Figures
			z    *Embeddings
		}{{"trained encoder", report.Trained, embed(t, drop, backend, test)}, {"standardised features, no training", report.Baseline, raw},
			{"preprocessed features, no training", *report.Preprocessed, raw}} {
			auc, recall, mapAtR := naive(c.z, test.Labels)
			if c.got.Name != c.name || !near(c.got.ROCAUC, auc, 1e-4) || !near(c.got.RecallAt1, recall, 1e-9) || !near(c.got.MAPAtR, mapAtR, 1e-9) {
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
			fnr, fpr := fn/positives, fp/(float64(report.Pairs)-positives)
			if !near(c.got.FNR, fnr, 1e-9) || !near(c.got.FPR, fpr, 1e-9) || !near(c.got.Accuracy, 1-(fnr+fpr)/2, 1e-9) {
				t.Errorf("%s: FNR %v, FPR %v, accuracy %v, want %v and %v", c.name, c.got.FNR, c.got.FPR, c.got.Accuracy, fnr, fpr)
			}
		}
		if report.Trained.Threshold != 0.6 {
			t.Errorf("the model's threshold became %v", report.Trained.Threshold)
		}
		if len(report.Warnings) != 3 || !strings.HasPrefix(report.Warnings[0], "trained encoder: ") {
			t.Errorf("two items that are like no other should be told for all: %q", report.Warnings)
		}
	})
}

// The baseline's threshold comes from validation: another test frame does not move it, another val does.
func TestBaselineThreshold(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	m, val := trained(t)
	defer m.Close()
	threshold := func(val, test *data.Frame) float64 {
		r, err := Evaluate(t.Context(), backend, m, "test", val, test)
		if err != nil {
			t.Fatal(err)
		}
		if r.Baseline.Name != "standardised features, no training" {
			t.Errorf("the baseline is %q", r.Baseline.Name)
		}
		return r.Baseline.Threshold
	}
	a, b := toy("e", 4, 10, 9, 0.5, 5), toy("e", 3, 12, 9, 2, 6)
	if threshold(val, a) != threshold(val, b) {
		t.Error("the threshold depends on the test items")
	}
	if threshold(val, a) == threshold(toy("w", 4, 10, 9, 3, 7), a) {
		t.Error("the threshold does not depend on the validation items")
	}
	scaled, err := m.Standard.Frame(t.Context(), val)
	if err != nil {
		t.Fatal(err)
	}
	z, err := unitRows(t.Context(), m.Standard, val)
	if err != nil {
		t.Fatal(err)
	}
	var want []float64
	for i := range val.N() {
		want = append(want, oracleUnit(widen(scaled.Row(i)))...)
	}
	wantNear(t, "baseline", z.Values, want, 1e-6)
}

func TestEvaluatePerfect(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	rows := [][]float32{{1, 0, 5}, {2, 0, 1}, {3, 0, 4}, {0, 1, 3}, {0, 4, 5}, {0, 2, 2}}
	labels := []string{"a", "a", "a", "b", "b", "b"}
	val, test := frameOf("v", labels, rows...), frameOf("e", labels, rows...)
	m := identity(val.Columns, []float32{1, 0, 0}, []float32{0, 1, 0}, []float32{0, 0, 0}) // without the noise
	defer m.Close()
	unsure, err := Evaluate(t.Context(), backend, m, "new items", val, test)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(unsure.Verdict(), "training makes no clear difference: MAP@R +") { // six items say little
		t.Errorf("%s", unsure)
	}
	opt := EvaluateOptions{NoIntervals: true}
	report, err := EvaluateWith(t.Context(), backend, m, "new items", val, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	want := Figures{Name: "trained encoder", ROCAUC: 1, MAPAtR: 1, RecallAt1: 1, Threshold: 0.5, Accuracy: 1, Validation: AtThreshold{Accuracy: 1}}
	if diff := cmp.Diff(want, report.Trained); diff != "" {
		t.Error(diff)
	}
	if report.Baseline.ROCAUC >= 1 || report.Baseline.MAPAtR >= 1 || !strings.HasPrefix(report.Verdict(), "training helps: MAP@R +") {
		t.Errorf("baseline %+v, verdict %q", report.Baseline, report.Verdict())
	}
	text := report.String()
	for _, part := range []string{"new items: 6 items of 2 classes, all 15 pairs (40.0 % same)", "trained encoder", "no training", "training helps", "ROC-AUC"} {
		if !strings.Contains(text, part) {
			t.Errorf("the report does not say %q:\n%s", part, text)
		}
	}
	// The other way round: an encoder that sees the noise alone.
	blind := identity(val.Columns, []float32{0, 0, 0}, []float32{0, 0, 0}, []float32{0, 0, 1})
	defer blind.Close()
	if report, err = EvaluateWith(t.Context(), backend, blind, "new items", val, test, opt); err != nil {
		t.Fatal(err)
	}
	if report.Trained.ROCAUC != 0.5 || !strings.HasPrefix(report.Verdict(), "training does NOT help: the features alone are better: MAP@R -") {
		t.Errorf("%+v, verdict %q", report.Trained, report.Verdict())
	}
	finiteJSON(t, report)
}

func TestVerdict(t *testing.T) {
	report := func(positive, autoMAP, auc float64) *Report {
		return &Report{Positive: positive, Trained: Figures{MAPAtR: 0.5 + autoMAP, ROCAUC: 0.5 + auc}, Baseline: Figures{MAPAtR: 0.5, ROCAUC: 0.5}}
	}
	tests := []struct {
		r    *Report
		want string
	}{
		{report(0.1, 0.25, 0.125), "training helps: MAP@R +0.250, ROC-AUC +0.125 (one run; no interval)"},
		{report(0.1, -0.25, -0.125), "training does NOT help: the features alone are better: MAP@R -0.250, ROC-AUC -0.125 (one run; no interval)"},
		{report(0.1, 0, -0.125), "training does NOT help: the features alone are better: MAP@R +0.000, ROC-AUC -0.125 (one run; no interval)"},
		{report(0.1, 0.25, -0.125), "training helps by one measure and hurts by the other: MAP@R +0.250, ROC-AUC -0.125 (one run; no interval)"},
		{report(0.1, 0, 0), "training makes no difference: MAP@R +0.000, ROC-AUC +0.000 (one run; no interval)"},
		{report(0, 0, 0), "nothing can be said: no two items are of one class"},
		{report(1, 0.5, 0), "nothing can be said: all items are of one class"},
	}
	for _, test := range tests {
		if got := test.r.Verdict(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

func TestEvaluateRefuses(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		spoil func(m *Model, val, test *data.Frame) (*Model, *data.Frame, *data.Frame)
		want  []string
	}{
		{"overlap", func(m *Model, val, test *data.Frame) (*Model, *data.Frame, *data.Frame) {
			test.IDs[2], test.IDs[5] = "v4", "v1"
			return m, val, test
		}, []string{"2 item(s) are in both validation and test", `"v4"`}},
		{"no labels", func(m *Model, val, test *data.Frame) (*Model, *data.Frame, *data.Frame) {
			test.Labels = nil
			return m, val, test
		}, []string{"no test item has a label"}},
		{"unknown labels", func(m *Model, val, test *data.Frame) (*Model, *data.Frame, *data.Frame) {
			test.Labels = make([]string, test.N())
			return m, val, test
		}, []string{"no test item has a label"}},
		{"validation without labels", func(m *Model, val, test *data.Frame) (*Model, *data.Frame, *data.Frame) {
			val.Labels = nil
			return m, val, test
		}, []string{"validation items: pairs: "}},
		{"no frames", func(m *Model, _, test *data.Frame) (*Model, *data.Frame, *data.Frame) { return m, nil, test }, []string{"validation items: ", "nil"}},
		{"no items", func(m *Model, val, test *data.Frame) (*Model, *data.Frame, *data.Frame) {
			return m, val, test.Select(nil)
		}, []string{"test items: ", "no items"}},
		{"NaN", func(m *Model, val, test *data.Frame) (*Model, *data.Frame, *data.Frame) {
			test.X[7] = float32(math.NaN())
			return m, val, test
		}, []string{"test items: ", `NaN in item "e1" column "x/1"`}},
		{"other columns", func(m *Model, val, test *data.Frame) (*Model, *data.Frame, *data.Frame) {
			test.Columns[0] = "y/0"
			return m, val, test
		}, []string{"test items: ", `missing: "x/0"`}},
		{"no model", func(_ *Model, val, test *data.Frame) (*Model, *data.Frame, *data.Frame) { return &Model{}, val, test }, []string{"the model is empty"}},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			val, test := positiveToy("v", 3, 8, 1), positiveToy("e", 3, 9, 2)
			m, val, test := c.spoil(identity(val.Columns), val, test)
			report, err := Evaluate(t.Context(), backend, m, "new items", val, test)
			if report != nil {
				t.Errorf("there is a report: %+v", report)
			}
			wantError(t, err, append(c.want, "evaluate new items: ")...)
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Evaluate(ctx, backend, identity(positiveToy("v", 3, 8, 1).Columns), "x", positiveToy("v", 3, 8, 1), positiveToy("e", 3, 9, 2))
	wantError(t, err, context.Canceled.Error())
}

// Whatever the test items are, figures are numbers.
func TestEvaluateDegenerate(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	val := positiveToy("v", 3, 8, 1)
	m := identity(val.Columns)
	defer m.Close()
	one := positiveToy("e", 1, 6, 2)
	lone := positiveToy("e", 5, 1, 2)
	single := positiveToy("e", 1, 1, 2)
	same := positiveToy("e", 2, 4, 2)
	zero := positiveToy("e", 2, 4, 2)
	clear(zero.X)
	for i := range same.X {
		same.X[i] = 1
	}
	frames := map[string]*data.Frame{"one class": one, "lone classes": lone, "one item": single, "equal items": same, "zero items": zero}
	for name, test := range frames {
		t.Run(name, func(t *testing.T) {
			report, err := Evaluate(t.Context(), backend, m, name, val, test)
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
		report, err := Evaluate(t.Context(), backend, m, fmt.Sprint(k), val, frameOf("e", labels, rows...))
		if err != nil {
			t.Fatal(err)
		}
		finiteJSON(t, report)
	}
}

// finiteJSON fails unless the report survives JSON, which has no NaN, and its figures lie between 0 and 1.
func finiteJSON(t *testing.T, report *Report) {
	t.Helper()
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	var got Report
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(report, &got); diff != "" {
		t.Error(diff)
	}
	for _, f := range []Figures{report.Trained, report.Baseline} {
		for _, v := range []float64{f.ROCAUC, f.EER, f.MAPAtR, f.RecallAt1, f.Accuracy, f.FPR, f.FNR, report.Positive} {
			if !(v >= 0 && v <= 1) {
				t.Errorf("%+v, positive %v", f, report.Positive)
				break
			}
		}
	}
}
