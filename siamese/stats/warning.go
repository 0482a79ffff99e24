package stats

import (
	"fmt"

	"github.com/go-siamese/lab/siamese/metric"
)

// The kinds of warning of this package, besides those of package metric.
const (
	Reversed     metric.Kind = "reversed"      // higher scores have fewer positives: the calibration is constant
	Certain      metric.Kind = "certain"       // a calibration has probabilities of exactly 0 or 1
	FewUnits     metric.Kind = "few-units"     // too few items or classes for a reliable interval
	NoSpread     metric.Kind = "no-spread"     // a metric is the same in every resample: its interval has width 0
	LostResample metric.Kind = "lost-resample" // resamples without positives or without negatives, left out
)

func warn(k metric.Kind, count int, format string, args ...any) metric.Warning {
	return metric.Warning{Kind: k, Count: count, Message: fmt.Sprintf(format, args...)}
}

func reversedScores(pairs int) metric.Warning {
	return warn(Reversed, pairs, "positives do not score above negatives: every probability is the prevalence")
}
