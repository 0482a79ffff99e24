package siamese

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
)

// baselineNames are the names of Report.Others in order.
func baselineNames(r *Report) (names []string) {
	for _, f := range r.Others {
		names = append(names, f.Name)
	}
	return names
}

// All baselines stand in the report, with figures that are those of the features themselves, and training is held against
// the best of them.
func TestEvaluateBaselines(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	m, val := trained(t)
	defer m.Close()
	train, test := toy("t", 4, 20, 9, 0.5, 1), toy("e", 4, 15, 9, 0.5, 5)
	train.Labels[7], train.Labels[30] = "", "" // which are of no class
	for _, f := range []*data.Frame{train, val, test} {
		f.Blocks = []data.Block{{Name: "x", Start: 0, End: 6}, {Name: "y", Start: 6, End: 9}}
	}
	opt := EvaluateOptions{Train: train}
	report, err := EvaluateWith(t.Context(), backend, m, "new items", val, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{rawName, blocksName, pcaName, whitenedName, ldaName, randomName}
	if got := baselineNames(report); !slices.Equal(got, want) || len(report.Rows()) != 3+len(want) {
		t.Errorf("%q, want %q", got, want)
	}
	raw := *test
	best := report.Baseline
	for _, f := range append(slices.Clone(report.Others), report.Classifier) {
		if f.Intervals == nil || f.Intervals.Name != f.Name || f.Intervals.MAPAtR.Value != f.MAPAtR || !strings.Contains(report.String(), f.Name) {
			t.Errorf("%s: intervals %+v", f.Name, f.Intervals)
		}
		if f.MAPAtR > best.MAPAtR && f != report.Classifier { // which is trained
			best = *f
		}
	}
	if c := report.Comparison; c.A != best.Name || c.MAPAtR.A != best.MAPAtR || !strings.Contains(report.Verdict(), strings.TrimSuffix(best.Name, ", no training")) {
		t.Errorf("compared with %q (%v), the best is %q (%v): %s", c.A, c.MAPAtR.A, best.Name, best.MAPAtR, report.Verdict())
	}
	z := &Embeddings{N: raw.N(), E: raw.F()}
	for i := range raw.N() {
		for _, v := range oracleUnit(widen(raw.Row(i))) {
			z.Values = append(z.Values, float32(v))
		}
	}
	auc, recall, mapAtR := naive(z, raw.Labels)
	if f := report.Others[0]; !near(f.ROCAUC, auc, 1e-4) || !near(f.RecallAt1, recall, 1e-9) || !near(f.MAPAtR, mapAtR, 1e-9) {
		t.Errorf("raw features: %+v, want ROC-AUC %v, Recall@1 %v, MAP@R %v", f, auc, recall, mapAtR)
	}
	lda := report.Others[4]
	if lda.MAPAtR <= report.Baseline.MAPAtR+0.1 { // six of nine features are noise, which discriminants see and the cosine does not
		t.Errorf("linear discriminants: MAP@R %v, the features alone %v", lda.MAPAtR, report.Baseline.MAPAtR)
	}
	finiteJSON(t, report)

	// Others are fitted on the training items alone: other labels of test items change figures, not thresholds.
	slices.Reverse(test.Labels)
	again, err := EvaluateWith(t.Context(), backend, m, "new items", val, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	was := append(slices.Clone(report.Others), report.Classifier)
	for k, f := range append(slices.Clone(again.Others), again.Classifier) {
		if f.Threshold != was[k].Threshold || f.Validation != was[k].Validation {
			t.Errorf("%s: the labels of test items changed the threshold", f.Name)
		}
	}
	train.IDs[3] = test.IDs[2]
	_, err = EvaluateWith(t.Context(), backend, m, "new items", val, test, opt)
	wantError(t, err, "in both training and test")
}

// What cannot be fitted is told and stops nothing.
func TestEvaluateBaselinesDegenerate(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	m, val := trained(t)
	defer m.Close()
	train, test := toy("t", 1, 20, 9, 0.5, 1), toy("e", 4, 15, 9, 0.5, 5)
	report, err := EvaluateWith(t.Context(), backend, m, "new items", val, test, EvaluateOptions{Train: train, NoIntervals: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := baselineNames(report); !slices.Equal(got, []string{rawName, pcaName, whitenedName, randomName}) || report.Classifier != nil ||
		!strings.Contains(report.String(), "no linear discriminants") || !strings.Contains(report.String(), "no classifier's last hidden layer") {
		t.Errorf("one training class: %s", report)
	}
	for i := range train.X {
		train.X[i] = 1
	}
	if report, err = EvaluateWith(t.Context(), backend, m, "new items", val, test, EvaluateOptions{Train: train, NoIntervals: true}); err != nil {
		t.Fatal(err)
	}
	if got := baselineNames(report); !slices.Equal(got, []string{rawName, randomName}) || !strings.Contains(report.String(), "no principal components") {
		t.Errorf("equal training items: %s", report)
	}
	finiteJSON(t, report)
}

// Components cut from all of them are those that are fitted when so many are asked for.
func TestFirstComponents(t *testing.T) {
	train := toy("t", 4, 20, 9, 0.5, 1)
	spec := preprocess.Options{Variance: 1}
	all, err := preprocess.Fit(t.Context(), train, allItems(train), spec)
	if err != nil {
		t.Fatal(err)
	}
	spec = preprocess.Options{Components: 3, Whiten: true}
	want, err := preprocess.Fit(t.Context(), train, allItems(train), spec)
	if err != nil {
		t.Fatal(err)
	}
	got := firstComponents(all, 3, true)
	if err := got.Validate(); err != nil {
		t.Fatal(err)
	}
	a, err := unitRows(t.Context(), want, train)
	if err != nil {
		t.Fatal(err)
	}
	b, err := unitRows(t.Context(), got, train)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "components", b.Values, widen(a.Values), 1e-5)
	if !near(got.VarianceKept, want.VarianceKept, 1e-6) || firstComponents(all, 99, false).Width() != all.Width() {
		t.Errorf("variance kept %v, want %v", got.VarianceKept, want.VarianceKept)
	}
}

// A classifier of separable classes separates them in its last hidden layer, whose figures are those of a model trained
// so; it is never what training is held against.
func TestEvaluateClassifier(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val, test := toy("t", 4, 20, 9, 0.5, 1), toy("v", 4, 10, 9, 0.5, 2), toy("e", 4, 15, 9, 0.5, 5)
	cfg := toyConfig()
	cfg.BatchPairs, cfg.HardPairs, cfg.LabelSmoothing, cfg.ItemsPerClass = 64, 0.5, 0.1, 1 // none of which a classifier has
	cfg.Epochs = 1
	result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m := result.Model
	defer m.Close()
	told := 0
	opt := EvaluateOptions{Train: train, Progress: func(Progress) { told++ }}
	report, err := EvaluateWith(t.Context(), backend, m, "new items", val, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	best := report.Baseline.MAPAtR
	for _, f := range report.Others {
		best = max(best, f.MAPAtR)
	}
	c := report.Classifier
	if c.MAPAtR < best || c.ROCAUC < 0.95 || report.Comparison.A == c.Name || told == 0 {
		t.Errorf("classifier: MAP@R %v, ROC-AUC %v; %v without training; compared with %q; told %d times", c.MAPAtR, c.ROCAUC, best, report.Comparison.A, told)
	}
	want, err := Train(t.Context(), backend, classifierConfig(m.Config, train), train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer want.Model.Close()
	if got := want.Model.Config.BatchPairs; got != 40 { // of 80 training items
		t.Errorf("batches of 2 x %d items", got)
	}
	alone, err := Evaluate(t.Context(), backend, want.Model, "new items", val, test)
	if err != nil {
		t.Fatal(err)
	}
	if alone.Trained.MAPAtR != c.MAPAtR || alone.Trained.ROCAUC != c.ROCAUC || alone.Trained.EER != c.EER {
		t.Errorf("%+v, the model itself has %+v", c, alone.Trained)
	}
	ctx, cancel := context.WithCancel(t.Context())
	opt.Progress = func(Progress) { cancel() }
	if _, err := EvaluateWith(ctx, backend, m, "new items", val, test, opt); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled amid the classifier's training: %v", err)
	}
}
