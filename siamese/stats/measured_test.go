package stats

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/metric"
)

// A system that is measured for both units at once, on kept scores, has the intervals and differences of one that is not,
// to the bit; with other labels or another method what was measured is not used.
func TestMeasured(t *testing.T) {
	t.Parallel()
	emb, labels := simulatedAny(90, 7, 3, 1.2, 3, 4)
	other, _ := simulatedAny(90, 7, 3, 1.4, 5, 6)
	labels[3], labels[80] = -1, 77 // lone ones
	rows, err := metric.NewRows(emb, labels, metric.Cosine)
	if err != nil {
		t.Fatal(err)
	}
	if err := rows.Keep(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	plain := One("x", emb, .3)
	s := System{Name: "x", Runs: []Run{{Values: emb, Threshold: .3, Rows: rows}}}
	s, results, err := s.Measured(t.Context(), labels, Options{}, ByItem, ByClass)
	if err != nil {
		t.Fatal(err)
	}
	s.Runs = []Run{{Values: []float32{0}, Threshold: math.NaN()}} // an error where it is measured again
	whole, err := metric.AllPairs(t.Context(), emb, labels, metric.Options{Ks: []int{1}, PerQuery: true,
		Verification: metric.VerificationOptions{FPRs: []float64{}, Thresholds: []float64{.3}, Bins: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]*metric.Result{whole}, results); diff != "" {
		t.Errorf("metrics: %s", diff)
	}
	for _, by := range []Unit{ByItem, ByClass} {
		opt := Options{By: by, Method: Delta}
		want, err := Compare(t.Context(), One("y", other, .2), []System{plain}, labels, opt)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Compare(t.Context(), One("y", other, .2), []System{s}, labels, opt)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("by %s: %s", by, diff)
		}
		one, err := Intervals(t.Context(), s, labels, opt)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Metrics[1], one); diff != "" {
			t.Errorf("by %s alone: %s", by, diff)
		}
	}
	changed := append([]int32(nil), labels...)
	changed[0]++
	for name, f := range map[string]func() error{
		"other labels": func() error {
			_, err := Intervals(t.Context(), s, changed, Options{Method: Delta})
			return err
		},
		"resamples": func() error {
			_, err := Intervals(t.Context(), s, labels, Options{Method: BCa, Resamples: 20})
			return err
		},
		"another similarity": func() error {
			_, err := Intervals(t.Context(), s, labels, Options{Method: Delta, Similarity: metric.Euclidean})
			return err
		},
	} {
		if f() == nil {
			t.Errorf("%s: what was measured is used", name)
		}
	}
	if _, _, err := plain.Measured(t.Context(), labels, Options{}, "planet"); err == nil {
		t.Error("by planets")
	}
	if _, _, err := plain.Measured(t.Context(), labels[1:], Options{}, ByItem); err == nil {
		t.Error("89 labels of 90 items")
	}
}
