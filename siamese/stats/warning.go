package stats

import (
	"fmt"

	"github.com/go-siamese/lab/siamese/metric"
)

// The kinds of warning of this package, beside those of package metric.
const (
	Reversed      metric.Kind = "reversed"       // higher scores go with fewer positives: a rising calibration can only be flat
	Certain       metric.Kind = "certain"        // a calibration holds probabilities of exactly 0 or 1
	FewUnits      metric.Kind = "few-units"      // too few items or classes for an interval to be trusted
	NoSpread      metric.Kind = "no-spread"      // a figure is the same in every replicate: its interval has no width
	LostReplicate metric.Kind = "lost-replicate" // replicates without a positive or without a negative pair, left out
)

func warn(k metric.Kind, count int, format string, args ...any) metric.Warning {
	return metric.Warning{Kind: k, Count: count, Message: fmt.Sprintf(format, args...)}
}
