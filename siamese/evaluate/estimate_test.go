package evaluate

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// Estimates of an evaluation lie within their stated error of the exact metrics, for every method and every metric; and
// so does the difference that the verdict is about.
func TestEstimate(t *testing.T) {
	backend := devicetest.Go(t)
	m, val := toymodel.Trained(t)
	defer m.Close()
	test := labtest.Toy("e", 6, 80, 9, 0.8, 5)
	exact, err := itemsOf(t.Context(), backend, m, "new items", val, test, Options{})
	if err != nil {
		t.Fatal(err)
	}
	values := func(f report.Metrics) []float64 {
		return []float64{f.Values[stats.ROCAUC], f.Values[stats.EER], f.Values[stats.MAPAtR], f.Values[stats.RecallAt1],
			f.Values[stats.Accuracy], f.Values[stats.FPR], f.Values[stats.FNR]}
	}
	intervals := func(f report.Metrics) []stats.Estimate {
		s := f.Intervals
		return []stats.Estimate{s.Estimates[stats.ROCAUC], s.Estimates[stats.EER], s.Estimates[stats.MAPAtR],
			s.Estimates[stats.RecallAt1], s.Estimates[stats.Accuracy], s.Estimates[stats.FPR], s.Estimates[stats.FNR]}
	}
	const seeds = 20
	held, all, squares := 0, 0, 0.0
	for seed := range uint64(seeds) {
		rep, err := itemsOf(t.Context(), backend, m, "new items", val, test,
			Options{Estimate: 120, EstimateSeed: seed, NoIntervals: true})
		if err != nil {
			t.Fatal(err)
		}
		if rep.Queries != 120 || rep.Pairs != exact.Pairs || rep.Items != 480 {
			t.Fatalf("%+v", rep)
		}
		for _, c := range [][2]report.Metrics{{rep.Trained, exact.Trained}, {rep.Baseline, exact.Baseline}} {
			// there are no more than 120 validation items
			if c[0].Threshold != c[1].Threshold || c[0].Validation != c[1].Validation {
				t.Errorf("thresholds or what they do to validation items differ: %+v and %+v", c[0], c[1])
			}
			want := values(c[1])
			for k, i := range intervals(c[0]) {
				if got := values(c[0])[k]; i.Value != got || i.Method != "queries" || !(i.Low < got && got < i.High) {
					t.Fatalf("%s: metric %d is %v with the interval %+v", c[0].Name, k, got, i)
				}
				all++
				if i.Holds(want[k]) {
					held++
				}
			}
		}
		d := rep.Comparison
		if d.By != stats.ByQuery || d.Differences[stats.MAPAtR].A != rep.Untrained().Values[stats.MAPAtR] ||
			d.Differences[stats.MAPAtR].B != rep.Trained.Values[stats.MAPAtR] ||
			!labtest.Near(d.Differences[stats.MAPAtR].Value,
				d.Differences[stats.MAPAtR].B-d.Differences[stats.MAPAtR].A, 1e-12) {
			t.Errorf("%+v", d)
		}
		z := (d.Differences[stats.MAPAtR].Value - exact.Comparison.Differences[stats.MAPAtR].Value) /
			d.Differences[stats.MAPAtR].StandardError
		squares += z * z / seeds
	}
	if share := float64(held) / float64(all); share < 0.88 { // of 95 %; the metrics of a seed err together
		t.Errorf("intervals hold %d of %d exact metrics", held, all)
	}
	if squares < 0.3 || squares > 2.5 { // 1.1 expected, standard deviation .4
		t.Errorf("squared deviations of the difference are %v times what its standard error says", squares)
	}
}

