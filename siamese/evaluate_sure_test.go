package siamese

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// Intervals and the comparison are those of package stats on what the report compares; the drift is that of the frozen
// threshold on all pairs of validation items.
func TestEvaluateSureness(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	m, val := trained(t)
	defer m.Close()
	test := toy("e", 22, 6, 9, 0.5, 5)
	_, labels := classNumbers(test)
	z := embed(t, m, backend, test)
	raw, err := unitRows(t.Context(), m.Standard, test)
	if err != nil {
		t.Fatal(err)
	}
	for _, opt := range []EvaluateOptions{{}, {Rounds: 40, Level: 0.9}} {
		report, err := EvaluateWith(t.Context(), backend, m, "unseen", val, test, opt)
		if err != nil {
			t.Fatal(err)
		}
		for _, unit := range []stats.Unit{stats.ByItem, stats.ByClass} {
			by := stats.Options{By: unit, Method: stats.Delta, Confidence: opt.Level, Seed: m.Config.Seed}
			if opt.Rounds > 0 {
				by.Method, by.Resamples = stats.BCa, opt.Rounds
			}
			base := stats.One(standardisedName, raw.Values, report.Baseline.Threshold)
			want, err := stats.Compare(t.Context(), base, []stats.System{stats.One(trainedName, z.Values, m.Threshold)}, labels, by)
			if err != nil {
				t.Fatal(err)
			}
			got := []any{report.Baseline.Intervals, report.Trained.Intervals, report.Comparison}
			if unit == stats.ByClass {
				got = []any{report.Baseline.ByClass, report.Trained.ByClass, report.ComparisonByClass}
			}
			if diff := cmp.Diff([]any{want.Metrics[0], want.Metrics[1], want.Comparisons[0]}, got); diff != "" {
				t.Errorf("by %s: %s", unit, diff)
			}
		}
		if s := report.Trained; s.Intervals.MAPAtR.Value != s.MAPAtR || s.Intervals.ROCAUC.Value != s.ROCAUC || s.Intervals.Accuracy.Value != s.Accuracy {
			t.Errorf("figures and intervals are of other things: %+v, %+v", s, s.Intervals)
		}
		// What the threshold does to validation items is as sure as the same figures of test items would be.
		_, before := classNumbers(val)
		onVal, err := stats.Intervals(t.Context(), stats.One("", embed(t, m, backend, val).Values, m.Threshold), before, stats.Options{Method: stats.Delta, Confidence: opt.Level})
		if err != nil {
			t.Fatal(err)
		}
		was, want := report.Trained.ValidationIntervals, onVal.AtThreshold()
		want.Threshold, want.Warnings = m.Threshold, nil
		if diff := cmp.Diff(&want, was, cmpopts.EquateApprox(0, 1e-9)); diff != "" || !near(was.FPR.Value, report.Trained.Validation.FPR, 1e-12) || report.Baseline.ValidationIntervals.Threshold != report.Baseline.Threshold {
			t.Errorf("on validation items: %s", diff)
		}
		drift, now := fmt.Sprintf("accuracy %.3f [%.3f, %.3f] to ", was.Accuracy.Value, was.Accuracy.Low, was.Accuracy.High), report.Trained.Intervals
		drift += fmt.Sprintf("%.3f [%.3f, %.3f], FPR %.3f [", report.Trained.Accuracy, now.Accuracy.Low, now.Accuracy.High, was.FPR.Value)
		text := report.String()
		for _, part := range []string{drift, ends(report.Trained.Intervals.MAPAtR), "for other classes: MAP@R ", "threshold ", "Brier ", "intervals by items"} {
			if !strings.Contains(text, part) {
				t.Errorf("the report does not say %q:\n%s", part, text)
			}
		}
		finiteJSON(t, report)
	}
	report, err := EvaluateWith(t.Context(), backend, m, "unseen", val, test, EvaluateOptions{NoIntervals: true})
	if err != nil {
		t.Fatal(err)
	}
	if report.Trained.Intervals != nil || report.Trained.ValidationIntervals != nil || report.Comparison != nil || report.ComparisonByClass != nil || !strings.Contains(report.Verdict(), "no interval") {
		t.Errorf("intervals that nobody wanted: %s", report)
	}
	_, labels = classNumbers(val)
	onVal, err := metric.AllPairs(t.Context(), embed(t, m, backend, val).Values, labels,
		metric.Options{Verification: metric.VerificationOptions{Thresholds: []float64{m.Threshold}}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := report.Trained.Validation, atThreshold(onVal.Verification.At[0]); got != want || got.Accuracy == report.Trained.Accuracy {
		t.Errorf("on validation items %+v, want %+v", got, want)
	}
	_, err = EvaluateWith(t.Context(), backend, m, "unseen", val, test, EvaluateOptions{Rounds: 3})
	wantError(t, err, "Resamples is 3")
}

// Brier score and pairs of the calibrated probabilities against a loop over all pairs.
func TestEvaluateProbabilities(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	m, val := trained(t)
	defer m.Close()
	test := toy("e", 3, 8, 9, 0.5, 5)
	test.Labels[3], test.Labels[4] = "", "" // the same as nothing, not as each other
	report, err := Evaluate(t.Context(), backend, m, "new items", val, test)
	if err != nil {
		t.Fatal(err)
	}
	z := embed(t, m, backend, test)
	var sum, n [2]float64
	for i := range test.N() {
		for j := range i {
			kind, truth := 0, 0.0
			if test.Labels[i] != "" && test.Labels[i] == test.Labels[j] {
				kind, truth = 1, 1
			}
			p, err := m.Probability(z.Cosine(i, j), 0)
			if err != nil {
				t.Fatal(err)
			}
			sum[kind] += (p - truth) * (p - truth)
			n[kind]++
		}
	}
	p := report.Probabilities
	share := m.Calibration.Fitted
	if want := share*sum[1]/n[1] + (1-share)*sum[0]/n[0]; p == nil || p.Pairs != 24*23/2 || !near(p.Brier, want, 1e-9) || !near(p.Prevalence, share, 1e-9) {
		t.Errorf("%+v, want Brier score %v at prevalence %v", p, want, share)
	}
	for _, c := range []struct {
		value float64
		i     *stats.Interval
	}{{p.Brier, p.BrierInterval}, {p.ECE, p.ECEInterval}} {
		if c.i == nil || c.i.Value != c.value || !(0 <= c.i.Low && c.i.Low < c.value && c.value < c.i.High && c.i.High <= 1) || !strings.Contains(report.String(), fmt.Sprintf("[%.4f, %.4f]", c.i.Low, c.i.High)) {
			t.Errorf("%v has the interval %+v: %s", c.value, c.i, report)
		}
	}
	for _, b := range append(slices.Clone(p.EqualWidth), p.EqualMass...) {
		if s := b.Share; s.Method == "wilson" && s != stats.Wilson(s.Value, float64(min(test.N(), b.Pairs)), s.Confidence) || !(0 <= s.Low && s.Low <= s.Value && s.Value <= s.High && s.High <= 1) {
			t.Errorf("a share of pairs that share items has the interval %+v", s)
		}
	}
	if !slices.ContainsFunc(p.EqualWidth, func(b stats.Bin) bool { return b.Share.Method == "subsamples" }) {
		t.Errorf("no share has an interval by subsamples: %+v", p.EqualWidth)
	}
	m.Calibration = nil
	if report, err = Evaluate(t.Context(), backend, m, "new items", val, test); err != nil {
		t.Fatal(err)
	}
	if report.Probabilities != nil || strings.Contains(report.String(), "Brier") {
		t.Errorf("without a calibration there are no probabilities: %s", report)
	}
}

func TestForPairs(t *testing.T) {
	count := func(n, limit int) map[[2]int]int {
		seen := map[[2]int]int{}
		forPairs(n, limit, rand.New(rand.NewPCG(1, 1)), func(i, j int) {
			if i == j || min(i, j) < 0 || max(i, j) >= n {
				t.Fatalf("pair %d, %d of %d items", i, j, n)
			}
			seen[[2]int{max(i, j), min(i, j)}]++
		})
		return seen
	}
	for n, want := range []int{0, 0, 1, 3, 6, 10} {
		if got := count(n, 10); len(got) != want {
			t.Errorf("%d items: %d pairs, want %d", n, len(got), want)
		}
	}
	// Beyond the limit as many are drawn, every pair as often.
	often := map[[2]int]int{}
	rng := rand.New(rand.NewPCG(3, 3))
	for range 4000 {
		forPairs(5, 9, rng, func(i, j int) { often[[2]int{i, j}]++ })
	}
	if len(often) != 20 {
		t.Errorf("%d ordered pairs of 20", len(often))
	}
	for pair, n := range often {
		if n < 1600 || n > 2000 { // 1800 expected, standard deviation 41
			t.Errorf("pair %v was drawn %d times", pair, n)
		}
	}
}

func TestSureVerdict(t *testing.T) {
	interval := func(low, high float64) stats.Difference {
		return stats.Difference{Interval: stats.Interval{Value: (low + high) / 2, Low: low, High: high, Confidence: 0.95}}
	}
	for _, c := range []struct {
		byMAP, byAUC [2]float64
		want         string
	}{
		{[2]float64{0.25, 0.75}, [2]float64{0.125, 0.375}, "training helps: MAP@R +0.500 [+0.250, +0.750], ROC-AUC +0.250 [+0.125, +0.375]"},
		{[2]float64{0.25, 0.75}, [2]float64{-0.125, 0.375}, "training helps: "},
		{[2]float64{-0.25, 0.75}, [2]float64{-0.125, 0.375}, "training makes no clear difference: "},
		{[2]float64{0, 0}, [2]float64{0, 0}, "training makes no clear difference: "},
		{[2]float64{-0.25, 0.75}, [2]float64{-0.375, -0.125}, "training does NOT help: the features alone are better: "},
		{[2]float64{0.25, 0.75}, [2]float64{-0.375, -0.125}, "training helps by one measure and hurts by the other: "},
	} {
		r := &Report{Positive: 0.1, Comparison: &stats.Comparison{MAPAtR: interval(c.byMAP[0], c.byMAP[1]), ROCAUC: interval(c.byAUC[0], c.byAUC[1])}}
		if got := r.Verdict(); !strings.HasPrefix(got, c.want) || !strings.HasSuffix(got, " (95 % intervals by items, one run)") {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
