package stats

import "github.com/go-siamese/lab/siamese/metric"

var accuracyMetric = Metric{
	Key: Accuracy, Name: "accuracy", Better: 1, Narrow: true,
	Value:       func(r *metric.Result) float64 { return r.Verification.At[0].BalancedAccuracy() },
	Error:       func(e *metric.StandardErrors) float64 { return e.At[0].BalancedAccuracy },
	AtThreshold: metric.Counts.BalancedAccuracy,
}

var fprMetric = Metric{
	Key: FPR, Name: "FPR",
	Value:       func(r *metric.Result) float64 { return r.Verification.At[0].FPR() },
	Error:       func(e *metric.StandardErrors) float64 { return e.At[0].FPR },
	AtThreshold: metric.Counts.FPR,
}

var fnrMetric = Metric{
	Key: FNR, Name: "FNR",
	Value:       func(r *metric.Result) float64 { return r.Verification.At[0].FNR() },
	Error:       func(e *metric.StandardErrors) float64 { return e.At[0].FNR },
	AtThreshold: metric.Counts.FNR,
}
