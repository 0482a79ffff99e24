package report

import (
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/stats"
)

// metricsOf returns a method with a MAP@R on test and on validation items.
func metricsOf(name string, test, validation float64) *Metrics {
	return &Metrics{Name: name, OnValidation: validation,
		Values: map[string]float64{stats.MAPAtR: test, stats.ROCAUC: test}}
}

// The best untrained features are the best on validation items, whatever they do on the test; where the test classes
// are new, or validation has no metric, the best on the test.
func TestUntrained(t *testing.T) {
	for _, test := range []struct {
		name string
		r    *Report
		want string
	}{
		{"validation chooses", &Report{Others: []*Metrics{metricsOf(RawName, .6, .3), metricsOf(LDAName, .5, .7)}},
			LDAName},
		{"new classes", &Report{NewClasses: true,
			Others: []*Metrics{metricsOf(RawName, .6, .3), metricsOf(LDAName, .5, .7)}}, RawName},
		{"validation has none", &Report{Others: []*Metrics{metricsOf(RawName, .6, 0), metricsOf(LDAName, .5, 0)}},
			RawName},
		{"a classifier is trained", &Report{Classifier: metricsOf(ClassifierName, 1, 1)}, StandardisedName},
		{"ties", &Report{Others: []*Metrics{metricsOf(LDAName, .4, .4)}}, StandardisedName},
	} {
		known := .4 // MAP@R of the standardised features on validation items
		if test.name == "validation has none" {
			known = 0
		}
		test.r.Baseline, test.r.Trained, test.r.Positive = *metricsOf(StandardisedName, .4, known),
			*metricsOf(TrainedName, .65, .9), .1
		if got := test.r.Untrained().Name; got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
		lead := test.r.Lead()
		want := .65 - test.r.Untrained().Values[stats.MAPAtR]
		if lead.Value != want || lead.Against != test.want || lead.Interval || lead.Low != want {
			t.Errorf("%s: %+v, want %v against %s", test.name, lead, want, test.want)
		}
		// The verdict says the same, and that nothing else was compared where there were no training items.
		verdict := test.r.Verdict()
		if !strings.Contains(verdict, lead.Metric+" "+strings.Fields(lead.String())[1]) ||
			!strings.Contains(verdict, Against(test.want)) ||
			strings.Contains(verdict, "was not compared") != (len(test.r.Others) == 0) {
			t.Errorf("%s: %s", test.name, verdict)
		}
	}
}

func TestLeadWithInterval(t *testing.T) {
	r := &Report{Positive: .1, Baseline: *metricsOf(StandardisedName, .4, .4),
		Trained: *metricsOf(TrainedName, .65, .9),
		Comparison: &stats.Comparison{Differences: map[string]stats.Difference{stats.MAPAtR: {
			Interval: stats.Interval{Value: .25, Low: -.0001, High: .5, Method: "delta"}}}}}
	if got, want := r.Lead().String(),
		"MAP@R +0.250 [0.000, +0.500] against the standardised features"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
