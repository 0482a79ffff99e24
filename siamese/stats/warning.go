package stats

import (
	"fmt"

	"github.com/go-siamese/lab/siamese/metric"
)

// The kinds of warning of this package, besides those of package metric.
const (
	kindReversed     metric.Kind = "reversed"      // higher scores have fewer positives: the calibration is constant
	Certain          metric.Kind = "certain"       // a calibration has probabilities of exactly 0 or 1
	kindFewUnits     metric.Kind = "few-units"     // too few items or classes for a reliable interval
	kindNoSpread     metric.Kind = "no-spread"     // a metric is the same in every resample: its interval has width 0
	kindLostResample metric.Kind = "lost-resample" // resamples without positives or without negatives, left out
)

// warn returns a warning of a kind about so many items, pairs, resamples or metrics.
func warn(k metric.Kind, count int, format string, args ...any) metric.Warning {
	return metric.Warning{Kind: k, Count: count, Message: fmt.Sprintf(format, args...)}
}

// reversedScores warns that the best non-decreasing calibration of so many pairs is constant: usually distances were
// given for similarities, or labels are swapped.
func reversedScores(pairs int) metric.Warning {
	return warn(kindReversed, pairs, "positives do not score above negatives: every probability is the prevalence")
}

// AboutIntervals returns whether a warning of this kind is about an interval, and not about scores or labels: a report
// tells those of the embeddings once, and those of intervals for each method.
func AboutIntervals(k metric.Kind) bool {
	return k == kindFewUnits || k == kindNoSpread || k == kindLostResample
}
