package stats

import "github.com/go-siamese/lab/siamese/metric"

var rocAUCMetric = Metric{
	Key: ROCAUC, Name: "ROC-AUC", Better: 1, Narrow: true,
	Value: func(r *metric.Result) float64 { return r.Verification.ROCAUC },
	Error: func(e *metric.StandardErrors) float64 { return e.ROCAUC },
}
