package stats

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every threshold has the metrics that Intervals has of it alone, at every number of goroutines; ties, lone items and
// items without a label are among them.
func TestThresholdsAgreeWithIntervals(t *testing.T) {
	emb, labels := simulatedAny(60, 5, 3, 1.2, 1, 2)
	copy(emb[:9], emb[30:39]) // items that are the same
	labels[7], labels[8], labels[9] = -1, -1, 77
	thresholds := []float64{.9, -.2, .5, .5, .1}
	rows, err := Thresholds(t.Context(), Run{Values: emb}, labels, thresholds, Options{Confidence: .9})
	if err != nil {
		t.Fatal(err)
	}
	for k, threshold := range thresholds {
		want, err := Intervals(t.Context(), One("", emb, threshold), labels, Options{Method: Delta, Confidence: .9})
		if err != nil {
			t.Fatal(err)
		}
		wanted := ThresholdMetrics{Threshold: threshold, Accuracy: want.Estimates[Accuracy], FPR: want.Estimates[FPR],
			FNR: want.Estimates[FNR]}
		if diff := cmp.Diff(wanted, rows[k], cmp.Comparer(func(x,
			y float64) bool {
			return math.Abs(x-y) < 1e-12
		})); diff != "" {
			t.Errorf("%v: %s", threshold, diff)
		}
		if f := rows[k].FPR; !(f.Low < f.Value && f.Value < f.High) {
			t.Errorf("%v: FPR %v", threshold, f)
		}
	}
	one, err := Thresholds(t.Context(), Run{Values: emb}, labels, thresholds, Options{Confidence: .9, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows, one); diff != "" {
		t.Error(diff)
	}
}

func TestThresholdsDegenerate(t *testing.T) {
	emb := []float32{1, 0, 1, 0, 0, 1, 0, 1}
	got, err := Thresholds(t.Context(), Run{Values: emb}, []int32{1, 1, 2, 2}, []float64{.5}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	// Two positive pairs, and four items with negative ones.
	for k, f := range []Estimate{got[0].Accuracy, got[0].FPR, got[0].FNR} {
		if f.Interval != Wilson(f.Value, []float64{2, 4, 2}[k], .95) || f.Value != 0 && f.Value != 1 {
			t.Errorf("%+v", f)
		}
	}
	if !got[0].Warnings.Has(kindFewUnits) {
		t.Error("four items are no warning")
	}
	// Without a kind of pair nothing is known.
	if got, err = Thresholds(t.Context(), Run{Values: emb}, []int32{1, 2, 3, 4}, []float64{.5}, Options{}); err != nil ||
		got[0].FNR.Method != "undefined" || got[0].FNR.Low != 0 || got[0].FNR.High != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Thresholds(cancelled, Run{Values: emb}, []int32{1, 1, 2, 2}, []float64{.5}, Options{}); !errors.Is(err,
		context.Canceled) {
		t.Error(err)
	}
	for want, f := range map[string]func() error{
		"a threshold is NaN": func() error {
			_, err := Thresholds(t.Context(), Run{Values: emb}, []int32{1, 1, 2, 2}, []float64{math.NaN()}, Options{})
			return err
		},
		"confidence is 7": func() error {
			_, err := Thresholds(t.Context(), Run{Values: emb}, []int32{1, 1, 2, 2}, nil, Options{Confidence: 7})
			return err
		},
		"no items": func() error {
			_, err := Thresholds(t.Context(), Run{}, nil, nil, Options{})
			return err
		},
		"embeddings": func() error {
			_, err := Thresholds(t.Context(), Run{Values: emb}, []int32{1, 1, 2}, nil, Options{})
			return err
		},
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
