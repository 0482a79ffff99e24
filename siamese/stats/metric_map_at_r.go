package stats

import "github.com/go-siamese/lab/siamese/metric"

var mapAtRMetric = Metric{
	Key: MAPAtR, Name: "MAP@R", Better: 1, Narrow: true, retrieval: true,
	Value: func(r *metric.Result) float64 { return r.Retrieval.MAPAtR },
	Error: func(e *metric.StandardErrors) float64 { return e.MAPAtR },
}
