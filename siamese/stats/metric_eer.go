package stats

import "github.com/go-siamese/lab/siamese/metric"

var eerMetric = Metric{
	Key: EER, Name: "EER", Better: -1, Narrow: true,
	Value: func(r *metric.Result) float64 { return r.Verification.EER },
	Error: func(e *metric.StandardErrors) float64 { return e.EER },
}
