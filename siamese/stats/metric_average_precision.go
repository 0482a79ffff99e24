package stats

import "github.com/go-siamese/lab/siamese/metric"

var averagePrecisionMetric = Metric{
	Key: AveragePrecision, Name: "average precision", Abbr: "AP", Better: 1,
	Value: func(r *metric.Result) float64 { return r.Verification.Natural.AveragePrecision },
	Error: func(e *metric.StandardErrors) float64 { return e.AveragePrecision },
}
