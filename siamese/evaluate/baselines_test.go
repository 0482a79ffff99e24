package evaluate

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// baselineNames are the names of Report.Others in order.
func baselineNames(r *report.Report) (names []string) {
	for _, f := range r.Others {
		names = append(names, f.Name)
	}
	return names
}

// All baselines stand in the report, with metrics that are those of the features themselves, and training is compared
// with the best of them.
func TestBaselines(t *testing.T) {
	backend := devicetest.Go(t)
	m, val := toymodel.Trained(t)
	defer m.Close()
	train, test := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("e", 4, 15, 9, 0.5, 5)
	train.Labels[7], train.Labels[30] = "", "" // which are of no class
	for _, f := range []*data.Frame{train, val, test} {
		f.Blocks = []data.Block{{Name: "x", Start: 0, End: 6}, {Name: "y", Start: 6, End: 9}}
	}
	opt := Options{Train: train}
	rep, err := itemsOf(t.Context(), backend, m, "new items", val, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{report.RawName, report.BlocksName, report.PCAName, report.WhitenedName, report.LDAName,
		report.PLDAName, report.KISSMEName, report.LFDAName, report.NCAName, report.RandomName}
	if got := baselineNames(rep); !slices.Equal(got, want) || len(rep.Rows()) != 3+len(want) {
		t.Errorf("%q, want %q", got, want)
	}
	raw := *test
	best := rep.Baseline
	for _, f := range append(slices.Clone(rep.Others), rep.Classifier) {
		if f.Intervals == nil || f.Intervals.Name != f.Name ||
			f.Intervals.Estimates[stats.MAPAtR].Value != f.Values[stats.MAPAtR] ||
			!strings.Contains(rep.String(), f.Name) {
			t.Errorf("%s: intervals %+v", f.Name, f.Intervals)
		}
		if f.OnValidation > best.OnValidation && f != rep.Classifier { // which is trained
			best = *f
		}
	}
	if c := rep.Comparison; c.A != best.Name || c.Differences[stats.MAPAtR].A != best.Values[stats.MAPAtR] ||
		!strings.Contains(rep.Verdict(), strings.TrimSuffix(best.Name, ", no training")) {
		t.Errorf("compared with %q (%v), the best is %q (%v): %s", c.A, c.Differences[stats.MAPAtR].A, best.Name,
			best.Values[stats.MAPAtR], rep.Verdict())
	}
	z := &embedding.Embeddings{N: raw.N(), E: raw.F()}
	for i := range raw.N() {
		for _, v := range labtest.OracleUnit(labtest.Widen(raw.Row(i))) {
			z.Values = append(z.Values, float32(v))
		}
	}
	auc, recall, mapAtR := naive(z, raw.Labels)
	if f := rep.Others[0]; !labtest.Near(f.Values[stats.ROCAUC], auc, 1e-4) ||
		!labtest.Near(f.Values[stats.RecallAt1], recall, 1e-9) || !labtest.Near(f.Values[stats.MAPAtR], mapAtR, 1e-9) {
		t.Errorf("raw features: %+v, want ROC-AUC %v, Recall@1 %v, MAP@R %v", f, auc, recall, mapAtR)
	}
	lda := rep.Others[4]
	// six of nine features are noise, which discriminants see and the cosine does not
	if lda.Values[stats.MAPAtR] <= rep.Baseline.Values[stats.MAPAtR]+0.1 {
		t.Errorf("linear discriminants: MAP@R %v, the features alone %v", lda.Values[stats.MAPAtR],
			rep.Baseline.Values[stats.MAPAtR])
	}
	for _, learnt := range rep.Others[5:9] {
		if learnt.Values[stats.MAPAtR] <= rep.Baseline.Values[stats.MAPAtR]+0.1 {
			t.Errorf("%s: MAP@R %v, the features alone %v", learnt.Name, learnt.Values[stats.MAPAtR],
				rep.Baseline.Values[stats.MAPAtR])
		}
	}
	finiteJSON(t, rep)

	// Others are fitted on the training items alone: other labels of test items change metrics, not thresholds.
	slices.Reverse(test.Labels)
	again, err := itemsOf(t.Context(), backend, m, "new items", val, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	was := append(slices.Clone(rep.Others), rep.Classifier)
	for k, f := range append(slices.Clone(again.Others), again.Classifier) {
		if f.Threshold != was[k].Threshold || f.Validation != was[k].Validation {
			t.Errorf("%s: the labels of test items changed the threshold", f.Name)
		}
	}
	train.IDs[3] = test.IDs[2]
	_, err = itemsOf(t.Context(), backend, m, "new items", val, test, opt)
	labtest.WantError(t, err, "in both training and test")
}

// What cannot be fitted is a warning and stops nothing.
func TestBaselinesDegenerate(t *testing.T) {
	backend := devicetest.Go(t)
	m, val := toymodel.Trained(t)
	defer m.Close()
	train, test := labtest.Toy("t", 1, 20, 9, 0.5, 1), labtest.Toy("e", 4, 15, 9, 0.5, 5)
	rep, err := itemsOf(t.Context(), backend, m, "new items", val, test, Options{Train: train, NoIntervals: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := baselineNames(rep); !slices.Equal(got,
		[]string{report.RawName, report.PCAName, report.WhitenedName, report.RandomName}) || rep.Classifier != nil ||
		!strings.Contains(rep.String(), "no linear discriminants") ||
		!strings.Contains(rep.String(), "no "+report.PLDAName) ||
		!strings.Contains(rep.String(), "no classifier's last hidden layer") {
		t.Errorf("one training class: %s", rep)
	}
	for i := range train.X {
		train.X[i] = 1
	}
	if rep, err = itemsOf(t.Context(), backend, m, "new items", val, test,
		Options{Train: train, NoIntervals: true}); err != nil {
		t.Fatal(err)
	}
	if got := baselineNames(rep); !slices.Equal(got, []string{report.RawName, report.RandomName}) ||
		!strings.Contains(rep.String(), "no principal components") {
		t.Errorf("equal training items: %s", rep)
	}
	finiteJSON(t, rep)
}

// Components cut from all of them are those that are fitted when so many are asked for.
// A run that is cancelled while components are fitted ends with that error, not with a warning that there are none.
func TestComponentsCancelled(t *testing.T) {
	train := labtest.Toy("t", 3, 10, 6, 0.3, 1)
	m, err := siamese.Untrained(t.Context(), toymodel.Config(), train)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := alternatives{model: m, train: train, classes: true,
		add:  func(string, embedding.Source) error { return nil },
		warn: func(text string) { t.Errorf("a warning: %s", text) }}
	fit := func() (*preprocess.Transform, error) { return a.allComponents(ctx) }
	if err := a.components(ctx, fit); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestFirstComponents(t *testing.T) {
	train := labtest.Toy("t", 4, 20, 9, 0.5, 1)
	spec := preprocess.Options{Variance: 1}
	all, err := preprocess.Fit(t.Context(), train, itemset.AllItems(train), spec)
	if err != nil {
		t.Fatal(err)
	}
	spec = preprocess.Options{Components: 3, Whiten: true}
	want, err := preprocess.Fit(t.Context(), train, itemset.AllItems(train), spec)
	if err != nil {
		t.Fatal(err)
	}
	got := firstComponents(all, 3, true)
	if err := got.Validate(); err != nil {
		t.Fatal(err)
	}
	a, err := embedding.UnitRows(t.Context(), want, train)
	if err != nil {
		t.Fatal(err)
	}
	b, err := embedding.UnitRows(t.Context(), got, train)
	if err != nil {
		t.Fatal(err)
	}
	labtest.WantNear(t, "components", b.Values, labtest.Widen(a.Values), 1e-5)
	if !labtest.Near(got.VarianceKept, want.VarianceKept, 1e-6) ||
		firstComponents(all, 99, false).Width() != all.Width() {
		t.Errorf("variance kept %v, want %v", got.VarianceKept, want.VarianceKept)
	}
}

// A classifier of separable classes separates them in its last hidden layer, whose metrics are those of a model trained
// so; it is never what training is compared with.
func TestClassifier(t *testing.T) {
	backend := devicetest.Go(t)
	train, val, test := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2),
		labtest.Toy("e", 4, 15, 9, 0.5, 5)
	cfg := toymodel.Config()
	// none of which a classifier has
	cfg.BatchPairs, cfg.HardMining, cfg.LabelSmoothing, cfg.SamplesPerClass = 64, 0.5, 0.1, 1
	cfg.Epochs = 1
	result, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m := result.Model
	defer m.Close()
	calls := 0
	opt := Options{Train: train, Progress: func(siamese.Progress) { calls++ }}
	report, err := itemsOf(t.Context(), backend, m, "new items", val, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	best := report.Baseline.Values[stats.MAPAtR]
	for _, f := range report.Others {
		best = max(best, f.Values[stats.MAPAtR])
	}
	c := report.Classifier
	if c.Values[stats.MAPAtR] < best || c.Values[stats.ROCAUC] < 0.95 || report.Comparison.A == c.Name || calls == 0 {
		t.Errorf("classifier: MAP@R %v, ROC-AUC %v; %v without training; compared with %q; %d calls of Progress",
			c.Values[stats.MAPAtR], c.Values[stats.ROCAUC], best, report.Comparison.A, calls)
	}
	want, err := siamese.Train(t.Context(), backend, classifierConfig(m.Config, train), train, val,
		siamese.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer want.Model.Close()
	if got := want.Model.Config.BatchPairs; got != 40 { // of 80 training items
		t.Errorf("batches of 2 x %d items", got)
	}
	alone, err := itemsOf(t.Context(), backend, want.Model, "new items", val, test, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if alone.Trained.Values[stats.MAPAtR] != c.Values[stats.MAPAtR] ||
		alone.Trained.Values[stats.ROCAUC] != c.Values[stats.ROCAUC] ||
		alone.Trained.Values[stats.EER] != c.Values[stats.EER] {
		t.Errorf("%+v, the model itself has %+v", c, alone.Trained)
	}
	ctx, cancel := context.WithCancel(t.Context())
	opt.Progress = func(siamese.Progress) { cancel() }
	if _, err := itemsOf(ctx, backend, m, "new items", val, test, opt); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled amid the classifier's training: %v", err)
	}
}
