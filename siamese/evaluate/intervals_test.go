package evaluate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// Intervals and the comparison are those of package stats on what the report compares; the generalisation gap is that
// of the frozen threshold on all pairs of validation items.
func TestItemsIntervals(t *testing.T) {
	backend := devicetest.Go(t)
	m, val := toymodel.Trained(t)
	defer m.Close()
	test := labtest.Toy("e", 22, 6, 9, 0.5, 5)
	_, labels := itemset.ClassNumbers(test)
	z := toymodel.Embed(t, m, backend, test)
	raw, err := embedding.UnitRows(t.Context(), m.Standard, test)
	if err != nil {
		t.Fatal(err)
	}
	for _, opt := range []Options{{}, {Bootstrap: true, Resamples: 40, Confidence: 0.9}} {
		rep, err := itemsOf(t.Context(), backend, m, "unseen", val, test, opt)
		if err != nil {
			t.Fatal(err)
		}
		for _, unit := range []stats.Unit{stats.ByItem, stats.ByClass} {
			by := stats.Options{By: unit, Method: stats.Delta, Confidence: opt.Confidence, Seed: m.Config.Seed}
			if opt.Bootstrap {
				by.Method, by.Resamples = stats.BCa, opt.Resamples
			}
			base := stats.One(report.StandardisedName, raw.Values, rep.Baseline.Threshold)
			want, err := stats.Compare(t.Context(), base,
				[]stats.System{stats.One(report.TrainedName, z.Values, m.Threshold)}, labels, by)
			if err != nil {
				t.Fatal(err)
			}
			got := []any{rep.Baseline.Intervals, rep.Trained.Intervals, rep.Comparison}
			if unit == stats.ByClass {
				got = []any{rep.Baseline.ByClass, rep.Trained.ByClass, rep.ComparisonByClass}
			}
			if diff := cmp.Diff([]any{want.Metrics[0], want.Metrics[1], want.Comparisons[0]}, got); diff != "" {
				t.Errorf("by %s: %s", unit, diff)
			}
		}
		if s := rep.Trained; s.Intervals.Estimates[stats.MAPAtR].Value != s.Values[stats.MAPAtR] ||
			s.Intervals.Estimates[stats.ROCAUC].Value != s.Values[stats.ROCAUC] ||
			s.Intervals.Estimates[stats.Accuracy].Value != s.Values[stats.Accuracy] {
			t.Errorf("metrics and intervals are of other things: %+v, %+v", s, s.Intervals)
		}
		// What the threshold does to validation items has the intervals that the same items would have as test items.
		_, before := itemset.ClassNumbers(val)
		onVal, err := stats.Intervals(t.Context(),
			stats.One("", toymodel.Embed(t, m, backend, val).Values, m.Threshold), before,
			stats.Options{Method: stats.Delta, Confidence: opt.Confidence})
		if err != nil {
			t.Fatal(err)
		}
		was, want := rep.Trained.ValidationIntervals, onVal.AtThreshold()
		want.Threshold, want.Warnings = m.Threshold, nil
		if diff := cmp.Diff(&want, was, cmpopts.EquateApprox(0, 1e-9)); diff != "" ||
			!labtest.Near(was.FPR.Value, rep.Trained.Validation.FPR, 1e-12) ||
			rep.Baseline.ValidationIntervals.Threshold != rep.Baseline.Threshold {
			t.Errorf("on validation items: %s", diff)
		}
		gap, now := fmt.Sprintf("accuracy %.3f [%.3f, %.3f] to ", was.Accuracy.Value, was.Accuracy.Low,
			was.Accuracy.High), rep.Trained.Intervals
		gap += fmt.Sprintf("%.3f [%.3f, %.3f], FPR %.3f [", rep.Trained.Values[stats.Accuracy],
			now.Estimates[stats.Accuracy].Low, now.Estimates[stats.Accuracy].High, was.FPR.Value)
		text := rep.String()
		labtest.WantText(t, text, gap, report.Ends(rep.Trained.Intervals.Estimates[stats.MAPAtR]),
			"for other classes: MAP@R ", "threshold ", "Brier ", "intervals by items")
		finiteJSON(t, rep)
	}
	rep, err := itemsOf(t.Context(), backend, m, "unseen", val, test, Options{NoIntervals: true})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Trained.Intervals != nil || rep.Trained.ValidationIntervals != nil || rep.Comparison != nil ||
		rep.ComparisonByClass != nil || !strings.Contains(rep.Verdict(), "no interval") {
		t.Errorf("intervals that nobody wanted: %s", rep)
	}
	_, labels = itemset.ClassNumbers(val)
	onVal, err := metric.AllPairs(t.Context(), toymodel.Embed(t, m, backend, val).Values, labels,
		metric.Options{Verification: metric.VerificationOptions{Thresholds: []float64{m.Threshold}}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := rep.Trained.Validation, report.NewAtThreshold(onVal.Verification.At[0]); got != want ||
		got.Accuracy == rep.Trained.Values[stats.Accuracy] {
		t.Errorf("on validation items %+v, want %+v", got, want)
	}
	_, err = itemsOf(t.Context(), backend, m, "unseen", val, test,
		Options{Bootstrap: true, Resamples: 3})
	labtest.WantError(t, err, "Resamples is 3")
	_, err = itemsOf(t.Context(), backend, m, "unseen", val, test, Options{Resamples: 40})
	if !slices.Equal(option.Names(err), []string{"Resamples"}) {
		t.Errorf("resamples without a bootstrap: %v", err)
	}
	if got := (Options{Bootstrap: true}).intervals(stats.ByItem, 1); got.Method != stats.BCa || got.Resamples != 1000 {
		t.Errorf("a bootstrap without a number: %+v", got)
	}
	if got := (Options{Bootstrap: true}).pairIntervals(1).Resamples; got != 1000 {
		t.Errorf("a bootstrap without a number: %d resamples of pairs", got)
	}
}

// Brier score and pairs of the calibrated probabilities against a loop over all pairs.
func TestProbabilities(t *testing.T) {
	backend := devicetest.Go(t)
	m, val := toymodel.Trained(t)
	defer m.Close()
	test := labtest.Toy("e", 3, 8, 9, 0.5, 5)
	test.Labels[3], test.Labels[4] = "", "" // the same as nothing, not as each other
	report, err := itemsOf(t.Context(), backend, m, "new items", val, test, Options{})
	if err != nil {
		t.Fatal(err)
	}
	z := toymodel.Embed(t, m, backend, test)
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
	if want := share*sum[1]/n[1] + (1-share)*sum[0]/n[0]; p == nil || p.Pairs != 24*23/2 ||
		!labtest.Near(p.Brier, want, 1e-9) || !labtest.Near(p.Prevalence, share, 1e-9) {
		t.Errorf("%+v, want Brier score %v at prevalence %v", p, want, share)
	}
	for _, c := range []struct {
		value float64
		i     *stats.Interval
	}{{p.Brier, p.BrierInterval}, {p.ECE, p.ECEInterval}} {
		if c.i == nil || c.i.Value != c.value ||
			!(0 <= c.i.Low && c.i.Low < c.value && c.value < c.i.High && c.i.High <= 1) ||
			!strings.Contains(report.String(), fmt.Sprintf("[%.4f, %.4f]", c.i.Low, c.i.High)) {
			t.Errorf("%v has the interval %+v: %s", c.value, c.i, report)
		}
	}
	for _, b := range append(slices.Clone(p.EqualWidth), p.EqualMass...) {
		if s := b.Share; s.Method == "wilson" &&
			s != stats.Wilson(s.Value, float64(min(test.N(), b.Pairs)), s.Confidence) ||
			!(0 <= s.Low && s.Low <= s.Value && s.Value <= s.High && s.High <= 1) {
			t.Errorf("a share of pairs that share items has the interval %+v", s)
		}
	}
	if !slices.ContainsFunc(p.EqualWidth, func(b stats.Bin) bool { return b.Share.Method == "subsamples" }) {
		t.Errorf("no share has an interval by subsamples: %+v", p.EqualWidth)
	}
	m.Calibration = nil
	if report, err = itemsOf(t.Context(), backend, m, "new items", val, test, Options{}); err != nil {
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
