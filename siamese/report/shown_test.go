package report_test

import (
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// A metric that the items do not define is not shown as its worst value.
func TestUndefinedIsNotShown(t *testing.T) {
	m := report.Metrics{Name: "trained encoder", Values: map[string]float64{stats.ROCAUC: 0, stats.EER: 1,
		stats.Accuracy: .4977, stats.MAPAtR: .75, stats.RecallAt1: .875}}
	for _, test := range []struct {
		positive float64
		shown    int
		words    int // "undefined" in the table and the line of the threshold
	}{{.5, 5, 0}, {1, 2, 2*3 + 3}, {0, 0, 2*5 + 3}} {
		r := &report.Report{Name: "x", Items: 4, Classes: 1, Positive: test.positive, Trained: m, Baseline: m}
		for _, row := range r.Shown() {
			if len(row.Values) != test.shown {
				t.Errorf("%v positive: %v are shown", test.positive, row.Values)
			}
		}
		text := r.String()
		if n := strings.Count(text, report.Undefined); n != test.words {
			t.Errorf("%v positive: %d are undefined, want %d:\n%s", test.positive, n, test.words, text)
		}
		if strings.Contains(text, "0.4977") != (test.positive == .5) {
			t.Error(text)
		}
		if len(r.Rows()[0].Values) != 5 {
			t.Error("the report itself was changed")
		}
	}
}