// A report of estimates says so, and leaves out what only exact ones have.
func TestEstimateIsTold(t *testing.T) {
	backend := devicetest.Go(t)
	m, val := toymodel.Trained(t)
	defer m.Close()
	test := labtest.Toy("e", 22, 10, 9, 0.8, 5)
	fresh := test.Select(itemset.AllItems(test)[40:]) // of classes that are new
	opt := Options{Estimate: 60, EstimateSeed: 3}
	rep, err := itemsOf(t.Context(), backend, m, "new items", val, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	again, err := itemsOf(t.Context(), backend, m, "new items", val, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rep, again); diff != "" {
		t.Error("the same seed gives another estimate", diff)
	}
	finiteJSON(t, rep)
	text := rep.String()
	labtest.WantText(t, text,
		"new items: 220 items of 22 classes, estimated from 60 of them as queries against all (",
		"its 95 % interval, for all pairs of these items, from a sample of queries, and not for other items",
		"95 % intervals of estimates", report.Ends(rep.Trained.Intervals.Estimates[stats.MAPAtR]))
	if rep.ComparisonByClass != nil || rep.Trained.ByClass != nil || strings.Contains(text, "other classes") ||
		strings.Contains(text, "intervals by items") {
		t.Errorf("an estimate says something of other items or classes:\n%s", text)
	}
	onNew, err := itemsOf(t.Context(), backend, m, "unseen", val, fresh, opt)
	if err != nil {
		t.Fatal(err)
	}
	if text := onNew.String(); !onNew.NewClasses || onNew.ClassChanges != nil || strings.Contains(text, "for other") &&
		!strings.Contains(text, "not for other items") || strings.Contains(text, "for other items of these classes") {
		t.Errorf("an estimate on new classes says something of others:\n%s", text)
	}
	if onNew.Trained.ValidationIntervals != nil {
		t.Errorf("exact metrics on %d validation items have intervals for others beside estimates: %+v", val.N(),
			onNew.Trained.ValidationIntervals)
	}
	many := labtest.Toy("w", 4, 40, 9, 0.5, 2) // whose metrics are estimates too
	onMany, err := itemsOf(t.Context(), backend, m, "new items", many, test, opt)
	if err != nil {
		t.Fatal(err)
	}
	over, err := itemsOf(t.Context(), backend, m, "new items", many, test, Options{NoIntervals: true})
	if err != nil {
		t.Fatal(err)
	}
	now, was := onMany.Trained.ValidationIntervals, over.Trained.Validation
	if now == nil || now.FPR.Method != "queries" || now.FPR.Value != onMany.Trained.Validation.FPR ||
		now.Threshold != m.Threshold || math.Abs(now.FPR.Value-was.FPR) > 4*now.FPR.StandardError ||
		was.FPR == now.FPR.Value {
		t.Errorf("on validation items %+v, exactly %+v", now, was)
	}
	bare := opt
	bare.NoIntervals = true
	if report, err := itemsOf(t.Context(), backend, m, "new items", val, test, bare); err != nil ||
		report.Trained.Intervals == nil {
		t.Errorf("an estimate without its error: %v", err)
	}
	enough := opt
	enough.Estimate = 220
	exact, err := itemsOf(t.Context(), backend, m, "new items", val, test, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if rep, err = itemsOf(t.Context(), backend, m, "new items", val, test, enough); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(exact, rep); diff != "" {
		t.Error("as many queries as items are all pairs", diff)
	}
}

// Models are compared on the same queries, whatever their own seeds are.
func TestEstimateOfModels(t *testing.T) {
	backend := devicetest.Go(t)
	m, val := toymodel.Trained(t)
	defer m.Close()
	test := labtest.Toy("e", 6, 40, 9, 0.8, 5)
	other := toymodel.SaveAndLoad(t, m)
	defer other.Close()
	other.Config.Seed++
	for k := range other.Layers[0].Weights {
		other.Layers[0].Weights[k] *= float32(1 + 0.4*math.Sin(float64(k)))
	}
	opt := Options{Estimate: 80}
	c, err := modelsOf(t.Context(), backend, []*siamese.Model{m, other}, []string{"a", "b"}, "new items", val, test,
		opt)
	if err != nil {
		t.Fatal(err)
	}
	_, labels := itemset.ClassNumbers(test)
	estimate := func(m *siamese.Model) *metric.Estimate {
		e, err := metric.EstimatePairs(t.Context(), toymodel.Embed(t, m, backend, test).Values, labels,
			metric.EstimateOptions{Queries: 80,
				Options: metric.Options{Ks: []int{1},
					Verification: metric.VerificationOptions{FPRs: []float64{}, Thresholds: []float64{m.Threshold}}}})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	want, err := stats.CompareSampled("a", estimate(m), "b", estimate(other), 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]*stats.Comparison{want}, c.Differences); diff != "" ||
		want.Differences[stats.MAPAtR].Value == 0 || c.ByClass != nil || c.ClassChanges != nil {
		t.Errorf("%s: %s", c, diff)
	}
	if v := c.Verdicts(); len(v) != 1 || !strings.Contains(v[0], "intervals of estimates") {
		t.Errorf("%q", v)
	}
}

// Estimates from too few queries, beside details and on given pairs are refused.
func TestEstimateRefuses(t *testing.T) {
	backend := devicetest.Go(t)
	m, val := toymodel.Trained(t)
	defer m.Close()
	test := labtest.Toy("e", 6, 40, 9, 0.8, 5)
	for _, opt := range []Options{{Estimate: 39}, {Estimate: -1}, {Estimate: 100, Details: true}} {
		_, err := itemsOf(t.Context(), backend, m, "x", val, test, opt)
		if !slices.Equal(option.Names(err), []string{"Estimate"}) {
			t.Errorf("%+v: %v", opt, err)
		}
	}
	given := pairs.Pairs{Left: []int32{0, 1}, Right: []int32{2, 3}, Label: []float32{1, 0}}
	_, err := pairsOf(t.Context(), backend, m, "x", test, given, given, Options{Estimate: 100})
	if !slices.Equal(option.Names(err), []string{"Estimate"}) {
		t.Errorf("on given pairs: %v", err)
	}
}
